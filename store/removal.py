"""Removes a folder that strangers' code has written into.

It may have nested folders until paths are too long to be named and recursion breaks, taken its own rights away, or put
a link in the folder's place while we are at it: a link is never followed, and no path is ever put together.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Iterator
from pathlib import Path


def remove_tree(folder: Path) -> None:
    """Removes what can be removed. Folders inside are moved up first, so that no path grows long."""
    try:
        root = _opened_folder(str(folder), None)
    except OSError:
        with contextlib.suppress(OSError):
            folder.unlink()  # a link, or whatever else was put in its place
        return
    try:
        with contextlib.suppress(OSError):
            _empty(root)
    finally:
        os.close(root)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _empty(root: int) -> None:
    numbers = itertools.count()
    waiting = _clear(root, root, numbers)
    while waiting:
        name = waiting.pop()
        with contextlib.suppress(OSError):
            place = _opened_folder(name, root)
            try:
                waiting += _clear(place, root, numbers)
            finally:
                os.close(place)
            os.rmdir(name, dir_fd=root)


def _clear(place: int, root: int, numbers: Iterator[int]) -> list[str]:
    """Removes the files in an open folder and moves the folders in it up; the names under which they are there."""
    moved = []
    with os.scandir(place) as found:
        entries = list(found)
    for entry in entries:
        with contextlib.suppress(OSError):
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.name, dir_fd=place)
            elif place == root:
                moved.append(entry.name)
            else:
                os.close(_opened_folder(entry.name, place))  # a folder that may not be written cannot be moved
                name = f".moved-{os.getpid()}-{next(numbers)}"
                os.rename(entry.name, name, src_dir_fd=place, dst_dir_fd=root)
                moved.append(name)
    return moved


def _opened_folder(name: str, inside: int | None) -> int:
    """A handle of the folder itself, no link; it is made ours to change, whatever its owner's rights were."""
    handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=inside)
    try:
        itself = f"/proc/self/fd/{handle}"
        if os.fstat(handle).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(itself, stat.S_IRWXU)  # noqa: PTH101 - as above
        return os.open(itself, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    finally:
        os.close(handle)
