"""Layouts of the forms as different offices draw them: each is read as it is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from parsers.content import Cell, Paragraph, Table
from parsers.dates import Years
from parsers.form_reading import read_forms
from parsers.form_values import ReadForm, understand
from parsers.formats.text import blocks_of
from rules.extraction import Kind
from rules.findings import Code
from tests.parsers.sample_texts import SCHEDULE_HEAD, STATISTICS_HEAD

YEARS = Years(first=2023, second=2024)
ROW = ["1", "共读", "馆", "11月13日", "30"]
TITLE = Paragraph(text="金坛区2023-2024年度全民终身学习活动周主要活动安排表")
Written = str | tuple[str, int, int]  # a text alone, or with the rows and columns that it spans


def _table(*rows: Sequence[Written]) -> Table:
    cells: list[Cell] = []
    taken: set[tuple[int, int]] = set()
    for row, written in enumerate(rows):
        column = 0
        for one in written:
            text, down, over = (one, 1, 1) if isinstance(one, str) else one
            while (row, column) in taken:
                column += 1
            taken |= {(row + y, column + x) for y in range(down) for x in range(over)}
            cells.append(Cell(text=text, row=row, column=column, row_span=down, column_span=over))
            column += over
    return Table(cells=tuple(cells), rows=len(rows), columns=1 + max(column for _row, column in taken))


def _read(*blocks: Paragraph | Table) -> list[ReadForm]:
    return [understand(raw, YEARS) for raw in read_forms(blocks)]


def _only(*blocks: Paragraph | Table) -> ReadForm:
    (read,) = _read(*blocks)
    return read


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("报送单位：松涛小学　　联系人：张某　联系电话：13900000000", "松涛小学"),
        ("填报单位：松涛小学（盖章）", "松涛小学"),
        ("填报单位（公章）：松涛小学　填表时间：2023.10.26", "松涛小学"),
        ("单位名称（盖章）：＿＿松涛小学＿＿  分管领导（签字）：__田某__", "松涛小学"),
        ("填报单位：松涛小学　分管领导签字：杨某", "松涛小学"),
    ],
)
def test_a_unit_ends_where_something_else_is_labelled(line: str, unit: str) -> None:
    assert _only(TITLE, Paragraph(text=line), _table(SCHEDULE_HEAD, ROW)).form.fields["unit_name"] == unit


def test_a_unit_row_under_the_activities_is_their_unit() -> None:
    form = _only(
        TITLE, _table(SCHEDULE_HEAD, ROW, [("填报单位（盖章）：松涛小学  填报日期：2023年10月28日", 1, 5)])
    ).form
    assert (form.fields["unit_name"], len(form.rows)) == ("松涛小学", 1)


def test_headings_that_reach_down_take_the_row_below_for_headings() -> None:
    head: list[Written] = [*((text, 2, 1) for text in SCHEDULE_HEAD[:4]), ("参加人数", 1, 2)]
    (row,) = _only(TITLE, _table(head, ["教师", "学生"], ["1", "讲座", "馆", "11月15日", "20", "300"])).form.rows
    assert (row.cells["theme"], row.attendance) == ("讲座", 320)


def test_two_rows_of_headings_that_nobody_merged_are_read_like_merged_ones() -> None:
    heads = [*SCHEDULE_HEAD, ""], ["", "", "", "", "教师", "学生"]
    (row,) = _only(TITLE, _table(*heads, ["1", "讲座", "馆", "11月15日", "20", "300"])).form.rows
    assert (row.cells["theme"], row.attendance) == ("讲座", 320)


def test_headings_repeated_on_the_next_page_go_on_with_the_same_form() -> None:
    form = _only(TITLE, _table(SCHEDULE_HEAD, ROW), Paragraph(text="（续表）"), _table(SCHEDULE_HEAD, ROW)).form
    assert len(form.rows) == 2


def test_two_units_under_headings_of_their_own_stay_two() -> None:
    blocks = [(Paragraph(text=f"报送单位：{name}小学"), _table(SCHEDULE_HEAD, ROW)) for name in ("甲山", "乙水")]
    units = [read.form.fields["unit_name"] for read in _read(TITLE, *blocks[0], TITLE, *blocks[1])]
    assert units == ["甲山小学", "乙水小学"]


def test_a_start_and_an_end_column_are_one_time() -> None:
    head = ["序号", "活动主题", "活动地点", "开始时间", "结束时间", "参加人数"]
    (row,) = _only(TITLE, _table(head, ["1", "展览", "馆", "11月15日", "11月17日", "300"])).form.rows
    assert (row.starts_on, row.ends_on) == (date(2023, 11, 15), date(2023, 11, 17))


def test_a_table_with_its_headings_in_the_first_column_is_turned() -> None:
    columns = zip(SCHEDULE_HEAD, ROW, ["2", "讲座", "堂", "11月14日", "40"], strict=True)
    rows = _only(TITLE, _table(*(list(texts) for texts in columns))).form.rows
    assert [(row.cells["theme"], row.attendance) for row in rows] == [("共读", 30), ("讲座", 40)]


def test_tables_of_one_activity_each_with_headings_at_their_left_are_one_form() -> None:
    tables = [
        _table(*zip(SCHEDULE_HEAD[1:], texts, strict=True))
        for texts in (ROW[1:], ["讲座", "堂", "11月14日", "40"], ["合唱", "厅", "11月15日", "50"])
    ]
    assert [row.cells["theme"] for row in _only(TITLE, UNIT_LINE, *tables).form.rows] == ["共读", "讲座", "合唱"]


@pytest.mark.parametrize("has_heading", [True, False])
def test_short_lines_between_its_tables_do_not_part_a_form(has_heading: bool) -> None:
    second = ["2", "讲座", "堂", "11月14日", "40"]
    tables = _table(SCHEDULE_HEAD, ROW), _table(*([SCHEDULE_HEAD, second] if has_heading else [second]))
    lines = Paragraph(text="一、学校活动"), Paragraph(text="二、社区活动")
    form = _only(TITLE, UNIT_LINE, lines[0], tables[0], lines[1], tables[1]).form
    assert (form.unit_name, [row.attendance for row in form.rows]) == ("松涛小学", [30, 40])


def test_a_line_with_a_day_over_a_table_dates_what_stands_in_it() -> None:
    tables = [_table(STATISTICS_HEAD, [time, *"读集馆9"], ["注：自愿", "", "", "", ""]) for time in ("上午", "9:00")]
    lines = Paragraph(text="（一）11月13日（周一）活动安排："), Paragraph(text="（二）11月14日")
    form = _only(Paragraph(text="活动情况统计表"), UNIT_LINE, lines[0], tables[0], lines[1], tables[1]).form
    assert [row.cells["time"] for row in form.rows] == ["11月13日（周一） 上午", "11月14日 9:00"]


def test_another_table_behind_a_form_is_no_part_of_it() -> None:
    staff = _table(["张某", "校长", "组长", "1390000", "校办"], ["李某", "教师", "组员", "1380000", "校办"])
    line = Paragraph(text="二、领导小组")
    assert len(_only(TITLE, UNIT_LINE, _table(SCHEDULE_HEAD, ROW), line, staff).form.rows) == 1


@pytest.mark.parametrize("line", ["（转下页）", "接下页", "（续表）", "- 2 -"])
def test_a_table_goes_on_without_headings_on_the_next_page(line: str) -> None:
    rows = ["2", "讲座", "堂", "11月14日", "40"], ["3", "合唱", "厅", "11月15日", "50"]
    form = _only(TITLE, UNIT_LINE, _table(SCHEDULE_HEAD, ROW), Paragraph(text=line), _table(*rows)).form
    assert [row.attendance for row in form.rows] == [30, 40, 50]


@pytest.mark.parametrize("day", ["2023年10月26日", "（2023.10.26）", "二〇二三年十月二十六日", " 2023年 10 月 26 日"])
def test_a_unit_line_ends_before_the_day_of_its_signature(day: str) -> None:
    row: list[Written] = [(f"报送单位（盖章）：松涛小学      {day}", 1, 5)]
    assert _only(TITLE, _table(SCHEDULE_HEAD, ROW, row)).form.unit_name == "松涛小学"


def test_the_head_of_a_form_may_stand_under_its_activities() -> None:
    rows = [*STATISTICS_HEAD], ["11月13日", "朗读", "集会", "操场", "600"], ["组织单位", "校办", "", "参与单位", "社区"]
    read = _only(Paragraph(text="活动情况统计表"), UNIT_LINE, _table(*rows, ["活动周主题", "书香", "", "", ""]))
    fields = read.form.fields
    assert (fields["unit_name"], fields["organizer"], fields["theme"]) == ("松涛小学", "校办", "书香")
    assert [row.attendance for row in read.form.rows] == [600]


def test_a_form_whose_head_stands_under_its_rows_keeps_it_when_it_goes_on() -> None:
    head = ["组织单位", "校办", "", "参与单位", "社区"], ["活动周主题", "书香", "", "", ""]
    first = _table([*STATISTICS_HEAD], ["11月13日", "朗读", "集会", "操场", "600"], *head)
    second = _table([*STATISTICS_HEAD], ["11月14日", "讲座", "集会", "礼堂", "40"])
    form = _only(Paragraph(text="活动情况统计表"), UNIT_LINE, first, Paragraph(text="二、社区活动"), second).form
    assert (form.fields["organizer"], form.fields["theme"]) == ("校办", "书香")
    assert [row.attendance for row in form.rows] == [600, 40]


def test_heads_under_their_rows_are_not_taken_for_those_of_the_next_form() -> None:
    blocks: list[Paragraph | Table] = [
        block
        for unit, theme in (("松涛小学", "书香"), ("青禾小学", "健康"))
        for block in (
            Paragraph(text="活动情况统计表"),
            Paragraph(text=f"报送单位：{unit}"),
            _table(
                [*STATISTICS_HEAD],
                ["11月13日", theme, "集会", "操场", "600"],
                ["组织单位", unit, "参与单位", theme, ""],
            ),
        )
    ]
    read = [
        (one.form.unit_name, one.form.fields["organizer"], one.form.rows[0].cells["activity"]) for one in _read(*blocks)
    ]
    assert read == [("松涛小学", "松涛小学", "书香"), ("青禾小学", "青禾小学", "健康")]


def test_a_time_under_one_heading_is_read_from_its_left_to_its_right() -> None:
    head: list[Written] = [*((text, 2, 1) for text in SCHEDULE_HEAD[:3]), ("活动时间", 1, 2), ("参加人数", 2, 1)]
    (row,) = _only(TITLE, _table(head, ["日期", "时间"], ["1", "共读", "馆", "11月13日", "9:00", "30"])).form.rows
    assert (row.cells["time"], row.starts_on) == ("11月13日 9:00", date(2023, 11, 13))


def test_a_note_at_the_foot_of_a_page_does_not_part_the_form() -> None:
    first, second = _table(SCHEDULE_HEAD, ROW), _table(SCHEDULE_HEAD, ["2", "讲座", "堂", "11月14日", "40"])
    form = _only(TITLE, UNIT_LINE, first, Paragraph(text="注：此表可续页"), second).form
    assert (form.unit_name, [row.attendance for row in form.rows]) == ("松涛小学", [30, 40])


def test_a_form_under_the_note_of_another_is_one_of_its_own() -> None:
    note = Paragraph(text="注：此表加盖公章后报送")
    other = [
        Paragraph(text="附件2"),
        Paragraph(text="活动情况统计表"),
        _table(STATISTICS_HEAD, ["11月13日", *"朗集操9"]),
    ]
    forms = [read.form.form for read in _read(TITLE, UNIT_LINE, _table(SCHEDULE_HEAD, ROW), note, *other)]
    assert forms == [Kind.SCHEDULE, Kind.STATISTICS]


@pytest.mark.parametrize("note", ["注：遇雨改在室内", "备注：以下为社区活动"])
def test_a_note_between_the_activities_costs_none_of_them(note: str) -> None:
    rows = [
        ROW,
        [(note, 1, 5)],
        ["2", "讲座", "堂", "11月14日", "40"],
        [note, "", "", "", ""],
        ["3", "画", "室", "", ""],
    ]
    foot: list[Written] = ["填报人：王某", "", "联系电话：13900000000", "", "填报日期：10月26日"]
    form = _only(TITLE, UNIT_LINE, _table(SCHEDULE_HEAD, *rows, foot)).form
    assert [row.cells["theme"] for row in form.rows] == ["共读", "讲座", "画"]


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_line_with_a_day_dates_the_activities_under_it(is_merged: bool) -> None:
    def line(text: str) -> list[Written]:
        return [(text, 1, 5)] if is_merged else [text, "", "", "", ""]

    rows = [
        line("11月13日（星期一）"), ["上午9:00", "读书", "集中", "馆", "30"], ["下午", "讲座", "集中", "堂", "40"],
        line("注：次日继续"), line("11月14日"), ["", "合唱", "集中", "馆", "50"], ["11月15日", "画", "集中", "室", "6"],
    ]  # fmt: skip
    form = _only(Paragraph(text="活动情况统计表"), _table([*STATISTICS_HEAD], *rows)).form
    assert [(row.cells["activity"], row.starts_on) for row in form.rows] == [
        ("读书", date(2023, 11, 13)),
        ("讲座", date(2023, 11, 13)),
        ("合唱", date(2023, 11, 14)),
        ("画", date(2023, 11, 15)),
    ]
    assert form.rows[0].cells["time"] == "11月13日（星期一） 上午9:00"


@pytest.mark.parametrize(
    ("heads", "written", "time"),
    [
        (["活动日期", "活动时间"], ["2023年11月13日", "9:00-10:00"], "2023年11月13日 9:00-10:00"),
        (["日期", "时间"], ["11.13", "上午"], "11.13 上午"),
        (["月份", "日期"], ["11月", "13日"], "11月13日"),
    ],
)
def test_a_day_and_an_hour_in_columns_of_their_own_are_one_time(
    heads: list[str], written: list[str], time: str
) -> None:
    head = ["序号", "活动主题", "活动地点", *heads, "参加人数"]
    (row,) = _only(TITLE, UNIT_LINE, _table(head, ["1", "共读", "馆", *written, "30"])).form.rows
    assert (row.cells["time"], row.starts_on, row.ends_on) == (time, date(2023, 11, 13), date(2023, 11, 13))


def test_what_is_as_above_means_what_is_above() -> None:
    rows = [ROW, ["2", "讲座", "同上", "同上", "同上"]]
    read = _only(TITLE, UNIT_LINE, _table(SCHEDULE_HEAD, *rows))
    second = read.form.rows[1]
    assert (second.cells["time"], second.starts_on, second.attendance) == ("同上", date(2023, 11, 13), 30)
    assert read.findings == ()


def test_the_units_of_several_forms_may_stand_in_lines_over_them_or_under_them() -> None:
    table, names = _table(SCHEDULE_HEAD, ROW), ["甲山小学", "乙水幼儿园", "丙石中学"]
    under = [block for name in names for block in (table, Paragraph(text=f"报送单位：{name}"))]
    assert [read.form.unit_name for read in _read(TITLE, *under)] == names
    over = [block for name in names for block in (Paragraph(text=f"报送单位：{name}"), table)]
    assert [read.form.unit_name for read in _read(TITLE, *over)] == names


def test_a_unit_line_in_the_head_of_the_pages_is_of_all_forms() -> None:
    second = [Paragraph(text="附件2：活动情况统计表"), _table(STATISTICS_HEAD, ["11月13日", *"朗集操9"])]
    read = _read(TITLE, _table(SCHEDULE_HEAD, ROW), *second, Paragraph(text="填报单位：松涛小学"))
    assert [one.form.unit_name for one in read] == ["松涛小学", "松涛小学"]


def test_a_date_that_lost_its_format_in_a_sheet_is_its_day() -> None:
    table = _table(SCHEDULE_HEAD, ["1", "共读", "馆", "45243", "30"], ["2", "讲座", "馆", "41200", "40"])
    lost, of_other_years = _only(TITLE, replace(table, name="Sheet1")).form.rows
    assert (lost.cells["time"], lost.starts_on, of_other_years.starts_on) == ("45243", date(2023, 11, 13), None)
    assert _only(TITLE, table).form.rows[0].starts_on is None
    with_hour = _table(SCHEDULE_HEAD, ["1", "共读", "馆", "45243.375", "30"])
    assert _only(TITLE, replace(with_hour, name="Sheet1")).form.rows[0].starts_on == date(2023, 11, 13)


UNIT_LINE = Paragraph(text="报送单位：松涛小学")
BLANK = ["1", "", "", "", ""]


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        ([_table(SCHEDULE_HEAD, ["无", "无", "/", "暂无", "无"])], "无"),
        ([_table(SCHEDULE_HEAD, ["1", "无", "", "", "0人"], ["2", "", "", "", ""])], "无"),
        ([_table(SCHEDULE_HEAD, ["1", "/", "/", "/", "/"])], "/"),
        ([_table(SCHEDULE_HEAD, [("本单位无活动", 1, 5)], BLANK)], "本单位无活动"),
        ([_table(SCHEDULE_HEAD, ["1", "我校本年度未开展此项活动。", "", "", ""])], "我校本年度未开展此项活动。"),
        ([_table(SCHEDULE_HEAD, BLANK, [("备注：本单位无活动安排", 1, 5)])], "备注：本单位无活动安排"),
        ([_table(SCHEDULE_HEAD, BLANK), Paragraph(text="本校没有组织相关活动。")], "本校没有组织相关活动。"),
        ([Paragraph(text="本单位暂无活动"), _table(SCHEDULE_HEAD, BLANK)], "本单位暂无活动"),
    ],
)
def test_a_form_that_says_that_nothing_was_held_is_filled_in_and_told(
    blocks: list[Paragraph | Table], told: str
) -> None:
    read = _only(TITLE, UNIT_LINE, *blocks)
    assert (read.form.rows, read.form.nothing_held, read.form.is_empty) == ((), told, False)
    assert [(finding.code, finding.is_blocking) for finding in read.findings] == [(Code.NIL_RETURN, False)]
    assert read.findings[0].detail == f"附件1（主要活动安排表）写的是“{told}”，没有填报任何活动"


@pytest.mark.parametrize(
    "rows", [[BLANK], [["1", "", "", "", "人"]], [["1", "待定", "待定", "待定", "待定"]], [["1", "", "—", "", ""]]]
)
def test_a_form_in_which_nobody_says_anything_is_empty(rows: list[list[str]]) -> None:
    read = _only(TITLE, UNIT_LINE, _table(SCHEDULE_HEAD, *rows))
    assert {finding.code for finding in read.findings} == {Code.FORM_EMPTY}


@pytest.mark.parametrize("theme", ["无烟校园活动", "没有围墙的活动", "未来科学家活动", "无偿献血活动"])
def test_an_activity_whose_name_begins_like_none_is_one(theme: str) -> None:
    read = _only(TITLE, UNIT_LINE, _table(SCHEDULE_HEAD, ["1", theme, "", "", ""], ["2", "无", "无", "无", "无"]))
    assert ([row.cells["theme"] for row in read.form.rows], read.form.nothing_held) == ([theme], "")


def test_the_value_of_the_row_below_is_never_taken_for_a_field_that_stands_beside_its_label() -> None:
    fields = _only(
        Paragraph(text="活动情况统计表"),
        _table(
            [("主要负责人", 2, 1), "姓名", "卞某", "单位职务", "校长"],
            ["联系方式", ("电话：13800009999 E-mail：a@school.example", 1, 3)],
            ["动员会时间", "11月2日", "", "动员会举办地点", "礼堂"],
            [*STATISTICS_HEAD],
            ["11月13日", "朗读", "集会", "操场", "600"],
        ),
    ).form.fields
    assert (fields["leader_phone"], fields["leader_email"]) == ("13800009999", "a@school.example")


def test_a_name_label_run_together_with_the_next_label_is_no_name() -> None:
    fields = _only(
        Paragraph(text="活动情况统计表"),
        _table(
            ["主要负责人", "姓  名 职务1：", "吴某", "单位职务", "副校长"],
            ["组织单位", "松涛小学", "", "参与单位", ""],
            [*STATISTICS_HEAD],
            ["11月13日", "朗读", "集会", "操场", "600"],
        ),
    ).form.fields
    assert (fields["leader_name"], fields["leader_position"]) == ("吴某", "副校长")


@pytest.mark.parametrize("separator", ["\t", " | "])
def test_a_table_pasted_into_plain_text_is_read(separator: str) -> None:
    lines = [TITLE.text, "报送单位：松涛小学", *(separator.join(row) for row in (SCHEDULE_HEAD, ROW, ["2", *[""] * 4]))]
    form = _only(*blocks_of("\n".join(lines), table_cells=100)).form
    assert form.fields["unit_name"] == "松涛小学"
    assert [(row.cells["theme"], row.attendance) for row in form.rows] == [("共读", 30)]


def test_lines_of_prose_with_tabs_before_them_are_no_table() -> None:
    text = "\t为推进学习，制订方案。\n\t一、时间\n\t二、地点"
    assert all(isinstance(block, Paragraph) for block in blocks_of(text, table_cells=100))


def test_a_weekday_that_the_calendar_denies_is_told_with_both_days() -> None:
    read = _only(TITLE, _table(SCHEDULE_HEAD, ["1", "共读", "馆", "11月12日（周三）", "30"]))
    (detail,) = [finding.detail for finding in read.findings if finding.code is Code.DATE_UNREADABLE]
    assert "2023年11月12日是星期日，与所写的“星期三”不符" in detail


def test_a_day_that_a_sheet_has_cut_short_is_no_day() -> None:
    sheet = _table(SCHEDULE_HEAD, ["1", "共读", "馆", "11.2", "30"], ["2", "讲座", "馆", "11.13", "40"])
    cut, whole = _only(TITLE, replace(sheet, name="Sheet1")).form.rows
    assert (cut.starts_on, whole.starts_on) == (None, date(2023, 11, 13))
    assert _only(TITLE, sheet).form.rows[0].starts_on == date(2023, 11, 2)
