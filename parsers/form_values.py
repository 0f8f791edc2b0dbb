"""What the text of a form means: numbers, dates and what is wrong with it; text as written stays beside them.

A number that cannot be read is None with a finding that quotes it, never 0; so is a day that is not certain. The unit's
own total is compared with the sum of its rows only where every row could be read: a difference is then the unit's and
not ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from parsers.dates import Years, misnamed_weekday, parse_dates, written_years
from parsers.form_rows import RawRow
from parsers.forms import FormShape
from parsers.numbers import is_vacant, parse_number
from parsers.raw_forms import RawForm
from parsers.weekdays import WEEKDAYS
from parsers.wording import fold
from rules.extraction import Form, FormRow
from rules.findings import Code, Finding

MIN_REPEATED: Final = 2
_DAY_ZERO: Final = date(1899, 12, 30)
_SERIAL: Final = re.compile(r"(?<![\d.:])(4\d{4})(?:\.\d+)?(?![\d:])")  # the fraction is the hour
_DITTO: Final = frozenset({"同上", "〃", "″"})
_LOST_ZERO: Final = re.compile(r"\d{1,2}\.[123]")  # 11.20 typed into a sheet's cell becomes the number 11.2


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadForm:
    """A form with what is wrong with it."""

    form: Form
    findings: tuple[Finding, ...]
    raw: RawForm


def understand(raw: RawForm, years: Years | None) -> ReadForm:
    rows = tuple(_rows(raw, years))
    form = Form(
        form=raw.shape.form,
        fields=raw.fields,
        rows=rows,
        mobilization_attendance=number_in(raw.fields.get("mobilization_attendance", "")),
        nothing_held=raw.nothing_held,
    )
    findings = what_is_wrong(raw.shape, form, years)
    found = (*findings, *_repeated(raw), *_mismatch(raw, form))
    return ReadForm(form=form, findings=found, raw=raw)


def number_in(text: str) -> int | None:
    """The number of people that a value says; None for none and for what cannot be read."""
    return None if is_vacant(text) else parse_number(text)


def what_is_wrong(shape: FormShape, form: Form, years: Years | None) -> tuple[Finding, ...]:
    """What follows from the texts of the form alone."""
    if form.is_empty:
        return (Finding(code=Code.FORM_EMPTY, detail=f"{shape.name}是空表，没有填写"),)
    return (
        *_nothing_held(shape, form),
        *_missing(shape, form),
        *_unreadable(shape, form),
        *_undated(shape, form, years),
    )


def total_mismatch(shape: FormShape, form: Form, total: int) -> Finding | None:
    """None where the unit's own total is the sum of its rows, or a row could not be read."""
    numbers = [row.attendance for row in form.rows]
    if not numbers or None in numbers:
        return None
    added = sum(number for number in numbers if number is not None)
    if added == total:
        return None
    return Finding(code=Code.TOTAL_MISMATCH, detail=f"{shape.name}合计写的是{total}人，各行相加是{added}人")


def _mismatch(raw: RawForm, form: Form) -> tuple[Finding, ...]:
    """Where each page or each of two tables has a total of its own, the last may be of all, or of its part."""
    totals = [number for text in raw.totals if (number := parse_number(text)) is not None]
    if not totals or (len(totals) > 1 and total_mismatch(raw.shape, form, sum(totals)) is None):
        return ()
    mismatch = total_mismatch(raw.shape, form, totals[-1])
    return (mismatch,) if mismatch else ()


def _repeated(raw: RawForm) -> tuple[Finding, ...]:
    """One heading that stands twice is a slip; several are a second table that could not be parted from the first."""
    if len(raw.repeated) < MIN_REPEATED:
        return ()
    detail = f"{raw.shape.name}右边还有同样的栏目（{'、'.join(raw.repeated)}），没有读取，请对照原件核对"
    return (Finding(code=Code.LOW_CONFIDENCE, detail=detail),)


def _rows(raw: RawForm, years: Years | None) -> Iterator[FormRow]:
    """同上 stays as it is written, and means what was meant above."""
    above: FormRow | None = None
    for written in raw.rows:
        row = _row(written, years, is_sheet=bool(raw.sheet))
        if above is not None and fold(row.cells.get("time", "")) in _DITTO:
            row = replace(row, starts_on=above.starts_on, ends_on=above.ends_on)
        if above is not None and fold(row.cells.get("attendance", "")) in _DITTO:
            row = replace(row, attendance=above.attendance)
        yield row
        above = row


