"""Forms are found by their texts, wherever they stand and however they were changed."""

from __future__ import annotations

import pytest

from parsers.content import Cell, Paragraph, Table
from parsers.form_reading import read_forms
from parsers.form_values import understand
from parsers.raw_forms import RawForm
from rules.extraction import Kind
from rules.findings import Code
from tests.parsers.sample_texts import SCHEDULE_HEAD, SCHEDULE_ROWS, STATISTICS_HEAD, STATISTICS_ROWS


def _table(*rows: list[str], name: str = "") -> Table:
    cells = tuple(
        Cell(text=text, row=row, column=column)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
        if text
    )
    return Table(cells=cells, rows=len(rows), columns=max(map(len, rows)), name=name)


def _only(*blocks: Paragraph | Table) -> RawForm:
    (form,) = read_forms(blocks)
    return form


def _line(text: str) -> Paragraph:
    return Paragraph(text=text)


@pytest.mark.parametrize(
    "head",
    [
        ["序号", "活动主题", "活动地点", "活动时间", "参 加 人 数"],
        ["序号", "活动名称", "地点", "时间", "参与人数（人）"],
        ["编号", "主 题", "举办地点", "活动日期", "人数"],
        ["序号", "活动内容", "活动场所", "开展时间", "预计参加人数"],
    ],
)
def test_renamed_columns_are_known(head: list[str]) -> None:
    form = _only(_line("主要活动安排表"), _table(head, *SCHEDULE_ROWS))
    assert form.shape.form is Kind.SCHEDULE
    assert [row.cells["theme"] for row in form.rows] == [row[1] for row in SCHEDULE_ROWS]
    assert [row.cells["attendance"] for row in form.rows] == [row[4] for row in SCHEDULE_ROWS]


def test_reordered_missing_and_extra_columns_are_told_by_their_headings() -> None:
    form = _only(
        _line("活动安排表"),
        _table(["负责人", "人数", "活动主题", "活动时间", "备注"], ["王老师", "30", "共读", "11月3日", "室内"]),
    )
    assert form.rows[0].cells == {"attendance": "30", "theme": "共读", "time": "11月3日"}


@pytest.mark.parametrize("split", [frozenset(), frozenset({2})])
def test_headings_merged_over_two_rows_with_nothing_under_them_are_headings(split: frozenset[int]) -> None:
    head = [
        Cell(text=text, row=0, column=column, row_span=1 if column in split else 2)
        for column, text in enumerate(SCHEDULE_HEAD)
    ]
    body = [
        Cell(text=text, row=2 + row, column=column)
        for row, texts in enumerate(SCHEDULE_ROWS)
        for column, text in enumerate(texts)
    ]
    empty = [Cell(text="", row=1, column=column) for column in split]
    table = Table(cells=(*head, *empty, *body), rows=2 + len(SCHEDULE_ROWS), columns=len(SCHEDULE_HEAD))
    form = _only(_line("主要活动安排表"), table)
    assert [row.cells["theme"] for row in form.rows] == [row[1] for row in SCHEDULE_ROWS]


def test_an_unrelated_table_is_no_form() -> None:
    contacts = _table(["姓名", "职务", "电话"], ["张小禾", "主任", "0519-80000000"])
    budget = _table(["序号", "项目", "金额"], ["1", "横幅", "300"])
    grouping = _table(["组别", "负责人", "工作内容"], ["宣传组", "张小禾", "拍照"])
    assert read_forms([_line("成立领导小组"), contacts, budget, grouping]) == ()


def test_a_total_that_differs_from_the_sum_is_a_finding_and_no_row() -> None:
    rows = [["1", "共读", "馆", "11月1日", "30"], ["2", "讲座", "馆", "11月2日", "20"], ["合计", "", "", "", "60人"]]
    read = understand(_only(_line("安排表"), _table(SCHEDULE_HEAD, *rows)), None)
    assert [row.attendance for row in read.form.rows] == [30, 20]
    assert Code.TOTAL_MISMATCH in {finding.code for finding in read.findings}


def test_a_total_that_agrees_and_an_index_before_the_total_are_fine() -> None:
    rows = [["1", "共读", "馆", "11月1日", "30"], ["2", "讲座", "馆", "11月2日", "20"], ["3", "合计", "", "", "50"]]
    read = understand(_only(_line("安排表"), _table(SCHEDULE_HEAD, *rows)), None)
    assert len(read.form.rows) == 2
    assert Code.TOTAL_MISMATCH not in {finding.code for finding in read.findings}


def test_a_number_in_words_that_say_none_is_quoted_and_never_zero() -> None:
    read = understand(_only(_line("安排表"), _table(SCHEDULE_HEAD, ["1", "共读", "馆", "11月1日", "全体"])), None)
    assert read.form.rows[0].attendance is None
    (detail,) = [finding.detail for finding in read.findings if finding.code is Code.NUMBER_UNREADABLE]
    assert "全体" in detail


def test_a_cell_merged_over_rows_gives_its_place_to_each_and_its_number_to_the_first() -> None:
    cells = [Cell(text=text, row=0, column=column) for column, text in enumerate(SCHEDULE_HEAD)]
    cells += [Cell(text=f"活动{row}", row=row, column=1) for row in (1, 2)]
    cells += [Cell(text="礼堂", row=1, column=2, row_span=2), Cell(text="11月3日", row=1, column=3, row_span=2)]
    cells += [Cell(text="90", row=1, column=4, row_span=2)]
    form = _only(_line("安排表"), Table(cells=tuple(cells), rows=3, columns=5))
    assert [row.cells["place"] for row in form.rows] == ["礼堂", "礼堂"]
    assert [row.cells["attendance"] for row in form.rows] == ["90", ""]


def test_a_form_cut_in_two_tables_is_one() -> None:
    form = _only(
        _line("活动情况统计表"),
        _table(["组织单位", "校办"], ["参与单位", "社区"]),
        _table(STATISTICS_HEAD, *STATISTICS_ROWS[:1]),
        _table(*STATISTICS_ROWS[1:]),
    )
    assert (form.fields["organizer"], form.fields["participants"], len(form.rows)) == ("校办", "社区", 3)


def test_examples_notes_and_group_lines_are_no_activities() -> None:
    rows = [["例", "样例活动", "某处", "11月1日", "10"], *SCHEDULE_ROWS, ["注：请于10月30日前报送"], ["填表人：张小禾"]]
    assert len(_only(_line("安排表"), _table(SCHEDULE_HEAD, *rows)).rows) == len(SCHEDULE_ROWS)


def test_a_unit_line_under_the_table_is_its_unit() -> None:
    form = _only(_line("安排表"), _table(SCHEDULE_HEAD, *SCHEDULE_ROWS), _line("报送单位：金坛区青禾小学"))
    assert form.fields["unit_name"] == "金坛区青禾小学"


def test_a_place_called_school_is_a_value_and_no_label() -> None:
    form = _only(
        _line("活动情况统计表"),
        _table(
            ["组织单位", "校办"], ["动员会时间", "11月1日", "动员会举办地点", "学校"], STATISTICS_HEAD, *STATISTICS_ROWS
        ),
    )
    assert form.fields["mobilization_place"] == "学校"


def test_sheets_do_not_run_into_each_other() -> None:
    first = _table(["安排表"], SCHEDULE_HEAD, *SCHEDULE_ROWS, name="Sheet1")
    second = _table(["甲", "乙", "丙", "丁", "戊"], name="Sheet2")
    assert len(_only(first, second).rows) == len(SCHEDULE_ROWS)
