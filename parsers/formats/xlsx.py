"""Excel workbooks (.xlsx): every sheet, hidden ones too, as one table each, merged cells with their spans.

Hidden rows and columns do not count, nor what is struck through, a cell or some words in it.

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
from openpyxl.cell.rich_text import CellRichText
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.worksheet.merge import MergeCells

from parsers.content import Content, FormatParser, LimitExceeded, SourceFile, Table
from parsers.office import checked_package, embedded_files
from parsers.sheets import Unseen, cell_text, sheet_table
from parsers.sniff import XLSX

_EMBEDDED_FOLDERS: Final = ("xl/media/", "xl/embeddings/")
_MODE: Final[dict[str, bool]] = {"read_only": True, "data_only": True, "rich_text": True}
_TRUE: Final = ("1", "true")
MAX_MERGED: Final = 20_000
MAX_COLUMNS: Final = 16_384


def read(source: SourceFile) -> Content:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of everything that it would not write back
        return _read(source, checked_package(source))


def _read(source: SourceFile, path: Path) -> Content:
    tables, left = [], source.limits.table_cells
    # By its stream: openpyxl refuses a path without .xlsx at its end, and a blob has no ending.
    with path.open("rb") as stream, closing(openpyxl.load_workbook(stream, **_MODE)) as workbook:
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
            rich_text=True,
        )
        struck = _struck_styles(sheet.parent)
        texts: dict[tuple[int, int], str] = {}
        for row, cells in parser.parse():
            for cell in cells:
                if cell["style_id"] not in struck and (text := cell_text(_unstruck(cell["value"]))):
                    texts[row - 1, cell["column"] - 1] = text
            if len(texts) > cells_left:
                raise LimitExceeded("too many table cells")
    return sheet_table(texts, _spans(parser.merged_cells), sheet.title, _unseen(sheet, parser))


def _unseen(sheet: Any, parser: Any) -> Unseen:  # noqa: ANN401 - as above
    columns = [seen for seen in parser.column_dimensions.values() if seen.get("hidden") in _TRUE]
    return Unseen(
        rows={int(row) - 1 for row, seen in parser.row_dimensions.items() if seen.get("hidden") in _TRUE},
        columns={one for seen in columns for one in range(int(seen["min"]) - 1, min(int(seen["max"]), MAX_COLUMNS))},
        is_all=sheet.sheet_state != "visible",
    )


def _struck_styles(workbook: Any) -> frozenset[int]:  # noqa: ANN401 - as above
    """The numbers of the styles. One may name a font that the file lacks."""
    struck = {at for at, font in enumerate(workbook._fonts) if font.strike}
    return frozenset(at for at, style in enumerate(workbook._cell_styles) if style.fontId in struck)


def _unstruck(value: object) -> object:
    """Words of a cell may have fonts of their own."""
    if not isinstance(value, CellRichText):
        return value
    return "".join(
        piece if isinstance(piece, str) else piece.text or ""
        for piece in value
        if isinstance(piece, str) or not piece.font.strike
    )


def _spans(merged: MergeCells | None) -> dict[tuple[int, int], tuple[int, int]]:
    ranges = list(merged.mergeCell)[:MAX_MERGED] if merged is not None else []
    return {
        (area.min_row - 1, area.min_col - 1): (area.max_row - area.min_row + 1, area.max_col - area.min_col + 1)
        for area in ranges
    }


PARSER: Final = FormatParser(name="xlsx", media_types=(XLSX,), read=read)
