"""Bytes named by their SHA-256: raw messages and the files in them. Never changed, never deleted.

    root/tmp/of-…/                   one running program's files being written, on the same file system (`workspace`)
    root/ab/cd/abcd…                 a blob; its name is its content's SHA-256

A blob is durable when `put_…` returns: fsync(file), rename, fsync(folder), and fsync of the folders above when they may
be new. In another order a power cut leaves a name with no bytes, or a row whose blob has no name. Putting a blob twice
is harmless; one that was cut short is put right by the next put.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from store.troubles import disk_troubles
from store.workspace import Workspace, sweep

_CHUNK: Final = 1024 * 1024
_TEMPORARY: Final = "tmp"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Damage(StrEnum):
    MISSING = "missing"  # the store counts on it, and it is not there
    DAMAGED = "damaged"  # its bytes are not those of its name
    STRAY = "stray"  # nothing counts on it: left by a killed process, or no blob at all


@dataclass(frozen=True, kw_only=True, slots=True)
class BlobDamage:
    """A blob that is not as it should be. Strays cost space, nothing else.

    `is_derived`: it was made from another one, and once it is gone it is made again when it is wanted.
    """

    damage: Damage
    name: str  # the SHA-256, or for a file that is no blob its path below the root
    is_derived: bool = False

    @property
    def is_harmless(self) -> bool:
        return self.is_derived or self.damage is Damage.STRAY

    def __str__(self) -> str:
        again = {Damage.MISSING: "; made again when wanted", Damage.DAMAGED: "; delete it, and it is made again"}
        return f"{self.damage}: {self.name}{again.get(self.damage, '') if self.is_derived else ''}"


class Blobs(Protocol):
    """What the other packages need of a place for blobs; a bucket of an object store fits behind it.

    Every method raises StoreError when the place cannot be read or written.
    """

    def put_file(self, temporary: Path, sha256: str) -> None:
        """Takes over a file that lies in `temporary()` or a folder in it, and whose SHA-256 the caller knows."""

    def put_bytes(self, content: bytes) -> str:
        """The SHA-256."""

    def put_stream(self, stream: BinaryIO) -> tuple[str, int]:
        """SHA-256 and size in bytes."""

    def path(self, sha256: str) -> Path:
        """Where the blob can be read on this machine."""

    def exists(self, sha256: str) -> bool: ...

    def temporary(self) -> Path:
        """A folder for files that will be put."""

    def verify(self, expected: Collection[str], *, derived: Collection[str] = frozenset()) -> Iterator[BlobDamage]:
        """Hashes every blob; `expected` are those that the store counts on, `derived` those that can be made again."""


def blob_path(root: Path, sha256: str) -> Path:
    """Where a blob stands below the root of its store, which may be one that nobody can write into."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 in hexadecimal: {sha256!r}")
    return root / sha256[:2] / sha256[2:4] / sha256


