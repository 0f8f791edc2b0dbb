"""Tar archives, plain or gzip, bzip2, xz; and one file that is only compressed (.gz).

tarfile is given raw names (surrogates), which are decoded like any other sender's. Links and devices are no files.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import IO, Any, Final, cast

from parsers.charsets import decode_text
from parsers.containers.unpacking import CHUNK_BYTES, Unpacking, Write, budget, is_system_file, member_path
from parsers.content import ArchiveTooLarge, Content, FormatParser, SourceFile
from parsers.limits import MIB
from rules.findings import Code

_TAR: Final = "application/x-tar"
_OPENERS: Final[dict[str, Callable[[FilePath], Any]]] = {
    "application/gzip": gzip.GzipFile,
    "application/x-bzip2": bz2.BZ2File,
    "application/x-xz": lzma.LZMAFile,
}
_BROKEN: Final = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)
_MAGIC: Final = b"ustar"
_MAGIC_END: Final = 262
_OVERHEAD_BYTES: Final = 10 * MIB


def _read(source: SourceFile) -> Content:
    if source.media_type == _TAR:
        with source.path.open("rb") as file:
            return _read_tar(file, source)
    with _opened(source) as stream:
        is_tar = stream.read(_MAGIC_END).endswith(_MAGIC)
    with _opened(source) as stream:
        return _read_tar(stream, source) if is_tar else _read_single(stream, source)


def _opened(source: SourceFile) -> IO[bytes]:
    return cast("IO[bytes]", _OPENERS[source.media_type](source.path))  # BZ2File and the like, which typeshed parts


def _read_tar(stream: IO[bytes], source: SourceFile) -> Content:
    unpacking = Unpacking(source)
    allowed = budget(source.path.stat().st_size, source.limits)
    bounded = cast("IO[bytes]", _Bounded(stream, allowed))  # of a file, tarfile uses nothing but `read` here
    try:
        with tarfile.open(fileobj=bounded, mode="r|", encoding="ascii", errors="surrogateescape") as archive:
            for info in archive:
                path = member_path(_decoded(info.name))
                content = archive.extractfile(info) if info.isfile() and not is_system_file(path) else None
                if content is not None:
                    with unpacking.member(path, _BROKEN) as write:
                        _copy(content, write)
    except _BROKEN:
        if not unpacking.has_files:
            raise
        unpacking.complain(Code.UNREADABLE, "压缩包不完整，后面的文件没有读到")
    return unpacking.content_of_archive()


def _read_single(stream: IO[bytes], source: SourceFile) -> Content:
    """`名.docx.gz` holds 名.docx; what else the gzip header calls it is seldom right."""
    unpacking = Unpacking(source)
    name = PurePosixPath(source.name).name
    with unpacking.member((name.removesuffix(PurePosixPath(name).suffix) or name,)) as write:
        _copy(stream, write)
    return unpacking.content()


class _Bounded:
    """Counts what is skipped too: a link or a system file may be a bomb."""

    def __init__(self, stream: IO[bytes], allowed: int) -> None:
        self._stream = stream
        self._left = allowed + _OVERHEAD_BYTES

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise ArchiveTooLarge("压缩包解开后过大")
        return data


def _copy(content: IO[bytes], write: Write) -> None:
    while chunk := content.read(CHUNK_BYTES):
        write(chunk)


def _decoded(name: str) -> str:
    return decode_text(name.encode("utf-8", "surrogateescape")).text


PARSER: Final = FormatParser(name="tar", media_types=(_TAR, *_OPENERS), read=_read)
