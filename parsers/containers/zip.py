"""Zip archives: every member into scratch, under its true name and in its folders.

Names come in GBK (Windows), in UTF-8 with the flag or without it (macOS), or in an Info-ZIP extra field; zipfile hands
unflagged ones over as CP437, from which the bytes are won back and decoded like a raw mail header. Paths are only ever
told in `folders`: files are written under numbers, so a member called ../../etc/passwd harms nothing.

Bytes are counted while they stream, because a bomb's directory may lie about sizes. A member that is corrupt or behind
a password costs that member; when every one is behind a password, the archive is.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from parsers.charsets import decode_text
from parsers.content import Content, EmbeddedFile, EncryptedFile, FormatParser, LimitExceeded, SourceFile
from parsers.filenames import DistinctNames, safe_name
from parsers.limits import MIB, Limits
from rules.extraction import Kind
from rules.findings import Code, Finding

_CHUNK_BYTES: Final = 256 * 1024
_RATIO_FLOOR_BYTES: Final = 10 * MIB
_ENCRYPTED: Final = 0x1
_UTF8_NAME: Final = 0x800
_UNICODE_PATH: Final = 0x7075
_SEPARATORS: Final = re.compile(r"[\\/]+")
_SYSTEM_FILES: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_MAX_FOLDERS: Final = 20
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


def _read(source: SourceFile) -> Content:
    with zipfile.ZipFile(source.path) as archive:
        members = [(info, _path(info)) for info in archive.infolist()]
        wanted = [(info, path) for info, path in members if not info.is_dir() and not is_system_file(path)]
        _check_declared([info for info, _ in wanted], source)
        if wanted and all(info.flag_bits & _ENCRYPTED for info, _ in wanted):
            raise EncryptedFile
        unpacker = _Unpacker(archive, source)
        embedded = tuple(unpacker.unpack(wanted))
    return Content(kind=Kind.ARCHIVE, embedded=embedded, findings=tuple(unpacker.findings))


class _Unpacker:
    """Writes members and counts what they come to."""

    def __init__(self, archive: zipfile.ZipFile, source: SourceFile) -> None:
        self._archive = archive
        self._source = source
        self._names = DistinctNames()
        self._budget = _budget(source.path.stat().st_size, source.limits)
        self.findings: list[Finding] = []

    def unpack(self, members: list[tuple[zipfile.ZipInfo, tuple[str, ...]]]) -> Iterator[EmbeddedFile]:
        for number, (info, path) in enumerate(members):
            *folders, name = path
            target = self._source.scratch / f"member-{number:05d}"
            if info.flag_bits & _ENCRYPTED:
                self.findings.append(Finding(code=Code.ENCRYPTED, detail=f"压缩包内的文件已加密，无法打开：{name}"))
            elif self._write(info, target):
                claimed = self._names.claim(tuple(folders), name)
                yield EmbeddedFile(name=claimed, path=target, folders=tuple(folders))
            else:
                self.findings.append(Finding(code=Code.UNREADABLE, detail=f"压缩包内的文件已损坏：{name}"))

    def _write(self, info: zipfile.ZipInfo, target: Path) -> bool:
        try:
            with self._archive.open(info) as member, target.open("wb") as file:
                while chunk := member.read(_CHUNK_BYTES):
                    self._spend(len(chunk))
                    file.write(chunk)
        except _BROKEN as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # a full disk is ours, not the member's; bz2 reports bad data as an OSError without a number
            target.unlink(missing_ok=True)
            return False
        return True

    def _spend(self, size: int) -> None:
        self._budget -= size
        if self._budget < 0:
            raise LimitExceeded("压缩包解开后过大")


def _budget(packed_bytes: int, limits: Limits) -> int:
    """How many bytes may come out of an archive of this size."""
    return min(limits.unpacked_bytes, max(_RATIO_FLOOR_BYTES, packed_bytes * limits.ratio))


def _check_declared(infos: list[zipfile.ZipInfo], source: SourceFile) -> None:
    """What the directory itself admits needs no unpacking to be refused."""
    if len(infos) > source.limits.members:
        raise LimitExceeded(f"压缩包内文件过多（{len(infos)} 个）")
    if sum(info.file_size for info in infos) > _budget(source.path.stat().st_size, source.limits):
        raise LimitExceeded("压缩包解开后过大")


def is_system_file(path: tuple[str, ...]) -> bool:
    """What operating systems and Office leave behind, no one's submission. Shared by all archive formats."""
    if not path:
        return True
    name = path[-1].lower()
    return "__MACOSX" in path[:-1] or name in _SYSTEM_FILES or name.startswith(("~$", "._"))


def member_path(text: str) -> tuple[str, ...]:
    """A member's path as plain names, outermost folder first; `..`, drives and empty names fall away."""
    names = [safe_name(name) for name in _SEPARATORS.split(text) if not re.fullmatch(r"\.{1,2}|[A-Za-z]:|", name)]
    names = [name for name in names if name]
    return (*names[:-1][-_MAX_FOLDERS:], *names[-1:])


def _path(info: zipfile.ZipInfo) -> tuple[str, ...]:
    return member_path(_name(info))


def _name(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _UTF8_NAME:
        return info.orig_filename
    raw = info.orig_filename.encode("cp437", "replace")
    return _unicode_path(info.extra, raw) or decode_text(raw).text


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """The Info-ZIP extra field with the name in UTF-8, valid for the name whose checksum it holds."""
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field[1:5] == zlib.crc32(raw).to_bytes(4, "little"):
            return field[5:].decode("utf-8", "replace")
    return ""


PARSER = FormatParser(name="zip", media_types=("application/zip",), read=_read)
