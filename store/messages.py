"""Messages: where they were found, how far they have come, what is in them.

A message is its bytes: found in two folders, or fetched again after the server threw its UIDs away, it is still one,
with two locations. `received_at` is the earliest INTERNALDATE of those in a mailbox; an imported copy tells the time
only as long as no mailbox does. So any order of reading, and reading twice, ends with the same rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Text, and_, delete, func, insert, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from rules.codec import envelope_as_json, envelope_from_json, extraction_from_json
from rules.errors import StoreError
from rules.extraction import Extraction
from rules.flatten import items_of
from rules.messages import Envelope, ReceivedMessage
from store import changes
from store.models import ExtractionRow, FolderRow, LocationRow, MessageRow, PartRow, State
from store.types import key_of
from store.upserting import insert_if_new, put

_PAGE: Final = 200  # messages whose texts are in memory together while all are walked through


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredPart:
    """One file of a message; its bytes are the blob `sha256`. `origin` is an index into `Envelope.origins`."""

    path: str
    filename: str
    declared_type: str
    sha256: str
    size_bytes: int
    folders: tuple[str, ...] = ()
    origin: int | None = None
    is_body: bool = False
    is_inline: bool = False
    is_guessed: bool = False


# Folders


def folder_uidvalidity(session: Session, account: str, folder: str) -> int | None:
    """The UIDVALIDITY under which the folder was last read; None for one never read."""
    return session.scalar(select(FolderRow.uidvalidity).where(FolderRow.key == key_of(account, folder)))


def remember_folder(
    session: Session, account: str, folder: str, uidvalidity: int, *, seen_at: datetime | None = None
) -> None:
    """Records the folder's UIDVALIDITY. `keep_message` does so too; this is for a folder that may be empty."""
    facts: dict[str, Any] = {"account": account, "folder": folder, "uidvalidity": uidvalidity}
    put(session, FolderRow, key=key_of(account, folder), **facts, **({"seen_at": seen_at} if seen_at else {}))


def known_uids(session: Session, account: str, folder: str, uidvalidity: int) -> frozenset[int]:
    """The UIDs whose messages are here."""
    uids = (
        select(LocationRow.uid)
        .join(FolderRow, FolderRow.id == LocationRow.folder_id)
        .where(FolderRow.key == key_of(account, folder), LocationRow.uidvalidity == uidvalidity)
    )
    return frozenset(session.scalars(uids))


# Keeping


def keep_message(
    session: Session,
    *,
    account: str,
    folder: str,
    uidvalidity: int,
    uid: int,
    internaldate: datetime,
    sha256: str,
    size_bytes: int,
    is_imported: bool = False,
) -> bool:
    """Records a message whose bytes are in the blobs already; True if its content is new. Idempotent."""
    is_new = insert_if_new(
        session, MessageRow, sha256=sha256, size_bytes=size_bytes, received_at=internaldate, state=State.KEPT
    )
    if not is_new:
        # Whoever finds the message elsewhere at the same moment waits here, or `received_at` would miss one of the two.
        session.execute(select(MessageRow.sha256).where(MessageRow.sha256 == sha256).with_for_update())
    is_found_anew = insert_if_new(
        session,
        LocationRow,
        folder_id=_folder_id(session, account, folder, uidvalidity),
        uidvalidity=uidvalidity,
        uid=uid,
        message_sha256=sha256,
        internaldate=internaldate,
        is_imported=is_imported,
    )
    if is_found_anew and not is_new:
        _correct_received_at(session, sha256)
        changes.touch(session, sha256)
    return is_new


def _folder_id(session: Session, account: str, folder: str, uidvalidity: int) -> int:
    """Asked once a transaction for each folder, not once a message."""
    seen: dict[tuple[str, str, int], int] = session.info.setdefault("folder_ids", {})
    place = (account, folder, uidvalidity)
    if place not in seen:
        remember_folder(session, account, folder, uidvalidity)
        seen[place] = session.scalars(select(FolderRow.id).where(FolderRow.key == key_of(account, folder))).one()
    return seen[place]


def _correct_received_at(session: Session, sha256: str) -> None:
    """A message whose time has changed is read again: the time decides to which campaign it belongs."""
    earliest = select(LocationRow.internaldate).where(LocationRow.message_sha256 == sha256)
    received_at = session.scalar(earliest.order_by(LocationRow.is_imported, LocationRow.internaldate).limit(1))
    session.execute(
        update(MessageRow)
        .where(MessageRow.sha256 == sha256, MessageRow.received_at != received_at)
        .values(received_at=received_at, state=State.KEPT)
    )


# How far they have come


_IS_UNREAD: Final = MessageRow.state.in_((State.KEPT, State.DECODED))