class BlobStore:
    """Blobs as files below `root`. Safe for threads and for several processes, on one machine or on a shared disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._temporary = root / _TEMPORARY
        self._durable_folders: set[Path] = set()
        self._workspace: Workspace | None = None  # made when it is wanted: most commands only read
        self._making_workspace = threading.Lock()
        with disk_troubles(root):
            self._temporary.mkdir(parents=True, exist_ok=True)
            sweep(self._temporary)

    def temporary(self) -> Path:
        with self._making_workspace, disk_troubles(self._temporary):
            if self._workspace is None:
                self._workspace = Workspace(self._temporary)
                self._leave = weakref.finalize(self, self._workspace.leave)
            return self._workspace.folder

    def close(self) -> None:
        """Removes our temporary files at once, not only at the end of the program."""
        with self._making_workspace:
            if self._workspace is not None:
                self._workspace = None
                self._leave()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A new folder in `temporary()`, removed at the end with what is left in it."""
        with disk_troubles(self._temporary):
            folder = Path(tempfile.mkdtemp(dir=self.temporary(), prefix="scratch-"))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def path(self, sha256: str) -> Path:
        return blob_path(self.root, sha256)

    def exists(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def put_file(self, temporary: Path, sha256: str) -> None:
        target = self.path(sha256)
        with disk_troubles(self.root):
            try:
                if not _is_whole(target, temporary.stat().st_size):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    _fsync(temporary)
                    temporary.replace(target)
                self._make_name_durable(target)
            finally:
                temporary.unlink(missing_ok=True)

    def put_bytes(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        with _new_file(self.temporary()) as (file, path):
            _write(file, content, path)
            _close(file, path)
            self.put_file(path, sha256)
        return sha256

    def put_stream(self, stream: BinaryIO) -> tuple[str, int]:
        with self._spooled(stream) as (path, sha256, size):
            self.put_file(path, sha256)
        return sha256, size

    def put_copy(self, sha256: str, stream: BinaryIO) -> bool:
        """Of a blob that another place has. False, and nothing is put, where its bytes are not those of its name."""
        with self._spooled(stream) as (path, found, _):
            if found == sha256:
                self.put_file(path, sha256)
        return found == sha256

    @contextmanager
    def _spooled(self, stream: BinaryIO) -> Iterator[tuple[Path, str, int]]:
        """A temporary file with the stream's bytes, their SHA-256 and their number."""
        digest, size = hashlib.sha256(), 0
        with _new_file(self.temporary()) as (file, path):
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                _write(file, chunk, path)
            _close(file, path)
            yield path, digest.hexdigest(), size

    def verify(self, expected: Collection[str], *, derived: Collection[str] = frozenset()) -> Iterator[BlobDamage]:
        known, present = set(expected) | set(derived), set()
        for file in self._files():
            sha256 = file.name
            if not _SHA256.fullmatch(sha256) or file != self.path(sha256):
                yield BlobDamage(damage=Damage.STRAY, name=str(file.relative_to(self.root)))
                continue
            present.add(sha256)
            if not _is_intact(file):
                yield BlobDamage(damage=Damage.DAMAGED, name=sha256, is_derived=sha256 in derived)
            elif sha256 not in known:
                yield BlobDamage(damage=Damage.STRAY, name=sha256)
        for sha256 in sorted(known - present):
            yield BlobDamage(damage=Damage.MISSING, name=sha256, is_derived=sha256 in derived)

    def _files(self) -> Iterator[Path]:
        """In a stable order, so that a progress bar and a second run agree."""
        for folder, folders, names in os.walk(self.root):
            if Path(folder) == self.root and _TEMPORARY in folders:
                folders.remove(_TEMPORARY)
            folders.sort()
            yield from (Path(folder) / name for name in sorted(names))

    def _make_name_durable(self, target: Path) -> None:
        """Another thread or process may have made the folders, and not yet have made them durable."""
        _fsync(target.parent)
        if target.parent not in self._durable_folders:
            _fsync(target.parent.parent)
            _fsync(self.root)
            self._durable_folders.add(target.parent)


def _is_whole(target: Path, size: int) -> bool:
    """A blob of another size than the file that is put was cut short and is replaced."""
    try:
        return target.stat().st_size == size
    except FileNotFoundError:
        return False


def _is_intact(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.name
    except OSError:
        return False


@contextmanager
def _new_file(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file that does not outlive an error: a full disk must not fill further."""
    with disk_troubles(folder):
        handle, name = tempfile.mkstemp(dir=folder, prefix="put-")
    path = Path(name)
    file = os.fdopen(handle, "wb")
    try:
        yield file, path
    finally:
        _abandon(file)
        path.unlink(missing_ok=True)


def _abandon(file: BinaryIO) -> None:
    try:
        file.close()
    except OSError:  # the buffer could not be written either; the error that counts is on its way already
        file.close()


def _write(file: BinaryIO, content: bytes, path: Path) -> None:
    """Reading errors of the source are not ours: only writing is turned into StoreError."""
    with disk_troubles(path.parent):
        file.write(content)


def _close(file: BinaryIO, path: Path) -> None:
    with disk_troubles(path.parent):
        file.close()


def _fsync(path: Path) -> None:
    """NOFOLLOW: the file was written by a parser, and a link would have us adopt any file of this machine."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
