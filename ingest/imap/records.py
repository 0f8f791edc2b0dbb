"""The values that a pass over a mailbox hands out, and the two things it needs from its caller."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchedMessage:
    """One message, byte for byte as the server sent it, in a temporary file that `Keeper.store` may move away."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    internaldate: datetime  # aware, UTC
    sha256: str
    size_bytes: int
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchFailure:
    """One message that did not come. It stays unknown, so that the next pass tries it again."""

    folder: str
    uidvalidity: int
    uid: int
    reason: str
    is_gone: bool = False  # deleted from the mailbox while it was read: nothing is left to be fetched


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderRead:
    folder: str
    uidvalidity: int
    messages_seen: int
    messages_new: int
    is_anew: bool = False  # the server changed the UIDVALIDITY: everything was fetched again


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxPass:
    """One pass over every wanted folder. Complete only if every message that the server lists is here by now."""

    account: str
    folders: tuple[FolderRead, ...]
    failed: tuple[FetchFailure, ...] = ()
    was_stopped: bool = False

    @property
    def is_complete(self) -> bool:
        return not self.was_stopped and all(failure.is_gone for failure in self.failed)

    @property
    def messages_seen(self) -> int:
        return sum(folder.messages_seen for folder in self.folders)

    @property
    def messages_new(self) -> int:
        return sum(folder.messages_new for folder in self.folders)


class KnownUids(Protocol):
    """What the store remembers of one account."""

    def uidvalidity(self, folder: str) -> int | None:
        """The UIDVALIDITY under which the folder was last read; None for a folder never read."""

    def known(self, folder: str, uidvalidity: int) -> Collection[int]:
        """The UIDs that need not be fetched."""

    def moved(self, folder: str, old: int, new: int) -> None:
        """The server threw its UIDs away. All mail of the folder comes again; its content tells which is known."""


class Keeper(Protocol):
    """Who keeps the mail. For each message `store` returns before `record` is called: bytes first, then the row."""

    def store(self, message: FetchedMessage) -> None:
        """Makes the bytes at `message.path` durable; may move the file. Called in several threads at once."""

    def record(self, messages: Sequence[FetchedMessage]) -> None:
        """Writes the rows, in one transaction. Called in the thread of the pass only."""
