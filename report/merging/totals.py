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
    UNIT_HEADINGS,
    UNIT_WIDTHS,
    Numbered,
    put_formula,
    whole_column,
)
from report.words import KIND_ZH
from rules.assessment import STATUS_ZH
from rules.extraction import Kind
from rules.merging import OTHER_FORM

_STATUS_COLUMN: Final = len(UNIT_HEADINGS) + 1
_COUNT_COLUMN: Final = _STATUS_COLUMN + 1
_PEOPLE_COLUMN: Final = _STATUS_COLUMN + 2
_MOBILIZED_COLUMN: Final = _STATUS_COLUMN + 3
_NAME, _PARENT, _CATEGORY = 2, 3, 4  # columns of `UNIT_HEADINGS`
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
    headings = (*UNIT_HEADINGS, "状态", *_FIGURES, *((_MOBILIZED,) if mobilized else ()), other)
    sheets.put_title(sheet, BY_UNIT, note)
    sheets.put_headings(sheet, FIRST_ROW - 1, headings)
    for row, unit in enumerate(units, start=FIRST_ROW):
        name = unit.merged.unit.name
        sheets.put_row(sheet, row, (*unit.values, STATUS_ZH[unit.merged.assessment.status]))
        put_formula(sheet, row, _COUNT_COLUMN, f'=COUNTIFS({activities.units},$B{row},{activities.numbers},">0")')
        put_formula(sheet, row, _PEOPLE_COLUMN, f"=SUMIFS({activities.attendance},{activities.units},$B{row})")
        if mobilized:
            names = whole_column(FACTS, 2, len(units))
            put_formula(sheet, row, _MOBILIZED_COLUMN, f"=SUMIFS({mobilized},{names},$B{row})")
        sheets.put(sheet, row, len(headings), others.get(name)).border = sheets.GRID
    totals = FIRST_ROW - 2
    sheets.put_row(sheet, totals, (None, "合计（随筛选变化）", *(None for _ in headings[2:])), font=sheets.BOLD_FONT)
    for column in range(_COUNT_COLUMN, len(headings) + 1):
        cells = whole_column(BY_UNIT, column, len(units)).rpartition("!")[2]
        put_formula(sheet, totals, column, f"=SUBTOTAL(109,{cells})", font=sheets.BOLD_FONT)
    for column in range(1, len(headings) + 1):
        sheet.cell(row=totals, column=column).fill = sheets.TOTAL_FILL
    last = sheet.cell(row=FIRST_ROW + max(len(units), 1) - 1, column=len(headings)).coordinate
    sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:{last}"
    sheet.freeze_panes = f"C{FIRST_ROW}"
    sheets.set_widths(sheet, (*UNIT_WIDTHS, 10, *(12 for _ in headings[_STATUS_COLUMN:-1]), 22))
    sheets.set_up_print(sheet, heading_rows=f"{FIRST_ROW - 1}:{FIRST_ROW - 1}")


def fill_by_parent(sheet: Worksheet, units: Sequence[Numbered], *, has_mobilized: bool, title: str, note: str) -> None:
    """One block for the towns, each with the units under it, and one for the categories; each with its sum."""
    figures = (*_FIGURES, *((_MOBILIZED,) if has_mobilized else ()))
    towns = list(dict.fromkeys(unit.merged.unit.parent for unit in units if unit.merged.unit.parent))
    categories = list(dict.fromkeys(str(unit.values[_CATEGORY - 1]) for unit in units))
    sheets.put_title(sheet, title, note)
    row = FIRST_ROW - 1
    sheets.put_headings(sheet, row, ("镇街（含所属单位）", "单位数", "有活动的单位数", *figures))
    for number, town in enumerate(towns, start=row + 1):
        _put_group(sheet, number, town, (_PARENT, _NAME), rows=len(units), figures=len(figures))
    row = _put_rest_and_sum(sheet, row + 1, len(towns), rows=len(units), figures=len(figures)) + 2
    sheets.put_headings(sheet, row, ("类别", "单位数", "有活动的单位数", *figures))
    for number, category in enumerate(categories, start=row + 1):
        _put_group(sheet, number, category, (_CATEGORY,), rows=len(units), figures=len(figures))
    _put_sum(sheet, row + len(categories) + 1, first=row + 1, columns=len(figures) + 3)
    sheets.set_widths(sheet, (28, 10, 16, *(12 for _ in figures)))
    sheets.set_up_print(sheet, heading_rows="1:1")


def _put_group(sheet: Worksheet, row: int, name: str, columns: Sequence[int], *, rows: int, figures: int) -> None:
    """`columns` of `BY_UNIT`: a unit is in the group if its name stands in one of them; never in two."""
    sheets.put(sheet, row, 1, name).border = sheets.GRID
    groups = [whole_column(BY_UNIT, column, rows) for column in columns]
    counts = whole_column(BY_UNIT, _COUNT_COLUMN, rows)
    put_formula(sheet, row, 2, "=" + "+".join(f"COUNTIFS({group},$A{row})" for group in groups))
    put_formula(sheet, row, 3, "=" + "+".join(f'COUNTIFS({group},$A{row},{counts},">0")' for group in groups))
    for number in range(figures):
        added = whole_column(BY_UNIT, _COUNT_COLUMN + number, rows)
        formula = "=" + "+".join(f"SUMIFS({added},{group},$A{row})" for group in groups)
        put_formula(sheet, row, 4 + number, formula)


def _put_rest_and_sum(sheet: Worksheet, first: int, towns: int, *, rows: int, figures: int) -> int:
    """The units of no town, which are what the towns leave over, and the sum; returns the row of the sum."""
    row = first + towns
    counts = whole_column(BY_UNIT, _COUNT_COLUMN, rows)
    every = [f"ROWS({counts})", f'COUNTIFS({counts},">0")']
    every += [f"SUM({whole_column(BY_UNIT, _COUNT_COLUMN + number, rows)})" for number in range(figures)]
    sheets.put(sheet, row, 1, "其他单位").border = sheets.GRID
    for column, total in enumerate(every, start=2):
        letter = get_column_letter(column)
        above = f"-SUM({letter}{first}:{letter}{row - 1})" if towns else ""
        put_formula(sheet, row, column, f"={total}{above}")
    _put_sum(sheet, row + 1, first=first, columns=figures + 3)
    return row + 1


def _put_sum(sheet: Worksheet, row: int, *, first: int, columns: int) -> None:
    sheets.put(sheet, row, 1, "合计", font=sheets.BOLD_FONT).border = sheets.GRID
    for column in range(2, columns + 1):
        letter = get_column_letter(column)
        put_formula(sheet, row, column, f"=SUM({letter}{first}:{letter}{row - 1})", font=sheets.BOLD_FONT)
    for column in range(1, columns + 1):
        sheet.cell(row=row, column=column).fill = sheets.TOTAL_FILL
