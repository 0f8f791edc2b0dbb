"""Tables of which a line was seen that is none, or not seen that is one: mended where it can be, doubted where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from parsers.content import Cell, Paragraph, Table
from parsers.doubts import TRUSTED, weighed
from parsers.form_reading import read_forms
from parsers.form_values import ReadForm, understand
from parsers.ocr import Reading
from parsers.paper.cells import Piece, ReadPiece
from parsers.paper.continuing import goes_on_elsewhere, is_certain
from parsers.paper.crossing import crossed_lines, is_stroke
from parsers.paper.grid import GridCell, RuledGrid
from parsers.paper.page import Box
from parsers.paper.parting import with_rows_parted
from parsers.paper.recognised import agreed
from parsers.paper.telling import Sheet, blocks_of, pages_lost
from parsers.paper.traditional import simplified
from rules.findings import Code
from tests.parsers.paper_forms import SCHEDULE_ROWS

HEADINGS = ("序号", "活动主题", "活动地点", "活动时间", "参加人数")


def table_of(lines: Sequence[Sequence[str]]) -> Table:
    cells = tuple(
        Cell(text=text, row=row, column=column, certainty=0.99)
        for row, texts in enumerate(lines)
        for column, text in enumerate(texts)
    )
    return Table(cells=cells, rows=len(lines), columns=max(map(len, lines)))


def read_of(table: Table) -> ReadForm:
    blocks = (Paragraph(text="附件1", certainty=0.99), Paragraph(text="报送单位：某某小学", certainty=0.99), table)
    (raw,) = read_forms(blocks)
    return weighed(understand(raw, None), blocks)


def doubted(table: Table) -> set[str]:
    return {key for key, certainty in read_of(table).form.certainties.items() if certainty < TRUSTED}


def details(table: Table) -> str:
    return "；".join(one.detail for one in read_of(table).findings if one.code is Code.LOW_CONFIDENCE)


# --- what a line parted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "text", "is_doubted"),
    [("", "三楼", True), ("活动地", "三楼", True), ("备注", "三楼", False), ("", "", False)],
)
def test_writing_in_a_row_that_came_into_no_value_makes_the_row_doubtful(
    heading: str, text: str, *, is_doubted: bool
) -> None:
    rows = [[*row, text if row[0] == "2" else ""] for row in SCHEDULE_ROWS]
    found = doubted(table_of([[*HEADINGS, heading], *rows]))
    assert {key.partition(".")[0] for key in found} == ({"2"} if is_doubted else set())


def test_writing_beside_a_fields_value_makes_it_doubtful() -> None:
    head = [
        ["组织单位", "某某小", "学、某某社区"],
        ["活动周主题", "人人皆学", ""],
        ["活动时间", "活动项目", "活动地点"],
    ]
    assert "organizer" in doubted(table_of([*head, ["11月8日", "读书", "操场"]]))
    head[0] = ["组织单位", "某某小学", ""]
    assert "organizer" not in doubted(table_of([*head, ["11月8日", "读书", "操场"]]))


def test_a_column_of_which_no_heading_was_found_is_named() -> None:
    lines = [[row[0], *row[2:]] for row in (HEADINGS, *SCHEDULE_ROWS)]
    assert doubted(table_of(lines)) == {"1.theme", "2.theme", "3.theme"}
    assert "没有找到“主题”一栏" in details(table_of(lines))


def test_a_cell_over_several_activities_is_doubtful_but_not_their_day_and_place() -> None:
    table = table_of([HEADINGS, *SCHEDULE_ROWS])
    for column, is_doubted in ((1, True), (2, False), (3, False)):
        cells = [
            replace(cell, row_span=2) if (cell.row, cell.column) == (1, column) else cell
            for cell in table.cells
            if (cell.row, cell.column) != (2, column)
        ]
        assert bool(doubted(replace(table, cells=tuple(cells)))) is is_doubted


def test_rows_that_begin_with_a_later_number_are_not_all() -> None:
    rows = [[str(19 + int(row[0])), *row[1:]] for row in SCHEDULE_ROWS]
    assert "序号不连续" in details(table_of([HEADINGS, *rows]))


@pytest.mark.parametrize("text", ["11月8日 动员会举办地点 礼堂", "zhang@school.example礼堂"])
def test_a_value_into_which_a_neighbours_was_read_is_doubtful(text: str) -> None:
    head = [["组织单位", "某某小学"], ["动员会举办地点", text], ["活动周主题", "人人皆学"]]
    rows = [["活动时间", "活动项目", "活动地点"], ["11月8日", "读书", "操场"]]
    assert "mobilization_place" in doubted(table_of([*head, *rows]))


# --- lines that are none, and none that are -------------------------------------------------------------------------


@pytest.mark.parametrize(("shade", "is_writing_across"), [(170, True), (170, False), (60, True)])
def test_a_pale_line_across_which_is_written_parts_no_column(shade: int, *, is_writing_across: bool) -> None:
    page = np.full((400, 600), 220, np.uint8)
    rows = [(top, top + 40) for top in range(0, 400, 40)]
    for x, dark in ((100, 60), (300, shade), (500, 60)):
        page[:, x - 1 : x + 1] = dark
    for top, _bottom in rows if is_writing_across else ():
        page[top + 15 : top + 20, 285:316] = 40
    ink = np.where(page < 200, 255, 0).astype(np.uint8)
    lines = [(x, rows) for x in (100, 300, 500)]
    is_none = shade > 60 and is_writing_across
    assert crossed_lines(page, ink, lines) == ([300] if is_none else [])


@pytest.mark.parametrize(("left", "right", "is_in_character"), [(285, 316, True), (303, 316, False), (300, 300, False)])
def test_a_stroke_at_the_place_of_a_rule_is_told_by_what_goes_on_beside_it(
    left: int, right: int, *, is_in_character: bool
) -> None:
    ink = np.zeros((60, 600), np.uint8)
    ink[10:45, 299:302] = 255
    ink[15:20, left:right] = 255
    assert is_stroke(ink, 300, (0, 60)) is is_in_character


def piece(text: str, box: Box, cell: int) -> ReadPiece:
    return ReadPiece(piece=Piece(box=box, cell=cell), text=text, confidence=0.99)


def grid_with_merged_rows() -> tuple[RuledGrid, list[Box]]:
    """Two columns and two rows; those of the second column are one cell."""
    places = [(0, 0, 1, 0, 0, 200, 60), (0, 1, 2, 200, 0, 400, 120), (1, 0, 1, 0, 60, 200, 120)]
    cells = tuple(
        GridCell(
            row=row, column=column, row_span=span, column_span=1, left=left, top=top, right=right, bottom=bottom
        )
        for row, column, span, left, top, right, bottom in places
    )  # fmt: skip
    boxes = [(round(cell.left), round(cell.top), round(cell.right), round(cell.bottom)) for cell in cells]
    return RuledGrid(cells=cells, rows=2, columns=2, is_even=True), boxes


@pytest.mark.parametrize(
    ("texts", "cells"),
    [
        ([("操场", 20), ("礼堂", 80)], 4),
        ([("操场", 50)], 3),
        ([("2023年11月13日", 38), ("上午9:00", 62)], 3),
        ([("启动周", 20), ("主要负责人", 80)], 3),
    ],
)
def test_a_cell_is_parted_where_each_row_has_a_text_in_its_middle(texts: list[tuple[str, int]], cells: int) -> None:
    grid, boxes = grid_with_merged_rows()
    read = [piece(text, (210, top, 300, top + 20), 1) for text, top in texts]
    parted, insides, placed = with_rows_parted(grid, boxes, read)
    assert len(parted.cells) == len(insides) == cells
    assert all(parted.cells[one.piece.cell or 0].column == 1 for one in placed)
    assert sum(cell.is_inferred for cell in parted.cells) == (2 if cells == 4 else 0)


# --- what a table is of ---------------------------------------------------------------------------------------------


def test_rows_without_headings_are_known_for_the_second_page_of_a_form() -> None:
    assert goes_on_elsewhere([table_of(SCHEDULE_ROWS)])
    assert not goes_on_elsewhere([table_of([["1", "张某某", "某某小学", "8280", "李某某"]] * 3)])
    assert not goes_on_elsewhere([table_of([["第1节", "语文", "数学", "英语", "体育"]] * 3)])


def test_a_second_page_goes_on_with_the_form_though_its_table_has_fewer_rules() -> None:
    first = [["组织单位", "某某小学", "", "", "", ""], ["时间", "活动项目", "形式与内容", "", "活动地点", "参加人数"]]
    first += [["11月8日", "读书", "讲座", "", "操场", "60"]]
    spans = {(0, 1): 5, (1, 2): 2, (2, 2): 2}
    table = table_of(first)
    cells = [replace(one, column_span=spans.get((one.row, one.column), 1)) for one in table.cells if one.text]
    page = Sheet(blocks=(Paragraph(text="附件2"), replace(table, cells=tuple(cells))), is_form=True)
    rows = [["11月9日", "合唱", "演出", "礼堂", "80"], ["11月10日", "书法", "展览", "大厅", "90"]]
    following = Sheet(blocks=(table_of(rows),), is_form=False)
    (form,) = read_forms(blocks_of([page, following]))
    assert [row.cells["place"] for row in form.rows] == ["操场", "礼堂", "大厅"]
    assert pages_lost([page, following]) == ()
    lost = Sheet(blocks=(table_of([["", "", *row] for row in rows]),), is_form=False)
    assert [one.code for one in pages_lost([page, lost])] == [Code.LOW_CONFIDENCE]


@pytest.mark.parametrize(
    ("title", "time", "is_ours"),
    [("", "6月", False), ("单位名称：老年大学", "6月", False), ("", "11月6日", True), ("附件2", "6月", True)],
)
def test_headings_alone_make_no_form_of_a_slide(title: str, time: str, *, is_ours: bool) -> None:
    table = table_of([["项目", "时间", "地点", "人数"], *[["读书", time, "礼堂", "60"]] * 3])
    blocks = (Paragraph(text=title), table)
    assert [is_certain(form, blocks) for form in read_forms(blocks)] == [is_ours]


# --- characters -----------------------------------------------------------------------------------------------------


def test_a_traditional_character_is_brought_back() -> None:
    assert simplified("建昌村村委會") == "建昌村村委会"
    assert simplified("金坛区乾元小学") == "金坛区乾元小学"


def test_what_one_reading_gives_in_simplified_characters_is_as_certain_as_that() -> None:
    turned = Reading(text=simplified("村委會"), score=0.99, weakest=0.6)
    assert agreed([turned])[1] < TRUSTED
    assert agreed([turned, Reading(text="村委会", score=0.99, weakest=0.98)]) == ("村委会", 0.98)
