"""Message bodies go from the socket into files, never through memory whole.

imaplib reads a literal by `read(size)` and keeps the bytes; a message of 50 MB is then 50 MB of memory, twice while it
is joined. While a `LiteralSpool` is catching, that one method is replaced: the bytes pass in pieces into a new file and
through SHA-256, and imaplib gets a `SpooledLiteral` that only says where they lie. It must be `bytes` and have the
announced length, for imapclient compares that with the `{size}` it read.
"""

from __future__ import annotations

import hashlib
import imaplib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from imapclient import IMAPClient

from rules.errors import StoreError

PIECE_BYTES = 128 * 1024
MOST_BYTES = 1024**3  # no provider carries such mail; a server that announces more would fill the disk


@dataclass(frozen=True, kw_only=True, slots=True)
class Spooled:
    """A finished file with the bytes of one message."""

    path: Path
    sha256: str
    size_bytes: int


class SpooledLiteral(bytes):
    """Empty bytes that stand for a literal in a file, and claim its length."""

    spooled: Spooled

    def __len__(self) -> int:
        return self.spooled.size_bytes


class LiteralSpool:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def catching(self, client: IMAPClient) -> Iterator[None]:
        """Every literal that `client` reads inside the block is spooled."""
        read_plainly: Callable[[int], bytes] = client._imap.read

        def read(size: int) -> bytes:
            literal = SpooledLiteral()
            literal.spooled = self._spool(read_plainly, size)
            return literal

        client._imap.read = read
        try:
            yield
        finally:
            client._imap.read = read_plainly

    def save(self, content: bytes) -> Spooled:
        """For servers that send a small body as a quoted string, not as a literal."""
        return self._spool(lambda _: content, len(content))

    def _spool(self, read: Callable[[int], bytes], size: int) -> Spooled:
        if size > MOST_BYTES:
            raise imaplib.IMAP4.error(f"a literal of {size} bytes")
        digest = hashlib.sha256()
        file, path = self._open()
        with file:
            for piece in _pieces(read, size):
                digest.update(piece)
                _write(file, piece)
        return Spooled(path=path, sha256=digest.hexdigest(), size_bytes=size)

    def _open(self) -> tuple[FileIO, Path]:
        try:
            descriptor, name = tempfile.mkstemp(prefix="message-", dir=self._folder)
        except OSError as error:
            raise StoreError(f"{self._folder}: no temporary file can be made: {error.strerror}") from error
        return os.fdopen(descriptor, "wb", buffering=0), Path(name)


def _pieces(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = read(min(left, PIECE_BYTES))
        if not piece:  # imaplib would not notice that the literal is cut short
            raise imaplib.IMAP4.abort("socket error: EOF inside a literal")
        left -= len(piece)
        yield piece


def _write(file: FileIO, piece: bytes) -> None:
    """A full disk must not look like a broken line, which is an OSError as well."""
    view = memoryview(piece)
    try:
        while view:
            view = view[file.write(view) :]
    except OSError as error:
        raise StoreError(f"{file.name}: a message cannot be written: {error.strerror}") from error
