from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from report import sheets
from report.matrix import matrix_of
from report.workbook import COLOURS, LATE_HEADINGS, ledger_workbook
from rules.assessment import Status
from tests.report.builders import AS_OF, HOSTILE, every_status, hostile_report, report_of, sample_report, stray
from tests.report.contrast import contrast


def workbook(report=None, mails=(), **options):
    data = ledger_workbook(matrix_of(report or sample_report(), mails, **options), as_of=AS_OF)
    return load_workbook(BytesIO(data))


def grid(sheet: Worksheet) -> list[list[object]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.fixture(scope="module")
def book():
    return workbook(mails=[stray()])


def test_the_sheets_stand_in_reading_order(book):
    assert book.sheetnames == ["台账", "一览", "迟报未报", "待认领邮件", "说明"]
    assert book.active.title == "台账"


def test_the_ledger_has_five_columns_a_deliverable(book):
    rows = grid(book["台账"])
    assert rows[0][0] == "金坛区2023-2024年度全民终身学习活动报送台账"
    assert rows[2][4] == "活动周工作方案（含启动仪式方案）（10月30日24时止）"
    assert rows[3][:9] == [
        "序号", "单位名称", "类别", "上级单位", "状态", "收到时间", "齐全时间", "迟报天数", "问题",
    ]  # fmt: skip
    assert [row[1] for row in rows[4:13]] == list(every_status())
    assert len(rows[3]) == 4 + 5 * 5


def test_a_row_says_state_in_words_and_times_as_dates(book):
    late = grid(book["台账"])[5]
    assert late[4] == "▴ 迟报"
    assert late[6] == datetime(2023, 11, 2, 10, 0)  # noqa: DTZ001 - a sheet holds wall time of the campaign's zone
    assert late[7] == 3
    unstamped = grid(book["台账"])[7]
    assert unstamped[14] == "◔ 待补正"
    assert unstamped[18] == "已逾期\n统计表上没有看到单位公章。\n统计表第 3 行没有填写参加人数。"


def test_a_row_is_as_high_as_its_longest_text_wraps(book):
    ledger = book["台账"]
    heights = {row[1]: ledger.row_dimensions[number].height for number, row in enumerate(grid(ledger), start=1)}
    problems = {row[1]: max((str(text or "").count("\n") for text in row), default=0) for row in grid(ledger)[4:13]}
    several = [unit for unit, breaks in problems.items() if breaks]
    assert several
    assert all(heights[unit] >= 15 * (problems[unit] + 1) for unit in several)
    assert heights["应报"] is None


def test_neither_moments_nor_numbers_make_a_row_higher():
    sheet = Workbook().active
    sheets.put_row(sheet, 1, (1, datetime(2023, 11, 2, 10, 0)))  # noqa: DTZ001 - as above
    sheets.fit_height(sheet, 1, (6, 17))
    assert sheet.row_dimensions[1].height is None


def test_where_something_is_owed_the_ledger_says_that_mail_does_not_reach_the_unit():
    report = sample_report()
    lost = replace(report, units=tuple(replace(one, is_unreachable=True) for one in report.units))
    problems = {row[4]: str(row[8]) for row in grid(workbook(lost)["台账"])[4:13]}
    assert problems["✗ 未报"].endswith("通知未达")
    assert "通知未达" not in problems["✓ 按时"]


def test_what_is_not_asked_is_not_left_blank(book):
    assert grid(book["台账"])[12][4] == "不要求"


def test_headings_and_names_are_frozen_and_filters_span_the_units(book):
    assert (book["台账"].freeze_panes, book["台账"].auto_filter.ref) == ("C5", "A4:AC13")
    assert (book["一览"].freeze_panes, book["一览"].auto_filter.ref) == ("C4", "A3:G12")
    assert book["迟报未报"].freeze_panes == "C4"
    assert book["迟报未报"].auto_filter.ref == "A3:M14"


def test_totals_follow_the_units_outside_the_filter(book):
    rows = grid(book["台账"])
    totals = {row[1]: row[4] for row in rows[13:]}
    assert totals["应报"] == 7
    assert totals["未报"] == 1
    assert totals["报送率"] == "85.7%"


def test_every_sheet_prints_on_a4_landscape_with_its_headings(book):
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape", sheet.title
        assert str(sheet.page_setup.paperSize) == "9", sheet.title
        assert sheet.print_title_rows, sheet.title
    assert book["台账"].print_title_cols == "$A:$B"
    assert [each.id for each in book["台账"].col_breaks.brk] == [14, 24]
    assert book["一览"].page_setup.fitToWidth == 1


def test_the_overview_is_what_hangs_on_the_wall(book):
    rows = grid(book["一览"])
    assert rows[2][2] == "工作方案\n10月30日24时止"
    assert rows[5][6] == "◔ 照片 3/5 已逾期"
    assert rows[4][2] == "▴ 迟3天"


def test_the_late_sheet_lists_whom_to_call_and_what_to_say(book):
    rows = [dict(zip(LATE_HEADINGS, row, strict=True)) for row in grid(book["迟报未报"])[3:]]
    assert len(rows) == 11
    assert {row["状态"] for row in rows} == {
        "▴ 迟报 3 天", "▴ 迟报 1 天", "◔ 待补正（已逾期）", "✗ 未报",
    }  # fmt: skip
    photos = next(row for row in rows if row["报送材料"] == "照片或视频")
    assert photos["联系人"] == "联系人3"
    assert photos["电话"] == "0519-00000003"
    assert photos["欠缺与办理意见"].startswith("收到 3 张不同的照片，要求 5 张，还差 2 张。请补发照片")


def test_unattributed_mail_has_a_sheet(book):
    rows = grid(book["待认领邮件"])
    assert rows[3][1:5] == [
        "somebody@example.org",
        "活动周材料",
        "儒林镇社区教育中心、直溪镇中心小学",
        "发件邮箱不在名册中，附件里写有两个单位。",
    ]
    assert grid(workbook()["待认领邮件"])[3][0] == "没有待认领的邮件。"


def test_the_notes_say_what_the_report_covers_and_what_words_mean(book):
    said = {row[0]: row[1] for row in grid(book["说明"])}
    assert said["统计时点"] == "2023-11-23 08:00"
    assert said["邮箱已读至"] == "2023-11-23 07:58"
    assert said["? 待收信"].startswith("已过截止时刻，但此后尚未成功读取邮箱")
    assert said["未盖章"] == "表上没有看到公章"


def test_late_only_says_so_and_lists_only_those_units():
    book = workbook(late_only=True)
    assert "本表只列有逾期的单位" in grid(book["台账"])[1][0]
    assert [row[0] for row in grid(book["台账"])[4:9]] == [2, 3, 4, 5, 6]


def test_no_cell_is_a_formula_whatever_the_mail_says():
    book = workbook(hostile_report(), [stray(subject="=HYPERLINK(1)", sender="+1", reason="@x", message_id=HOSTILE)])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    subject = book["待认领邮件"]["C4"]
    assert (subject.value, subject.data_type, subject.quotePrefix) == ("=HYPERLINK(1)", "s", True)


def test_the_same_data_gives_the_same_bytes():
    first = ledger_workbook(matrix_of(sample_report()), as_of=AS_OF)
    time.sleep(1.1)  # openpyxl stamps the clock to the second
    assert ledger_workbook(matrix_of(sample_report()), as_of=AS_OF) == first


def test_a_campaign_without_units_is_still_a_workbook():
    assert grid(workbook(report_of([]))["迟报未报"])[3][0] == "没有迟报、未报或待补正的材料。"


def test_colours_are_readable_and_never_stand_alone(book):
    assert set(COLOURS) == set(Status)
    assert min(contrast(background, ink) for background, ink in COLOURS.values()) >= 4.5
    coloured = [
        cell for row in book["台账"].iter_rows(min_row=5, max_row=13) for cell in row if cell.fill.fill_type == "solid"
    ]
    assert coloured
    assert all(cell.value for cell in coloured)
