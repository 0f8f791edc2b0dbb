"""One pass over a mailbox.

For every folder: EXAMINE, UID SEARCH, subtract what is known (`ingest.plan`), then FETCH in small batches and hand each
over to be kept. When the connection breaks, the folder is simply begun again over a new one: what was handed over is
settled by then, so the plan shrinks to what is left. That one rule covers resets, auto-logout, BYE, garbage, and a
UIDVALIDITY that changes in the middle; `plan.after_break` sees to it that it ends.

A message whose FETCH always breaks the connection is set aside. From then on the rest of its folder is asked for in a
random order: were it always the oldest first, a handful of such messages would keep everything after them from coming,
in this pass and in every later one.

Trouble with one folder never hides the others. It is raised after they were read.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from imapclient import IMAPClient

from ingest.imap.fetching import Description, describe, fetch_bodies
from ingest.imap.folders import list_folders, view_folder
from ingest.imap.keeping import Keeping
from ingest.imap.line import Line
from ingest.imap.literals import LiteralSpool, Spooled
from ingest.imap.records import FetchedMessage, FetchFailure, FolderRead, KnownUids, MailboxPass
from ingest.plan import BreakAction, FolderAction, FolderView, after_break, choose_folders, plan_batches, plan_folder
from ingest.settings import MailboxSettings
from rules.errors import FolderError, MailboxError, NetworkError, ProtocolError, ThrottledError

log = logging.getLogger(__name__)

DESCRIBED_AT_ONCE = 100
PAUSE_SECONDS = 1.0  # before a connection is opened anew; Coremail takes a hasty client for an attack


@dataclass(slots=True)
class _Folder:
    """How far one folder has come in this pass. `settled` UIDs are not asked for again in it."""

    name: str
    uidvalidity: int | None = None
    seen: int = 0
    new: int = 0
    is_anew: bool = False
    settled: set[int] = field(default_factory=set)
    absent: set[int] = field(default_factory=set)
    doubted: dict[int, str] = field(default_factory=dict)
    has_set_aside: bool = False
    is_given_up: bool = False

    def begin(self, view: FolderView, *, is_anew: bool) -> None:
        if view.uidvalidity != self.uidvalidity:
            self.settled, self.absent, self.doubted = set(), set(), {}
        self.uidvalidity, self.seen, self.is_anew = view.uidvalidity, len(view.uids), is_anew or self.is_anew


@dataclass(slots=True)
class _Pace:
    """How many messages to ask for at once. Only ever lowered during a pass: a server that balked would balk again."""

    bodies: int
    descriptions: int = DESCRIBED_AT_ONCE


@dataclass(slots=True)
class _Asked:
    """The FETCH under way."""

    uids: tuple[int, ...] = ()
    is_for_bodies: bool = False


class Reading:
    """The state of one pass. Use once."""

    def __init__(
        self,
        settings: MailboxSettings,
        *,
        line: Line,
        known: KnownUids,
        keeping: Keeping,
        spool: LiteralSpool,
        stop: Callable[[], bool],
        pause: Callable[[float], object],
    ) -> None:
        self._settings, self._line, self._known, self._keeping = settings, line, known, keeping
        self._spool, self._stop, self._pause = spool, stop, pause
        self._pace = _Pace(bodies=settings.fetch_messages)
        self._asked = _Asked()
        self._tries: Counter[tuple[str, int]] = Counter()
        self._breaks = 0
        self._chance = Random()  # noqa: S311 - an order, not a secret
        self._read: list[FolderRead] = []
        self._failed: list[FetchFailure] = []
        self._troubles: list[MailboxError] = []
        self._was_stopped = False

    def read(self) -> MailboxPass:
        """Raises the first trouble after everything that can be read was read and recorded."""
        listed = list_folders(self._line.client(), self._settings)
        wanted = self._settings.folders
        choice = choose_folders(listed, wanted, finds_junk=self._settings.finds_junk_folders)
        self._read_folders(choice.folders)
        self._keeping.settle()
        if choice.missing:
            names = [folder.name for folder in listed if folder.is_selectable]
            self._troubles.append(missing_folders(self._settings, choice.missing, names))
        for trouble in self._troubles[1:]:
            log.error("%s", trouble, extra={"action": "mailbox_trouble"})
        if self._troubles:
            raise self._troubles[0]
        return MailboxPass(
            account=self._settings.name,
            folders=tuple(self._read),
            failed=tuple(self._failed),
            was_stopped=self._was_stopped,
        )

    def _read_folders(self, names: Sequence[str]) -> None:
        for name in names:
            if self._is_stopping():
                return
            folder = _Folder(name)
            try:
                self._read_folder(folder)
            except MailboxError as error:
                self._troubles.append(error)
                if not (folder.is_given_up or isinstance(error, ProtocolError)):
                    return  # it is the line, not the folder; the next one may be sound otherwise
                self._breaks = 0

    def _is_stopping(self) -> bool:
        self._was_stopped = self._was_stopped or self._stop()
        return self._was_stopped

    def _read_folder(self, folder: _Folder) -> None:
        while not self._is_stopping():
            try:
                self._read_what_is_left(folder)
            except (NetworkError, ThrottledError, ProtocolError) as error:
                self._line.drop()
                self._recover(error, folder)
            else:
                break
        if folder.uidvalidity is not None:
            self._read.append(
                FolderRead(
                    folder=folder.name,
                    uidvalidity=folder.uidvalidity,
                    messages_seen=folder.seen,
                    messages_new=folder.new,
                    is_anew=folder.is_anew,
                )
            )

    def _recover(self, error: MailboxError, folder: _Folder) -> None:
        """Does what the plan says after a break; raises the error when it says to give up."""
        asked, self._asked = self._asked, _Asked()
        single = (folder.name, asked.uids[0]) if len(asked.uids) == 1 else None
        if single:
            self._tries[single] += 1
        tries = self._tries[single] if single else 0
        if not asked.uids or tries > 1:
            self._breaks += 1
        action = after_break(asked=len(asked.uids), tries=tries, breaks=self._breaks)
        folder.is_given_up = action is BreakAction.GIVE_UP and single is not None
        if action is BreakAction.GIVE_UP or (isinstance(error, ThrottledError) and not asked.uids):
            raise error
        log.warning("%s (%s)", error, action, extra={"action": "mailbox_break", "next": str(action)})
        if action is BreakAction.SHRINK:
            self._slow_down(asked)
        if action is BreakAction.SET_ASIDE:
            folder.has_set_aside = True
            self._fail(folder, asked.uids[0], str(error))
        self._pause(PAUSE_SECONDS * max(self._breaks, 1))

    def _slow_down(self, asked: _Asked) -> None:
        if asked.is_for_bodies:
            self._pace.bodies = len(asked.uids) // 2
        else:
            self._pace.descriptions = len(asked.uids) // 2

    def _read_what_is_left(self, folder: _Folder) -> None:
        client = self._line.client()
        uids = self._plan(folder, view_folder(client, self._settings, folder.name))
        while uids and not self._is_stopping():
            part, uids = uids[: self._pace.descriptions], uids[self._pace.descriptions :]
            self._asked = _Asked(part)
            described = describe(client, self._settings, folder.name, part)
            self._asked = _Asked()
            folder.absent.update(set(part) - described.keys())
            # In our order, not the server's: it would put the messages that break the line first again.
            self._fetch_described(client, folder, {uid: described[uid] for uid in part if uid in described})
        self._explain_absent(client, folder)

    def _plan(self, folder: _Folder, view: FolderView) -> tuple[int, ...]:
        known = () if view.uidvalidity is None else self._known.known(folder.name, view.uidvalidity)
        remembered = self._known.uidvalidity(folder.name)
        plan = plan_folder(view, remembered=remembered, known=known)
        if plan.action is FolderAction.DISTRUST or view.uidvalidity is None:
            raise ProtocolError(f"{self._settings.host}, folder {folder.name}: {plan.reason}")
        is_anew = plan.action is FolderAction.ANEW and remembered is not None
        if is_anew and view.uidvalidity != folder.uidvalidity:
            self._known.moved(folder.name, remembered or 0, view.uidvalidity)
        folder.begin(view, is_anew=is_anew)
        left = [uid for uid in plan.uids if uid not in folder.settled]
        if folder.has_set_aside:
            self._chance.shuffle(left)
        return tuple(left)

    def _fetch_described(self, client: IMAPClient, folder: _Folder, described: Mapping[int, Description]) -> None:
        for uid in [uid for uid, description in described.items() if description.internaldate is None]:
            self._fail(folder, uid, "the server gives no INTERNALDATE for it")
        sizes = [(uid, description.size_bytes) for uid, description in described.items() if uid not in folder.settled]
        most_bytes, most_messages = self._settings.fetch_bytes, self._pace.bodies
        for batch in plan_batches(sizes, most_bytes=most_bytes, most_messages=most_messages):
            if self._is_stopping():
                return
            self._fetch(client, folder, [described[uid] for uid in batch])
            for uid in [uid for uid in batch if uid in folder.doubted and uid not in folder.settled]:
                self._fetch(client, folder, [described[uid]])

    def _fetch(self, client: IMAPClient, folder: _Folder, batch: Sequence[Description]) -> None:
        sizes = {description.uid: description.size_bytes for description in batch}
        self._asked = _Asked(tuple(sizes), is_for_bodies=True)
        bodies = fetch_bodies(client, self._settings, folder.name, sizes, self._spool)
        self._asked = _Asked()
        folder.absent.update(sizes.keys() - bodies.keys())
        messages = [
            self._message(folder, description, body)
            for description in batch
            if (body := self._accepted(folder, description, bodies)) is not None
        ]
        folder.new += len(messages)
        folder.settled.update(message.uid for message in messages)
        self._keeping.hand_over(messages)
        if messages:
            self._breaks = 0

    def _accepted(
        self, folder: _Folder, description: Description, bodies: Mapping[int, Spooled | None]
    ) -> Spooled | None:
        """A body that differs from RFC822.SIZE is believed if a second read brings the same bytes.

        Some servers never get that number right; refusing would lose the mail, believing at once might keep half of it.
        """
        uid, body = description.uid, bodies.get(description.uid)
        if body is None:
            if uid in bodies:
                self._fail(folder, uid, "the server sends no body for it")
            return None
        if description.size_bytes in (None, body.size_bytes) or folder.doubted.get(uid) == body.sha256:
            return body
        if uid in folder.doubted:
            sizes = f"{description.size_bytes} bytes announced, {body.size_bytes} sent"
            self._fail(folder, uid, f"the server sends different bytes each time ({sizes})")
        folder.doubted[uid] = body.sha256
        body.path.unlink(missing_ok=True)
        return None

    def _message(self, folder: _Folder, description: Description, body: Spooled) -> FetchedMessage:
        if folder.uidvalidity is None or description.internaldate is None:
            raise RuntimeError("a message was fetched before its folder was opened")
        return FetchedMessage(
            account=self._settings.name,
            folder=folder.name,
            uidvalidity=folder.uidvalidity,
            uid=description.uid,
            internaldate=description.internaldate,
            sha256=body.sha256,
            size_bytes=body.size_bytes,
            path=body.path,
        )

    def _explain_absent(self, client: IMAPClient, folder: _Folder) -> None:
        """Messages that the server left out of its answers: deleted meanwhile, or withheld?"""
        if not folder.absent:
            return
        listed = view_folder(client, self._settings, folder.name).uids
        for uid in sorted(folder.absent):
            if uid in listed:
                self._fail(folder, uid, "the server lists it but does not send it")
            else:
                self._fail(folder, uid, "it was deleted while the folder was read", is_gone=True)
        folder.absent.clear()

    def _fail(self, folder: _Folder, uid: int, reason: str, *, is_gone: bool = False) -> None:
        folder.settled.add(uid)
        if folder.uidvalidity is None:
            return
        failure = FetchFailure(
            folder=folder.name, uidvalidity=folder.uidvalidity, uid=uid, reason=reason, is_gone=is_gone
        )
        self._failed.append(failure)
        log.warning("message not fetched: %s", failure, extra={"action": "message_not_fetched", "uid": uid})


def missing_folders(settings: MailboxSettings, missing: Sequence[str], existing: Sequence[str]) -> FolderError:
    return FolderError(
        f"{settings.host}: {settings.username} has no folder {', '.join(missing)}. "
        f"There are: {', '.join(existing)}. Correct `folders` in the configuration"
    )
