"""The sheet of all activities: those of each unit in roster order, and one line for each unit that has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl.worksheet.worksheet import Worksheet

from report import sheets
from report.form_words import COLUMN_ZH, UNIT_ZH
from report.merging.layout import (
    ABSENT_FILL,
    ACTIVITIES,
    DOUBT_FILL,
    FIRST_ROW,
    SHOWN_NUMBERS,
    SHOWN_SUM,
    SOURCES,
    UNIT_HEADINGS,
    UNIT_WIDTHS,
    Numbered,
    SourceRows,
    finish_table,
    link_to,
    put_day,
    put_number,
    whole_column,
)
from report.plain import plain_line
from rules.assessment import STATUS_ZH, Status
from rules.claims import Claim
from rules.extraction import UNIT, FormRow, Kind
from rules.merging import MergedForms, MergedUnit, form_key, is_doubtful

NUMBER_IN_UNIT: Final = "场次"
_STARTS, _ENDS, _NOTE, _SOURCE = "开始日期", "结束日期", "说明", "来源文件"
_OURS: Final = {"starts_on": _STARTS, "ends_on": _ENDS}
_COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.SCHEDULE: ("theme", "place", "time", "starts_on", "ends_on", "attendance"),
    Kind.STATISTICS: ("time", "starts_on", "ends_on", "activity", "content", "place", "attendance"),
}
_WIDTHS: Final = {
    "theme": 34,
    "activity": 26,
    "content": 34,
    "place": 22,
    "time": 20,
    "starts_on": 12,
    "ends_on": 12,
    "attendance": 10,
}
_FIRST_COLUMN: Final = len(UNIT_HEADINGS) + 2  # after the number of the activity within its unit


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of the sheet. Without `row` it stands for a unit of which there is no activity."""

    unit: Numbered
    note: str
    claim: Claim | None = None
    number: int | None = None
    in_form: int = 0
    row: FormRow | None = None


@dataclass(frozen=True, slots=True)
class ActivitiesSheet:
    """Where other sheets find what they add up."""

    rows: int
    attendance_column: int

    @property
    def units(self) -> str:
        """The numbers of the units in the roster."""
        return whole_column(ACTIVITIES, 1, self.rows)

    @property
    def numbers(self) -> str:
        return whole_column(ACTIVITIES, len(UNIT_HEADINGS) + 1, self.rows)

    @property
    def attendance(self) -> str:
        return whole_column(ACTIVITIES, self.attendance_column, self.rows)


def fill_activities(
    sheet: Worksheet, merged: MergedForms, units: Sequence[Numbered], sources: SourceRows, *, title: str, note: str
) -> ActivitiesSheet:
    """Title, a line of totals that follows the filter, headings, and the lines."""
    columns = _COLUMNS[merged.kind]
    words = COLUMN_ZH[merged.kind] | _OURS
    headings = (*UNIT_HEADINGS, NUMBER_IN_UNIT, *(words[name] for name in columns), _NOTE, _SOURCE)
    widths = (*UNIT_WIDTHS, 6, *(_WIDTHS[name] for name in columns), 34, 40)
    sheets.put_title(sheet, title, note)
    sheets.put_headings(sheet, FIRST_ROW - 1, headings)
    lines = [line for unit in units for line in _lines(unit)]
    for row, line in enumerate(lines, start=FIRST_ROW):
        _put_line(sheet, row, line, columns, sources)
        sheets.fit_height(sheet, row, widths[:-1])
    layout = ActivitiesSheet(rows=len(lines), attendance_column=_FIRST_COLUMN + columns.index("attendance"))
    sums = {len(UNIT_HEADINGS) + 1: SHOWN_NUMBERS, layout.attendance_column: SHOWN_SUM}
    finish_table(sheet, headings, sums, rows=len(lines))
    sheets.set_widths(sheet, widths)
    return layout


def _lines(unit: Numbered) -> Iterator[_Line]:
    standing = _standing(unit.merged)
    for number, one in enumerate(unit.merged.rows, start=1):
        note = "；".join(filter(None, [standing if number == 1 else "", _doubts(one.claim, one.row, one.number)]))
        yield _Line(unit, note, one.claim, number, one.number, one.row)
    if not unit.merged.rows:
        yield _Line(unit, _why_none(unit.merged), next(iter(unit.merged.taken), None))


def _standing(merged: MergedUnit) -> str:
    """What a reader must know of a unit whose activities are in the table although its form is not in order."""
    is_open = merged.assessment.status is Status.INCOMPLETE
    return STATUS_ZH[Status.INCOMPLETE] if is_open else ""


def _why_none(merged: MergedUnit) -> str:
    word = STATUS_ZH[merged.assessment.status]
    said = next((form.nothing_held for form in merged.forms if form.nothing_held), "")
    if said:
        return f"表中写明“{plain_line(said)}”"
    if merged.taken:
        return "表中没有活动"
    if merged.assessment.status in (Status.ON_TIME, Status.LATE):
        return f"{word}，但没有可以汇总的表格，请查看原件"
    if merged.assessment.status is Status.INCOMPLETE:
        return f"{word}，没有可以汇总的内容"
    return word


def _doubts(claim: Claim, row: FormRow, in_form: int) -> str:
    if claim.form is None:
        return ""
    words = COLUMN_ZH[claim.form.form]
    unsure = [words[name] for name in words if is_doubtful(claim, f"{in_form}.{name}")]
    found = [f"{UNIT_ZH}：{plain_line(row.cells[UNIT])}"] if row.cells.get(UNIT) else []
    if unsure:
        found.append(f"识别存疑：{'、'.join(unsure)}")
    if row.attendance is None and row.cells.get("attendance", "").strip():
        found.append("人数不是数字，未计入合计")
    if row.starts_on is None and row.cells.get("time", "").strip():
        found.append("看不出是哪一天")
    return "；".join(found)


def _put_line(sheet: Worksheet, row: int, line: _Line, columns: Sequence[str], sources: SourceRows) -> None:
    sheets.put_row(sheet, row, (*line.unit.values, line.number))
    for column, name in enumerate(columns, start=_FIRST_COLUMN):
        _put_value(sheet, row, column, name, line)
    last = _FIRST_COLUMN + len(columns)
    sheets.put(sheet, row, last, line.note).border = sheets.GRID
    cell = sheets.put(sheet, row, last + 1, plain_line(line.claim.extraction.file) if line.claim else None)
    cell.border = sheets.GRID
    if line.claim:
        link_to(cell, SOURCES, sources[line.unit.merged.unit.name, form_key(line.claim)])
    if line.row is None:
        for column in range(1, last + 2):
            sheet.cell(row=row, column=column).fill = ABSENT_FILL


def _put_value(sheet: Worksheet, row: int, column: int, name: str, line: _Line) -> None:
    if line.row is None:
        sheets.put(sheet, row, column, None).border = sheets.GRID
    elif name == "attendance":
        put_number(sheet, row, column, line.row.attendance, line.row.cells.get(name, ""))
    elif name in _OURS:
        put_day(sheet, row, column, line.row.starts_on if name == "starts_on" else line.row.ends_on)
    else:
        sheets.put(sheet, row, column, line.row.cells.get(name, "")).border = sheets.GRID
    if line.claim and line.row and is_doubtful(line.claim, f"{line.in_form}.{name}"):
        sheet.cell(row=row, column=column).fill = DOUBT_FILL
