from __future__ import annotations

import csv
from io import StringIO

from report.as_csv import HEADINGS, csv_text
from report.matrix import matrix_of
from tests.report.builders import hostile_report, sample_report


def records(report, **options):
    text = csv_text(matrix_of(report, **options))
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def test_it_opens_in_excel_with_chinese_headings():
    text = csv_text(matrix_of(sample_report()))
    assert text.startswith("\ufeff序号,单位名称,")
    assert text.count("\r\n") == len(text.splitlines())


def test_there_is_one_row_for_what_is_asked_of_each_unit():
    assert len(records(sample_report())) == 8 * 5 + 2
    assert tuple(records(sample_report())[0]) == HEADINGS


def test_a_row_says_state_times_and_problems():
    row = next(row for row in records(sample_report()) if row["完成情况"] == "照片 3/5")
    assert row["状态"] == "待补正"
    assert row["是否迟报或逾期"] == "是"
    assert row["收到时间"] == "2023-11-19 16:20"
    assert row["齐全时间"] == ""
    assert row["问题"].startswith("收到 3 张不同的照片，要求 5 张，还差 2 张。")


def test_late_only_lists_only_the_late_rows():
    late = records(sample_report(), late_only=True)
    assert len(late) == 2 + 1 + 2 + 5 + 1
    assert {row["状态"] for row in late} == {"迟报", "待补正", "未报"}


def test_formulas_from_strangers_are_neutralised():
    (row,) = records(hostile_report())
    for heading in ("单位名称", "类别", "文件", "联系人", "电话"):
        assert row[heading].startswith("'"), heading
    csv_text(matrix_of(hostile_report())).encode("utf-8")
