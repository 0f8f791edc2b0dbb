from __future__ import annotations

from dataclasses import replace

import pytest

from report.cells import cell_of, shortfall_text
from report.matrix import matrix_of
from rules.assessment import Part, Status, UnitReport
from rules.findings import Code, Finding
from rules.roster import Unit
from tests.report import builders
from tests.report.builders import ZONE, due_at, report_of, sample_report, stray


def cell(unit: str, key: str):
    matrix = matrix_of(sample_report())
    row = next(row for row in matrix.rows if row.name == unit)
    return row.cells[[column.key for column in matrix.columns].index(key)]


def shown(assessment):
    return cell_of(assessment, campaign_due_at=assessment.due_at, zone=ZONE)


@pytest.mark.parametrize(
    ("unit", "key", "line", "notes"),
    [
        ("金城镇社区教育中心", "plan", "✓ 10-28", ()),
        ("儒林镇社区教育中心", "plan", "▴ 迟3天", ()),
        ("尧塘街道社区教育中心", "evidence", "◔ 照片 3/5", ("已逾期",)),
        ("直溪镇社区教育中心", "statistics", "◔ 待补正：未盖章", ("已逾期",)),
        ("薛埠镇社区教育中心", "summary", "✗ 未报", ()),
        ("金坛区第一中学", "evidence", "? 待收信", ()),
        ("直溪镇中心小学", "plan", "✓ 11-04", ("待核对", "延期至11-05")),
        ("直溪镇中心小学", "summary", "◌ 未到期", ()),
        ("华罗庚实验学校附属幼儿园（新城校区）", "plan", "⊘ 免报", ()),
        ("金坛区社区培训学院", "plan", "—", ()),
    ],
)
def test_every_status_says_itself_by_shape_and_word(unit, key, line, notes):
    seen = cell(unit, key)
    assert (seen.line, seen.notes) == (line, notes)


def test_a_cell_before_its_due_moment_is_not_called_overdue():
    early = replace(builders.few_photos(2), is_overdue=False)
    assert shown(early).notes == ()
    assert not shown(early).is_behind
    assert shown(early).outcome == "待补正"


def test_what_else_is_wrong_outranks_the_count_of_photos():
    long_video = replace(
        builders.few_photos(0),
        findings=(Finding(code=Code.VIDEO_TOO_LONG), Finding(code=Code.PHOTO_COUNT)),
        parts={"photos": Part(have=0, want=5)},
    )
    assert shown(long_video).text == "待补正：视频超时"


def test_blocking_problems_stand_first_and_the_same_one_stands_once():
    both = builders.incomplete(
        "statistics", "11-16 08:31", builders.MISSING_FIELD, builders.NO_STAMP, builders.NO_STAMP
    )
    assert [problem.code for problem in shown(both).problems] == ["not_stamped", "field_missing"]


def test_a_shortfall_says_what_is_wanting_and_how_to_mend_it():
    text = shortfall_text(cell("尧塘街道社区教育中心", "evidence"))
    assert text.startswith("收到 3 张不同的照片，要求 5 张，还差 2 张。请补发照片")
    assert "重复" not in text
    assert shortfall_text(cell("薛埠镇社区教育中心", "plan")) == "尚未收到任何材料，截止时间为10月30日24时。"
    assert "迟报 3 天，无须再报" in shortfall_text(cell("儒林镇社区教育中心", "plan"))
    assert shortfall_text(cell("金城镇社区教育中心", "plan")) == ""


def test_units_keep_roster_order_under_their_categories():
    matrix = matrix_of(sample_report())
    assert [row.name for row in matrix.rows] == list(builders.every_status())
    assert [(group.name, group.unit_count, group.behind_count) for group in matrix.groups] == [
        ("镇街", 5, 4),
        ("学校", 3, 1),
        ("局属单位", 1, 0),
    ]


def units(*facts: tuple[str, str, str | None]) -> list[UnitReport]:
    return [
        UnitReport(unit=Unit(name=name, category=category, parent=parent), assessments={})
        for name, category, parent in facts
    ]


def test_a_roster_that_mixes_categories_is_grouped_by_town():
    report = report_of(
        units(("甲镇", "镇街", None), ("甲小学", "学校", "甲镇"), ("乙镇", "镇街", None), ("乙小学", "学校", "乙镇"))
    )
    assert [group.name for group in matrix_of(report).groups] == ["甲镇", "乙镇"]


def test_a_roster_without_any_order_is_not_grouped_and_never_reordered():
    report = report_of(units(("甲", "学校", None), ("乙", "镇街", None), ("丙", "学校", None)))
    matrix = matrix_of(report)
    assert [group.name for group in matrix.groups] == [""]
    assert [row.name for row in matrix.rows] == ["甲", "乙", "丙"]


def test_late_only_keeps_what_is_late_missing_or_overdue_and_nothing_else():
    matrix = matrix_of(sample_report(), late_only=True)
    assert [row.number for row in matrix.rows] == [2, 3, 4, 5, 6]
    assert [group.name for group in matrix.groups] == ["镇街", "学校"]


def test_a_unit_whose_mail_was_not_read_yet_is_not_late():
    assessment = builders.bare("plan", Status.UNKNOWN)
    unit = UnitReport(unit=Unit(name="甲"), assessments={"plan": assessment})
    assert matrix_of(report_of([unit]), late_only=True).rows == ()
    assert matrix_of(report_of([unit])).is_blind


def test_a_filter_does_not_change_totals_and_counts():
    whole, late = matrix_of(sample_report()), matrix_of(sample_report(), late_only=True)
    assert whole.totals == late.totals
    assert whole.counts == late.counts
    assert whole.unit_count == late.unit_count == 9


def test_totals_name_every_figure_and_both_rates():
    lines = {line.label: line.values for line in matrix_of(sample_report()).totals}
    assert lines["应报"] == ("7", "7", "8", "8", "7")
    assert lines["免报"] == ("1", "1", "1", "1", "1")
    assert lines["报送率"] == ("85.7%", "85.7%", "87.5%", "75.0%", "71.4%")
    assert lines["按时率"][2] == "75.0%"


def test_a_campaign_without_units_has_no_rates():
    matrix = matrix_of(report_of([]))
    assert {line.label: line.values for line in matrix.totals}["报送率"] == ("—",) * 5


def test_deadlines_gather_what_falls_due_together():
    matrix = matrix_of(sample_report())
    assert [(deadline.due, len(deadline.columns)) for deadline in matrix.deadlines] == [
        ("10月30日24时", 2),
        ("11月20日24时", 3),
    ]


def test_a_mailbox_that_was_never_read_is_said_to_be_so():
    assert matrix_of(replace(sample_report(), mail_read_until=None)).mail_read_until == "从未读取"


def test_unattributed_mail_is_made_safe_to_show():
    (mail,) = matrix_of(sample_report(), [stray(subject="\r\n", sender=builders.HOSTILE)]).stray_mails
    assert mail.subject == "（无主题）"
    assert "\x1b" not in mail.sender
    assert mail.received == "11-19 20:31"


def test_an_extension_shows_as_the_units_own_due_moment():
    assert due_at("plan") != sample_report().units[6].assessments["plan"].due_at
    assert cell("直溪镇中心小学", "plan").due == "11月5日24时"
