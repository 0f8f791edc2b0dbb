"""Names that strangers chose become names that every system takes."""

from __future__ import annotations

import pytest

from report.filenames import LONGEST, DistinctNames, sane_name


@pytest.mark.parametrize(
    ("name", "sane"),
    [
        ("总结.docx", "总结.docx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a<b>:"c|d?e*.jpg', "a_b___c_d_e_.jpg"),
        ("照片\\1.jpg", "照片_1.jpg"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("lpt¹", "_lpt¹"),
        ("console.txt", "console.txt"),
        ("尾巴. . ", "尾巴"),
        ("", "未命名"),
        ("...", "未命名"),
        ("a\x00b\u202egpj.exe", "abgpj.exe"),
        ("e\u0301.txt", "\u00e9.txt"),
    ],
)
def test_a_name_is_made_sane(name, sane):
    assert sane_name(name) == sane


def test_a_long_name_keeps_its_ending():
    assert sane_name("长" * 300 + ".docx") == "长" * (LONGEST - 5) + ".docx"
    assert len(sane_name("长" * 300)) == LONGEST


def test_equal_names_get_numbers_also_when_only_the_case_differs():
    names = DistinctNames()
    taken = [names.take("甲", name) for name in ("总结.docx", "总结.DOCX", "总结.docx", "总结 (2).docx")]
    assert len({path.casefold() for path in taken}) == 4
    assert taken[0] == "甲/总结.docx"
    assert taken[2] == "甲/总结 (3).docx"
    assert names.take("乙", "总结.docx") == "乙/总结.docx"
