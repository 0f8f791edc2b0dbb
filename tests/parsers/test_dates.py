"""Dates as units write them: right, or none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.dates import Years, parse_dates, years_named

YEARS = Years(first=2023, second=2024)


def _days(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("11月12日上午9:00-11:00", "2023-11-12", "2023-11-12"),
        ("2023.11.13", "2023-11-13", "2023-11-13"),
        ("11/14—11/16", "2023-11-14", "2023-11-16"),
        ("11月13日-17日", "2023-11-13", "2023-11-17"),
        ("11月13-17日", "2023-11-13", "2023-11-17"),
        ("11.13-17", "2023-11-13", "2023-11-17"),
        ("11月中旬", "2023-11-11", "2023-11-20"),
        ("11月下旬", "2023-11-21", "2023-11-30"),
        ("2024年2月", "2024-02-01", "2024-02-29"),
        ("１１月１２日（周日）１４：００", "2023-11-12", "2023-11-12"),
        ("11月12日、14日", "2023-11-12", "2023-11-14"),
        ("12月28日-1月3日", "2023-12-28", "2024-01-03"),
        ("1月5日", "2024-01-05", "2024-01-05"),
        ("2023-11-12 09:00", "2023-11-12", "2023-11-12"),
        ("2023/11/13 8:30-10:00", "2023-11-13", "2023-11-13"),
        ("11月13日上午9:00—11月14日下午4:00", "2023-11-13", "2023-11-14"),
        ("11月13日至11月17日每天下午", "2023-11-13", "2023-11-17"),
        ("11月18日下午3-4点", "2023-11-18", "2023-11-18"),
        ("11月12日上午9.30-11.00", "2023-11-12", "2023-11-12"),
        ("23年11月2日", "2023-11-02", "2023-11-02"),
        ("11.18", "2023-11-18", "2023-11-18"),
    ],
)
def test_a_date_is_read_as_it_is_meant(text: str, first: str, last: str) -> None:
    assert parse_dates(text, YEARS) == _days(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "", "待定", "11月底", "2023年11月第二周", "每周三下午", "13日", "2月30日", "13月1日", "9.30-10.30",
        "上午9.00-11.00", "11月12日-3", "活动周期间", "11月17日-13日", "14:00", "暑假",
    ],
)  # fmt: skip
def test_what_names_no_day_for_certain_is_none(text: str) -> None:
    assert parse_dates(text, YEARS) == (None, None)


def test_without_a_year_in_the_document_only_full_dates_are_read() -> None:
    assert parse_dates("11月12日", None) == (None, None)
    assert parse_dates("2023年11月12日", None) == _days("2023-11-12", "2023-11-12")


def test_the_title_names_the_years_before_the_body_does() -> None:
    assert years_named(["金坛区2023-2024年度活动", "2019年以来"]) == YEARS
    assert years_named(["活动周方案", "2023年11月12日举行"]) == Years(first=2023, second=2023)
    assert years_named(["2021年和2022年活动"]) is None


@given(st.dates(date(2020, 1, 1), date(2029, 12, 31)), st.dates(date(2020, 1, 1), date(2029, 12, 31)))
def test_every_range_of_full_dates_is_read_back(one: date, other: date) -> None:
    first, last = sorted((one, other))
    text = f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日"
    assert parse_dates(text, None) == (first, last)


@given(st.text(alphabet="0123456789年月日号.-/—至、上中下旬午点:()周一 ", max_size=24))
def test_no_text_makes_it_fail_and_the_days_are_in_order(text: str) -> None:
    first, last = parse_dates(text, YEARS)
    assert first is None or last is None or first <= last
