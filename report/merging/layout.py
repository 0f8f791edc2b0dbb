"""Names, columns and cells that the sheets of the merged workbook share.

Numbers stand as numbers and days as days, so that the workbook can be calculated with; what could not be read stays as
written, in red, and is in no sum. Sums are formulas: whoever corrects a number sees them follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from openpyxl.cell.cell import Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from report import sheets
from report.words import NOTHING
from rules.merging import FormKey, MergedUnit

ACTIVITIES, FACTS, BY_UNIT, BY_PARENT, SOURCES, DOUBTS, ABOUT = (
    "活动汇总",
    "基本情况",
    "分单位合计",
    "分镇街合计",
    "来源",
    "差异与疑点",
    "合并说明",
)

UNIT_HEADINGS: Final = ("序号", "单位名称", "上级单位", "类别")
UNIT_WIDTHS: Final = (6, 28, 18, 10)
DAY_FORMAT: Final = "yyyy-mm-dd"
FIRST_ROW: Final = 5
"""Of the data on every sheet with a line of totals: title, note, totals and headings stand above it."""

UNREAD_FILL: Final = PatternFill("solid", start_color="F6C7BF")
DOUBT_FILL: Final = PatternFill("solid", start_color="FDF3D6")
ABSENT_FILL: Final = PatternFill("solid", start_color="EEF1F4")
LINK_FONT: Final = Font(name=sheets.FONT_NAME, size=10, color="1F4E79", underline="single")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A unit's part of the table with its number in the roster."""

    number: int
    merged: MergedUnit

    @property
    def values(self) -> tuple[sheets.Value, ...]:
        """Under `UNIT_HEADINGS`. Criteria of the formulas are compared with these texts, so none is empty."""
        unit = self.merged.unit
        return (self.number, unit.name, unit.parent or NOTHING, unit.category or NOTHING)


SourceRows = dict[tuple[str, FormKey], int]
"""By unit and form: the row on the sheet `SOURCES`."""


def put_day(sheet: Worksheet, row: int, column: int, day: date | None) -> None:
    cell = sheets.put(sheet, row, column, None)
    cell.value, cell.number_format, cell.border = day, DAY_FORMAT, sheets.GRID


def put_formula(sheet: Worksheet, row: int, column: int, formula: str, *, font: Font = sheets.BASE_FONT) -> Cell:
    """A formula of ours; a stranger's text goes through `sheets.put`."""
    cell = sheets.put(sheet, row, column, None, font=font)
    cell.value, cell.border = formula, sheets.GRID
    return cell


def put_number(sheet: Worksheet, row: int, column: int, number: int | None, text: str) -> None:
    """The number; the text in red where there is one that could not be read as a number."""
    cell = sheets.put(sheet, row, column, text.strip() if number is None else number)
    cell.border, cell.alignment = sheets.GRID, sheets.CENTRE
    if number is None and text.strip():
        cell.fill = UNREAD_FILL


def link_to(cell: Cell, sheet_name: str, row: int) -> None:
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet_name}'!A{row}")
    cell.font = LINK_FONT


def whole_column(sheet_name: str, column: int, rows: int) -> str:
    """`'活动汇总'!$B$5:$B$90`: that column of all data rows, at least one."""
    letter = get_column_letter(column)
    return f"'{sheet_name}'!${letter}${FIRST_ROW}:${letter}${FIRST_ROW + max(rows, 1) - 1}"
