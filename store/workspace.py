"""A folder of its own for each running program, in one that all share; what a killed program left in its is removed.

    with shared lock:  make folder, lock its file `lock`         the kernel lets go of the lock however the program ends
    with shared lock:  remove every folder whose lock is free    by the next program, as it starts

Without the shared lock a folder could be taken for abandoned before its owner has locked it. Where the disk has no
locks, only what is a day old is removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from store.removal import remove_tree

_LEFTOVER_SECONDS: Final = 24 * 3600
_OWNED: Final = "of-"
_FILES: Final = "files"
_LOCK: Final = "lock"


class Workspace:
    """A new folder in `shared`, ours until `leave` or the end of the program."""

    def __init__(self, shared: Path) -> None:
        with _all_waiting(shared):
            self._owned = Path(tempfile.mkdtemp(dir=shared, prefix=_OWNED))
            self.folder = self._owned / _FILES
            self.folder.mkdir()
            self._lock = os.open(self._owned / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            _try_lock(self._lock)

    def leave(self) -> None:
        """Removes the folder."""
        remove_tree(self._owned)
        os.close(self._lock)


def sweep(shared: Path) -> None:
    """Removes what killed programs left; others may be at work in here."""
    with _all_waiting(shared):
        for entry in shared.iterdir():
            if entry.name == _LOCK:
                continue
            try:
                if _is_abandoned(entry):
                    _remove(entry)
            except FileNotFoundError:  # its owner was faster
                continue


def _is_abandoned(entry: Path) -> bool:
    is_old = time.time() - entry.lstat().st_mtime > _LEFTOVER_SECONDS
    if not entry.name.startswith(_OWNED):
        return is_old
    try:
        lock = os.open(entry / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return True  # it was killed between the two steps, or while it left
    try:
        is_free = _try_lock(lock)
        return is_old if is_free is None else is_free
    finally:
        os.close(lock)


def _remove(entry: Path) -> None:
    remove_tree(entry)


@contextmanager
def _all_waiting(shared: Path) -> Iterator[None]:
    """All other programs that begin or sweep wait until we are done."""
    lock = os.open(shared / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with contextlib.suppress(OSError):  # this disk has no locks
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def _try_lock(handle: int) -> bool | None:
    """False: another program has it; None: this disk has no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
