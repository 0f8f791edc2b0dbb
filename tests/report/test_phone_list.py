from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from openpyxl import load_workbook

from report.phone_list import HEADINGS, phone_list_workbook
from rules.calling import calls
from rules.reminding import Post
from tests.rules.cases import moment
from tests.rules.posts import MIDDLE, POLICY, SILENT, judged, plan, posted

NEXT_DAY = moment(11, 3)


def test_the_list_says_whom_to_call_why_and_what_about():
    silent = replace(SILENT, contact="张华", phone="=1+1")
    units = (silent, MIDDLE)
    reminded = posted(plan(judged(moment(11, 2), units=units)).reminders[0], moment(11, 2))
    report = judged(NEXT_DAY, units=units)
    found = calls(report, POLICY, Post(outbox=[reminded]))
    data = phone_list_workbook(report, found)
    sheet = load_workbook(BytesIO(data))["催报电话单"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0] == list(HEADINGS)
    assert rows[1][1:7] == [
        "薛埠小学",
        None,
        "张华",
        "=1+1",
        "工作方案（10月30日24时截止）：未收到\n附件1（10月30日24时截止）：未收到",
        "名册中没有邮箱",
    ]
    assert sheet.cell(5, 5).data_type == "s", "a phone number must not be run as a formula"
    assert rows[2][6:8] == ["催报后仍未报齐", 1]
    assert sheet.row_dimensions[5].height == 30, "two lines"
    assert data == phone_list_workbook(report, found)


def test_an_empty_list_is_still_a_workbook():
    sheet = load_workbook(BytesIO(phone_list_workbook(judged(NEXT_DAY), [])))["催报电话单"]
    assert "0 个单位须电话联系" in sheet.cell(2, 1).value
