"""7z archives, by py7zr. Its worker is given numbers for names, so that no path inside leads anywhere or collides.

A solid archive is one stream: after a corrupt member nothing more can be read, and what follows is named as corrupt.
Names are UTF-16 in this format, so no charset is guessed.
"""

from __future__ import annotations

import logging
from typing import Final

import py7zr
from py7zr.exceptions import PasswordRequired, UnsupportedCompressionMethodError
from py7zr.io import Py7zIO, WriterFactory

from parsers.containers.unpacking import Member, Path, Unpacking, is_system_file, member_path
from parsers.content import Content, EncryptedFile, FormatParser, LimitExceeded, SourceFile, UnsupportedFile

log = logging.getLogger(__name__)


def _read(source: SourceFile) -> Content:
    unpacking = Unpacking(source)
    try:
        with source.path.open("rb") as file, py7zr.SevenZipFile(file) as archive:
            if archive.needs_password():
                raise EncryptedFile
            wanted: dict[str, Path] = {}
            sizes = []
            for number, entry in enumerate(archive.files):
                path = member_path(entry.filename)
                if not (entry.is_directory or entry.is_symlink or entry.is_junction or is_system_file(path)):
                    wanted[f"member-{number}"] = path
                    sizes.append(entry.uncompressed)
                entry._file_info["filename"] = f"member-{number}"
            unpacking.refuse_declared(sizes)
            _extract(archive, wanted, unpacking)
    except PasswordRequired as error:
        raise EncryptedFile from error
    except UnsupportedCompressionMethodError as error:
        raise UnsupportedFile("压缩包用了少见的压缩方式，无法解开，请用普通的zip格式重新压缩后报送") from error
    return unpacking.content_of_archive()


def _extract(archive: py7zr.SevenZipFile, wanted: dict[str, Path], unpacking: Unpacking) -> None:
    members = _Members(wanted, unpacking)
    try:
        archive.extract(targets=list(wanted), factory=members)
    except (LimitExceeded, PasswordRequired, UnsupportedCompressionMethodError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # a full disk is ours
        members.drop_last()
        if not members.kept:
            raise  # nothing came out: the archive itself is corrupt
        log.info("archive cut short", extra={"action": "archive_cut_short", "reason": str(error)})
    members.keep_last()
    for path in members.outstanding.values():
        unpacking.corrupt(path)


class _Members(WriterFactory):
    """py7zr asks for the writers one after the other; it closes one in the same way whether its checksum is right.

    So a member counts as read when the next one begins, or when all have ended without an error.
    """

    def __init__(self, wanted: dict[str, Path], unpacking: Unpacking) -> None:
        self.outstanding = dict(wanted)
        self.kept = 0
        self._unpacking = unpacking
        self._last: Member | None = None

    def create(self, filename: str) -> Py7zIO:
        self.keep_last()
        self._last = self._unpacking.begin(self.outstanding.pop(filename))
        return _Writer(self._last)

    def keep_last(self) -> None:
        if self._last is not None:
            self._last.keep()
            self.kept += 1
        self._last = None

    def drop_last(self) -> None:
        if self._last is not None:
            self._last.drop()
        self._last = None


class _Writer(Py7zIO):
    """What py7zr writes to. It may not be sought, read or asked for its size."""

    def __init__(self, member: Member) -> None:
        self._member = member

    def write(self, s: bytes | bytearray) -> int:
        self._member.write(bytes(s))
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        raise NotImplementedError

    def seek(self, offset: int, whence: int = 0) -> int:
        raise NotImplementedError

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def size(self) -> int:
        raise NotImplementedError


PARSER: Final = FormatParser(name="7z", media_types=("application/x-7z-compressed",), read=_read)
