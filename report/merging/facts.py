"""The sheet of what stands above the activities in 附件2: leader, telephone, theme, mobilization; one line a unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from openpyxl.worksheet.worksheet import Worksheet

from report import sheets
from report.form_words import FIELD_ZH
from report.merging.layout import (
    ABSENT_FILL,
    DOUBT_FILL,
    FACTS,
    FIRST_ROW,
    SHOWN_SUM,
    SOURCES,
    UNIT_HEADINGS,
    UNIT_WIDTHS,
    Numbered,
    SourceRows,
    finish_table,
    link_to,
    put_number,
    whole_column,
)
from report.plain import plain_line
from rules.assessment import STATUS_ZH
from rules.claims import Claim
from rules.extraction import FORM_FIELDS, Kind
from rules.merging import form_key, is_doubtful

_FIELDS: Final = tuple(name for name in FORM_FIELDS[Kind.STATISTICS] if name != "unit_name")
_WIDTHS: Final = dict.fromkeys(_FIELDS, 16) | {"participants": 26, "leader_email": 24, "theme": 30}
_NUMBER: Final = "mobilization_attendance"
_FIRST_COLUMN: Final = len(UNIT_HEADINGS) + 2
_NUMBER_COLUMN: Final = _FIRST_COLUMN + _FIELDS.index(_NUMBER)


def fill_facts(sheet: Worksheet, units: Sequence[Numbered], sources: SourceRows, *, title: str, note: str) -> str:
    """Returns the cells with the numbers of those who were at a mobilization, for adding up."""
    headings = (*UNIT_HEADINGS, "状态", *(FIELD_ZH[name] for name in _FIELDS), "来源文件")
    widths = (*UNIT_WIDTHS, 9, *(_WIDTHS[name] for name in _FIELDS), 48)
    sheets.put_title(sheet, title, note)
    sheets.put_headings(sheet, FIRST_ROW - 1, headings)
    for row, unit in enumerate(units, start=FIRST_ROW):
        _put_unit(sheet, row, unit, sources, width=len(headings))
        sheets.fit_height(sheet, row, widths[:-1])
    finish_table(sheet, headings, {_NUMBER_COLUMN: SHOWN_SUM}, rows=len(units))
    sheets.set_widths(sheet, widths)
    return whole_column(FACTS, _NUMBER_COLUMN, len(units))


def _put_unit(sheet: Worksheet, row: int, unit: Numbered, sources: SourceRows, *, width: int) -> None:
    merged = unit.merged
    sheets.put_row(sheet, row, (*unit.values, STATUS_ZH[merged.assessment.status]))
    for column, name in enumerate(_FIELDS, start=_FIRST_COLUMN):
        claim = _telling(merged.own, name)
        text = claim.form.fields.get(name, "") if claim and claim.form else ""
        if name == _NUMBER:
            number = claim.form.mobilization_attendance if claim and claim.form else None
            put_number(sheet, row, column, number, text)
        else:
            sheets.put(sheet, row, column, text).border = sheets.GRID
        if claim and is_doubtful(claim, name):
            sheet.cell(row=row, column=column).fill = DOUBT_FILL
    newest = merged.own[-1] if merged.own else None
    cell = sheets.put(sheet, row, width, plain_line(newest.extraction.file) if newest else None)
    cell.border = sheets.GRID
    if newest:
        link_to(cell, SOURCES, sources[merged.unit.name, form_key(newest)])
    else:
        for column in range(1, width + 1):
            sheet.cell(row=row, column=column).fill = ABSENT_FILL


def _telling(own: Sequence[Claim], name: str) -> Claim | None:
    """The newest form in which the field is filled in."""
    filled = (claim for claim in reversed(own) if claim.form and claim.form.fields.get(name, "").strip())
    return next(filled, None)
