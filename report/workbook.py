"""The ledger as an Excel workbook, for coordinators who file, filter and print.

    台账        one row a unit, five columns a deliverable; filters, frozen headings, totals
    一览        one row a unit, one column a deliverable: what is pinned to the wall, one page wide
    迟报未报    what is late, missing or to be mended, with the contact to call and what to say
    待认领邮件  mail whose unit a person must name
    说明        what the report covers, what the words mean

Words always stand beside colours, so that a black-and-white print says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break, ColBreak
from openpyxl.worksheet.worksheet import Worksheet

from report import sheets
from report.cells import NOT_ASKED, Cell, shortfall_text
from report.matrix import Matrix, Row
from report.words import FINDING_ZH, LEGEND, NOTHING, SHAPES, STATUS_MEANING_ZH
from rules.assessment import STATUS_ZH, Status
from rules.findings import Code

LEDGER, OVERVIEW, LATE, STRAY, ABOUT = "台账", "一览", "迟报未报", "待认领邮件", "说明"

UNIT_HEADINGS: Final = ("序号", "单位名称", "类别", "上级单位")
UNIT_WIDTHS: Final = (6, 30, 10, 16)
DELIVERABLE_HEADINGS: Final = ("状态", "收到时间", "齐全时间", "迟报天数", "问题")
DELIVERABLE_WIDTHS: Final = (15, 17, 17, 9, 40)
LATE_HEADINGS: Final = (
    "序号",
    "单位名称",
    "类别",
    "上级单位",
    "联系人",
    "电话",
    "邮箱",
    "报送材料",
    "状态",
    "截止时间",
    "迟报天数",
    "欠缺与办理意见",
    "已收到的文件",
)
LATE_WIDTHS: Final = (6, 28, 9, 14, 10, 16, 24, 14, 18, 15, 9, 56, 32)
STRAY_HEADINGS: Final = ("收到时间", "发件人", "主题", "可能的单位", "未能归属的原因", "材料数", "邮件编号")
STRAY_WIDTHS: Final = (17, 30, 40, 26, 50, 8, 36)

_DELIVERABLES_PER_PAGE: Final = 2  # with the unit's name repeated; more would print too small to read
COLOURS: Final[dict[Status, tuple[str, str]]] = {  # background, ink
    Status.ON_TIME: ("E6F2EA", "1B5E37"),
    Status.LATE: ("FCE9E4", "9B2C16"),
    Status.INCOMPLETE: ("FDF3D6", "7A4B00"),
    Status.MISSING: ("B3261E", "FFFFFF"),
    Status.UNKNOWN: ("E4EEF6", "1F4E79"),
    Status.PENDING: ("FFFFFF", "52606D"),
    Status.EXEMPT: ("EEF1F4", "52606D"),
}


def ledger_workbook(matrix: Matrix, *, as_of: datetime) -> bytes:
    """The .xlsx file. `as_of` also stamps the file, so that the same report is the same bytes."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    _fill_ledger(workbook.create_sheet(LEDGER), matrix)
    _fill_overview(workbook.create_sheet(OVERVIEW), matrix)
    _fill_late(workbook.create_sheet(LATE), matrix)
    _fill_stray(workbook.create_sheet(STRAY), matrix)
    _fill_about(workbook.create_sheet(ABOUT), matrix)
    return sheets.workbook_bytes(workbook, modified_at=as_of)


def behind_workbook(matrix: Matrix, *, as_of: datetime) -> bytes:
    """Only who is late, missing or has something to mend, with whom to call."""
    workbook = Workbook()
    _fill_late(workbook.worksheets[0], matrix)
    workbook.worksheets[0].title = LATE
    return sheets.workbook_bytes(workbook, modified_at=as_of)


def _note(matrix: Matrix) -> str:
    blind = "；截止之后尚未成功读取邮箱，“待收信”的材料暂不认定迟报或未报" if matrix.is_blind else ""
    shown = "；本表只列有逾期的单位" if matrix.is_late_only else ""
    return f"统计时点 {matrix.as_of}；邮箱已读至 {matrix.mail_read_until}{blind}{shown}"


def _fill_ledger(sheet: Worksheet, matrix: Matrix) -> None:
    sheets.put_title(sheet, f"{matrix.title}报送台账", _note(matrix))
    _put_ledger_headings(sheet, matrix)
    first = 5
    widths = (*UNIT_WIDTHS, *DELIVERABLE_WIDTHS * len(matrix.columns))
    for row_number, row in enumerate(matrix.rows, start=first):
        _put_ledger_row(sheet, row_number, row, matrix)
        sheets.fit_height(sheet, row_number, widths)
    last = first + len(matrix.rows) - 1
    sheet.auto_filter.ref = f"A4:{get_column_letter(len(widths))}{max(last, 4)}"
    _put_totals(sheet, last + 1, matrix, step=len(DELIVERABLE_HEADINGS), unit_columns=len(UNIT_HEADINGS))
    sheet.freeze_panes = "C5"
    sheets.set_widths(sheet, widths)
    _break_pages(sheet, len(matrix.columns))


