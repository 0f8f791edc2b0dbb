"""附件1 and 附件2 as units fill them in: Word, Excel or CSV, reworded, reordered, cells merged, or left empty."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from ingest.samples.archives import with_fixed_times
from ingest.samples.people import POSITIONS, phone, teacher
from ingest.samples.prose import THEME, Activity

_YEARS: Final = "2023-2024"
_LAST_YEARS: Final = "2022-2023"
_SCHEDULE_COLUMNS: Final = ("theme", "place", "time", "attendance")
_STATISTICS_COLUMNS: Final = ("time", "theme", "content", "place", "attendance")
_WORDS: Final[dict[str, tuple[str, ...]]] = {  # the notice's own word stands first
    "theme": ("活动主题", "活动名称", "主题"),
    "place": ("活动地点", "地点"),
    "time": ("活动时间", "时间", "活动日期"),
    "attendance": ("参加人数", "参与人数", "人数"),
    "project": ("活动项目", "项目"),
    "content": ("形式与内容", "活动形式与内容", "活动内容"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How much of the notice's layout a unit has kept."""

    wording: int = 0  # 0: the notice's own words
    is_reordered: bool = False
    has_merged_days: bool = False  # the day of several activities stands once, in a merged cell
    has_total: bool = False
    is_last_years: bool = False

    @property
    def years(self) -> str:
        return _LAST_YEARS if self.is_last_years else _YEARS


PLAIN: Final = Style()


def any_style(chance: random.Random) -> Style:
    return Style(
        wording=chance.choice((0, 0, 1, 2)),
        is_reordered=chance.random() < 0.2,
        has_merged_days=chance.random() < 0.2,
        has_total=chance.random() < 0.25,
    )


def _word(field: str, style: Style) -> str:
    words = _WORDS[field]
    return words[min(style.wording, len(words) - 1)]


def _day(activity: Activity, style: Style) -> str:
    day = activity.day
    forms = (f"{day.month}月{day.day}日", f"{day.year}年{day.month}月{day.day}日上午9:00", f"{day:%Y.%m.%d}")
    return forms[style.wording]


def _values(activity: Activity, style: Style) -> dict[str, str]:
    return {
        "theme": activity.theme,
        "place": activity.place,
        "time": _day(activity, style),
        "attendance": f"{activity.attendance}人" if style.wording == 1 else str(activity.attendance),
        "content": activity.content,
    }


def _grid(columns: Sequence[str], rows: Sequence[Activity], style: Style, *, is_numbered: bool) -> list[list[str]]:
    """Header and rows; an empty table keeps its blank lines, as the template has them."""
    order = [*columns[1:], columns[0]] if style.is_reordered else list(columns)
    words = ["project" if is_project else column for column, is_project in _headings(order, is_numbered=is_numbered)]
    numbers = ["序号"] if is_numbered else []
    grid = [numbers + [_word(word, style) for word in words]]
    for number, activity in enumerate(rows, start=1):
        values = _values(activity, style)
        grid.append(([str(number)] if is_numbered else []) + [values[column] for column in order])
    if style.has_total and rows:
        total = ["合计", *[""] * (len(grid[0]) - 1)]
        total[len(numbers) + order.index("attendance")] = str(sum(row.attendance for row in rows))
        grid.append(total)
    return grid + [[""] * len(grid[0]) for _ in range(max(2, 8 - len(rows)))]


def _headings(order: Sequence[str], *, is_numbered: bool) -> list[tuple[str, bool]]:
    """附件2 calls an activity 活动项目, 附件1 calls it 活动主题."""
    return [(column, column == "theme" and not is_numbered) for column in order]


def schedule_grid(rows: Sequence[Activity], style: Style = PLAIN) -> list[list[str]]:
    return _grid(_SCHEDULE_COLUMNS, rows, style, is_numbered=True)


def add_schedule(document: DocxDocument, unit: str, rows: Sequence[Activity], style: Style = PLAIN) -> None:
    """附件1 at the end of a document, where many units leave it."""
    document.add_paragraph("附件1：")
    _centred(document, f"金坛区{style.years}年度全民终身学习活动周")
    _centred(document, "主要活动安排表")
    document.add_paragraph(f"报送地区（单位）：{unit}")
    _add_table(document, schedule_grid(rows, style), day_column=_day_column(rows, style))


def _day_column(rows: Sequence[Activity], style: Style) -> int | None:
    """Where the days stand that two rows share; the number stands before the columns."""
    if not style.has_merged_days or style.is_reordered or len(rows) < 3:
        return None
    return 1 + _SCHEDULE_COLUMNS.index("time")


def schedule_docx(unit: str, rows: Sequence[Activity], style: Style = PLAIN) -> bytes:
    document = Document()
    add_schedule(document, unit, rows, style)
    return saved(document)


def schedule_xlsx(unit: str, rows: Sequence[Activity], style: Style = PLAIN) -> bytes:
    def fill(sheet: Worksheet) -> None:
        grid = schedule_grid(rows, style)
        _titles(sheet, f"金坛区{style.years}年度全民终身学习活动周主要活动安排表", width=len(grid[0]))
        sheet.append([f"报送地区（单位）：{unit}"])
        _append_grid(sheet, grid)

    return _saved_workbook(fill, "附件1")


