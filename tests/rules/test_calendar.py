from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import (
    LAST_KNOWN_YEAR,
    Hours,
    doubt_about,
    first_working_day,
    is_sending_moment,
    is_working_day,
    last_working_day,
    next_sending_moment,
    working_days_between,
)

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = (Hours.parse("09:00-11:30"), Hours.parse("14:00-17:00"))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("day", "is_worked", "why"),
    [
        (date(2023, 10, 30), True, "a Monday"),
        (date(2023, 10, 28), False, "a Saturday"),
        (date(2023, 10, 6), False, "a Friday in National Day week"),
        (date(2023, 10, 7), True, "a Saturday worked for National Day week"),
        (date(2023, 10, 8), True, "a Sunday worked for National Day week"),
        (date(2024, 2, 4), True, "a Sunday worked for Spring Festival"),
        (date(2024, 2, 16), False, "a Friday in Spring Festival"),
    ],
)
def test_the_state_council_decides_what_is_worked(day, is_worked, why):
    assert is_working_day(day) is is_worked, why


def test_beyond_the_published_years_monday_to_friday_are_worked_and_a_sentence_says_so():
    newest = date(LAST_KNOWN_YEAR, 12, 31)
    assert doubt_about(newest) == ""
    unknown = date(LAST_KNOWN_YEAR + 1, 10, 1)
    assert doubt_about(unknown) == f"{LAST_KNOWN_YEAR + 1}年的放假调休安排尚未收录，暂按周一至周五为工作日计算。"
    week = [is_working_day(unknown + timedelta(days=offset)) for offset in range(7)]
    assert sum(week) == 5


def test_working_days_are_counted_after_the_first_up_to_the_last():
    friday, monday = date(2023, 10, 27), date(2023, 10, 30)
    assert working_days_between(friday, friday) == 0
    assert working_days_between(friday, monday) == 1
    assert working_days_between(monday, friday) == -1
    assert working_days_between(date(2023, 9, 28), date(2023, 10, 8)) == 2, "only the two make-up days"


def test_the_nearest_working_days_lie_around_a_holiday():
    national_day = date(2023, 10, 1)
    assert first_working_day(national_day) == date(2023, 10, 7)
    assert last_working_day(national_day) == date(2023, 9, 28)
    assert first_working_day(date(2023, 10, 30)) == last_working_day(date(2023, 10, 30)) == date(2023, 10, 30)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2023-10-30T08:59:59", "2023-10-30T09:00:00"),
        ("2023-10-30T09:00:00", "2023-10-30T09:00:00"),
        ("2023-10-30T11:29:59", "2023-10-30T11:29:59"),
        ("2023-10-30T11:30:00", "2023-10-30T14:00:00"),
        ("2023-10-30T16:59:59", "2023-10-30T16:59:59"),
        ("2023-10-30T17:00:00", "2023-10-31T09:00:00"),
        ("2023-10-27T17:00:00", "2023-10-30T09:00:00"),
        ("2023-09-28T18:00:00", "2023-10-07T09:00:00"),
    ],
)
def test_mail_waits_for_the_next_office_hour(moment, expected):
    assert next_sending_moment(local(moment), OFFICE, ZONE) == local(expected)


def test_the_local_day_counts_not_that_of_utc():
    sunday_in_utc = datetime(2023, 10, 29, 22, 0, tzinfo=UTC)  # Monday 06:00 in Beijing
    assert next_sending_moment(sunday_in_utc, OFFICE, ZONE) == local("2023-10-30T09:00")


def test_a_span_may_end_with_the_day():
    evening = (Hours.parse("20:00-24:00"),)
    assert is_sending_moment(local("2023-10-30T23:59:59"), evening, ZONE)
    assert not is_sending_moment(local("2023-10-30T19:59:59"), evening, ZONE)


def test_without_hours_nothing_may_be_sent():
    assert not is_sending_moment(local("2023-10-30T10:00"), (), ZONE)
    with pytest.raises(ValueError, match="no sending hours"):
        next_sending_moment(local("2023-10-30T10:00"), (), ZONE)


@pytest.mark.parametrize("text", ["11:30-09:00", "09:00-09:00", "09:00-25:00", "morning"])
def test_a_span_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Hours.parse(text)


@given(minutes=st.integers(0, 5 * 365 * 24 * 60))
def test_the_next_sending_moment_is_one_and_is_the_first(minutes):
    moment = local("2023-01-01T00:00:30") + timedelta(minutes=minutes)
    following = next_sending_moment(moment, OFFICE, ZONE)
    assert following >= moment
    assert is_sending_moment(following, OFFICE, ZONE)
    just_before = following - timedelta(seconds=1)
    assert just_before < moment or not is_sending_moment(just_before, OFFICE, ZONE)