def _put_ledger_headings(sheet: Worksheet, matrix: Matrix) -> None:
    """Two rows: the deliverable over its five columns, then the names that the filter hangs on."""
    sheets.put_headings(sheet, 3, ["" for _ in UNIT_HEADINGS])
    sheets.put_headings(sheet, 4, (*UNIT_HEADINGS, *DELIVERABLE_HEADINGS * len(matrix.columns)))
    span = len(DELIVERABLE_HEADINGS)
    for index, column in enumerate(matrix.columns):
        left = len(UNIT_HEADINGS) + 1 + index * span
        for offset in range(span):
            sheets.style_heading(sheets.cell_at(sheet, 3, left + offset))
        heading = sheets.put(sheet, 3, left, f"{column.title}（{column.due}止）")
        sheets.style_heading(heading)
        sheet.merge_cells(start_row=3, end_row=3, start_column=left, end_column=left + span - 1)
    sheet.row_dimensions[3].height = 22
    sheet.row_dimensions[4].height = 20


def _put_ledger_row(sheet: Worksheet, row_number: int, row: Row, matrix: Matrix) -> None:
    values: list[sheets.Value] = [row.number, row.name, row.unit.category, row.unit.parent]
    for cell in row.cells:
        values += [
            _status_text(cell),
            sheets.local(cell.received_at, matrix.campaign.zone),
            sheets.local(cell.complete_at, matrix.campaign.zone),
            cell.days_late or None,
            _problems_text(cell, contact=row.contact_note),
        ]
    sheets.put_row(sheet, row_number, values)
    for index, cell in enumerate(row.cells):
        _colour(sheet, row_number, len(UNIT_HEADINGS) + 1 + index * len(DELIVERABLE_HEADINGS), cell)


def _status_text(cell: Cell) -> str:
    """Shape and word, the same few texts in a column so that the filter lists each once."""
    return f"{cell.shape} {cell.word}" if cell.status else NOT_ASKED


def _problems_text(cell: Cell, *, contact: str) -> str:
    """`contact`: why mail does not reach the unit; told where it has something to do."""
    notes = [note for note in cell.notes if note != "人工认定"]
    sentences = [problem.sentence for problem in cell.problems]
    last = filter(None, [contact if cell.is_behind else "", cell.decision])
    return "\n".join([*cell.parts, *notes, *sentences, *last])


