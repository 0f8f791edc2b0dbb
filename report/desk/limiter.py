"""How often somebody may fail to log in before being asked to wait."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta
from typing import Final

_MOST_KEYS: Final = 10_000


class FailureLimiter:
    """Counts failures a key (an address, a name) over a sliding window. In memory: a restart forgives everybody."""

    def __init__(self, *, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._failures: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def is_blocked(self, key: str, now: datetime) -> bool:
        with self._lock:
            return len(self._recent(key, now)) >= self._most

    def failed(self, key: str, now: datetime) -> None:
        with self._lock:
            if len(self._failures) >= _MOST_KEYS:
                self._forget_old(now)
            self._failures.setdefault(key, deque(maxlen=self._most)).append(now)

    def forgive(self, key: str) -> None:
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        failures = self._failures.get(key, deque())
        while failures and failures[0] <= now - self._within:
            failures.popleft()
        return failures

    def _forget_old(self, now: datetime) -> None:
        """Somebody who tries ten thousand names must not fill the memory."""
        for key in [key for key in self._failures if not self._recent(key, now)]:
            del self._failures[key]
        if len(self._failures) >= _MOST_KEYS:
            self._failures.clear()