def waiting(session: Session) -> list[str]:
    """The messages not yet read, and those that failed once; the oldest first.

    Once is not enough to tell a bad file from a machine that was busy. What newer parsers may read better is not here:
    new mail comes first (`rereadings`).
    """
    query = select(MessageRow.sha256).where(or_(_IS_UNREAD, MessageRow.attempts == 1))
    return list(session.scalars(query.order_by(MessageRow.received_at, MessageRow.sha256)))


def oldest_unread(session: Session) -> datetime | None:
    """When the first of the messages was received that are kept but not read yet; None when all are read."""
    return session.scalar(select(func.min(MessageRow.received_at)).where(_IS_UNREAD))


def count_waiting(session: Session) -> int:
    """How many messages are kept but not read yet."""
    return session.scalar(select(func.count()).where(_IS_UNREAD)) or 0


def count_failed(session: Session) -> int:
    """How many messages lie in quarantine."""
    return session.scalar(select(func.count()).where(MessageRow.state == State.FAILED)) or 0


def attempts(session: Session, sha256: str) -> int:
    """How often reading the message has failed, in whole or for one of its files."""
    return session.scalar(select(MessageRow.attempts).where(MessageRow.sha256 == sha256)) or 0


def size_bytes(session: Session, sha256: str) -> int:
    """Of the raw message; 0 for one that is not here."""
    return session.scalar(select(MessageRow.size_bytes).where(MessageRow.sha256 == sha256)) or 0


def is_kept(session: Session, sha256: str) -> bool:
    return session.scalar(select(MessageRow.sha256).where(MessageRow.sha256 == sha256)) is not None


def received_at(session: Session, sha256: str) -> datetime:
    """When the message was received. Raises StoreError for one that is not here."""
    moment = session.scalar(select(MessageRow.received_at).where(MessageRow.sha256 == sha256))
    if moment is None:
        raise _not_here(sha256)
    return moment


def _not_here(sha256: str) -> StoreError:
    return StoreError(f"message {sha256} is not in the store")


def save_decoded(
    session: Session, sha256: str, envelope: Envelope, body_text: str, parts: Iterable[StoredPart]
) -> None:
    """Replaces what was decoded before."""
    _change(
        session,
        sha256,
        state=State.DECODED,
        message_id=envelope.message_id,
        message_id_key=key_of(bare_message_id(envelope.message_id)),
        envelope=envelope_as_json(envelope),
        body_text=body_text,
    )
    session.execute(delete(PartRow).where(PartRow.message_sha256 == sha256))
    rows = [
        asdict(part) | {"message_sha256": sha256, "position": position, "filename_key": key_of(part.filename)}
        for position, part in enumerate(parts)
    ]
    if rows:
        session.execute(insert(PartRow), rows)


def mark_read(
    session: Session, sha256: str, *, parser_version: int, received_at: datetime, has_failed: bool = False
) -> bool:
    """False if the message turned out to have come at another time than `received_at`, by which it was placed: it
    goes on waiting. `has_failed`: one of its files could not be read for a reason that may pass.
    """
    changed = session.execute(
        update(MessageRow)
        .where(MessageRow.sha256 == sha256, MessageRow.received_at == received_at)
        .values(
            state=State.READ,
            parser_version=parser_version,
            attempts=MessageRow.attempts + 1 if has_failed else 0,
            failed_stage="",
            error="",
        )
        .returning(MessageRow.sha256)
    )
    return changed.first() is not None


def mark_failed(session: Session, sha256: str, stage: str, error: str, parser_version: int) -> None:
    """Quarantines the message: it is tried once more, and again when the parsers change."""
    _change(
        session,
        sha256,
        state=State.FAILED,
        failed_stage=stage,
        error=error,
        parser_version=parser_version,
        attempts=MessageRow.attempts + 1,
    )


def _change(session: Session, sha256: str, **values: Any) -> None:  # noqa: ANN401 - a column may hold anything
    session.execute(update(MessageRow).where(MessageRow.sha256 == sha256).values(values))


def bare_message_id(message_id: str) -> str:
    """The Message-ID as people quote it: without space and angle brackets."""
    return message_id.strip().removeprefix("<").removesuffix(">")


# What is in them


def parts_of(session: Session, sha256: str) -> tuple[StoredPart, ...]:
    """The files of the message, in its order."""
    rows = session.scalars(select(PartRow).where(PartRow.message_sha256 == sha256).order_by(PartRow.position))
    return tuple(stored_part(row) for row in rows)


