"""What a job uses up beyond what the kernel's limits for one process can hold: seen from outside, now and then.

    processes_used(group)   memory, processor time and hidden disk space of a worker with all that it started
    folder_used(folder)     what lies in a folder, however deep

A hostile job nests folders until paths are too long to be named, and keeps files open that have no name any more.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAX_DEPTH: Final = 64
_BLOCK: Final = 512
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
# in /proc/…/stat, after the name
_GROUP, _USER_TIME, _CHILD_TIMES_END, _THREADS, _RESIDENT = 2, 11, 15, 17, 21


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessesUsed:
    """`hidden_bytes` stand in files without a name that a process has open, on a disk or in memory."""

    threads: int = 0
    memory_bytes: int = 0
    cpu_seconds: float = 0.0
    hidden_bytes: int = 0

    def plus(self, other: ProcessesUsed) -> ProcessesUsed:
        return ProcessesUsed(
            threads=self.threads + other.threads,
            memory_bytes=self.memory_bytes + other.memory_bytes,
            cpu_seconds=self.cpu_seconds + other.cpu_seconds,
            hidden_bytes=self.hidden_bytes + other.hidden_bytes,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderUsed:
    """`is_too_much`: too deep or too many files; there may be more, which was not looked at."""

    files: int = 0
    size_bytes: int = 0
    is_too_much: bool = False


def processes_used(group: int) -> ProcessesUsed:
    """Of all processes of a process group."""
    used = ProcessesUsed()
    for name in os.listdir("/proc"):  # noqa: PTH208 - run often: names are enough
        if name.isdecimal():
            with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended meanwhile
                used = used.plus(_process_used(int(name), of_group=group))
    return used


def _process_used(pid: int, *, of_group: int) -> ProcessesUsed:
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    if int(fields[_GROUP]) != of_group:
        return ProcessesUsed()
    return ProcessesUsed(
        threads=int(fields[_THREADS]),
        memory_bytes=int(fields[_RESIDENT]) * _PAGE,
        cpu_seconds=sum(map(int, fields[_USER_TIME:_CHILD_TIMES_END])) / _TICKS,
        hidden_bytes=_hidden_bytes(pid),
    )


def _hidden_bytes(pid: int) -> int:
    """Each file once, however often it is open."""
    found: dict[tuple[int, int], int] = {}
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):  # noqa: PTH208 - as above
        with contextlib.suppress(OSError):
            seen = os.stat(f"{folder}/{name}")  # noqa: PTH116 - as above
            if stat.S_ISREG(seen.st_mode) and seen.st_nlink == 0:
                found[seen.st_dev, seen.st_ino] = seen.st_blocks * _BLOCK
    return sum(found.values())


def folder_used(folder: Path, *, max_files: int) -> FolderUsed:
    """Blocks on the disk, not lengths: a file with holes costs nothing. Folders count as files."""
    files = size_bytes = 0
    waiting = [(str(folder), 0)]
    while waiting:
        place, depth = waiting.pop()
        if depth > MAX_DEPTH or files > max_files:
            return FolderUsed(files=files, size_bytes=size_bytes, is_too_much=True)
        for entry in _entries(place):
            with contextlib.suppress(OSError):  # the job has removed it meanwhile
                size_bytes += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                files += 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, depth + 1))
    return FolderUsed(files=files, size_bytes=size_bytes, is_too_much=files > max_files)


def _entries(place: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as found:
            return list(found)
    except OSError:
        return []
