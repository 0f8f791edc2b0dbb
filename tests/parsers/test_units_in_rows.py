"""Tables that say of each activity whose it is: a town lists those of its schools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl
import pytest

from parsers.read import read_file
from rules.extraction import Extraction

HEAD = ["序号", "活动主题", "活动地点", "活动时间", "参加人数"]
FIRST, SECOND = ["1", "启动仪式", "文化广场", "11月13日", "200"], ["2", "亲子共读", "图书馆", "11月14日", "60"]
OVER = ["2023年柳泉镇全民终身学习活动周主要活动安排表", "报送单位：柳泉镇社区教育中心"]
SCHOOL, OTHER = "青禾小学", "柳泉中心幼儿园"

Place = tuple[int, int]


@pytest.fixture
def word(tmp_path: Path):
    """Reads 附件1 of a town, its table made of these rows; `merged` names the corners of merged cells."""

    def read(rows: Sequence[Sequence[str]], *, merged: Sequence[tuple[Place, Place]] = ()) -> Extraction:
        document = docx.Document()
        for line in OVER:
            document.add_paragraph(line)
        table = document.add_table(len(rows), len(rows[0]))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                table.cell(row, column).text = text
        for first, last in merged:
            table.cell(*first).merge(table.cell(*last))
        document.save(str(tmp_path / "file.docx"))
        return read_file(tmp_path / "file.docx", "附件1.docx")

    return read


def _units(seen: Extraction) -> list[tuple[str, str | None]]:
    return [(row.cells["theme"], row.cells.get("unit")) for row in seen.forms[0].rows]


@pytest.mark.parametrize(
    "heading",
    [
        "承办单位",
        "单位",
        "学 校",
        "单位名称",
        "举办单位（学校）",
        "责任单位",
        "主办/承办单位",
        "活动组织单位",
        "所属单位",
        "社区、学校",
    ],
)
def test_the_unit_beside_an_activity_stands_in_its_row(heading: str, word) -> None:
    seen = word([[*HEAD, heading], [*FIRST, SCHOOL], [*SECOND, OTHER]])
    assert _units(seen) == [("启动仪式", SCHOOL), ("亲子共读", OTHER)]
    assert (seen.unit_names, seen.findings) == (("柳泉镇社区教育中心",), ())


def test_a_unit_merged_over_its_activities_is_that_of_each(word) -> None:
    seen = word([["学校", *HEAD], [SCHOOL, *FIRST], ["", *SECOND]], merged=[((1, 0), (2, 0))])
    assert _units(seen) == [("启动仪式", SCHOOL), ("亲子共读", SCHOOL)]


@pytest.mark.parametrize("merged", [(), [((1, 0), (1, 4)), ((3, 0), (3, 4))]])
def test_a_unit_on_a_line_over_its_activities_is_that_of_each(merged, word) -> None:
    blank = [""] * 4
    seen = word([HEAD, [f"一、{SCHOOL}", *blank], FIRST, [f"二、{OTHER}", *blank], SECOND], merged=merged)
    assert _units(seen) == [("启动仪式", SCHOOL), ("亲子共读", OTHER)]
    assert seen.unit_names == ("柳泉镇社区教育中心",)


def test_partners_are_not_whose_the_activity_is(word) -> None:
    seen = word([[*HEAD, "参与单位", "协办单位", "承办单位"], [*FIRST, OTHER, OTHER, SCHOOL]])
    assert _units(seen) == [("启动仪式", SCHOOL)]


def test_a_row_with_nothing_but_a_unit_is_no_activity(word) -> None:
    seen = word([[*HEAD, "承办单位"], [*FIRST, SCHOOL], ["2", "", "", "", "", OTHER]])
    assert _units(seen) == [("启动仪式", SCHOOL)]


def test_a_sheet_names_its_units_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ([OVER[0]], [OVER[1]], [*HEAD, "承办单位"], [*FIRST, SCHOOL], [*SECOND, ""]):
        book.active.append(row)
    book.save(tmp_path / "file.xlsx")
    assert _units(read_file(tmp_path / "file.xlsx", "附件1.xlsx")) == [("启动仪式", SCHOOL), ("亲子共读", None)]


def test_units_of_activities_that_stand_without_a_table_are_known(tmp_path: Path) -> None:
    lines = [
        *OVER,
        f"1.活动主题：启动仪式 时间：11月13日 地点：文化广场 人数：200 承办单位：{SCHOOL}",
        f"2.活动主题：亲子共读 时间：11月14日 地点：图书馆 人数：60 承办单位：{OTHER}",
    ]
    (tmp_path / "file.txt").write_text("\n".join(lines))
    assert _units(read_file(tmp_path / "file.txt", "附件1.txt")) == [("启动仪式", SCHOOL), ("亲子共读", OTHER)]