def parts_of_messages(session: Session, digests: Collection[str]) -> dict[str, tuple[StoredPart, ...]]:
    """The files of each of these messages, in its order."""
    found: dict[str, list[StoredPart]] = {}
    ordered = sorted(digests)
    for start in range(0, len(ordered), _PAGE):
        page = select(PartRow).where(PartRow.message_sha256.in_(ordered[start : start + _PAGE]))
        for row in session.scalars(page.order_by(PartRow.message_sha256, PartRow.position)):
            found.setdefault(row.message_sha256, []).append(stored_part(row))
    return {sha256: tuple(parts) for sha256, parts in found.items()}


def stored_part(row: PartRow) -> StoredPart:
    return StoredPart(
        path=row.path,
        filename=row.filename,
        declared_type=row.declared_type,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        folders=tuple(row.folders),
        origin=row.origin,
        is_body=row.is_body,
        is_inline=row.is_inline,
        is_guessed=row.is_guessed,
    )


def received_messages(
    session: Session, *, since: datetime | None = None, only: Collection[str] | None = None
) -> Iterator[ReceivedMessage]:
    """Every message that has been read, as placing sees it, the oldest first; a few hundred in memory at a time.

    Those in quarantine are among them, as the one file that they are then.

    `only`: the hashes of those that are wanted.
    """
    query = select(MessageRow.sha256).where(MessageRow.state.in_((State.READ, State.FAILED)))
    query = query.where(MessageRow.message_id_key.is_not(None))
    if since is not None:
        query = query.where(MessageRow.received_at >= since)
    every = session.scalars(query.order_by(MessageRow.received_at, MessageRow.sha256)).all()
    wanted = every if only is None else [sha256 for sha256 in every if sha256 in only]
    for start in range(0, len(wanted), _PAGE):
        yield from _page(session, wanted[start : start + _PAGE])


def naming_addresses(session: Session, addresses: Collection[str]) -> frozenset[str]:
    """Hashes of the messages in whose headers one of the addresses stands, or of one forwarded in them.

    May name a few too many: the address may stand there as a part of another.
    """
    found: set[str] = set()
    for address in addresses:
        is_named = type_coerce(MessageRow.envelope, Text).contains(address, autoescape=True)
        found.update(session.scalars(select(MessageRow.sha256).where(is_named)))
    return frozenset(found)


def envelopes(session: Session, digests: Collection[str]) -> dict[str, Envelope]:
    """The header facts of those of these messages that have been decoded, by hash."""
    wanted = sorted(digests)
    found: dict[str, Envelope] = {}
    for start in range(0, len(wanted), _PAGE):
        is_asked = MessageRow.sha256.in_(wanted[start : start + _PAGE])
        rows = session.execute(select(MessageRow.sha256, MessageRow.envelope).where(is_asked))
        found |= {sha256: envelope_from_json(envelope) for sha256, envelope in rows if envelope is not None}
    return found


def received_message(session: Session, sha256: str) -> ReceivedMessage:
    """One message that has been decoded, as placing sees it. Raises StoreError for one that is not here."""
    for message in _page(session, [sha256]):
        return message
    raise _not_here(sha256)


def _page(session: Session, digests: Sequence[str]) -> Iterator[ReceivedMessage]:
    read = _parts_with_extractions(session, digests)
    columns = (MessageRow.sha256, MessageRow.received_at, MessageRow.envelope, MessageRow.body_text)
    rows = session.execute(
        select(*columns).where(MessageRow.sha256.in_(digests)).order_by(MessageRow.received_at, MessageRow.sha256)
    )
    for sha256, received, envelope, body_text in rows.all():
        yield ReceivedMessage(
            sha256=sha256,
            received_at=received,
            envelope=envelope_from_json(envelope),
            body_text=body_text,
            items=items_of(read.get(sha256, [])),
        )


def _parts_with_extractions(session: Session, digests: Sequence[str]) -> dict[str, list[tuple[StoredPart, Extraction]]]:
    """The files of each message, with what the parsers that read the message saw in them."""
    is_its_extraction = and_(
        ExtractionRow.sha256 == PartRow.sha256,
        ExtractionRow.filename_key == PartRow.filename_key,
        ExtractionRow.parser_version == MessageRow.parser_version,
    )
    rows = session.execute(
        select(PartRow, ExtractionRow.extraction)
        .join(MessageRow, MessageRow.sha256 == PartRow.message_sha256)
        .join(ExtractionRow, is_its_extraction)
        .where(PartRow.message_sha256.in_(digests))
        .order_by(PartRow.message_sha256, PartRow.position)
    ).all()
    return {
        sha256: [(stored_part(part), extraction_from_json(seen)) for part, seen in group]
        for sha256, group in groupby(rows, key=lambda row: row[0].message_sha256)
    }
