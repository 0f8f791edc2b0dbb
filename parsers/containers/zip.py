"""Zip archives: every member into scratch, under its true name and in its folders.

Names come in GBK (Windows), in UTF-8 with the flag or without it (macOS), or in an Info-ZIP extra field; zipfile hands
unflagged ones over as CP437, from which the bytes are won back and decoded like a raw mail header.

A member that is corrupt or behind a password costs that member; when every one is behind a password, the archive is.

One that breaks off gives the members that are whole, and says so.

A zip file that holds nothing but the volumes of one archive is read as that archive: `parsers.joining` makes such ones.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path as FilePath
from typing import Final

from parsers.charsets import decode_text
from parsers.containers import rar
from parsers.containers.torn_zip import mend
from parsers.containers.unpacking import CHUNK_BYTES, Unpacking, is_system_file, member_path
from parsers.content import Content, EncryptedFile, FormatParser, SourceFile
from parsers.joining import only_set
from parsers.volumes import Scheme, VolumeSet, incomplete, lone_volume
from rules.extraction import Kind
from rules.findings import Code, Finding

_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_UTF8_NAME: Final = 0x800
_UNICODE_PATH: Final = 0x7075
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
    unpacking = Unpacking(source)
    try:
        _unpack(source.path, unpacking)
    except zipfile.BadZipFile:
        mended = source.scratch / "mended.zip"
        if unpacking.has_files or not mend(source.path, mended, unpacked_bytes=unpacking.left):
            raise
        _unpack(mended, unpacking)
        detail = lone_volume(source.path, source.name) or "压缩包已损坏或不完整，只读到其中完整的文件"
        unpacking.complain(Code.UNREADABLE, detail)
    volumes = only_set(unpacking.files)
    return unpacking.content_of_archive() if volumes is None else _of_volumes(volumes, source)


def _unpack(file: FilePath, unpacking: Unpacking) -> None:
    with zipfile.ZipFile(file) as archive:
        members = [(info, member_path(_name(info))) for info in archive.infolist()]
        wanted = [(info, path) for info, path in members if not info.is_dir() and not is_system_file(path)]
        unpacking.refuse_declared([info.file_size for info, _path in wanted])
        if wanted and all(info.flag_bits & _ENCRYPTED for info, _path in wanted):
            raise EncryptedFile
        for info, path in wanted:
            if info.flag_bits & _ENCRYPTED:
                unpacking.locked(path)
                continue
            if info.compress_type not in _METHODS:
                unpacking.unsupported(path)
                continue
            with unpacking.member(path, _BROKEN) as write, archive.open(info) as member:
                while chunk := member.read(CHUNK_BYTES):
                    write(chunk)


def _of_volumes(volumes: VolumeSet, source: SourceFile) -> Content:
    if volumes.scheme is Scheme.RAR and 1 in volumes.volumes:
        return rar.read_volumes(volumes, source)
    finding = Finding(code=Code.UNREADABLE, detail=incomplete(volumes.volumes, volumes.missing))
    return Content(kind=Kind.UNREADABLE, findings=(finding,))


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
