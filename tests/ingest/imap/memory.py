"""A keeper in memory, for tests of the fetching alone; the real store has the same shape."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from pathlib import Path

from ingest.mailbox import FetchedMessage, MailboxPass, read_mailbox
from ingest.settings import MailboxSettings


class MemoryKeeper:
    """Remembers rows and bytes; fails the test when a row comes before its bytes."""

    def __init__(self) -> None:
        self.rows: list[FetchedMessage] = []
        self.raw: dict[str, bytes] = {}
        self.moves: list[tuple[str, int, int]] = []
        self.threads: set[str] = set()

    def uidvalidity(self, folder: str) -> int | None:
        return next((row.uidvalidity for row in reversed(self.rows) if row.folder == folder), None)

    def known(self, folder: str, uidvalidity: int) -> Collection[int]:
        return {row.uid for row in self.rows if (row.folder, row.uidvalidity) == (folder, uidvalidity)}

    def moved(self, folder: str, old: int, new: int) -> None:
        self.moves.append((folder, old, new))

    def store(self, message: FetchedMessage) -> None:
        self.threads.add(threading.current_thread().name)
        self.raw[message.sha256] = message.path.read_bytes()

    def record(self, messages: Sequence[FetchedMessage]) -> None:
        assert threading.current_thread() is threading.main_thread()
        assert all(message.sha256 in self.raw for message in messages), "the bytes must be kept before the row"
        self.rows += messages

    def uids(self, folder: str = "INBOX") -> list[int]:
        return [row.uid for row in self.rows if row.folder == folder]


class Reader:
    """Runs passes into one keeper, without waiting between connections."""

    def __init__(self, temporary: Path) -> None:
        self.keeper = MemoryKeeper()
        self.temporary = temporary
        self.pauses: list[float] = []

    def read(self, settings: MailboxSettings, **options: object) -> MailboxPass:
        return read_mailbox(
            settings,
            known=self.keeper,
            keeper=self.keeper,
            temporary=self.temporary,
            pause=self.pauses.append,
            **options,  # type: ignore[arg-type]  # `stop` only
        )
