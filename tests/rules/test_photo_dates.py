from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from rules.claims import Claim
from rules.extraction import Form, FormRow, Kind
from rules.photo_dates import date_hint
from tests.rules.cases import EVIDENCE, SCHEDULE, TOWN, campaign, claim, codes, extraction_of, moment, photo, report


def taken(number: int, *day: int) -> Claim:
    seen = photo(number, moment(11, 20))
    assert seen.extraction.photo is not None
    picture = replace(seen.extraction.photo, taken_at=datetime(*day, 9))  # noqa: DTZ001 - EXIF has no zone
    return replace(seen, extraction=replace(seen.extraction, photo=picture))


def schedule(*days: date) -> Claim:
    rows = tuple(FormRow(cells={"time": "x"}, starts_on=day, ends_on=day) for day in days)
    form = Form(form=Kind.SCHEDULE, fields={"unit_name": TOWN.name}, rows=rows)
    seen = extraction_of("schedule", "附件1.docx", forms=(form,))
    return claim("schedule", moment(10, 30), extraction=seen, form_index=0)


def test_last_years_photo_is_hinted_at_with_its_day_and_those_of_the_activities():
    hint = date_hint([schedule(date(2023, 11, 12), date(2023, 11, 17)), taken(1, 2022, 11, 13)], campaign())
    assert hint is not None
    assert hint.detail == (
        "拍摄日期与活动日期（2023年11月12日至2023年11月17日）相差较远：“照片1.jpg”（2022年11月13日），"
        "请核对是否为本次活动的照片"
    )


@pytest.mark.parametrize(
    ("day", "is_hinted"),
    [
        ((2023, 11, 12), False),
        ((2023, 10, 29), False),  # a fortnight before: preparing
        ((2023, 10, 28), True),
        ((2018, 1, 1), True),
        ((2015, 1, 1), False),  # a clock that was never set
        ((2023, 11, 21), False),
        ((2023, 11, 22), False),  # ahead of the mail that brought it
        ((2024, 1, 1), False),
    ],
)
def test_what_lies_near_is_fine_and_clocks_that_are_wrong_say_nothing(day, is_hinted):
    hint = date_hint([schedule(date(2023, 11, 12)), taken(1, *day)], campaign())
    assert (hint is not None) is is_hinted


def test_without_a_schedule_the_campaigns_days_count():
    assert date_hint([taken(1, 2023, 10, 1)], campaign()) is None
    assert date_hint([taken(1, 2023, 9, 1)], campaign()) is not None


def test_the_hint_stands_in_the_report_and_blocks_nothing():
    sent = [schedule(date(2023, 11, 12)), *(taken(number, 2022, 11, 12) for number in range(7))]
    cell = report(sent, deliverables=(EVIDENCE, SCHEDULE)).units[0].assessments["evidence"]
    assert codes(cell) == ["photo_extra", "photo_date"]
    assert cell.complete_at == moment(11, 20)
    assert "等 7 张" in cell.findings[1].detail
    assert not cell.findings[1].is_for_unit
