"""The merged workbook says what the units wrote, adds up by formula, and runs nothing that a stranger wrote."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from report.merging.layout import towns_of
from report.merging.workbook import merged_workbook
from rules.claims import Claim
from rules.extraction import Extraction, Form, FormRow, Kind
from rules.findings import Code, Finding
from rules.merging import merged_forms
from rules.roster import Roster, Unit
from tests.report.builders import HOSTILE
from tests.rules.cases import STATISTICS, claim, decision, moment, report

ROSTER = Roster(
    (
        Unit(name="直溪镇", category="镇街"),
        Unit(name="直溪小学", category="学校", parent="直溪镇"),
        Unit(name="实验幼儿园", category="幼儿园"),
        Unit(name="图书馆", category="局属单位"),
        Unit(name="青少年宫", category="局属单位"),
    )
)


def row(activity: str, people: str, time: str = "11月13日", **more: Any) -> FormRow:
    number = int(people) if people.isdecimal() else None
    return FormRow(cells={"time": time, "activity": activity, "attendance": people}, attendance=number, **more)


def sent(unit: str, *rows: FormRow, day: int = 15, read_by: str = "structure", **more: Any) -> Claim:
    form = Form(
        form=Kind.STATISTICS,
        fields={"unit_name": unit, "leader_name": "某老师", "mobilization_attendance": "60"},
        rows=rows,
        mobilization_attendance=60,
        certainties=more.pop("certainties", {}),
        nothing_held=more.pop("nothing_held", ""),
    )
    name = more.pop("name", f"{unit}.docx")
    seen = Extraction(
        file=name, media_type="x", kind=Kind.STATISTICS, sha256=name, forms=(form,), read_by=read_by, **more
    )
    return claim("statistics", moment(11, day), extraction=seen, form_index=0, unit=unit, message=f"{unit}{day}")


CLAIMS = [
    sent("直溪镇", row("全民阅读", "120"), row("健康讲座", "八十左右")),
    sent(
        "直溪小学",
        row("技能培训", "45"),
        read_by="ocr",
        certainties={"1.activity": 0.4},
        findings=(Finding(code=Code.LOW_CONFIDENCE),),
    ),
    sent("实验幼儿园", nothing_held="本单位无活动", findings=(Finding(code=Code.NIL_RETURN),)),
    sent("青少年宫", row("国画展", "30"), day=16),
    sent("青少年宫", row("国画展", "33"), day=14, name="旧.docx"),
]
STATISTICS_AS_IS = replace(STATISTICS, is_stamp_required=False)


def workbook_of(claims: list[Claim]) -> Workbook:
    return openpyxl.load_workbook(BytesIO(content(claims)))


def content(claims: list[Claim]) -> bytes:
    judged = report(claims, decision(1, "exempt", unit="图书馆"), deliverables=(STATISTICS_AS_IS,), roster=ROSTER)
    return merged_workbook(merged_forms(judged, claims, Kind.STATISTICS), others={"直溪镇": 3})


@pytest.fixture(scope="module")
def workbook() -> Workbook:
    return workbook_of(CLAIMS)


def column(sheet: Worksheet, heading: str, *, first: int = 5) -> list[Any]:
    headings = [cell.value for cell in sheet[first - 1]]
    return [line[headings.index(heading)] for line in sheet.iter_rows(min_row=first, values_only=True)]


def test_every_activity_stands_under_its_unit_and_every_unit_has_a_line(workbook):
    sheet = workbook["活动汇总"]
    assert column(sheet, "单位名称") == ["直溪镇", "直溪镇", "直溪小学", "实验幼儿园", "图书馆", "青少年宫"]
    assert column(sheet, "活动项目") == ["全民阅读", "健康讲座", "技能培训", None, None, "国画展"]
    assert column(sheet, "参加人数") == [120, "八十左右", 45, None, None, 30]
    notes = column(sheet, "说明")
    assert notes[1] == "人数不是数字，未计入合计；看不出是哪一天"
    assert notes[2].startswith("识别存疑：活动项目")
    assert notes[3:5] == ["表中写明“本单位无活动”", "免报"]


def test_what_could_not_be_read_is_red_and_what_is_unsure_yellow(workbook):
    sheet = workbook["活动汇总"]
    headings = [cell.value for cell in sheet[4]]
    unread = sheet.cell(row=6, column=headings.index("参加人数") + 1)
    unsure = sheet.cell(row=7, column=headings.index("活动项目") + 1)
    certain = sheet.cell(row=5, column=headings.index("活动项目") + 1)
    assert [one.fill.start_color.rgb[-6:] for one in (unread, unsure)] == ["F6C7BF", "FDF3D6"]
    assert certain.fill.fill_type is None


def test_a_line_leads_to_the_file_that_it_comes_from(workbook):
    sheet, sources = workbook["活动汇总"], workbook["来源"]
    for line in sheet.iter_rows(min_row=5):
        unit, cell = line[1].value, line[-1]
        if cell.hyperlink is None:
            assert unit == "图书馆"
            continue
        name, _, place = cell.hyperlink.location.rpartition("!")
        assert name == "'来源'"
        assert (sources.cell(sources[place].row, 2).value, sources.cell(sources[place].row, 3).value) == (
            unit,
            cell.value,
        )


def test_sums_are_formulas_over_exactly_the_lines(workbook):
    activities, by_unit = workbook["活动汇总"], workbook["分单位合计"]
    people = [cell.value for cell in activities[4]].index("参加人数")
    letter = activities.cell(4, people + 1).column_letter
    assert activities.cell(3, people + 1).value == f"=SUBTOTAL(109,${letter}$5:${letter}$10)"
    assert by_unit["G5"].value == "=COUNTIFS('活动汇总'!$A$5:$A$10,$A5,'活动汇总'!$E$5:$E$10,\">0\")"
    assert by_unit["H5"].value == f"=SUMIFS('活动汇总'!${letter}$5:${letter}$10,'活动汇总'!$A$5:$A$10,$A5)"
    assert column(by_unit, "活动安排表所列场次") == [3, None, None, None, None]


def test_towns_are_added_up_with_what_is_under_them(workbook):
    sheet = workbook["分镇街合计"]
    assert [sheet.cell(number, 1).value for number in range(4, 8)] == [
        "镇街（含所属单位）",
        "直溪镇",
        "其他单位",
        "合计",
    ]
    assert sheet["B5"].value == "=SUMPRODUCT(--('分单位合计'!$F$5:$F$9=$A5))"
    assert sheet["D6"].value == "=SUMPRODUCT(--('分单位合计'!$F$5:$F$9=$A6),'分单位合计'!$G$5:$G$9)"
    assert sheet["B7"].value == "=SUM(B5:B6)"
    assert column(workbook["分单位合计"], "归入镇街") == ["直溪镇", "直溪镇", *["其他单位"] * 3]


def test_what_a_person_should_look_at_is_listed(workbook):
    lines = [line[1:4] for line in workbook["差异与疑点"].iter_rows(min_row=4, values_only=True)]
    assert [(unit, what) for unit, what, _ in lines] == [
        ("直溪小学", "识别存疑"),
        ("实验幼儿园", "报无活动"),
        ("青少年宫", "版本不一致"),
    ]
    assert lines[2][2].endswith("未计入汇总。参加人数合计：汇总表 30，该文件 33。")


def test_who_is_in_and_who_is_not_is_said(workbook):
    told = dict(line[:2] for line in workbook["合并说明"].iter_rows(min_row=4, values_only=True) if line[0])
    assert told["已汇总的单位"] == "4"
    assert told["免报（1 个）"] == "图书馆"
    assert workbook["活动汇总"]["A2"].value.startswith("应报 4 个单位，已汇总 4 个单位")


def test_a_strangers_text_is_no_formula():
    rows = workbook_of([sent("直溪镇", row(HOSTILE, "=1+1"), name="=cmd.docx")])["活动汇总"][5]
    assert all(cell.data_type != "f" for cell in rows)
    assert "=1+1" in [cell.value for cell in rows]


def test_the_same_data_is_the_same_file_in_any_order():
    assert content(CLAIMS) == content(CLAIMS[::-1])


def test_a_form_that_was_not_asked_for_makes_nobody_missing():
    judged = report([], deliverables=(STATISTICS_AS_IS,), roster=ROSTER)
    merged = merged_forms(judged, [], Kind.STATISTICS, is_asked=False)
    empty = openpyxl.load_workbook(BytesIO(merged_workbook(merged, others={})))
    assert empty["活动汇总"]["A2"].value.startswith("本次活动没有单独要求报送此表，已汇总 0 个单位")
    assert column(empty["活动汇总"], "单位名称") == []
    figures = [cell.value for line in empty["分镇街合计"].iter_rows() for cell in line]
    assert "类别" not in figures


def test_before_anything_has_come_every_unit_is_missing():
    sheet = workbook_of([])["活动汇总"]
    assert column(sheet, "说明") == ["未报", "未报", "未报", "免报", "未报"]


def test_a_unit_is_added_up_once_however_the_roster_names_what_is_above_it():
    units = [
        Unit(name="直溪镇社区教育中心", category="镇街", aliases=("直溪镇",)),
        Unit(name="金城镇社区教育中心", category="镇街"),
        Unit(name="直溪小学", parent="直溪镇"),
        Unit(name="直溪小学附属幼儿园", parent="直溪小学"),
        Unit(name="东城小学", parent="东城街道"),
        Unit(name="甲", parent="乙"),
        Unit(name="乙", parent="甲"),
        Unit(name="图书馆"),
    ]
    towns = towns_of(units)
    assert towns == {
        **dict.fromkeys(("直溪镇社区教育中心", "直溪小学", "直溪小学附属幼儿园"), "直溪镇社区教育中心"),
        "金城镇社区教育中心": "金城镇社区教育中心",
        "东城小学": "东城街道",
        "图书馆": "其他单位",
        "甲": "乙",
        "乙": "甲",
    }
