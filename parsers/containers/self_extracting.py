"""Archives that unpack themselves (.exe): the archive behind the program is read; the program is never run.

Any other program is told as one.
"""

from __future__ import annotations

import mmap
import shutil
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Final

import rarfile

from parsers.containers import rar, sevenzip
from parsers.containers import zip as zip_archive
from parsers.content import Content, FormatParser, SourceFile, UnsupportedFile
from parsers.sniff import PROGRAM

_PROGRAM: Final = "这是程序文件，出于安全没有运行；如果是自解压文件，请改存为zip格式后重新报送"
_7Z: Final = b"7z\xbc\xaf\x27\x1c"
_7Z_HEADER_BYTES: Final = 32
_LONGEST_PROGRAM: Final = 4 * 1024 * 1024


def _read(source: SourceFile) -> Content:
    start = _start_of_7z(source.path)
    if start is not None:
        return sevenzip.PARSER.read(replace(source, path=_rest(source, start)))
    if rarfile.is_rarfile_sfx(source.path):
        return rar.PARSER.read(source)
    if zipfile.is_zipfile(source.path):
        return zip_archive.PARSER.read(source)
    raise UnsupportedFile(_PROGRAM)


def _start_of_7z(path: Path) -> int | None:
    """Where a header stands whose checksum is right: the program has the signature in itself, too."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(_7Z, 0, _LONGEST_PROGRAM)
        while at >= 0:
            header = data[at : at + _7Z_HEADER_BYTES]
            if zlib.crc32(header[12:]) == int.from_bytes(header[8:12], "little"):
                return at
            at = data.find(_7Z, at + 1, _LONGEST_PROGRAM)
    return None


def _rest(source: SourceFile, start: int) -> Path:
    archive = source.scratch / "archive.7z"
    with source.path.open("rb") as program, archive.open("wb") as target:
        program.seek(start)
        shutil.copyfileobj(program, target)
    return archive


PARSER: Final = FormatParser(name="self_extracting", media_types=(PROGRAM,), read=_read)
