"""Names, columns and cells that the sheets of the merged workbook share.

Numbers stand as numbers and days as days, so that the workbook can be calculated with; what could not be read stays as
written, in red, and is in no sum. Sums are formulas: whoever corrects a number sees them follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
from rules.roster import Unit

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
    """A unit's part of the table with its number in the roster, by which formulas find its lines: a name may hold
    what they take for a wildcard. `town`: under which it is added up.
    """

    number: int
    merged: MergedUnit
    town: str

    @property
    def values(self) -> tuple[sheets.Value, ...]:
        """Under `UNIT_HEADINGS`. Formulas compare the category, so it is never empty."""
        unit = self.merged.unit
        return (self.number, unit.name, unit.parent or NOTHING, unit.category or NOTHING)


OTHERS: Final = "其他单位"
"""The group of the units of no town."""


def towns_of(units: Sequence[Unit]) -> dict[str, str]:
    """By a unit's name the topmost unit above it; a kindergarten may be under a school of a town. The roster may call
    a town by one of its aliases, or name one that is not in it. Of the category of towns is a town without units, too.
    """
    called = {name: one.name for one in units for name in (*one.aliases, one.name)}
    parents = {one.name: called.get(one.parent, one.parent) for one in units if one.parent}
    towns: dict[str, str] = {}
    for one in units:
        above = [one.name]
        while (parent := parents.get(above[-1])) and parent not in above:
            above.append(parent)
        towns[one.name] = above[-1]
    members = Counter(towns.values())
    above_others = Counter(one.category for one in units if members[one.name] > 1 and one.category)
    of_towns = next((category for category, _count in above_others.most_common(1)), None)
    is_town = {one.name for one in units if members[one.name] > 1 or one.category == of_towns}
    return {name: town if town != name or name in is_town else OTHERS for name, town in towns.items()}


SHOWN_NUMBERS, SHOWN_SUM = "102", "109"
"""SUBTOTAL's functions that count and add up the numbers that can be seen."""

SourceRows = dict[tuple[str, FormKey], int]
"""By unit and form: the row on the sheet `SOURCES`."""


def finish_table(sheet: Worksheet, headings: Sequence[str], sums: Mapping[int, str], *, rows: int) -> None:
    """The line of totals above the headings, where a filter does not hide it, and the filter. `sums`: by column the
    number that SUBTOTAL knows its function by, and the cells; it adds up what the filter shows.
    """
    row = FIRST_ROW - 2
    sheets.put_row(sheet, row, (None, "合计（随筛选变化）", *(None for _ in headings[2:])), font=sheets.BOLD_FONT)
    for column, function in sums.items():
        cells = whole_column(sheet.title, column, rows).rpartition("!")[2]
        put_formula(sheet, row, column, f"=SUBTOTAL({function},{cells})", font=sheets.BOLD_FONT)
    for column in range(1, len(headings) + 1):
        sheet.cell(row=row, column=column).fill = sheets.TOTAL_FILL
    last = sheet.cell(row=FIRST_ROW + max(rows, 1) - 1, column=len(headings)).coordinate
    sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:{last}"
    sheet.freeze_panes = f"C{FIRST_ROW}"
    sheets.set_up_print(sheet, heading_rows=f"{FIRST_ROW - 1}:{FIRST_ROW - 1}")


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
