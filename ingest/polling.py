"""Brings mail into the store: one pass over the configured mailboxes, or over files to import.

A pass is complete only if every configured folder of every account was read to its end. Only a complete pass moves
`mail_read_until`, and only that lets anybody be called late (design, invariant 5).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from ingest.importing import FoundMessage
from ingest.mailbox import FetchedMessage, read_mailbox
from ingest.settings import MailboxSettings
from rules.errors import MailboxError
from store import messages, passes
from store.blobs import BlobStore
from store.engine import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeCounts:
    """What came in (contract, 3: `poll --json`, `import --json`)."""

    messages_new: int = 0
    messages_known: int = 0
    attachments: int = 0
    failed: int = 0
    seconds: float = 0.0

    def plus(self, other: IntakeCounts) -> IntakeCounts:
        return IntakeCounts(**{name: value + getattr(other, name) for name, value in asdict(self).items()})

    def as_json(self) -> dict[str, int | float]:
        return {**asdict(self), "seconds": round(self.seconds, 3)}


class StoreKeeper:
    """Keeps what a mailbox pass fetches: bytes into the blobs, then rows; and tells the pass what is known."""

    def __init__(self, *, store: Store, blobs: BlobStore, account: str) -> None:
        self._store = store
        self._blobs = blobs
        self._account = account
        self.messages_new = 0

    def uidvalidity(self, folder: str) -> int | None:
        with self._store.reading() as session:
            return messages.folder_uidvalidity(session, self._account, folder)

    def known(self, folder: str, uidvalidity: int) -> Collection[int]:
        with self._store.reading() as session:
            return messages.known_uids(session, self._account, folder, uidvalidity)

    def moved(self, folder: str, old: int, new: int) -> None:
        log.warning(
            "the server renumbered a folder; its mail is fetched again and matched by content",
            extra={"action": "uidvalidity_changed", "folder": folder, "old": old, "new": new},
        )

    def store(self, message: FetchedMessage) -> None:
        self._blobs.put_file(message.path, message.sha256)

    def record(self, batch: Sequence[FetchedMessage]) -> None:
        with self._store.writing() as session:
            for message in batch:
                self.messages_new += messages.keep_message(
                    session,
                    account=message.account,
                    folder=message.folder,
                    uidvalidity=message.uidvalidity,
                    uid=message.uid,
                    internaldate=message.internaldate,
                    sha256=message.sha256,
                    size_bytes=message.size_bytes,
                )


def poll_mailboxes(
    accounts: Iterable[MailboxSettings],
    *,
    store: Store,
    blobs: BlobStore,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
) -> IntakeCounts:
    """One pass over every account. A failing one does not keep the others from being read; its error is raised."""
    counts = IntakeCounts()
    first_error: MailboxError | None = None
    for settings in accounts:
        try:
            counts = counts.plus(_poll_account(settings, store=store, blobs=blobs, clock=clock, stop=stop))
        except MailboxError as error:
            log.warning("%s", error, extra={"action": "mailbox_failed", "kind": type(error).__name__})
            first_error = first_error or error
    if first_error:
        raise first_error
    return counts


def _poll_account(
    settings: MailboxSettings,
    *,
    store: Store,
    blobs: BlobStore,
    clock: Callable[[], datetime],
    stop: Callable[[], bool],
) -> IntakeCounts:
    """A pass that is ended by anything but the mailbox (the store, Ctrl-C, a kill) stays open and so never counts."""
    with store.writing() as session:
        pass_id = passes.begin_pass(session, began_at=clock(), source=settings.name)
    keeper = StoreKeeper(store=store, blobs=blobs, account=settings.name)
    try:
        result = read_mailbox(settings, known=keeper, keeper=keeper, temporary=blobs.temporary(), stop=stop)
    except MailboxError as error:
        with store.writing() as session:
            passes.end_pass(session, pass_id, ended_at=clock(), is_complete=False, error=str(error))
        raise
    trouble = "; ".join(failure.reason for failure in result.failed)
    with store.writing() as session:
        passes.end_pass(session, pass_id, ended_at=clock(), is_complete=result.is_complete, error=trouble)
    failed = sum(not failure.is_gone for failure in result.failed)
    known = result.messages_seen - keeper.messages_new - len(result.failed)
    return IntakeCounts(messages_new=keeper.messages_new, messages_known=max(0, known), failed=failed)


def import_messages(
    found: Iterable[FoundMessage],
    *,
    store: Store,
    blobs: BlobStore,
    clock: Callable[[], datetime],
) -> IntakeCounts:
    """Keeps every message found. An import counts as a complete read of the mailbox that began when it ran."""
    with store.writing() as session:
        pass_id = passes.begin_pass(session, began_at=clock(), source=passes.IMPORT)
    new = known = failed = 0
    for message in found:
        try:
            is_new = _keep_import(message, store=store, blobs=blobs)
        except OSError as error:
            log.warning("%s: %s", message.path, error, extra={"action": "import_failed"})
            failed += 1
            continue
        new, known = new + is_new, known + (not is_new)
    with store.writing() as session:
        passes.end_pass(session, pass_id, ended_at=clock(), is_complete=failed == 0, error="")
    return IntakeCounts(messages_new=new, messages_known=known, failed=failed)


def _keep_import(message: FoundMessage, *, store: Store, blobs: BlobStore) -> bool:
    sha256, size_bytes = _put(message, blobs)
    with store.writing() as session:
        return messages.keep_message(
            session,
            account=passes.IMPORT,
            folder=str(message.path.parent),
            uidvalidity=0,
            uid=int(sha256[:15], 16),  # an imported file has no UID; its content gives it a stable one
            internaldate=message.received_at,
            sha256=sha256,
            size_bytes=size_bytes,
            is_imported=True,
        )


def _put(message: FoundMessage, blobs: BlobStore) -> tuple[str, int]:
    if message.raw is not None:
        return blobs.put_bytes(message.raw), len(message.raw)
    with message.path.open("rb") as file:
        return blobs.put_stream(file)
