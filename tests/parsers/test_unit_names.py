"""What is numbered and what only begins with a number."""

from __future__ import annotations

import pytest

from parsers.form_rows import day_of_line
from parsers.unit_names import without_numbering


@pytest.mark.parametrize(
    "line", ["一、青禾小学", "2.青禾小学", "（三）青禾小学", "4）青禾小学", "五 青禾小学", "青禾小学"]
)
def test_a_number_before_a_name_is_no_part_of_it(line):
    assert without_numbering(line) == "青禾小学"


@pytest.mark.parametrize("name", ["三里小学", "十四中学", "八一小学", "2024年工作计划", "11月13日"])
def test_a_number_that_a_name_begins_with_is(name):
    assert without_numbering(name) == name
    assert without_numbering(f"1.{name}") == name


@pytest.mark.parametrize("line", ["11月13日", "11.13", "二、11月13日", "1.11月13日"])
def test_a_day_over_a_table_is_told_from_its_number(line):
    assert day_of_line(line).endswith(("11月13日", "11.13"))
