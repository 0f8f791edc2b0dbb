from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.plain import inert, plain, plain_line


def test_terminal_escapes_overrides_and_surrogates_do_not_survive():
    assert plain("a\x1b[31mb\x00\u202ec\ud800") == "a[31mbc\ufffd"


def test_line_breaks_stay_in_text_and_go_from_lines():
    assert plain("甲\r\n乙\t丙") == "甲\n乙\t丙"
    assert plain_line(" 甲\r\n乙\t丙 ") == "甲 乙 丙"


@pytest.mark.parametrize("text", ["=1+1", "+86 519", "-1", "@SUM(A1)", "\t=1", " =1", "＝1", "\x1b=1"])
def test_what_a_spreadsheet_would_run_is_quoted(text):
    assert inert(text).startswith("'")


def test_ordinary_text_is_left_alone():
    assert inert("金城镇社区教育中心") == "金城镇社区教育中心"


@given(st.text())
def test_whatever_is_shown_can_be_encoded(text):
    plain(text).encode("utf-8")
    assert not inert(text).lstrip(" ").startswith(("=", "+", "-", "@"))
