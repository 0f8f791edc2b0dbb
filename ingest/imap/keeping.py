"""Makes fetched messages durable while the next FETCH comes in.

Two threads call `Keeper.store` (they wait for the disk, so they cost no processor time); the thread of the pass calls
`Keeper.record` for messages whose `store` has returned, oldest first. So the bytes are on the disk before the row.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from ingest.imap.records import FetchedMessage, Keeper

THREADS = 2
MOST_WAITING = 20  # messages, so that a slow disk slows the fetching instead of filling the temporary folder


class Keeping:
    def __init__(self, keep: Keeper) -> None:
        self._keep = keep
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="keep")
        self._waiting: deque[tuple[FetchedMessage, Future[None]]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def hand_over(self, messages: Sequence[FetchedMessage]) -> None:
        """Raises what `store` or `record` raised for these or for earlier messages."""
        self._waiting.extend((message, self._pool.submit(self._store, message)) for message in messages)
        self._record(most_waiting=MOST_WAITING)

    def settle(self) -> None:
        """Returns when everything handed over is recorded."""
        self._record(most_waiting=0)

    def _store(self, message: FetchedMessage) -> None:
        self._keep.store(message)
        message.path.unlink(missing_ok=True)

    def _record(self, *, most_waiting: int) -> None:
        ready: list[FetchedMessage] = []
        try:
            while self._waiting and (len(self._waiting) > most_waiting or self._waiting[0][1].done()):
                message, stored = self._waiting[0]
                stored.result()
                self._waiting.popleft()
                ready.append(message)
        finally:
            if ready:
                self._keep.record(ready)
