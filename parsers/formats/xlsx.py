"""Excel workbooks (.xlsx): every sheet, hidden ones too, as one table each, merged cells with their spans.

Hidden rows do not count: who looks at the sheet does not see them, and mostly they are left over from another year.

openpyxl opens the workbook without its sheets (`read_only`), and its own row parser streams them: only cells with a
value are kept, so a stray cell in row 1,048,576 or a sheet of a million formatted blanks costs neither memory nor time.
Formulas give their stored results, real dates ISO dates, whole floats whole numbers.
"""

from __future__ import annotations

import warnings
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.worksheet.merge import MergeCells

from parsers.content import Content, FormatParser, LimitExceeded, SourceFile, Table
from parsers.office import checked_package, embedded_files
from parsers.sheets import cell_text, sheet_table
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
    embedded = embedded_files(path, _EMBEDDED_FOLDERS, source)
    return Content(blocks=tuple(table for table in tables if table.cells), embedded=embedded)


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
                if text := cell_text(cell["value"]):
                    texts[row - 1, cell["column"] - 1] = text
            if len(texts) > cells_left:
                raise LimitExceeded("too many table cells")
        spans = _spans(parser.merged_cells)
        hidden = {int(row) - 1 for row, seen in parser.row_dimensions.items() if seen.get("hidden") in ("1", "true")}
    return sheet_table({place: text for place, text in texts.items() if place[0] not in hidden}, spans, sheet.title)


def _spans(merged: MergeCells | None) -> dict[tuple[int, int], tuple[int, int]]:
    ranges = list(merged.mergeCell)[:MAX_MERGED] if merged is not None else []
    return {
        (area.min_row - 1, area.min_col - 1): (area.max_row - area.min_row + 1, area.max_col - area.min_col + 1)
        for area in ranges
    }


PARSER: Final = FormatParser(name="xlsx", media_types=(XLSX,), read=read)
