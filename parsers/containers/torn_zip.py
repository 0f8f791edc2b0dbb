"""A zip file that breaks off: its directory, which stands at the end, is written anew for the members that are whole.

Each member has a head of its own before its data. Some programs write its sizes behind the data only; where that is
deflated, the data themselves tell where they end.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_HEAD: Final = struct.Struct("<4s5H3I2H")
_HEAD_MARK: Final = b"PK\x03\x04"
_DESCRIPTOR_MARK: Final = b"PK\x07\x08"
_ENTRY: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_DEFLATED: Final = 8
_SIZES_BEHIND: Final = 0x8
_IN_ZIP64: Final = 0xFFFF_FFFF
_CHUNK_BYTES: Final = 1 << 18
_OFFICE: Final = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"mimetype", b"META-INF/", b"OFD.xml", b"Doc_0/")
_MOST_MEMBERS: Final = 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class _Member:
    offset: int
    version: int
    flags: int
    method: int
    time: int
    date: int
    crc: int
    packed: int
    unpacked: int
    name: bytes
    end: int


def mend(torn: Path, target: Path, *, unpacked_bytes: int) -> bool:
    """Writes the whole members with a directory to `target`; False where there are none, or of an office document.

    `unpacked_bytes`: how much may be unpacked to find the ends of members. Raises OSError.
    """
    with torn.open("rb") as file:
        members = list(_members(file, unpacked_bytes))
    if not members or any(member.name.startswith(_OFFICE) for member in members):
        return False
    shutil.copyfile(torn, target)
    with target.open("r+b") as archive:
        archive.truncate(members[-1].end)
        archive.seek(0, 2)
        directory = b"".join(_entry(member) for member in members)
        count, start = len(members), members[-1].end
        archive.write(directory + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), start, 0))
    return True


def _members(file: BinaryIO, left: int) -> Iterator[_Member]:
    size = file.seek(0, 2)
    offset = 0
    for _ in range(_MOST_MEMBERS):
        file.seek(offset)
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or not head.startswith(_HEAD_MARK):
            return
        _mark, version, flags, method, time, date, crc, packed, unpacked, name_bytes, extra_bytes = _HEAD.unpack(head)
        name = file.read(name_bytes)
        start = end = offset + _HEAD.size + name_bytes + extra_bytes
        if packed == _IN_ZIP64:
            return
        if flags & _SIZES_BEHIND and not packed:
            found = _end_of_deflated(file, start, left) if method == _DEFLATED else None
            if found is None:
                return
            packed, unpacked, crc = found
            left -= unpacked
            end = _behind_descriptor(file, start + packed)
        else:
            end = start + packed
        if end > size:
            return
        yield _Member(
            offset=offset,
            version=version,
            flags=flags,
            method=method,
            time=time,
            date=date,
            crc=crc,
            packed=packed,
            unpacked=unpacked,
            name=name,
            end=end,
        )
        offset = end


def _end_of_deflated(file: BinaryIO, start: int, left: int) -> tuple[int, int, int] | None:
    """Bytes packed and unpacked, and the checksum; None where the data break off or come to too much."""
    file.seek(start)
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    read = unpacked = crc = 0
    pending = b""
    while not inflating.eof:
        if not pending:
            pending = file.read(_CHUNK_BYTES)
            read += len(pending)
            if not pending:
                return None
        try:
            data = inflating.decompress(pending, _CHUNK_BYTES)
        except zlib.error:
            return None
        pending = inflating.unconsumed_tail
        crc = zlib.crc32(data, crc)
        unpacked += len(data)
        if unpacked > left:
            return None
    return read - len(inflating.unused_data), unpacked, crc


def _behind_descriptor(file: BinaryIO, at: int) -> int:
    file.seek(at)
    return at + (16 if file.read(4) == _DESCRIPTOR_MARK else 12)


def _entry(member: _Member) -> bytes:
    head = (member.version, member.version, member.flags, member.method, member.time, member.date)
    sizes = (member.crc, member.packed, member.unpacked, len(member.name))
    return _ENTRY.pack(b"PK\x01\x02", *head, *sizes, 0, 0, 0, 0, 0, member.offset) + member.name
