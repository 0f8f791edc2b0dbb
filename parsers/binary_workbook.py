"""What binary workbooks ([MS-XLSB]) say of their sheets beyond the values, which calamine reads.

    appearances(package) → for each sheet, in order: what is hidden, which cells are merged

A part is a row of records: one or two bytes kind, up to four bytes length of seven bits each, data. Row and column
numbers count from 0.
"""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Iterator
from typing import Final
from zipfile import ZipFile

from parsers.excel_binary import Appearance
from parsers.office import parse_xml
from parsers.sheets import Place, Unseen

_WORKBOOK: Final = "xl/workbook.bin"
_RELATIONS: Final = "xl/_rels/workbook.bin.rels"
_SHEET, _ROW, _COLUMNS, _MERGED = 156, 0, 60, 176
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x10, 0x01
MAX_COLUMN: Final = 16_383
MAX_SHEETS: Final = 500

Record = tuple[int, bytes]


def appearances(package: ZipFile) -> tuple[Appearance, ...]:
    """Raises KeyError, struct.error and IndexError for what is no such workbook."""
    targets = {one.get("Id", ""): one.get("Target", "") for one in parse_xml(package.read(_RELATIONS))}
    sheets = [data for kind, data in _records(package.read(_WORKBOOK)) if kind == _SHEET]
    return tuple(_appearance(package, data, targets) for data in sheets[:MAX_SHEETS])


def _appearance(package: ZipFile, sheet: bytes, targets: dict[str, str]) -> Appearance:
    """`sheet`: its state, its number and the relation that leads to its part."""
    part = posixpath.normpath(posixpath.join("/xl", targets[_text(sheet, 8)])).removeprefix("/")
    rows: set[int] = set()
    columns: set[int] = set()
    merged: list[tuple[Place, Place]] = []
    for kind, data in _records(package.read(part)):
        if kind == _ROW and data[11] & _HIDDEN_ROW:
            rows.add(int.from_bytes(data[:4], "little"))
        elif kind == _COLUMNS and data[16] & _HIDDEN_COLUMN:
            first, last = struct.unpack_from("<II", data)
            columns.update(range(first, min(last, MAX_COLUMN) + 1))
        elif kind == _MERGED:
            top, bottom, left, right = struct.unpack_from("<4I", data)
            merged.append(((top, left), (bottom, right)))
    unseen = Unseen(rows=rows, columns=columns, is_all=any(sheet[:4]))
    return Appearance(unseen=unseen, merged=tuple(merged))


def _text(data: bytes, at: int) -> str:
    (length,) = struct.unpack_from("<I", data, at)
    return data[at + 4 : at + 4 + 2 * length].decode("utf-16-le")


def _records(part: bytes) -> Iterator[Record]:
    at = 0
    while at < len(part):
        kind = part[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (part[at] & 0x7F) << 7
            at += 1
        size = 0
        for shift in range(0, 28, 7):
            byte = part[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, part[at : at + size]
        at += size
