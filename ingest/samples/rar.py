"""Writes RAR archives whose members are stored, in the format of RAR 4 and of RAR 5. No free tool makes them.

Enough for samples: names, folders, checksums, volumes, and the bits that say that members or the directory are locked.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

RAR4 = b"Rar!\x1a\x07\x00"
RAR5 = b"Rar!\x1a\x07\x01\x00"
SPLIT_BEFORE, SPLIT_AFTER = 1, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One member. `size` may lie; `split` holds SPLIT_BEFORE and SPLIT_AFTER; a name of bytes is written as it is."""

    name: str | bytes
    data: bytes = b"content"
    is_dir: bool = False
    is_encrypted: bool = False
    is_damaged: bool = False
    size: int | None = None
    split: int = 0
    checksum: int | None = None
    same_as: str = ""  # RAR 5 only: the name of the member to which it refers instead of having data

    @property
    def raw_name(self) -> bytes:
        return self.name.encode() if isinstance(self.name, str) else self.name

    @property
    def declared(self) -> int:
        return len(self.data) if self.size is None else self.size

    @property
    def crc(self) -> int:
        whole = zlib.crc32(self.data) if self.checksum is None else self.checksum
        return whole ^ (1 if self.is_damaged else 0)


def volumes(rar: Callable[..., bytes], name: str, data: bytes, count: int) -> list[bytes]:
    """An archive of one member, cut into volumes; `rar` is `rar4` or `rar5`. The last holds the member's checksum."""
    step = -(-len(data) // count)
    made = []
    for number in range(count):
        is_last = number == count - 1
        split = (SPLIT_BEFORE if number else 0) | (0 if is_last else SPLIT_AFTER)
        entry = Entry(
            name=name,
            data=data[number * step : (number + 1) * step],
            size=len(data),
            split=split,
            checksum=zlib.crc32(data) if is_last else None,
        )
        made.append(rar(entry, volume=number, goes_on=not is_last))
    return made


def rar4(
    *entries: Entry,
    volume: int | None = None,
    goes_on: bool = False,
    locked_directory: bool = False,
    has_part_names: bool = True,
) -> bytes:
    """`has_part_names`: its volumes are called .part1.rar …, and not .rar, .r00 …"""
    flags = (0x80 if locked_directory else 0) | (0x01 if volume is not None else 0) | (0x100 if volume == 0 else 0)
    flags |= 0x10 if volume is not None and has_part_names else 0
    out = RAR4 + _block4(0x73, flags, bytes(6))
    if locked_directory:
        return out + bytes(range(8)) + b"\xa7" * 200
    out += b"".join(_file4(entry) for entry in entries)
    number = b"" if volume is None else volume.to_bytes(2, "little")
    return out + _block4(0x7B, 0x4000 | (1 if goes_on else 0) | (8 if number else 0), number)


def _file4(entry: Entry) -> bytes:
    """A name of text goes in as UTF-8, which the Unicode flag says when no zero byte follows."""
    flags = 0x8000 | entry.split | (0x04 if entry.is_encrypted else 0) | (0xE0 if entry.is_dir else 0)
    flags |= 0x200 if isinstance(entry.name, str) else 0
    data = b"" if entry.is_dir else entry.data
    body = len(data).to_bytes(4, "little") + entry.declared.to_bytes(4, "little") + b"\x02"
    body += entry.crc.to_bytes(4, "little") + (0x57618000).to_bytes(4, "little") + b"\x14\x30"
    body += len(entry.raw_name).to_bytes(2, "little") + (0x20).to_bytes(4, "little") + entry.raw_name
    return _block4(0x74, flags, body) + data


def _block4(kind: int, flags: int, body: bytes) -> bytes:
    head = bytes([kind]) + flags.to_bytes(2, "little") + (7 + len(body)).to_bytes(2, "little") + body
    return (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little") + head


def rar5(*entries: Entry, volume: int | None = None, goes_on: bool = False, locked_directory: bool = False) -> bytes:
    if locked_directory:
        return RAR5 + _block5(4, 0, _vint(0) + _vint(0) + b"\x0f" + bytes(16)) + b"\xa7" * 200
    main = _vint(0) if volume is None else _vint(1 | (2 if volume else 0)) + (_vint(volume) if volume else b"")
    out = RAR5 + _block5(1, 0, main) + b"".join(_file5(entry) for entry in entries)
    return out + _block5(5, 0, _vint(1 if goes_on else 0))


def _file5(entry: Entry) -> bytes:
    data = b"" if entry.is_dir or entry.same_as else entry.data
    body = _vint(0x04 | (1 if entry.is_dir else 0)) + _vint(entry.declared) + _vint(0x20)
    body += entry.crc.to_bytes(4, "little") + _vint(0) + _vint(0) + _vint(len(entry.raw_name)) + entry.raw_name
    record = _vint(1) + _vint(0) + _vint(0) + b"\x0f" + bytes(32)
    extra = _vint(len(record)) + record if entry.is_encrypted else b""
    if entry.same_as:
        original = entry.same_as.encode()
        record = _vint(5) + _vint(5) + _vint(0) + _vint(len(original)) + original
        extra += _vint(len(record)) + record
    flags = 0x02 | (0x01 if extra else 0) | (0x08 if entry.split & 1 else 0) | (0x10 if entry.split & 2 else 0)
    sizes = (_vint(len(extra)) if extra else b"") + _vint(len(data))
    return _block5(2, flags, body, sizes, extra) + data


def _block5(kind: int, flags: int, body: bytes, sizes: bytes = b"", extra: bytes = b"") -> bytes:
    head = _vint(kind) + _vint(flags) + sizes + body + extra
    head = _vint(len(head)) + head
    return zlib.crc32(head).to_bytes(4, "little") + head


def _vint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