def _row(row: RawRow, years: Years | None, *, is_sheet: bool) -> FormRow:
    time = row.cells.get("time", "")
    is_cut = is_sheet and bool(_LOST_ZERO.fullmatch(time))
    starts_on, ends_on = (None, None) if is_cut else parse_dates(_with_day(time, years) if is_sheet else time, years)
    return FormRow(cells=row.cells, attendance=_attendance(row), starts_on=starts_on, ends_on=ends_on)


def _with_day(time: str, years: Years | None) -> str:
    """Where a sheet's cell lost the format of a date, there stands how many days after 30 December 1899 it is."""

    def as_day(serial: re.Match[str]) -> str:
        day = _DAY_ZERO + timedelta(days=int(serial[1]))
        return day.isoformat() if years and years.first <= day.year <= years.second else serial[0]

    return _SERIAL.sub(as_day, time)


def _attendance(row: RawRow) -> int | None:
    """A divided column (线上, 线下) counts as the sum, if every part can be read."""
    parts = row.attendance_parts or (row.cells.get("attendance", ""),)
    numbers = [parse_number(part) for part in parts if not is_vacant(part)]
    known = [number for number in numbers if number is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def _nothing_held(shape: FormShape, form: Form) -> tuple[Finding, ...]:
    if not form.nothing_held:
        return ()
    detail = f"{shape.name}写的是“{form.nothing_held}”，没有填报任何活动"
    return (Finding(code=Code.NIL_RETURN, detail=detail),)


def _missing(shape: FormShape, form: Form) -> tuple[Finding, ...]:
    blank = [title for name, title in shape.required if not form.fields.get(name)]
    if not form.rows and not form.nothing_held:
        blank.append("活动安排" if shape.form == "schedule" else "活动情况")
    if not blank:
        return ()
    return (Finding(code=Code.FIELD_MISSING, detail=f"{shape.name}未填写：{'、'.join(blank)}"),)


def _unreadable(shape: FormShape, form: Form) -> list[Finding]:
    texts = [
        (f"第{number}行“参加人数”", row.cells.get("attendance", ""))
        for number, row in enumerate(form.rows, start=1)
        if row.attendance is None
    ]
    if form.mobilization_attendance is None:
        texts.append(("“参与动员会人数”", form.fields.get("mobilization_attendance", "")))
    return [
        Finding(code=Code.NUMBER_UNREADABLE, detail=f"{shape.name}{where}写的是“{text[:40]}”，无法识别为数字")
        for where, text in texts
        if not is_vacant(text)
    ]


def _undated(shape: FormShape, form: Form, years: Years | None) -> tuple[Finding, ...]:
    """One finding for all rows, quoting the first: where one row says 周三下午, mostly all do."""
    unclear = [
        (number, text)
        for number, row in enumerate(form.rows, start=1)
        if not (row.starts_on or row.ends_on or is_vacant(text := row.cells.get("time", "")))
    ]
    if not unclear:
        return ()
    (number, text), more = unclear[0], f"等{len(unclear)}处" if len(unclear) > 1 else ""
    reason = _why_undated(text, years)
    detail = f"{shape.name}第{number}行“时间”写的是“{text[:40]}”{more}，{reason}"
    return (Finding(code=Code.DATE_UNREADABLE, detail=detail),)


def _why_undated(text: str, years: Years | None) -> str:
    if _LOST_ZERO.fullmatch(text):
        return f"表格软件会去掉末尾的0，看不出是{text}还是{text}0"
    if years is None and not written_years(text):
        return "表中没有写明年份，无法确定日期"
    written = sorted(year for year in written_years(text) if years and not years.first <= year <= years.second + 1)
    if written:
        return f"{written[0]}年与材料所写的年度不符，请核对"
    misnamed = misnamed_weekday(text, years)
    if misnamed is None:
        return "看不出是哪一天"
    day, sign = misnamed
    return f"{day.year}年{day.month}月{day.day}日是星期{WEEKDAYS[day.weekday()]}，与所写的“星期{sign}”不符，请核对"
