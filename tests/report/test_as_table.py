from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from report.as_table import table_text
from report.matrix import matrix_of
from rules.campaign import Campaign
from tests.report.builders import CAMPAIGN, HOSTILE, every_status, hostile_report, report_of, sample_report, stray


def text(width=None, **options):
    return table_text(matrix_of(sample_report(), [stray()], **options), width=width)


@pytest.mark.parametrize("width", [80, 100, 120, 160, 200])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(cell_len(line) for line in text(width).splitlines()) <= width


def test_the_last_column_is_not_starved_at_80_columns():
    lines = text(80).splitlines()
    assert next(line for line in lines if "统计表" in line).split()[-1] == "照片或视频"
    assert "✓ 10-28     ✓ 10-28     ✓ 11-17     ✓ 11-18     ✓ 11-18" in text(80)


def test_a_pipe_gets_one_line_a_unit_without_colours():
    lines = text().splitlines()
    assert "\x1b" not in text()
    for name in every_status():
        assert sum(name in line for line in lines if "可能是" not in line) == 1
    assert any(
        line.split() == ["儒林镇社区教育中心", "▴", "迟3天", "▴", "迟3天", "✓", "11-17", "✓", "11-18", "✓", "11-18"]
        for line in lines
    )


def test_columns_stand_under_their_headings():
    lines = text().splitlines()
    heading = next(line for line in lines if "统计表" in line)
    column = cell_len(heading[: heading.index("统计表")])
    row = next(line for line in lines if "薛埠镇" in line)
    assert row.count("✗") == 5
    assert column in {cell_len(row[:index]) for index, letter in enumerate(row) if letter == "✗"}


def test_it_says_when_mail_was_last_read_and_what_the_shapes_mean():
    assert "邮箱已读至 2023-11-23 07:58" in text()
    assert "图例  ✓ 按时  ▴ 迟报  ◔ 待补正  ✗ 未报  ? 待收信  ◌ 未到期  ⊘ 免报" in text()


def test_blindness_is_said_aloud():
    assert "尚未成功读取邮箱" in text()
    seeing = replace(sample_report(), units=sample_report().units[:5])
    assert "尚未成功读取邮箱" not in table_text(matrix_of(seeing))


def test_unattributed_mail_is_listed_with_its_reason():
    assert "待认领邮件（1 封）" in text()
    assert "发件邮箱不在名册中，附件里写有两个单位。（可能是：儒林镇社区教育中心、直溪镇中心小学）" in text()
    assert "待认领" not in table_text(matrix_of(sample_report()))


def test_late_only_says_so_and_leaves_the_punctual_out():
    late = text(late_only=True)
    assert "以下只列这些单位" in late
    assert "金城镇" not in late


def test_colour_is_added_only_on_demand_and_changes_no_word():
    matrix = matrix_of(sample_report())
    coloured = table_text(matrix, width=160, in_colour=True)
    assert "\x1b[" in coloured
    assert "薛埠镇" in coloured


def test_markup_and_escapes_from_mail_stay_text():
    shown = table_text(matrix_of(hostile_report(), [stray(subject=HOSTILE)]), width=160)
    assert "[red]" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_an_empty_campaign_is_still_a_table():
    empty = Campaign(
        key="k", title="无", opens=CAMPAIGN.opens, closes=CAMPAIGN.closes, zone=CAMPAIGN.zone, deliverables=()
    )
    assert "名册为空" in table_text(matrix_of(report_of([], campaign=empty)), width=80)
    assert "没有逾期" in table_text(matrix_of(report_of([]), late_only=True))
