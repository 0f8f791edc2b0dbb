"""Numbers as units write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.numbers import is_vacant, parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("120", 120), ("约120人", 120), ("１２０", 120), ("200余人", 200), ("1,200", 1200), ("１，２００人次", 1200),
        ("两百", 200), ("1.2万", 12000), ("2000万", 20_000_000), ("120.0", 120), ("百余人", 100), ("近千人", 1000),
        ("一万二", 12000), ("二百五", 250), ("一百零五", 105), ("三千五百", 3500), ("十二", 12), ("100+", 100),
        ("全校师生1200人", 1200), ("120人（含家长30人）", 120), ("一千二百人左右", 1200), ("0", 0), (" 8 0 ", 80),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_meant(text: str, number: int) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "", "若干", "十几人", "20-30人", "居民300人，党员20人", "120.5", "多人", "2场", "-5", "待定", "1,20",
        "二三百", "百千", "9" * 40,
    ],
)  # fmt: skip
def test_what_is_not_plainly_one_number_is_none(text: str) -> None:
    assert parse_number(text) is None


def test_a_dash_or_nothing_is_vacant_and_a_word_is_not() -> None:
    assert all(is_vacant(text) for text in ("", "  ", "/", "——", "无", "____", "人"))
    assert not is_vacant("若干")


@given(st.integers(0, 99_999_999))
def test_every_whole_number_is_read_back(number: int) -> None:
    assert parse_number(f"约{number}人") == parse_number(f"{number:,}") == number


@given(st.text(alphabet="约近0123456789０９,.，万千百十一二两零余多人次-（）含", max_size=20))
def test_no_text_makes_it_fail(text: str) -> None:
    assert parse_number(text) is None or parse_number(text) >= 0
