"""Excel 97-2003 and WPS tables (.xls, .et) and binary workbooks (.xlsb), by calamine: every sheet as one table.

The conventions are those of .xlsx: whole floats are whole numbers, dates ISO dates, a merged cell stands once, hidden
sheets are read, hidden rows and columns and what is struck through are not. Of .xlsb nothing tells struck cells.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import olefile
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from parsers import binary_workbook
from parsers.blips import as_embedded, pictures, suffix_of
from parsers.content import Content, EmbeddedFile, EncryptedFile, FormatParser, LimitExceeded, SourceFile, Table
from parsers.excel_binary import Appearance, appearances, drawings
from parsers.office import checked_package
from parsers.panics import panics_as_errors
from parsers.sheets import Unseen, cell_text, sheet_table
from parsers.sniff import XLS, XLSB

log = logging.getLogger(__name__)

MAX_AREA: Final = 20_000_000  # cells of a sheet's rectangle, blank ones too
MAX_MERGED: Final = 20_000
_STREAMS: Final = ("Workbook", "Book")


def read(source: SourceFile) -> Content:
    if source.media_type == XLSB:
        path = checked_package(source)
        return Content(blocks=_tables(path, source, _of_package(path)), embedded=_media(path, source))
    stream = _stream(source.path)
    embedded = as_embedded(pictures(drawings(stream)), source)
    return Content(blocks=_tables(source.path, source, _appearances(stream)), embedded=embedded)


def _appearances(stream: bytes) -> Sequence[Appearance]:
    try:
        return appearances(stream)
    except (struct.error, IndexError, ValueError) as error:
        log.info("no looks of cells", extra={"action": "appearances_unreadable", "reason": repr(error)})
        return ()


def _of_package(path: Path) -> Sequence[Appearance]:
    try:
        with ZipFile(path) as package:
            return binary_workbook.appearances(package)
    except (struct.error, IndexError, ValueError, KeyError, SyntaxError) as error:
        log.info("no looks of cells", extra={"action": "appearances_unreadable", "reason": repr(error)})
        return ()


def _tables(path: Path, source: SourceFile, looks: Sequence[Appearance]) -> tuple[Table, ...]:
    tables: list[Table] = []
    left = source.limits.table_cells
    try:
        with panics_as_errors(), CalamineWorkbook.from_path(path) as workbook:
            for number, sheet in enumerate(workbook.sheets_metadata):
                if sheet.typ == SheetTypeEnum.WorkSheet:
                    is_hidden = sheet.visible != SheetVisibleEnum.Visible
                    look = looks[number] if number < len(looks) else Appearance(unseen=Unseen(is_all=is_hidden))
                    tables.append(_table(workbook.get_sheet_by_name(sheet.name), look, left))
                    left -= len(tables[-1].cells)
    except PasswordError as error:
        raise EncryptedFile from error
    return tuple(table for table in tables if table.cells)


def _table(sheet: CalamineSheet, look: Appearance, cells_left: int) -> Table:
    if sheet.height * sheet.width > MAX_AREA:
        raise LimitExceeded("the sheet is too large")
    top, left = sheet.start or (0, 0)
    texts: dict[tuple[int, int], str] = {}
    for row, values in enumerate(sheet.iter_rows()):
        texts.update({(top + row, left + at): text for at, value in enumerate(values) if (text := cell_text(value))})
        if len(texts) > cells_left:
            raise LimitExceeded("too many table cells")
    texts = {place: look.partly.get(place, text).strip() for place, text in texts.items() if place not in look.struck}
    merged = [*(sheet.merged_cell_ranges or ()), *look.merged][:MAX_MERGED]
    spans = {start: (end[0] - start[0] + 1, end[1] - start[1] + 1) for start, end in merged}
    return sheet_table({place: text for place, text in texts.items() if text}, spans, sheet.name, look.unseen)


def _stream(path: Path) -> bytes:
    """The workbook's stream; nothing for the versions before 97 that are no OLE2 files."""
    with olefile.OleFileIO(str(path)) as container:
        name = next((name for name in _STREAMS if container.exists(name)), None)
        return bytes(container.openstream(name).read()) if name else b""


def _media(path: Path, source: SourceFile) -> tuple[EmbeddedFile, ...]:
    with ZipFile(path) as package:
        found = [package.read(name) for name in package.namelist() if name.startswith("xl/media/")]
    return as_embedded(((suffix_of(data[:8]) or "bin", data) for data in found), source)


PARSER: Final = FormatParser(name="legacy_excel", media_types=(XLS, XLSB), read=read)
