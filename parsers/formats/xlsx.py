"""Excel workbooks (.xlsx): every sheet, hidden ones too, as one table each, merged cells with their spans.

openpyxl opens the workbook without its sheets (`read_only`), and its own row parser streams them: only cells with a
value are kept, so a stray cell in row 1,048,576 or a sheet of a million formatted blanks costs neither memory nor time.
Formulas give their stored results, real dates ISO dates, whole floats whole numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.worksheet.merge import MergeCells

from parsers.content import Cell, Content, EmbeddedFile, FormatParser, LimitExceeded, SourceFile, Table
from parsers.office import COPY_BYTES, checked_package
from parsers.sniff import XLSX

_EMBEDDED_FOLDERS: Final = ("xl/media/", "xl/embeddings/")
MAX_MERGED: Final = 20_000


def read(source: SourceFile) -> Content:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of everything that it would not write back
        return _read(source, checked_package(source))


def _read(source: SourceFile, path: Path) -> Content:
    tables, left = [], source.limits.table_cells
    # By its stream: openpyxl refuses a path without .xlsx at its end, and a blob has no ending.
    with path.open("rb") as stream, closing(openpyxl.load_workbook(stream, read_only=True, data_only=True)) as workbook:
        for sheet in workbook.worksheets:
            if isinstance(sheet, ReadOnlyWorksheet):
                tables.append(_table(sheet, left))
                left -= len(tables[-1].cells)
    return Content(blocks=tuple(table for table in tables if table.cells), embedded=tuple(_embedded(path, source)))


def _table(sheet: Any, cells_left: int) -> Table:  # noqa: ANN401 - openpyxl leaves its row parser untyped
    with sheet._get_source() as stream:
        parser: Any = WorkSheetParser(
            stream,
            sheet._shared_strings,
            data_only=True,
            epoch=sheet.parent.epoch,
            date_formats=sheet.parent._date_formats,
            timedelta_formats=sheet.parent._timedelta_formats,
        )
        texts: dict[tuple[int, int], str] = {}
        for row, cells in parser.parse():
            for cell in cells:
                if text := _text(cell["value"]):
                    texts[row - 1, cell["column"] - 1] = text
            if len(texts) > cells_left:
                raise LimitExceeded("too many table cells")
        spans = _spans(parser.merged_cells)
    return _as_table(texts, spans, sheet.title)


def _spans(merged: MergeCells | None) -> dict[tuple[int, int], tuple[int, int]]:
    ranges = list(merged.mergeCell)[:MAX_MERGED] if merged is not None else []
    return {
        (area.min_row - 1, area.min_col - 1): (area.max_row - area.min_row + 1, area.max_col - area.min_col + 1)
        for area in ranges
    }


def _as_table(texts: dict[tuple[int, int], str], spans: dict[tuple[int, int], tuple[int, int]], name: str) -> Table:
    """Spans end where the sheet's text ends; a merged cell without text counts only inside, where it parts others."""
    rows = 1 + max((row for row, _column in texts), default=-1)
    columns = 1 + max((column for _row, column in texts), default=-1)
    cells = []
    for row, column in sorted(texts.keys() | {place for place in spans if place[0] < rows and place[1] < columns}):
        row_span, column_span = spans.get((row, column), (1, 1))
        cells.append(
            Cell(
                text=texts.get((row, column), ""),
                row=row,
                column=column,
                row_span=min(row_span, rows - row),
                column_span=min(column_span, columns - column),
            )
        )
    return Table(cells=tuple(cells), rows=rows, columns=columns, name=name)


def _text(value: object) -> str:
    """A value as a person sees it in the cell, but dates always in ISO."""
    if value is None or isinstance(value, bool):
        return "" if value is None else ("是" if value else "否")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    return str(value).strip() if not isinstance(value, timedelta) else str(value)


def _embedded(path: Path, source: SourceFile) -> Iterator[EmbeddedFile]:
    with ZipFile(path) as package:
        names = [name for name in package.namelist() if name.startswith(_EMBEDDED_FOLDERS) and not name.endswith("/")]
        if len(names) > source.limits.members:
            raise LimitExceeded("too many embedded files")
        for number, name in enumerate(names):
            target = source.scratch / f"embedded-{number}"
            with package.open(name) as read_from, target.open("wb") as write_to:
                while block := read_from.read(COPY_BYTES):
                    write_to.write(block)
            yield EmbeddedFile(name=name.rpartition("/")[2], path=target)


PARSER: Final = FormatParser(name="xlsx", media_types=(XLSX,), read=read)
