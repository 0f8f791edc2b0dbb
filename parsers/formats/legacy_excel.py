"""Excel 97-2003 and WPS tables (.xls, .et) and binary workbooks (.xlsb), by calamine: every sheet as one table.

The conventions are those of .xlsx: whole floats are whole numbers, dates ISO dates, hidden sheets are read, a merged
cell stands once. .xlsb does not give its merged cells. Pictures of an .xls stand in its drawing records, which are cut
into pieces of 8 KB.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import olefile
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from parsers.blips import as_embedded, pictures, suffix_of
from parsers.content import Content, EmbeddedFile, EncryptedFile, FormatParser, LimitExceeded, SourceFile, Table
from parsers.office import checked_package
from parsers.panics import panics_as_errors
from parsers.sheets import cell_text, sheet_table
from parsers.sniff import XLS, XLSB

MAX_AREA: Final = 20_000_000  # cells of a sheet's rectangle, blank ones too
MAX_MERGED: Final = 20_000
_STREAMS: Final = ("Workbook", "Book")
_FILE_PASS: Final = 0x2F
_DRAWING_GROUP: Final = 0xEB
_CONTINUE: Final = 0x3C


def read(source: SourceFile) -> Content:
    if source.media_type == XLSB:
        path = checked_package(source)
        return Content(blocks=_tables(path, source), embedded=_media(path, source))
    drawings = _drawings(_records(_stream(source.path)))
    return Content(blocks=_tables(source.path, source), embedded=as_embedded(pictures(drawings), source))


def _tables(path: Path, source: SourceFile) -> tuple[Table, ...]:
    tables: list[Table] = []
    left = source.limits.table_cells
    try:
        with panics_as_errors(), CalamineWorkbook.from_path(path) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.typ == SheetTypeEnum.WorkSheet:
                    tables.append(_table(workbook.get_sheet_by_name(sheet.name), left))
                    left -= len(tables[-1].cells)
    except PasswordError as error:
        raise EncryptedFile from error
    return tuple(table for table in tables if table.cells)


def _table(sheet: CalamineSheet, cells_left: int) -> Table:
    if sheet.height * sheet.width > MAX_AREA:
        raise LimitExceeded("the sheet is too large")
    top, left = sheet.start or (0, 0)
    texts: dict[tuple[int, int], str] = {}
    for row, values in enumerate(sheet.iter_rows()):
        texts.update({(top + row, left + at): text for at, value in enumerate(values) if (text := cell_text(value))})
        if len(texts) > cells_left:
            raise LimitExceeded("too many table cells")
    merged = (sheet.merged_cell_ranges or [])[:MAX_MERGED]
    return sheet_table(
        texts, {start: (end[0] - start[0] + 1, end[1] - start[1] + 1) for start, end in merged}, sheet.name
    )


def _stream(path: Path) -> bytes:
    """The workbook's stream; nothing for the versions before 97 that are no OLE2 files."""
    with olefile.OleFileIO(str(path)) as container:
        name = next((name for name in _STREAMS if container.exists(name)), None)
        return bytes(container.openstream(name).read()) if name else b""


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = int.from_bytes(stream[at : at + 2], "little"), int.from_bytes(stream[at + 2 : at + 4], "little")
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _drawings(records: Iterator[tuple[int, bytes]]) -> bytes:
    """The drawing group put together again. Raises EncryptedFile where a password is asked for."""
    pieces: list[bytes] = []
    is_drawing = False
    for kind, data in records:
        if kind == _FILE_PASS:
            raise EncryptedFile
        is_drawing = kind == _DRAWING_GROUP or (is_drawing and kind == _CONTINUE)
        if is_drawing:
            pieces.append(data)
    return b"".join(pieces)


def _media(path: Path, source: SourceFile) -> tuple[EmbeddedFile, ...]:
    with ZipFile(path) as package:
        found = [package.read(name) for name in package.namelist() if name.startswith("xl/media/")]
    return as_embedded(((suffix_of(data[:8]) or "bin", data) for data in found), source)


PARSER: Final = FormatParser(name="legacy_excel", media_types=(XLS, XLSB), read=read)