def _colour(sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
    target = sheet.cell(row=row, column=column)
    target.alignment = sheets.CENTRE
    if cell.status is None:
        target.font = sheets.NOTE_FONT
        return
    background, ink = COLOURS[cell.status]
    target.fill = PatternFill("solid", start_color=background)
    target.font = Font(name=sheets.FONT_NAME, size=10, color=ink, bold=cell.is_behind)


def _put_totals(sheet: Worksheet, first: int, matrix: Matrix, *, step: int, unit_columns: int) -> None:
    """One line a figure, its number under the column of the deliverable's status."""
    width = unit_columns + len(matrix.columns) * step
    for row_number, line in enumerate(matrix.totals, start=first):
        values: list[sheets.Value] = [None] * width
        values[1] = line.label
        for index, value in enumerate(line.values):
            values[unit_columns + index * step] = int(value) if value.isdecimal() else value
        sheets.put_row(sheet, row_number, values, font=sheets.BOLD_FONT)
        for column in range(1, width + 1):
            cell = sheet.cell(row=row_number, column=column)
            cell.fill = sheets.TOTAL_FILL
            cell.alignment = sheets.LEFT if column == 2 else sheets.CENTRE


def _break_pages(sheet: Worksheet, deliverables: int) -> None:
    """Two deliverables a page, the units' names repeated on each: everything on one page would be too small to read."""
    sheets.set_up_print(sheet, heading_rows="3:4", pages_wide=0)
    sheet.print_title_cols = "A:B"
    sheet.page_setup.scale = 58
    span = len(DELIVERABLE_HEADINGS)
    edges = range(_DELIVERABLES_PER_PAGE, deliverables, _DELIVERABLES_PER_PAGE)
    sheet.col_breaks = ColBreak(brk=[Break(id=len(UNIT_HEADINGS) + edge * span) for edge in edges])


def _fill_overview(sheet: Worksheet, matrix: Matrix) -> None:
    sheets.put_title(sheet, f"{matrix.title}报送情况一览", _note(matrix))
    headings = [f"{column.label}\n{column.due}止" for column in matrix.columns]
    sheets.put_headings(sheet, 3, ("序号", "单位名称", *headings))
    sheet.row_dimensions[3].height = 32
    for row_number, row in enumerate(matrix.rows, start=4):
        sheets.put_row(sheet, row_number, (row.number, row.name, *(_overview_text(cell) for cell in row.cells)))
        for index, cell in enumerate(row.cells):
            _colour(sheet, row_number, 3 + index, cell)
    sheet.auto_filter.ref = f"A3:{get_column_letter(2 + len(matrix.columns))}{3 + len(matrix.rows)}"
    _put_totals(sheet, 4 + len(matrix.rows), matrix, step=1, unit_columns=2)
    sheet.freeze_panes = "C4"
    sheets.set_widths(sheet, (6, 32, *(20,) * len(matrix.columns)))
    sheets.set_up_print(sheet, heading_rows="3:3")


def _overview_text(cell: Cell) -> str:
    return " ".join((cell.line, *cell.notes)) if cell.status else NOTHING


def _fill_late(sheet: Worksheet, matrix: Matrix) -> None:
    sheets.put_title(sheet, f"{matrix.title}迟报、未报、待补正情况", _note(matrix))
    sheets.put_headings(sheet, 3, LATE_HEADINGS)
    row_number = 3
    for row in matrix.rows:
        for label, cell in zip((column.label for column in matrix.columns), row.cells, strict=True):
            if cell.status in (Status.LATE, Status.MISSING, Status.INCOMPLETE):
                row_number += 1
                sheets.put_row(sheet, row_number, _late_values(row, label, cell))
                sheets.fit_height(sheet, row_number, LATE_WIDTHS)
                _colour(sheet, row_number, LATE_HEADINGS.index("状态") + 1, cell)
    _finish_list(sheet, LATE_WIDTHS, last=row_number, empty="没有迟报、未报或待补正的材料。")
    sheet.freeze_panes = "C4"


def _late_values(row: Row, label: str, cell: Cell) -> Sequence[sheets.Value]:
    unit = row.unit
    return (
        row.number,
        row.name,
        unit.category,
        unit.parent,
        unit.contact,
        unit.phone,
        "；".join(unit.emails) + (f"（{row.contact_note}）" if row.contact_note else ""),
        label,
        f"{cell.shape} {cell.outcome}",
        cell.due,
        cell.days_late or None,
        shortfall_text(cell),
        "；".join(cell.filenames),
    )


def _fill_stray(sheet: Worksheet, matrix: Matrix) -> None:
    note = "邮件中有报送材料，但不能确定属于哪个单位，请核对后指定归属。"
    sheets.put_title(sheet, f"待认领邮件（{len(matrix.stray_mails)} 封）", note)
    sheets.put_headings(sheet, 3, STRAY_HEADINGS)
    for row_number, mail in enumerate(matrix.stray_mails, start=4):
        received = sheets.local(mail.received_at, matrix.campaign.zone)
        guesses = "、".join(mail.candidates)
        values = (received, mail.sender, mail.subject, guesses, mail.reason, mail.file_count or None, mail.message_id)
        sheets.put_row(sheet, row_number, values)
        sheets.fit_height(sheet, row_number, STRAY_WIDTHS)
    _finish_list(sheet, STRAY_WIDTHS, last=3 + len(matrix.stray_mails), empty="没有待认领的邮件。")
    sheet.freeze_panes = "A4"


def _finish_list(sheet: Worksheet, widths: Sequence[float], *, last: int, empty: str) -> None:
    if last == 3:
        sheets.put(sheet, 4, 1, empty, font=sheets.NOTE_FONT).alignment = sheets.UNWRAPPED
    sheet.auto_filter.ref = f"A3:{get_column_letter(len(widths))}{last}"
    sheets.set_widths(sheet, widths)
    sheets.set_up_print(sheet, heading_rows="3:3")


def _fill_about(sheet: Worksheet, matrix: Matrix) -> None:
    sheets.put_title(sheet, "说明", "本工作簿由收到的邮件自动生成，收到时间以邮箱服务器记录为准。")
    row = 4
    for block in (_about_facts(matrix), _about_words(), _about_problems(matrix)):
        sheets.put_headings(sheet, row, block[0])
        for values in block[1:]:
            row += 1
            sheets.put_row(sheet, row, values)
        row += 2
    sheets.set_widths(sheet, (24, 46, 64))
    sheets.set_up_print(sheet, heading_rows="1:1")


def _about_facts(matrix: Matrix) -> list[tuple[str, ...]]:
    facts: list[tuple[str, ...]] = [
        ("项目", "内容", "备注"),
        ("报送任务", matrix.title, f"编号 {matrix.campaign.key}"),
        ("统计时点", matrix.as_of, f"时区 {matrix.campaign.zone.key}"),
        ("邮箱已读至", matrix.mail_read_until, "此前到达邮箱的邮件均已计入"),
        ("单位数", str(matrix.unit_count), f"其中 {matrix.behind_unit_count} 个单位有迟报、未报或逾期未补正"),
    ]
    return facts + [(f"截止时间：{column.label}", f"{column.due}前", column.title) for column in matrix.columns]


def _about_words() -> list[tuple[str, ...]]:
    return [
        ("状态", "含义", ""),
        *((f"{SHAPES[each]} {STATUS_ZH[each]}", STATUS_MEANING_ZH[each], "") for each in LEGEND),
    ]


def _about_problems(matrix: Matrix) -> list[tuple[str, ...]]:
    found = {problem.code for row in matrix.rows for cell in row.cells for problem in cell.problems}
    words = [FINDING_ZH[code] for code in Code if code.value in found]
    return [("问题", "含义", "办理意见"), *((each.label, each.sentence, each.mend) for each in words)]
