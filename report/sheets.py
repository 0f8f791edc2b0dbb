"""What every workbook of ours has in common: the look, safe text, print setup, and bytes that depend on data alone.

Text is written as text whatever it begins with (`quotePrefix`, string type): a file name `=HYPERLINK(…)` from a
stranger's mail must not run when the coordinator opens the workbook. `openpyxl` stamps the clock into the file; without
`workbook_bytes` two reports of the same data would differ and could not be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from math import ceil
from typing import Final, TypeAlias
from unicodedata import east_asian_width
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from report.plain import plain

FONT_NAME: Final = "微软雅黑"
INK: Final = "1F2933"
BASE_FONT: Final = Font(name=FONT_NAME, size=10, color=INK)
BOLD_FONT: Final = Font(name=FONT_NAME, size=10, bold=True, color=INK)
TITLE_FONT: Final = Font(name=FONT_NAME, size=15, bold=True, color=INK)
NOTE_FONT: Final = Font(name=FONT_NAME, size=9, color="52606D")
HEADING_FONT: Final = Font(name=FONT_NAME, size=10, bold=True, color="FFFFFF")
HEADING_FILL: Final = PatternFill("solid", start_color="2F4858")
TOTAL_FILL: Final = PatternFill("solid", start_color="EEF1F4")
RULE: Final = Side(style="thin", color="C5CDD5")
GRID: Final = Border(left=RULE, right=RULE, top=RULE, bottom=RULE)
UNWRAPPED: Final = Alignment(vertical="center")
CENTRE: Final = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT: Final = Alignment(horizontal="left", vertical="center", wrap_text=True)
MOMENT_FORMAT: Final = "yyyy-mm-dd hh:mm"

Value: TypeAlias = str | int | datetime | None
_LINE_POINTS: Final = 15.0
_HIGHEST_ROW: Final = 409.0  # Excel knows none that is higher
_LONGEST_TEXT: Final = 32_767  # characters; Excel declares a file with a longer cell damaged
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def put(sheet: Worksheet, row: int, column: int, value: Value, *, font: Font = BASE_FONT) -> Cell:
    """Write one value; text never becomes a formula. Aware moments must be made local first (`local`)."""
    cell = cell_at(sheet, row, column)
    if isinstance(value, str):
        put_text(cell, value)
    elif value is not None:
        cell.value = value
    if isinstance(value, datetime):
        cell.number_format = MOMENT_FORMAT
    cell.font = font
    cell.alignment = LEFT if isinstance(value, str) else CENTRE
    return cell


def cell_at(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row=row, column=column)
    if not isinstance(cell, Cell):
        raise TypeError(f"{cell.coordinate} is hidden under a merged cell")
    return cell


def put_text(cell: Cell, text: str) -> None:
    shown = plain(text)[:_LONGEST_TEXT]
    cell.value = shown or None
    if shown.startswith(("=", "+", "-", "@")):
        cell.data_type = "s"
        cell.quotePrefix = True


def put_row(sheet: Worksheet, row: int, values: Iterable[Value], *, font: Font = BASE_FONT) -> None:
    """One row of a bordered table, from the first column on."""
    for column, value in enumerate(values, start=1):
        put(sheet, row, column, value, font=font).border = GRID


def put_headings(sheet: Worksheet, row: int, headings: Iterable[str]) -> None:
    for column, heading in enumerate(headings, start=1):
        style_heading(put(sheet, row, column, heading))


def style_heading(cell: Cell) -> None:
    cell.font, cell.fill, cell.alignment, cell.border = HEADING_FONT, HEADING_FILL, CENTRE, GRID


def put_title(sheet: Worksheet, title: str, note: str) -> None:
    """The first two rows; not merged, so that sorting and filtering stay possible."""
    put(sheet, 1, 1, title, font=TITLE_FONT).alignment = UNWRAPPED
    put(sheet, 2, 1, note, font=NOTE_FONT).alignment = UNWRAPPED
    sheet.row_dimensions[1].height = 26


def fit_height(sheet: Worksheet, row: int, widths: Sequence[float], *, least_lines: int = 1) -> None:
    """Room for the wrapped texts of a row: not every program that opens a workbook makes it by itself. Numbers and
    moments are never wrapped.
    """
    values = [sheet.cell(row=row, column=column).value for column in range(1, len(widths) + 1)]
    wrapped = (_wrapped_lines(text, width) for text, width in zip(values, widths, strict=True) if isinstance(text, str))
    lines = max((least_lines, *wrapped))
    if lines > 1:
        sheet.row_dimensions[row].height = min(_HIGHEST_ROW, _LINE_POINTS * lines)


def _wrapped_lines(text: str, width: float) -> int:
    """A Chinese character is two of the column's units wide."""
    units = [sum(1 + (east_asian_width(sign) in "WFA") for sign in line) for line in text.split("\n")]
    return sum(max(1, ceil(count / max(1.0, width - 1))) for count in units)


def set_widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def set_up_print(sheet: Worksheet, *, heading_rows: str, pages_wide: int = 1) -> None:
    """A4 landscape, headings on every page, page numbers. `pages_wide` 0 leaves the width to the column breaks."""
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    if pages_wide:
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.fitToWidth = pages_wide
        sheet.page_setup.fitToHeight = 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.55
    sheet.print_title_rows = heading_rows
    footer = sheet.oddFooter
    if footer is not None:
        footer.left.text = "&A"
        footer.center.text = "第 &P 页，共 &N 页"


def local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The moment as a spreadsheet can hold it: wall time of the campaign's zone, to the second, without zone."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0) if moment else None


def workbook_bytes(workbook: Workbook, *, modified_at: datetime) -> bytes:
    """The .xlsx file, the same bytes for the same data."""
    stamp = modified_at.astimezone(UTC).replace(microsecond=0)
    workbook.properties.creator = "baosong"
    workbook.properties.created = stamp.replace(tzinfo=None)
    saved = BytesIO()
    workbook.save(saved)
    result = BytesIO()
    with ZipFile(saved) as source, ZipFile(result, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = _MODIFIED.sub(rb"\g<1>" + f"{stamp:%Y-%m-%dT%H:%M:%SZ}".encode() + rb"\g<2>", data)
            target.writestr(ZipInfo(name, _EPOCH), data, ZIP_DEFLATED)
    return result.getvalue()
