"""Writes binary workbooks ([MS-XLSB]) with texts, hidden rows and columns and merged cells, as Excel lays them out.

No program at hand writes this format; LibreOffice reads what is written here and hides the same.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Collection, Sequence

MAIN = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="{MAIN}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>
<Override PartName="/xl/worksheets/sheet1.bin" ContentType="application/vnd.ms-excel.worksheet"/></Types>"""
_BEGIN_BOOK, _END_BOOK, _BOOK_PROPERTIES, _BEGIN_SHEETS, _END_SHEETS, _SHEET = 131, 132, 153, 143, 144, 156
_BEGIN_SHEET, _END_SHEET, _SIZE, _BEGIN_DATA, _END_DATA, _ROW, _TEXT = 129, 130, 148, 145, 146, 0, 6
_BEGIN_COLUMNS, _END_COLUMNS, _COLUMN, _BEGIN_MERGED, _END_MERGED, _MERGED = 390, 391, 60, 177, 178, 176


def xlsb_file(
    rows: Sequence[Sequence[str]],
    *,
    hidden_rows: Collection[int] = (),
    hidden_columns: Collection[int] = (),
    merged: Sequence[tuple[int, int, int, int]] = (),
) -> bytes:
    """`merged`: first row, last row, first column, last column, from 0."""
    book = b"".join(
        (
            _record(_BEGIN_BOOK),
            _record(_BOOK_PROPERTIES, struct.pack("<II", 0, 0) + _text("")),
            _record(_BEGIN_SHEETS),
            _record(_SHEET, struct.pack("<II", 0, 1) + _text("rId1") + _text("安排表")),
            _record(_END_SHEETS),
            _record(_END_BOOK),
        )
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _relations("officeDocument", "xl/workbook.bin"))
        package.writestr("xl/workbook.bin", book)
        package.writestr("xl/_rels/workbook.bin.rels", _relations("worksheet", "worksheets/sheet1.bin"))
        package.writestr("xl/worksheets/sheet1.bin", _sheet(rows, hidden_rows, hidden_columns, merged))
    return buffer.getvalue()


def _sheet(
    rows: Sequence[Sequence[str]],
    hidden_rows: Collection[int],
    hidden_columns: Collection[int],
    merged: Sequence[tuple[int, int, int, int]],
) -> bytes:
    size = struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    records = [_record(_BEGIN_SHEET), _record(_SIZE, size)]
    if hidden_columns:
        records.append(_record(_BEGIN_COLUMNS))
        records += [_record(_COLUMN, struct.pack("<IIIIH", one, one, 2340, 0, 1)) for one in sorted(hidden_columns)]
        records.append(_record(_END_COLUMNS))
    records.append(_record(_BEGIN_DATA))
    for number, texts in enumerate(rows):
        looks = 0x10 if number in hidden_rows else 0
        span = struct.pack("<III", 1, 0, len(texts) - 1)
        records.append(_record(_ROW, struct.pack("<IIHBBB", number, 0, 300, 0, looks, 0) + span))
        records += [
            _record(_TEXT, struct.pack("<II", column, 0) + _text(text)) for column, text in enumerate(texts) if text
        ]
    records.append(_record(_END_DATA))
    if merged:
        records.append(_record(_BEGIN_MERGED, struct.pack("<I", len(merged))))
        records += [_record(_MERGED, struct.pack("<4I", *area)) for area in merged]
        records.append(_record(_END_MERGED))
    return b"".join((*records, _record(_END_SHEET)))


def _relations(kind: str, target: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{MAIN}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, sizes = len(data), bytearray()
    while True:
        sizes.append(size & 0x7F | (0x80 if size > 0x7F else 0))
        size >>= 7
        if not size:
            return head + bytes(sizes) + data
