"""What stands in the bytes of archives that were cut: RAR's head, a zip's record at its end, the length of a 7z.

rar_head(path)                     whether it is a volume, and which one
zip_end(path)                      on which disk the record stands, and the directory
total_of_pieces(paths, last)       how many pieces there must be
join(paths, target)                pieces one behind the other
join_split_zip(paths, target)      likewise, and the directory with the places that then hold
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_RAR4: Final = b"Rar!\x1a\x07\x00"
_RAR5: Final = b"Rar!\x1a\x07\x01\x00"
_RAR4_VOLUME, _RAR4_PART_NAMES, _RAR4_FIRST = 0x01, 0x10, 0x100
_RAR5_MAIN: Final = 1
_RAR5_VOLUME, _RAR5_NUMBERED = 0x01, 0x02
_7Z: Final = b"7z\xbc\xaf\x27\x1c"
_7Z_HEADER_BYTES: Final = 32
_ZIP: Final = b"PK"
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_FIELDS: Final = struct.Struct("<4sHHHHIIH")
_ZIP_ENTRY: Final = b"PK\x01\x02"
_ZIP_ENTRY_BYTES: Final = 46
_LONGEST_COMMENT: Final = 65_535
_STARTS: Final = (_7Z, _ZIP, b"Rar!", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")
_IN_ZIP64: Final = 0xFFFF_FFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class RarHead:
    """`number` from 1, None where the head does not tell; `has_part_names`: .part2.rar follows, and not .r00."""

    is_volume: bool
    number: int | None = None
    has_part_names: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ZipEnd:
    """The record at the end of a zip file. Disks count from 0; `at`: where it stands in the file."""

    at: int
    disk: int
    directory_disk: int
    entries: int
    directory_bytes: int
    directory_offset: int


def rar_head(path: Path) -> RarHead | None:
    """None for what is no RAR archive. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(_RAR4):
        flags = int.from_bytes(head[10:12], "little")
        number = 1 if flags & _RAR4_FIRST else None
        return RarHead(
            is_volume=bool(flags & _RAR4_VOLUME), number=number, has_part_names=bool(flags & _RAR4_PART_NAMES)
        )
    return _rar5_head(head[len(_RAR5) + 4 :]) if head.startswith(_RAR5) else None


def _rar5_head(block: bytes) -> RarHead:
    """Where even the directory is behind a password only the names of the files tell."""
    _size, block = _number(block)
    kind, block = _number(block)
    if kind != _RAR5_MAIN:
        return RarHead(is_volume=True)
    flags, block = _number(block)
    if flags & 1:  # the size of what comes after
        _extra, block = _number(block)
    archive, block = _number(block)
    volume, _rest = _number(block) if archive & _RAR5_NUMBERED else (0, block)
    return RarHead(is_volume=bool(archive & _RAR5_VOLUME), number=volume + 1)


def _number(data: bytes) -> tuple[int, bytes]:
    """A number of RAR 5: seven bits a byte, the lowest first."""
    value = 0
    for at, byte in enumerate(data[:10]):
        value |= (byte & 0x7F) << 7 * at
        if not byte & 0x80:
            return value, data[at + 1 :]
    return value, b""


def zip_end(path: Path) -> ZipEnd | None:
    """None where there is no such record. Raises OSError."""
    size = path.stat().st_size
    start = max(0, size - _ZIP_END_FIELDS.size - _LONGEST_COMMENT)
    with path.open("rb") as file:
        file.seek(start)
        end = file.read()
    at = end.rfind(_ZIP_END)
    if at < 0 or len(end) < at + _ZIP_END_FIELDS.size:
        return None
    _signature, disk, directory_disk, _here, entries, directory_bytes, offset, _comment = _ZIP_END_FIELDS.unpack_from(
        end, at
    )
    return ZipEnd(
        at=start + at,
        disk=0 if disk == 0xFFFF else disk,
        directory_disk=directory_disk,
        entries=entries,
        directory_bytes=directory_bytes,
        directory_offset=offset,
    )


def starts_like_an_archive(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(512)
    return head.startswith(_STARTS) or head[4:8] == b"ftyp" or head[257:262] == b"ustar"


def total_of_pieces(paths: Sequence[Path], last: int) -> int | None:
    """One more than `last`, the number of the last one of `paths`, where the archive does not end there; else None."""
    with paths[0].open("rb") as file:
        head = file.read(_7Z_HEADER_BYTES)
    if head.startswith(_7Z) and len(head) == _7Z_HEADER_BYTES:
        offset, size = struct.unpack_from("<QQ", head, 12)
        is_whole = sum(path.stat().st_size for path in paths) >= _7Z_HEADER_BYTES + offset + size
    elif head.startswith(_ZIP):
        is_whole = zip_end(paths[-1]) is not None
    else:
        is_whole = True
    return None if is_whole else last + 1


def join(paths: Sequence[Path], target: Path) -> None:
    with target.open("wb") as whole:
        for path in paths:
            with path.open("rb") as piece:
                shutil.copyfileobj(piece, whole)


def join_split_zip(paths: Sequence[Path], target: Path) -> None:
    """Raises ValueError for a directory that cannot be followed, as one of more than 4 GiB."""
    join(paths, target)
    starts = [0]
    for path in paths:
        starts.append(starts[-1] + path.stat().st_size)
    end = zip_end(target)
    if end is None or not end.directory_disk < len(paths):
        raise ValueError("no end")
    at = starts[end.directory_disk] + end.directory_offset
    with target.open("r+b") as whole:
        whole.seek(at)
        directory = bytearray(whole.read(end.directory_bytes))
        _move_entries(directory, starts)
        whole.seek(at)
        whole.write(directory)
        whole.seek(end.at + 4)
        whole.write(struct.pack("<HHHHII", 0, 0, end.entries, end.entries, len(directory), at))


def _move_entries(directory: bytearray, starts: Sequence[int]) -> None:
    at = 0
    while at < len(directory):
        if directory[at : at + 4] != _ZIP_ENTRY or at + _ZIP_ENTRY_BYTES > len(directory):
            raise ValueError("not a directory")
        name, extra, comment, disk = struct.unpack_from("<HHHH", directory, at + 28)
        (offset,) = struct.unpack_from("<I", directory, at + 42)
        place = offset + starts[disk] if disk < len(starts) else _IN_ZIP64
        if offset == _IN_ZIP64 or place >= _IN_ZIP64:
            raise ValueError("too large")
        struct.pack_into("<H", directory, at + 34, 0)
        struct.pack_into("<I", directory, at + 42, place)
        at += _ZIP_ENTRY_BYTES + name + extra + comment
