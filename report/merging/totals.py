"""The sheets of sums: one line a unit, and one line a town and a category. Every figure is a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from report import sheets
from report.merging.activities import ActivitiesSheet
from report.merging.layout import (
    BY_UNIT,
    FACTS,
    FIRST_ROW,
    OTHERS,
    SHOWN_SUM,
    UNIT_HEADINGS,
    UNIT_WIDTHS,
    Numbered,
    finish_table,
    put_formula,
    whole_column,
)
from report.words import KIND_ZH
from rules.assessment import STATUS_ZH
from rules.extraction import Kind
from rules.merging import OTHER_FORM

_NUMBER_COLUMN, _CATEGORY_COLUMN = 1, len(UNIT_HEADINGS)
_STATUS_COLUMN: Final = len(UNIT_HEADINGS) + 1
_TOWN_COLUMN: Final = _STATUS_COLUMN + 1
_COUNT_COLUMN: Final = _TOWN_COLUMN + 1
_PEOPLE_COLUMN: Final = _COUNT_COLUMN + 1
_MOBILIZED_COLUMN: Final = _PEOPLE_COLUMN + 1
_FIGURES: Final = ("活动场次", "参加人次")
_MOBILIZED: Final = "动员会人数"


def fill_by_unit(
    sheet: Worksheet,
    units: Sequence[Numbered],
    activities: ActivitiesSheet,
    mobilized: str | None,
    others: Mapping[str, int],
    *,
    kind: Kind,
    note: str,
) -> None:
    """`mobilized`: where `FACTS` has those numbers. `others`: how many activities the unit's other form tells."""
    other = f"{KIND_ZH[OTHER_FORM[kind]]}所列场次"
    headings = (*UNIT_HEADINGS, "状态", "归入镇街", *_FIGURES, *((_MOBILIZED,) if mobilized else ()), other)
    sheets.put_title(sheet, BY_UNIT, note)
    sheets.put_headings(sheet, FIRST_ROW - 1, headings)
    for row, unit in enumerate(units, start=FIRST_ROW):
        sheets.put_row(sheet, row, (*unit.values, STATUS_ZH[unit.merged.assessment.status], unit.town))
        put_formula(sheet, row, _COUNT_COLUMN, f'=COUNTIFS({activities.units},$A{row},{activities.numbers},">0")')
        put_formula(sheet, row, _PEOPLE_COLUMN, f"=SUMIFS({activities.attendance},{activities.units},$A{row})")
        if mobilized:
            numbers = whole_column(FACTS, _NUMBER_COLUMN, len(units))
            put_formula(sheet, row, _MOBILIZED_COLUMN, f"=SUMIFS({mobilized},{numbers},$A{row})")
        sheets.put(sheet, row, len(headings), others.get(unit.merged.unit.name)).border = sheets.GRID
        sheets.fit_height(sheet, row, _widths(headings)[:_TOWN_COLUMN])
    sums = dict.fromkeys(range(_COUNT_COLUMN, len(headings) + 1), SHOWN_SUM)
    finish_table(sheet, headings, sums, rows=len(units))
    sheets.set_widths(sheet, _widths(headings))


def _widths(headings: Sequence[str]) -> tuple[int, ...]:
    return (*UNIT_WIDTHS, 10, 22, *(12 for _ in headings[_TOWN_COLUMN:-1]), 22)


def fill_by_group(sheet: Worksheet, units: Sequence[Numbered], *, has_mobilized: bool, title: str, note: str) -> None:
    """One block for the towns, each with the units under it, and one for the categories; each with its sum."""
    figures = (*_FIGURES, *((_MOBILIZED,) if has_mobilized else ()))
    towns = dict.fromkeys(unit.town for unit in units if unit.town != OTHERS)
    categories = dict.fromkeys(str(unit.values[_CATEGORY_COLUMN - 1]) for unit in units)
    sheets.put_title(sheet, title, note)
    row = FIRST_ROW - 1
    for what, groups, column in (
        ("镇街（含所属单位）", (*towns, OTHERS), _TOWN_COLUMN),
        ("类别", tuple(categories), _CATEGORY_COLUMN),
    ):
        if not groups:
            continue  # a sum of nothing would be a sum of itself
        sheets.put_headings(sheet, row, (what, "单位数", "有活动的单位数", *figures))
        for place, group in enumerate(groups, start=row + 1):
            _put_group(sheet, place, group, column, rows=len(units), figures=len(figures))
            sheets.fit_height(sheet, place, (28,))
        last = row + len(groups) + 1
        _put_sum(sheet, last, first=row + 1, columns=len(figures) + 3)
        row = last + 2
    sheets.set_widths(sheet, (28, 10, 16, *(12 for _ in figures)))
    sheets.set_up_print(sheet, heading_rows="1:1")


def _put_group(sheet: Worksheet, row: int, name: str, column: int, *, rows: int, figures: int) -> None:
    """The units that have the name in that column of `BY_UNIT`. SUMIFS would take a `*` in it for a wildcard."""
    sheets.put(sheet, row, 1, name).border = sheets.GRID
    is_in = f"({whole_column(BY_UNIT, column, rows)}=$A{row})"
    put_formula(sheet, row, 2, f"=SUMPRODUCT(--{is_in})")
    put_formula(sheet, row, 3, f"=SUMPRODUCT({is_in}*({whole_column(BY_UNIT, _COUNT_COLUMN, rows)}>0))")
    for number in range(figures):
        added = whole_column(BY_UNIT, _COUNT_COLUMN + number, rows)
        put_formula(sheet, row, 4 + number, f"=SUMPRODUCT(--{is_in},{added})")


def _put_sum(sheet: Worksheet, row: int, *, first: int, columns: int) -> None:
    sheets.put(sheet, row, 1, "合计", font=sheets.BOLD_FONT).border = sheets.GRID
    for column in range(2, columns + 1):
        letter = get_column_letter(column)
        put_formula(sheet, row, column, f"=SUM({letter}{first}:{letter}{row - 1})", font=sheets.BOLD_FONT)
    for column in range(1, columns + 1):
        sheet.cell(row=row, column=column).fill = sheets.TOTAL_FILL
