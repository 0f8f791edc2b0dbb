"""Zip files as offices make them: names in GBK without a flag (Windows), in UTF-8 with it, or locked with a password.

`zipfile` writes neither GBK names nor passwords, so the few records of the format are written here. It also gives
office files fixed times, so that the same seed gives the same bytes.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_TIME: Final = (2023, 10, 20, 8, 0, 0)
_DOS_DATE: Final = (2023 - 1980) << 9 | 10 << 5 | 20
_DOS_TIME: Final = 8 << 11
_UTF8_FLAG: Final = 0x800
_ENCRYPTED_FLAG: Final = 0x1
_DEFLATED: Final = 8
_CRC_TABLE: Final = tuple(zlib.crc32(bytes([byte]), 0xFFFFFFFF) ^ 0xFFFFFFFF for byte in range(256))
_STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleFile:
    """A file to be attached or packed; `name` may hold folders, separated by `/`."""

    name: str
    data: bytes


def zip_file(files: Iterable[SampleFile], *, charset: str = "gbk", password: str = "") -> bytes:
    """A zip with names in `charset`; with a password every member is encrypted the traditional way."""
    body, directory = bytearray(), bytearray()
    count = 0
    for file in files:
        name = file.name.encode(charset)
        packed = zlib.compress(file.data, 6)[2:-4]  # the raw stream, without zlib's header and checksum
        checksum = zlib.crc32(file.data)
        if password:
            packed = _encrypted(packed, checksum, password)
        flags = (_UTF8_FLAG if charset == "utf-8" else 0) | (_ENCRYPTED_FLAG if password else 0)
        sizes = (checksum, len(packed), len(file.data), len(name), 0)
        fields = struct.pack("<HHHHHIIIHH", 20, flags, _DEFLATED, _DOS_TIME, _DOS_DATE, *sizes)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + fields
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name
        body += b"PK\x03\x04" + fields + name + packed
        count += 1
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)


def cut_zip(archive: bytes, step: int) -> list[bytes]:
    """The volumes of a split zip (.z01, .z02 …, .zip), of `step` bytes each, from a zip file without a comment."""
    whole = bytearray(b"PK\x07\x08" + archive)
    end = whole.rindex(b"PK\x05\x06")
    count, directory_bytes, directory = struct.unpack_from("<HII", whole, end + 10)
    last = end // step  # the record at the end is not cut
    at = directory + 4
    for _ in range(count):
        disk, place = divmod(struct.unpack_from("<I", whole, at + 42)[0] + 4, step)
        struct.pack_into("<H", whole, at + 34, disk)
        struct.pack_into("<I", whole, at + 42, place)
        at += 46 + sum(struct.unpack_from("<HHH", whole, at + 28))
    disk, place = divmod(directory + 4, step)
    struct.pack_into("<HHHHII", whole, end + 4, last, disk, count, count, directory_bytes, place)
    return [bytes(whole[start : start + step]) for start in range(0, last * step, step)] + [bytes(whole[last * step :])]


def _encrypted(data: bytes, checksum: int, password: str) -> bytes:
    """PKWARE's stream cipher; the last of the twelve leading bytes lets a reader see that the password is right."""
    keys = [0x12345678, 0x23456789, 0x34567890]
    for byte in password.encode():
        _stir(keys, byte)
    return bytes(_cipher(keys, bytes(11) + bytes([checksum >> 24]) + data))


def _cipher(keys: list[int], data: bytes) -> Iterator[int]:
    for byte in data:
        word = (keys[2] | 2) & 0xFFFF
        yield byte ^ (((word * (word ^ 1)) >> 8) & 0xFF)
        _stir(keys, byte)


def _stir(keys: list[int], byte: int) -> None:
    keys[0] = _crc_step(keys[0], byte)
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = _crc_step(keys[2], keys[1] >> 24)


def _crc_step(value: int, byte: int) -> int:
    """One step of CRC-32 without the inversions that `zlib.crc32` puts around it."""
    return (value >> 8) ^ _CRC_TABLE[(value ^ byte) & 0xFF]


def with_fixed_times(office_file: bytes) -> bytes:
    """The same .docx or .xlsx, its members and its properties dated to one fixed day."""
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(office_file)) as source, ZipFile(buffer, "w") as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "docProps/core.xml":
                data = _STAMP.sub(rb"\g<1>2023-10-20T00:00:00Z", data)
            fixed = ZipInfo(member.filename, _TIME)
            fixed.compress_type = ZIP_DEFLATED
            target.writestr(fixed, data)
    return buffer.getvalue()
