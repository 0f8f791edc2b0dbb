"""Tables beside each other on one sheet, as .xlsx, .xls, .ods and .csv tell them."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import coordinate_to_tuple

from parsers.content import Cell, Table
from parsers.read import read_file
from parsers.side_by_side import side_by_side
from parsers.tables import Grid
from rules.extraction import Extraction, Kind
from rules.findings import Code
from tests.parsers.make_samples import SAMPLES
from tests.parsers.sample_texts import SCHEDULE_HEAD, STATISTICS_HEAD

Sheet = Mapping[str, Sequence[str]]  # first cell → texts from there to the right
TITLE = "金坛区2023年全民终身学习活动周主要活动安排表"
FIRST = ["1", "共读", "馆", "2023年11月13日", "30"]
SECOND = ["2", "讲座", "堂", "2023年11月14日", "40"]
STATISTICS_ROW = ["2023年11月15日", "朗读", "集会", "操场", "600"]


def _as_xlsx(sheet: Sheet, merged: Sequence[str]) -> bytes:
    workbook = openpyxl.Workbook()
    written = workbook.active
    assert written is not None
    for place, texts in sheet.items():
        row, column = coordinate_to_tuple(place)
        for at, text in enumerate(texts):
            written.cell(row, column + at, text)
    for area in merged:
        written.merge_cells(area)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _as_csv(sheet: Sheet, _merged: Sequence[str]) -> bytes:
    """Nothing is merged there: a line over all columns stands in the first."""
    cells = {
        (row, column + at): text
        for place, texts in sheet.items()
        for row, column in [coordinate_to_tuple(place)]
        for at, text in enumerate(texts)
    }
    rows, columns = (1 + max(place[axis] for place in cells) for axis in (0, 1))
    text = io.StringIO()
    csv.writer(text).writerows([cells.get((row, at), "") for at in range(1, columns)] for row in range(1, rows))
    return text.getvalue().encode("gbk")


FORMATS: dict[str, Callable[[Sheet, Sequence[str]], bytes]] = {"xlsx": _as_xlsx, "csv": _as_csv}


@pytest.fixture(params=FORMATS)
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Extraction]:
    def read_sheet(sheet: Sheet, *merged: str) -> Extraction:
        path = tmp_path / f"表.{request.param}"
        path.write_bytes(FORMATS[request.param](sheet, merged))
        return read_file(path, path.name)

    return read_sheet


def _themes(extraction: Extraction) -> list[tuple[Kind, str, list[str]]]:
    return [
        (form.form, form.unit_name, [row.cells.get("theme") or row.cells["activity"] for row in form.rows])
        for form in extraction.forms
    ]


def _doubts(extraction: Extraction) -> list[str]:
    return [finding.detail for finding in extraction.findings if finding.code is Code.LOW_CONFIDENCE]


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_both_forms_of_a_sheet_are_read_the_left_one_first(suffix: str) -> None:
    name = f"左右两表.{suffix}"
    extraction = read_file(SAMPLES / name, name)
    assert _themes(extraction) == [
        (Kind.SCHEDULE, "金坛区青禾小学", ["活动周启动仪式", "智慧助老手机课堂", "亲子共读"]),
        (Kind.STATISTICS, "金坛区青禾小学", ["国旗下讲话", "主题班会", "主题讲座"]),
    ]
    assert extraction.forms[1].fields["organizer"] == "金坛区青禾小学"


def test_one_form_in_two_columns_of_rows_is_one(read: Callable[..., Extraction]) -> None:
    total = ["合计", "", "", "", "30"]
    sheet = {
        "A1": [TITLE], "A2": ["报送单位：青禾小学"], "A3": SCHEDULE_HEAD, "G3": SCHEDULE_HEAD,
        "A4": FIRST, "G4": SECOND, "A5": total, "G5": [*total[:4], "40"], "A6": ["注：此表加盖公章"],
    }  # fmt: skip
    extraction = read(sheet, "A1:K1", "A2:K2", "A6:K6")
    assert _themes(extraction) == [(Kind.SCHEDULE, "青禾小学", ["共读", "讲座"])]
    assert not extraction.findings


def test_two_units_beside_each_other_stay_two(read: Callable[..., Extraction]) -> None:
    sheet = {
        "A1": [TITLE], "A2": ["报送单位：青禾小学"], "H2": ["报送单位：松涛小学"], "A3": SCHEDULE_HEAD,
        "H3": SCHEDULE_HEAD, "A4": FIRST, "H4": SECOND,
    }  # fmt: skip
    assert _themes(read(sheet, "A1:L1")) == [
        (Kind.SCHEDULE, "青禾小学", ["共读"]),
        (Kind.SCHEDULE, "松涛小学", ["讲座"]),
    ]


def test_whose_both_forms_are_may_be_said_over_both(read: Callable[..., Extraction]) -> None:
    sheet = {
        "A1": ["单位：青禾小学"],
        "B2": SCHEDULE_HEAD,
        "H2": STATISTICS_HEAD,
        "B3": FIRST,
        "H3": STATISTICS_ROW,
    }
    assert _themes(read(sheet, "A1:L1")) == [
        (Kind.SCHEDULE, "青禾小学", ["共读"]),
        (Kind.STATISTICS, "青禾小学", ["朗读"]),
    ]


def test_tables_that_touch_are_parted_where_their_headings_begin_anew(read: Callable[..., Extraction]) -> None:
    sheet = {
        "A1": [TITLE], "A2": ["报送单位：青禾小学"], "A3": [*SCHEDULE_HEAD, *STATISTICS_HEAD],
        "A4": [*FIRST, *STATISTICS_ROW],
    }  # fmt: skip
    assert _themes(read(sheet)) == [
        (Kind.SCHEDULE, "青禾小学", ["共读"]),
        (Kind.STATISTICS, "青禾小学", ["朗读"]),
    ]


def test_four_tables_and_one_below_are_read_row_of_tables_by_row(read: Callable[..., Extraction]) -> None:
    sheet: dict[str, list[str]] = {}
    for column, unit in (("A", "甲山小学"), ("G", "乙水小学"), ("M", "丙石小学"), ("S", "戊土小学")):
        sheet |= {f"{column}1": [f"报送单位：{unit}"], f"{column}2": SCHEDULE_HEAD, f"{column}3": FIRST}
    below = {"A5": ["报送单位：丁木小学"], "A6": [*SCHEDULE_HEAD, "备注", "负责人"], "A7": [*SECOND, "室内", "王某"]}
    units = [unit for _kind, unit, _rows in _themes(read(sheet | below))]
    assert units == ["甲山小学", "乙水小学", "丙石小学", "戊土小学", "丁木小学"]


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_a_form_with_an_empty_column_in_it_stays_one(at: int, read: Callable[..., Extraction]) -> None:
    head, row = ([*texts[:at], "", *texts[at:]] for texts in (STATISTICS_HEAD, STATISTICS_ROW))
    extraction = read({"A1": ["活动情况统计表"], "A2": ["单位名称：青禾小学"], "A3": head, "A4": row})
    assert _themes(extraction) == [(Kind.STATISTICS, "青禾小学", ["朗读"])]
    assert [row.attendance for row in extraction.forms[0].rows] == [600]


def test_an_example_beside_the_form_is_no_form(read: Callable[..., Extraction]) -> None:
    sheet = {"A1": [TITLE], "G1": ["填写示例"], "A2": ["报送单位：青禾小学"], "A3": SCHEDULE_HEAD, "G3": SCHEDULE_HEAD}
    extraction = read(sheet | {"A4": FIRST, "G4": SECOND})
    assert _themes(extraction) == [(Kind.SCHEDULE, "青禾小学", ["共读"])]
    assert not _doubts(extraction)


def test_headings_that_stand_twice_without_making_a_second_table_are_told(read: Callable[..., Extraction]) -> None:
    head, row = [*SCHEDULE_HEAD, "活动时间", "参加人数"], [*FIRST, "2023年11月20日", "50"]
    extraction = read({"A1": [TITLE], "A2": ["报送单位：青禾小学"], "A3": head, "A4": row})
    assert _themes(extraction) == [(Kind.SCHEDULE, "青禾小学", ["共读"])]
    assert _doubts(extraction) == [
        "附件1（主要活动安排表）右边还有同样的栏目（活动时间、参加人数），没有读取，请对照原件核对"
    ]


def test_a_table_of_another_kind_beside_the_form_is_left_alone(read: Callable[..., Extraction]) -> None:
    sheet = {"A1": [TITLE], "A2": ["报送单位：青禾小学"], "A3": SCHEDULE_HEAD, "G3": ["组别", "负责人", "工作内容"]}
    extraction = read(sheet | {"A4": FIRST, "G4": ["宣传组", "张某", "拍照"]})
    assert _themes(extraction) == [(Kind.SCHEDULE, "青禾小学", ["共读"])]
    assert not _doubts(extraction)


def test_many_headings_beside_and_below_each_other_are_parted_in_time() -> None:
    cells = [
        Cell(text=SCHEDULE_HEAD[column] if row % 20 == 0 else "x", row=row, column=6 * table + column)
        for row in range(600)
        for table in range(6)
        for column in range(5)
    ]
    began = time.process_time()
    parts = side_by_side(Grid(Table(cells=tuple(cells), rows=600, columns=36)))
    assert [part.begins_anew for part in parts] == [False] * 6
    assert time.process_time() - began < 10
