"""Grid, seal, turn and doubts on drawn pictures, without the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from parsers.content import Cell, Paragraph, Table
from parsers.doubts import TRUSTED, weighed
from parsers.form_reading import read_forms
from parsers.form_values import ReadForm, understand
from parsers.ocr import Quad, Reading
from parsers.paper.cells import Piece, ReadPiece, table_of
from parsers.paper.dashes import with_joined_rules
from parsers.paper.finding import find_tables
from parsers.paper.gate import may_be_form
from parsers.paper.grid import GridCell, RuledGrid, grid_of_channels
from parsers.paper.ink import dark_on_light, is_light_on_dark, softened
from parsers.paper.labels import count_labels, is_label, mended_cell, mended_line, without_signature
from parsers.paper.neighbours import belongings, corners_of, without
from parsers.paper.orientation import lines_lie_level
from parsers.paper.page import Page
from parsers.paper.reading import _ruled
from parsers.paper.recognised import _end_of, _is_scrap_of_seal
from parsers.paper.seal import find_stamp
from parsers.paper.sheet import flatten, turned
from parsers.paper.signature import is_signed
from parsers.paper.telling import Sheet, told_as_one
from rules.extraction import Form
from rules.findings import Code
from tests.parsers.paper_forms import (
    SCHEDULE_ROWS,
    Shot,
    in_dark_mode,
    photographed,
    schedule_page,
    side_by_side,
    stamped,
    statistics_page,
)


def grid_of(picture: Image.Image, quarters: int = 0) -> RuledGrid:
    pixels = np.asarray(picture)
    (table,) = find_tables(pixels)
    _flat, grid = _ruled(turned(flatten(pixels, table.corners), quarters), pixels)
    assert grid is not None
    return grid


@pytest.mark.parametrize("curl", [0.0, 0.015])
@pytest.mark.parametrize("degrees", [-8.0, 3.0])
def test_the_grid_of_a_bent_and_turned_sheet_is_the_forms_own(curl: float, degrees: float) -> None:
    shot = Shot(curl=curl, degrees=degrees, size=(1200, 1600))
    grid = grid_of(photographed(statistics_page(), shot))
    assert grid.is_even
    assert (grid.rows, len(grid.cells)) == (14, 61)


def test_a_label_over_two_rows_is_one_cell() -> None:
    grid = grid_of(statistics_page())
    assert [(cell.row, cell.row_span) for cell in grid.cells if cell.row_span > 1] == [(2, 2)]


def test_a_sheet_that_lies_sideways_has_the_same_grid_after_its_turn() -> None:
    grid = grid_of(photographed(schedule_page(), Shot(turn=1, size=(1200, 1600))), quarters=1)
    assert (grid.rows, grid.columns) == (9, 5)


def test_a_table_with_a_thick_frame_and_thin_rules_is_found_whole() -> None:
    page = np.full((1600, 1200), 225, np.uint8)
    for row in range(1, 12):
        cv2.line(page, (150, 200 + 100 * row), (1050, 200 + 100 * row), 190, 2)
    for column in range(1, 5):
        cv2.line(page, (150 + 180 * column, 200), (150 + 180 * column, 1400), 190, 2)
    for inset in (0, 12):
        cv2.rectangle(page, (150 + inset, 200 + inset), (1050 - inset, 1400 - inset), 10, 4)
    picture = np.repeat(page[..., None], 3, axis=2)
    (table,) = find_tables(softened(picture))
    assert np.abs(table.corners - [[162, 212], [1038, 212], [1038, 1388], [162, 1388]]).max() < 25
    assert np.array_equal(softened(np.full((400, 300, 3), 240, np.uint8)), np.full((400, 300, 3), 240, np.uint8))


@pytest.mark.parametrize(("lines", "is_looked_at"), [(11, True), (7, False)])
def test_a_sheet_with_little_writing_is_looked_at(lines: int, is_looked_at: bool) -> None:
    picture = np.full((1024, 768, 3), (110, 75, 50), np.uint8)
    picture[100:900, 100:680] = 235
    for line in range(lines):
        for sign in range(9):
            cv2.rectangle(
                picture, (200 + 20 * sign, 200 + 40 * line), (210 + 20 * sign, 212 + 40 * line), (30, 30, 30), 2
            )
    assert may_be_form(picture) is is_looked_at


def test_plain_paper_has_no_table() -> None:
    assert find_tables(np.full((1200, 900, 3), 245, np.uint8)) == []


@pytest.mark.parametrize(("dash", "gap"), [(3, 3), (8, 5), (12, 8)])
def test_dotted_and_dashed_rules_give_the_grid_that_whole_ones_give(dash: int, gap: int) -> None:
    for picture in (schedule_page(dashes=(dash, gap)), photographed(schedule_page(dashes=(dash, gap)))):
        grid = grid_of(Image.fromarray(with_joined_rules(np.asarray(picture))))
        assert grid.is_even
        assert (grid.rows, grid.columns, len(grid.cells)) == (9, 5, 45)


# --- several tables ---------------------------------------------------------------------------------------------------


def test_two_sheets_beside_each_other_are_two_tables() -> None:
    found = find_tables(np.asarray(side_by_side(statistics_page(), schedule_page())))
    assert sorted(bool(table.corners[:, 0].mean() < 2000) for table in found) == [False, True]


def stacked(*, gap: int, has_edge: bool) -> np.typing.NDArray[np.uint8]:
    """Two tables of one width, one over the other; a sheet may end between them."""
    page = np.full((1500, 1200, 3), 250, np.uint8)
    top = 200
    for _table in range(2):
        for row in range(6):
            for column in range(4):
                at = 150 + 220 * column, top + 70 * row
                cv2.rectangle(page, at, (at[0] + 220, at[1] + 70), (20, 20, 20), 3)
        top += 6 * 70 + gap
    if has_edge:
        page[620 + gap // 2 : 626 + gap // 2] = 150
    return page


def test_a_table_in_two_parts_on_one_sheet_is_one() -> None:
    assert len(find_tables(stacked(gap=120, has_edge=False))) == 1
    assert len(find_tables(stacked(gap=120, has_edge=True))) == 2


def test_what_belongs_to_a_neighbour_is_painted_over_and_nothing_of_ones_own() -> None:
    page = stacked(gap=120, has_edge=True)
    cv2.putText(page, "TITLE", (200, 725), cv2.FONT_HERSHEY_SIMPLEX, 1, (20, 20, 20), 3)
    first, second = sorted(find_tables(page), key=lambda table: float(table.corners[0, 1]))
    upper, lower = flatten(page, first.corners), flatten(page, second.corners)
    for_upper = without(page, [belongings(lower, corners_of(upper))])
    for_lower = without(page, [belongings(upper, corners_of(lower))])
    assert for_upper[690:].min() > 140
    assert np.array_equal(for_upper[:625], page[:625])
    assert for_lower[:620].min() > 200
    assert np.array_equal(for_lower[700:], page[700:])


def one_sheet(unit: str, *, is_under: bool, is_form: bool = True) -> Sheet:
    line = Paragraph(text=f"报送地区（单位）：{unit}", certainty=0.99)
    table = schedule(0.99) if is_form else Table(cells=(Cell(text="课程表", row=0, column=0),), rows=1, columns=1)
    title = Paragraph(text="全民终身学习活动周主要活动安排表", certainty=0.99)
    blocks = (title, table, line) if is_under else (title, line, table)
    return Sheet(blocks=blocks, is_form=is_form, labels=5, stamped=False, confidence=0.9)


@pytest.mark.parametrize("is_under", [True, False])
def test_each_form_of_a_picture_keeps_its_own_unit(is_under: bool) -> None:
    told = told_as_one([one_sheet("水北中心小学", is_under=is_under), one_sheet("直溪初级中学", is_under=not is_under)])
    assert told is not None
    assert [form.fields["unit_name"] for form in read_forms(told.blocks)] == ["水北中心小学", "直溪初级中学"]
    assert told.findings == ()


def test_a_table_beside_a_form_that_nobody_could_read_is_for_a_person() -> None:
    for other in (None, one_sheet("水北中心小学", is_under=False, is_form=False)):
        told = told_as_one([one_sheet("直溪初级中学", is_under=False), other])
        assert told is not None
        assert [finding.code for finding in told.findings] == [Code.LOW_CONFIDENCE]
        assert len(read_forms(told.blocks)) == 1


# --- reflections ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("paper", "is_hidden"), [(205, True), (255, False)])
def test_an_empty_cell_in_a_reflection_is_not_known_to_be_empty(paper: int, *, is_hidden: bool) -> None:
    picture = np.full((300, 600, 3), paper, np.uint8)
    picture[20:120, 20:180] = 255
    page = Page.of(picture)
    assert page.is_burnt_out((30, 30, 230, 110)) is is_hidden
    assert not page.is_burnt_out((300, 150, 500, 250))
    grid = RuledGrid(
        cells=(GridCell(row=0, column=0, row_span=1, column_span=1, left=30, top=30, right=230, bottom=110),),
        rows=1, columns=1, is_even=True,
    )  # fmt: skip
    _table, (written,) = table_of(grid, [(30, 30, 230, 110)], [], page)
    assert (written.confidence < TRUSTED) is is_hidden


# --- screens ----------------------------------------------------------------------------------------------------------


def test_a_screen_in_dark_mode_is_told_from_a_photograph_on_a_dark_desk() -> None:
    dark = np.asarray(in_dark_mode(schedule_page()).resize((724, 1024)))
    assert is_light_on_dark(dark)
    assert np.median(dark_on_light(dark)) > 200
    on_desk = photographed(schedule_page(), Shot(desk=(20, 20, 24), size=(800, 1067), noise=1.0))
    assert not is_light_on_dark(np.asarray(on_desk.resize((768, 1024))))


def test_light_and_dark_are_exchanged_and_red_stays_red() -> None:
    exchanged = dark_on_light(np.array([[[24, 24, 24], [205, 30, 38]]], np.uint8))
    assert exchanged.tolist() == [[[231, 231, 231], [225, 50, 58]]]


def test_the_rules_of_a_screen_are_taken_to_the_pixel() -> None:
    (on_screen,) = find_tables(np.asarray(schedule_page()))
    (on_desk,) = find_tables(np.asarray(photographed(schedule_page())))
    assert on_screen.is_drawn
    assert not on_desk.is_drawn


def page_of_rules(upright: Sequence[tuple[int, int, int]]) -> np.typing.NDArray[np.uint8]:
    """A ruled table of ten rows, with these upright rules inside: where, from and to which row."""
    page = np.full((1000, 1200), 245, np.uint8)
    for row in range(11):
        cv2.line(page, (100, 100 + 80 * row), (1100, 100 + 80 * row), 40, 2)
    for x, first, last in ((100, 0, 10), (1100, 0, 10), *upright):
        cv2.line(page, (x, 100 + 80 * first), (x, 100 + 80 * last), 40, 2)
    return page


def test_two_upright_rules_near_each_other_are_two() -> None:
    page = page_of_rules([(500, 0, 3), (516, 5, 10), (800, 0, 10)])
    for row in (3, 4):  # strokes of characters between them
        cv2.line(page, (508, 115 + 80 * row), (508, 165 + 80 * row), 40, 2)
    grid = grid_of_channels(page, page)
    assert grid is not None
    assert {round(cell.right) for cell in grid.cells if cell.row < 3} == {500, 800, 1100}
    assert {round(cell.right) for cell in grid.cells if cell.row >= 5} == {516, 800, 1100}


def grainy(page: np.typing.NDArray[np.uint8]) -> np.typing.NDArray[np.uint8]:
    noise = np.random.default_rng(7).normal(0, 9, page.shape)
    return np.clip(page * 0.5 + noise, 0, 255).astype(np.uint8)


def test_a_rule_that_is_lost_in_the_grain_is_found_where_it_goes_on() -> None:
    page = page_of_rules([(300, 0, 10), (600, 0, 4), (600, 5, 10), (800, 0, 10)])
    assert right_edges(grainy(page), row=4) == [300, 800, 1100]
    cv2.line(page, (600, 420), (600, 500), 225, 2)
    assert right_edges(grainy(page), row=4) == [300, 600, 800, 1100]


def test_writing_where_a_rule_could_go_on_is_none() -> None:
    page = page_of_rules([(300, 0, 10), (600, 0, 4), (600, 5, 10), (800, 0, 10)])
    for top in (434, 466):
        cv2.line(page, (598, top), (602, top + 20), 60, 3)
    assert right_edges(grainy(page), row=4) == [300, 800, 1100]


def right_edges(page: np.typing.NDArray[np.uint8], row: int) -> list[int]:
    """Where the cells of a row end on a page with the table 100 pixels from its edges."""
    grid = grid_of_channels(page, page, left=60, top=60)
    assert grid is not None
    return [round(cell.right) + 60 for cell in grid.cells if cell.row <= row < cell.row + cell.row_span]


def test_a_rule_with_characters_over_and_under_it_is_no_crease() -> None:
    page = page_of_rules([(300, 0, 10), (600, 5, 10), (800, 0, 10)])
    for begin, end in ((44, 92), (908, 956)):
        cv2.line(page, (600, begin), (600, end), 100, 2)
    assert right_edges(page, row=7) == [300, 600, 800, 1100]


def test_a_crease_bulges_and_is_no_rule() -> None:
    page = page_of_rules([(300, 0, 10), (800, 0, 10)])
    points = [[round(600 + 6 * np.sin(np.pi * y / 1000)), y] for y in range(20, 981, 20)]
    cv2.polylines(page, [np.array(points, np.int32)], isClosed=False, color=(225,), thickness=2)
    assert right_edges(page, row=7) == [300, 800, 1100]


# --- seal -------------------------------------------------------------------------------------------------------------


def page_with(draw: str) -> np.typing.NDArray[np.uint8]:
    page = np.array(statistics_page(is_stamped=False))
    red = (205, 30, 38)
    if draw == "banner":
        cv2.rectangle(page, (200, 40), (1450, 120), red, -1)
    elif draw == "heading":
        cv2.putText(page, "RED HEADING", (200, 110), cv2.FONT_HERSHEY_SIMPLEX, 4, red, 12)
    elif draw == "sticker":
        cv2.circle(page, (800, 2000), 150, red, -1)
    elif draw == "desk":
        page[:, :140] = red
        page[2100:] = red
    elif draw == "rules":
        for y in range(1800, 2300, 60):
            cv2.line(page, (150, y), (1500, y), red, 4)
    return page


@pytest.mark.parametrize("draw", ["nothing", "banner", "heading", "sticker", "desk", "rules"])
def test_red_that_is_no_ring_is_no_seal(draw: str) -> None:
    assert find_stamp(page_with(draw)).is_stamped is False


def test_a_square_seal_on_a_table_with_red_rules_is_no_units_seal() -> None:
    page, red = page_with("rules"), (205, 30, 38)
    for x in range(150, 1501, 270):
        cv2.line(page, (x, 1800), (x, 2300), red, 4)
    cv2.rectangle(page, (700, 400), (900, 600), red, 10)
    cv2.putText(page, "OK", (730, 550), cv2.FONT_HERSHEY_SIMPLEX, 3, red, 14)
    assert find_stamp(page).is_stamped is False


def test_the_grain_of_a_reddish_desk_is_no_seal() -> None:
    page = np.array(statistics_page(is_stamped=False)).astype(np.float32)
    grain = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 1, (250, page.shape[1])).astype(np.float32), (0, 0), 3)
    grain /= grain.std()
    page[:250] = np.array([120, 80, 60], np.float32) + 35 * grain[..., None] * np.array([1, 0.6, 0.5], np.float32)
    assert find_stamp(np.clip(page, 0, 255).astype(np.uint8)).is_stamped is False


@pytest.mark.parametrize("strength", [0.9, 0.5, 0.25])
@pytest.mark.parametrize("radius", [110, 190])
def test_a_seal_is_seen_fresh_and_faded(strength: float, radius: int) -> None:
    page = stamped(statistics_page(is_stamped=False), (520, 410), radius=radius, strength=strength)
    stamp = find_stamp(np.asarray(page))
    assert stamp.is_stamped is True
    assert stamp.ring is not None
    assert abs(stamp.ring.x - 520) < 12


@pytest.mark.parametrize("strength", [0.0, 0.3])
def test_a_pale_seal_is_seen_in_bluish_light_and_none_where_none_is(strength: float) -> None:
    page = np.asarray(stamped(statistics_page(is_stamped=False), (520, 410), strength=strength))
    bluish = np.clip(page * np.array([0.84, 0.93, 1.0]), 0, 255).astype(np.uint8)
    assert find_stamp(bluish).is_stamped is (strength > 0)


def test_a_seal_on_paper_that_bends_is_seen() -> None:
    """In part, too: the ring is an ellipse, and no circle goes along it."""
    page = np.asarray(stamped(statistics_page(is_stamped=False), (520, 410), strength=0.4)).copy()
    page[250:300, 360:680] = 252
    narrow = cv2.resize(page, (1400, 2339), interpolation=cv2.INTER_AREA)
    assert find_stamp(np.asarray(narrow, np.uint8)).is_stamped is True


def test_a_seal_on_a_red_desk_is_seen() -> None:
    page = stamped(Image.fromarray(page_with("desk")), (520, 410))
    assert find_stamp(np.asarray(page)).is_stamped is True


def test_a_seal_that_touches_the_red_line_of_a_letterhead_is_seen() -> None:
    page = np.asarray(stamped(statistics_page(is_stamped=False), (520, 410))).copy()
    cv2.line(page, (150, 250), (1500, 250), (205, 30, 38), 8)
    assert find_stamp(page).is_stamped is True


def test_a_black_and_white_copy_of_a_seal_is_for_a_person() -> None:
    page = stamped(statistics_page(is_stamped=False), (800, 1980), strength=1.0).convert("L").convert("RGB")
    stamp = find_stamp(np.asarray(page))
    assert stamp.is_stamped is None
    assert "复印件" in stamp.reason


@pytest.mark.parametrize(
    ("text", "confidence", "is_scrap"),
    [("AA002", 0.18, True), ("小", 0.5, True), ("小", 0.9, False), ("金坛区河滨小学", 0.65, False)],
)
def test_what_a_seal_alone_wrote_is_no_text(text: str, confidence: float, is_scrap: bool) -> None:
    page = np.full((200, 400, 3), 250, np.uint8)
    cv2.circle(page, (200, 100), 80, (205, 30, 38), 12)
    piece = ReadPiece(piece=Piece(box=(150, 15, 250, 50), cell=None), text=text, confidence=confidence)
    assert _is_scrap_of_seal(Page.of(page), piece) is is_scrap


@pytest.mark.parametrize("is_written", [True, False])
def test_a_signature_is_looked_for_beside_a_label_on_two_lines(is_written: bool) -> None:
    page = np.full((200, 600, 3), 250, np.uint8)
    if is_written:
        cv2.polylines(
            page, [np.array([[350, 60], [390, 130], [420, 50], [470, 140]], np.int32)], False, (30, 30, 60), 5
        )
    label = [
        ReadPiece(piece=Piece(box=box, cell=0), text=text, confidence=1.0)
        for box, text in (((20, 50, 280, 90), "分管领导（签"), ((100, 110, 180, 150), "字）"))
    ]
    assert is_signed(Page.of(page), label, [(10, 40, 290, 160), (300, 40, 590, 160)]) is is_written


def test_the_text_ends_where_its_own_reading_says() -> None:
    scrawl, plain = (
        Reading(text=text, score=0.9, weakest=0.6, end=end) for text, end in (("字：王", 0.9), ("字：", 0.5))
    )
    assert _end_of("字：", [scrawl, plain, plain]) == 0.5
    assert _end_of("字：王", [scrawl, plain]) == 0.9


# --- turn, labels, doubts ---------------------------------------------------------------------------------------------


def box(width: float, height: float) -> Quad:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)


def test_lines_tell_whether_the_page_lies_sideways() -> None:
    assert lines_lie_level([box(300, 30), box(120, 28), box(30, 30)])
    assert not lines_lie_level([box(30, 300), box(28, 120), box(200, 30)])


def test_labels_are_known_and_mended() -> None:
    assert is_label("“启动周”\n主要负责人")
    assert is_label("参加人数")
    assert not is_label("镇政府三楼会议室")
    assert mended_cell("动员会举办地占") == "动员会举办地点"
    assert mended_cell("contact9601@jt.examp1e") == "contact9601@jt.example"
    assert mended_cell("新时代文明实践站") == "新时代文明实践站"
    assert mended_line("单位名称（盖章金坛区某某小学") == "单位名称（盖章）：金坛区某某小学"
    assert without_signature("分管领导（签字）：√~√") == "分管领导（签字）："
    assert count_labels(["组织单位", "单位名称（盖章）：某某小学", "参加人数", "周活动情况统计表", "某某小学"]) == 4


def schedule(certainty: float, numbers: tuple[str, ...] = ("1", "2", "3")) -> Table:
    lines = [("序号", "活动主题", "活动地点", "活动时间", "参加人数")]
    lines += [(number, *row[1:]) for number, row in zip(numbers, SCHEDULE_ROWS, strict=True)]
    cells = tuple(
        Cell(text=text, row=row, column=column, certainty=certainty if (row, column) == (2, 2) else 0.99)
        for row, texts in enumerate(lines)
        for column, text in enumerate(texts)
    )
    return Table(cells=cells, rows=4, columns=5)


def read_of(table: Table) -> ReadForm:
    blocks = (Paragraph(text="报送地区（单位）：某某小学", certainty=0.99), table)
    (raw,) = read_forms(blocks)
    return weighed(understand(raw, None), blocks)


def weighed_form(table: Table) -> Form:
    return read_of(table).form


def doubts_of(table: Table) -> list[str]:
    read = read_of(table)
    return [finding.detail for finding in read.findings if finding.code is Code.LOW_CONFIDENCE]


def test_a_doubtful_value_is_named_for_a_person() -> None:
    (detail,) = doubts_of(schedule(TRUSTED - 0.1))
    assert detail.endswith("：第2行地点")
    assert doubts_of(schedule(0.99)) == []


def test_numbers_that_do_not_follow_each_other_tell_of_a_lost_row() -> None:
    values, order = doubts_of(schedule(0.99, ("1", "3", "4")))
    assert "第2行" in values
    assert "第3行" in values
    assert "第1行" not in values
    assert "序号不连续" in order


def test_a_filled_form_without_a_row_is_doubtful_as_a_whole() -> None:
    lines = [
        ("组织单位", "某某小学", "参与单位", "某某社区"),
        ("姓名", "张某某", "单位职务", "校长"),
        ("活动周主题", "人人皆学", "动员会时间", "2023年11月10日"),
        ("活动时间", "活动项目", "形式与内容", "活动地点"),
    ]
    cells = tuple(
        Cell(text=text, row=row, column=column, certainty=0.99)
        for row, texts in enumerate(lines)
        for column, text in enumerate(texts)
    )
    read = read_of(Table(cells=cells, rows=4, columns=4))
    assert read.form.rows == ()
    assert max(read.form.certainties.values()) < TRUSTED
    assert "一行也没有识别出来" in read.findings[-1].detail


def unread_schedule(text: str, certainty: float) -> Table:
    """A schedule under whose headings only numbers are printed, and `text` stands in every other cell."""
    lines = [
        ("序号", "活动主题", "活动地点", "活动时间", "参加人数"),
        *((str(number), *4 * [text]) for number in (1, 2)),
    ]
    cells = tuple(
        Cell(text=text, row=row, column=column, certainty=0.99 if text else certainty)
        for row, texts in enumerate(lines)
        for column, text in enumerate(texts)
    )
    return Table(cells=cells, rows=3, columns=5)


def test_a_form_whose_writing_nobody_could_read_is_not_called_unfilled() -> None:
    codes = {finding.code for finding in read_of(unread_schedule("", certainty=0.2)).findings}
    assert codes == {Code.LOW_CONFIDENCE}


def test_a_form_without_writing_is_unfilled() -> None:
    codes = {finding.code for finding in read_of(unread_schedule("", certainty=1.0)).findings}
    assert Code.FORM_EMPTY in codes
    assert Code.LOW_CONFIDENCE not in codes


@pytest.mark.parametrize("numbers", [("1", "7", "3"), ("7", "2", "3"), ("1", "", "3")])
def test_a_single_number_that_was_misread_is_mended_and_named(numbers: tuple[str, str, str]) -> None:
    form = weighed_form(schedule(0.99, numbers))
    assert [row.cells["index"] for row in form.rows] == ["1", "2", "3"]
    assert [key for key, certainty in form.certainties.items() if certainty < TRUSTED] == [
        f"{1 + [number == str(place) for place, number in enumerate(numbers, start=1)].index(False)}.index"
    ]


@pytest.mark.parametrize(
    ("column", "text"), [(3, "11月14日11月15日"), (4, "120人88人"), (3, "11月14日上午\n11月15日下午")]
)
def test_two_rows_read_as_one_make_every_row_from_there_on_doubtful(column: int, text: str) -> None:
    table = schedule(0.99)
    cells = [replace(cell, text=text) if (cell.row, cell.column) == (2, column) else cell for cell in table.cells]
    certainties = weighed_form(replace(table, cells=tuple(cells))).certainties
    doubtful = {key.partition(".")[0] for key, certainty in certainties.items() if certainty < TRUSTED}
    assert doubtful == {"2", "3"}


@pytest.mark.parametrize("text", ["11月15日下午74:00", "11月15日9:75", "17月15日", "11月45日"])
def test_a_time_that_no_clock_or_calendar_has_is_doubtful(text: str) -> None:
    table = schedule(0.99)
    cells = [replace(cell, text=text) if (cell.row, cell.column) == (2, 3) else cell for cell in table.cells]
    assert [detail.rpartition("：")[2] for detail in doubts_of(replace(table, cells=tuple(cells)))] == ["第2行时间"]


def doubted_names(unit: str, organizer: str) -> list[str]:
    """What is doubted of a form of that unit with that organiser, clearly read."""
    lines = [
        ("组织单位", organizer, "参与单位", "某某社区", ""),
        ("序号", "活动主题", "活动地点", "活动时间", "参加人数"),
        ("1", "健康讲座", "礼堂", "11月14日", "50"),
    ]
    cells = tuple(
        Cell(text=text, row=row, column=column, certainty=0.99)
        for row, texts in enumerate(lines)
        for column, text in enumerate(texts)
    )
    head = Paragraph(text=f"活动情况统计表  单位名称：{unit}", certainty=0.99)
    blocks = (head, Table(cells=cells, rows=3, columns=5))
    (raw,) = read_forms(blocks)
    certainties = weighed(understand(raw, None), blocks).form.certainties
    return [name for name in ("unit_name", "organizer") if certainties[name] < TRUSTED]


@pytest.mark.parametrize(
    ("unit", "organizer", "doubted"),
    [
        ("东城实验小学", "东城实验小学", []),
        ("东城实验小学", "东城实验小学工会", ["unit_name"]),
        ("东城实验小学", "金坛区东城实验小学", []),
        ("东城实验小学", "东城实验小字", ["unit_name", "organizer"]),
        ("东城实验小学", "区东城实验小学", ["unit_name", "organizer"]),
        ("东城实验小学", "区 金坛区东城实验小学", ["organizer"]),
        ("东城实验小学周活动情况统计表", "东城实验小学", ["unit_name", "organizer"]),
        ("东城实验小学", "金坛区东城小学", []),
        ("金坛区东城街道社区心", "金坛区东城街道社区教育中心", ["unit_name"]),
        ("直溪中心幼儿园", "直溪中", ["organizer"]),
        ("直溪中心幼儿园", "3204820072458直溪中心幼儿园", ["unit_name", "organizer"]),
        ("直溪中心幼儿园", "直溪中心幼儿园、直溪镇人民政府", []),
        ("第一中学", "第二中学", ["unit_name", "organizer"]),
    ],
)
def test_a_name_into_which_something_else_was_read_is_doubtful(unit: str, organizer: str, doubted: list[str]) -> None:
    assert doubted_names(unit, organizer) == doubted


@pytest.mark.parametrize("text", ["11月14日-11月15日", "11月14日至15日", "11月14日、11月15日", "2023.11.14"])
def test_a_span_of_days_is_one_row(text: str) -> None:
    table = schedule(0.99)
    cells = [replace(cell, text=text) if (cell.row, cell.column) == (2, 3) else cell for cell in table.cells]
    assert doubts_of(replace(table, cells=tuple(cells))) == []