def schedule_csv(unit: str, rows: Sequence[Activity], style: Style = PLAIN, *, charset: str = "gbk") -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([f"金坛区{style.years}年度全民终身学习活动周主要活动安排表"])
    writer.writerow([f"报送地区（单位）：{unit}"])
    writer.writerows(schedule_grid(rows, style))
    return buffer.getvalue().encode(charset)


def statistics_docx(unit: str, rows: Sequence[Activity], style: Style = PLAIN, *, contact: int = 1) -> bytes:
    document = Document()
    document.add_paragraph("附件2：")
    _centred(document, f"金坛区{style.years}年度全民终身学习活动")
    _centred(document, "周活动情况统计表")
    document.add_paragraph(f"单位名称（盖章）：{unit}            分管领导（签字）：{teacher(contact) if rows else ''}")
    head = _statistics_head(unit, rows, contact)
    grid = _grid(_STATISTICS_COLUMNS, rows, style, is_numbered=False)
    _add_table(document, head + grid, head_rows=len(head), day_column=None)
    document.add_paragraph("注：此表纸质稿盖章拍照后于2023年11月20日前发至区教育局职业教育与终身教育科邮箱。")
    return saved(document)


def statistics_xlsx(unit: str, rows: Sequence[Activity], style: Style = PLAIN, *, contact: int = 1) -> bytes:
    def fill(sheet: Worksheet) -> None:
        _titles(sheet, f"金坛区{style.years}年度全民终身学习活动周活动情况统计表", width=5)
        sheet.append([f"单位名称（盖章）：{unit}", "", "", f"分管领导（签字）：{teacher(contact) if rows else ''}"])
        head = _statistics_head(unit, rows, contact)
        first = sheet.max_row + 1
        _append_grid(sheet, head + _grid(_STATISTICS_COLUMNS, rows, style, is_numbered=False))
        for top, left, bottom, right in _merges(len(head)):
            sheet.merge_cells(
                start_row=first + top, start_column=left + 1, end_row=first + bottom, end_column=right + 1
            )

    return _saved_workbook(fill, "附件2")


def _statistics_head(unit: str, rows: Sequence[Activity], contact: int) -> list[list[str]]:
    """The six rows above the activities; five columns, of which `_merges` joins some."""
    is_filled = bool(rows)

    def value(text: str) -> str:
        return text if is_filled else ""

    people = str(sum(row.attendance for row in rows[:1]))
    return [
        ["组织单位", value(unit), "", "", ""],
        ["参与单位", value("各班级、各村（社区）居民学校"), "", "", ""],
        [
            "“启动周”主要负责人",
            "姓  名",
            value(teacher(contact)),
            "单位职务",
            value(POSITIONS[contact % len(POSITIONS)]),
        ],
        ["", "联系方式\n电话：", value(phone(contact)), "E-mail", value(f"contact{contact:03d}@school.example")],
        ["动员会时间", value("11月6日下午"), "", "动员会举办地点", value("三楼会议室")],
        ["活动周主题", value(THEME), "", "参与动员会人数", value(people)],
    ]


def _merges(head_rows: int) -> list[tuple[int, int, int, int]]:
    """Merged cells of the head as top, left, bottom, right."""
    return [(0, 1, 0, 4), (1, 1, 1, 4), (2, 0, 3, 0), (4, 1, 4, 2), (5, 1, 5, 2)] if head_rows else []


def _centred(document: DocxDocument, text: str) -> None:
    document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.CENTER


def _add_table(
    document: DocxDocument, grid: Sequence[Sequence[str]], *, head_rows: int = 0, day_column: int | None
) -> None:
    table = document.add_table(rows=len(grid), cols=len(grid[0]))
    table.style = "Table Grid"
    for cells, values in zip(table.rows, grid, strict=True):
        for cell, value in zip(cells.cells, values, strict=True):
            if value:
                cell.text = value
    for top, left, bottom, right in _merges(head_rows):
        table.cell(top, left).merge(table.cell(bottom, right))
    if day_column is not None:
        table.cell(2, day_column).text = ""
        merged = table.cell(1, day_column).merge(table.cell(2, day_column))
        merged.text = grid[1][day_column]


def _titles(sheet: Worksheet, title: str, *, width: int) -> None:
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet["A1"].font = Font(size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")


def _append_grid(sheet: Worksheet, grid: Sequence[Sequence[str]]) -> None:
    """Numbers become numbers, as they do when somebody types them into Excel."""
    line = Side(style="thin")
    for values in grid:
        sheet.append([int(value) if value.isdigit() else value or None for value in values])
        for cell in sheet[sheet.max_row]:
            cell.border = Border(left=line, right=line, top=line, bottom=line)


def _saved_workbook(fill: Callable[[Worksheet], None], name: str) -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = name
    fill(sheet)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return with_fixed_times(buffer.getvalue())


def saved(document: DocxDocument) -> bytes:
    document.core_properties.author = ""
    buffer = io.BytesIO()
    document.save(buffer)
    return with_fixed_times(buffer.getvalue())
