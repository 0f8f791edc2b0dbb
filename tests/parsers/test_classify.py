"""Plan, summary, notice or none: by content first, by name second."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.classify import FEATURES, classify_prose
from parsers.read import read_file
from parsers.titles import find_title, find_units
from rules.extraction import Kind
from tests.parsers.sample_texts import NOTICE, PLAN, SCHOOL, SUMMARY, UNIT

VAGUE = [
    "活动周材料",
    "我单位围绕活动周主题，面向居民和学生组织阅读、讲座、展览、体验等多种学习活动，详见所附各页的文字说明和图片。",
]


@pytest.mark.parametrize(("lines", "kind"), [(PLAN, Kind.PLAN), (SUMMARY, Kind.SUMMARY)])
def test_the_content_decides_whatever_the_name_says(lines: list[str], kind: Kind) -> None:
    for name in ("附件.docx", "活动总结.docx", "工作方案.docx"):
        assert classify_prose(lines[0], lines, name).kind is kind


@pytest.mark.parametrize(("lines", "kind"), [(PLAN, Kind.PLAN), (SUMMARY, Kind.SUMMARY)])
def test_headings_and_tense_are_enough_without_a_title(lines: list[str], kind: Kind) -> None:
    assert classify_prose("", lines[1:], "材料.docx").kind is kind


def test_the_name_decides_where_the_content_does_not() -> None:
    assert classify_prose(VAGUE[0], VAGUE, "材料.docx").kind is None
    assert classify_prose(VAGUE[0], VAGUE, "XX小学活动总结.docx").kind is Kind.SUMMARY
    assert classify_prose(VAGUE[0], VAGUE, "活动周方案.docx").kind is Kind.PLAN


def test_the_bureaus_notice_is_neither_plan_nor_summary() -> None:
    verdict = classify_prose(find_title(NOTICE), NOTICE, "活动方案.docx")
    assert (verdict.kind, verdict.is_notice) == (None, True)


def test_a_towns_notice_that_issues_a_plan_is_a_plan() -> None:
    title = "关于印发柳泉镇2023年全民终身学习活动周实施方案的通知"
    assert (
        classify_prose(title, [title, "各村、各单位：", "现将方案印发给你们，特此通知", *PLAN[1:]], "a").kind
        is Kind.PLAN
    )


def test_a_covering_note_is_nothing_and_a_plan_in_the_body_is_a_plan() -> None:
    note = ["老师好，附件为我校工作方案、安排表，请查收，谢谢！"]
    assert classify_prose("", note, "正文.txt", is_body=True).kind is None
    assert classify_prose(PLAN[0], PLAN, "正文.txt", is_body=True).kind is Kind.PLAN


def test_every_verdict_says_why() -> None:
    names = {feature.name for feature in FEATURES}
    assert len(names) == len(FEATURES)
    reasons = classify_prose(PLAN[0], PLAN, "").reasons
    assert "标题是方案或计划" in reasons
    assert names.issuperset(reasons)


@pytest.mark.parametrize(("lines", "unit"), [(PLAN, UNIT), (SUMMARY, SCHOOL)])
def test_a_document_names_its_unit_in_title_and_signature(lines: list[str], unit: str) -> None:
    assert find_units((), lines, find_title(lines)) == (unit,)
    assert find_units((), lines[1:], "") == (unit,)


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("金坛区桃溪幼儿园关于开展全民终身学习活动周的方案", "金坛区桃溪幼儿园"),
        ("柳泉镇2023年全民终身学习活动周实施方案", "柳泉镇"),
        ("东河街道“全民终身学习活动周”总结", "东河街道"),
        ("金坛区2023-2024年度全民终身学习活动周主要活动安排表", None),
        ("关于举办全民终身学习活动周的通知", None),
    ],
)
def test_the_unit_before_the_matter_of_a_title_is_named(title: str, unit: str | None) -> None:
    assert find_units((), (), title) == ((unit,) if unit else ())


def test_a_title_over_two_lines_is_joined() -> None:
    assert find_title(["附件2:", "金坛区2023-2024年度", "活动情况统计表"]) == "金坛区2023-2024年度活动情况统计表"


def test_a_notice_kept_as_plain_text_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "notice.txt"
    path.write_text("\n".join([*NOTICE, "附件1:", "主要活动安排表", "报送地区（单位）："]), encoding="gb18030")
    seen = read_file(path, "通知.txt")
    assert (seen.kind, seen.forms, seen.findings, seen.unit_names) == (Kind.DOCUMENT, (), (), ())


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["2023年青禾小学全民终身学习活动周工作方案", "为深入学习"], "2023年青禾小学全民终身学习活动周工作方案"),
        (["2023年11月3日", "青禾小学活动总结"], "青禾小学活动总结"),
        (["2023-11-3", "活动主题：阅读计划", "青禾小学活动总结"], "青禾小学活动总结"),
    ],
)
def test_a_title_may_begin_with_a_year_and_is_no_date_and_no_labelled_line(lines: list[str], title: str) -> None:
    assert find_title(lines) == title
