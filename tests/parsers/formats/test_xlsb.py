from __future__ import annotations

import io
import zipfile

import pytest

from parsers.read import read_file
from tests.parsers.sample_texts import SCHEDULE_HEAD, SCHEDULE_ROWS
from tests.parsers.xlsb_writer import xlsb_file

TITLE = ["金坛区2023-2024年度全民终身学习活动周主要活动安排表", "", "", "", ""]
ROWS = [TITLE, SCHEDULE_HEAD, *SCHEDULE_ROWS]


def _texts(content):
    return [cell.text for cell in content.blocks[0].cells]


def test_hidden_rows_and_columns_do_not_count(read):
    rows = [["去年的", "甲"], ["今年的", "乙"]]
    assert _texts(read(xlsb_file(rows, hidden_rows=[0]), "a.xlsb")) == ["今年的", "乙"]
    assert _texts(read(xlsb_file(rows, hidden_columns=[0]), "a.xlsb")) == ["甲", "乙"]
    assert _texts(read(xlsb_file(rows), "a.xlsb")) == ["去年的", "甲", "今年的", "乙"]


def test_merged_cells_have_their_spans(read, cells):
    assert cells(read(xlsb_file([["题", ""], ["甲", "乙"]], merged=[(0, 0, 0, 1)]), "a.xlsb")) == {
        (0, 0, 1, 2): "题",
        (1, 0, 1, 1): "甲",
        (1, 1, 1, 1): "乙",
    }


def test_last_years_rows_that_nobody_sees_are_no_activities(tmp_path):
    last_year = ["9", "旧活动", "旧地点", "11月1日", "9"]
    data = xlsb_file([*ROWS[:3], last_year, *ROWS[3:]], hidden_rows=[3], merged=[(0, 0, 0, 4)])
    (tmp_path / "附件1.xlsb").write_bytes(data)
    (form,) = read_file(tmp_path / "附件1.xlsb", "附件1.xlsb").forms
    assert [row.cells["theme"] for row in form.rows] == [row[1] for row in SCHEDULE_ROWS]


@pytest.mark.parametrize("part", ["xl/_rels/workbook.bin.rels", "xl/worksheets/sheet1.bin", "xl/workbook.bin"])
def test_a_workbook_of_which_a_part_is_broken_never_passes_for_another(part, tmp_path):
    whole = xlsb_file(ROWS, hidden_rows=[3])
    with zipfile.ZipFile(io.BytesIO(whole)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    for cut in range(0, len(parts[part]), max(1, len(parts[part]) // 15)):
        with zipfile.ZipFile(tmp_path / "a.xlsb", "w") as package:
            for name, content in parts.items():
                package.writestr(name, content[:cut] if name == part else content)
        seen = read_file(tmp_path / "a.xlsb", "附件1.xlsb")
        rows = [row.cells["theme"] for form in seen.forms for row in form.rows]
        assert set(rows) <= {row[1] for row in SCHEDULE_ROWS}
