"""The phone list as an Excel workbook: whom mail does not reach or did not move, what to say, room for the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from report import sheets
from report.letters.phrases import thing_of
from report.plain import plain_line
from report.words import full_moment_text
from rules.assessment import CampaignReport
from rules.calling import Call, Cause

SHEET: Final = "催报电话单"
HEADINGS: Final = (
    "序号",
    "单位名称",
    "上级单位",
    "联系人",
    "电话",
    "欠报材料及说明",
    "致电原因",
    "已催次数",
    "最近催报",
    "通话时间及结果",
)
WIDTHS: Final = (5, 24, 16, 10, 15, 48, 16, 8, 16, 28)
CAUSE_ZH: Final[dict[Cause, str]] = {
    Cause.NO_ADDRESS: "名册中没有邮箱",
    Cause.BOUNCED: "邮件被退回",
    Cause.FAILED: "催报邮件未能确认送出",
    Cause.UNMOVED: "催报后仍未报齐",
}
_HEADING_ROW: Final = 4
_LEAST_LINES: Final = 2  # room to write the answer by hand


def phone_list_workbook(report: CampaignReport, calls: Sequence[Call]) -> bytes:
    """The .xlsx file; the same report gives the same bytes."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    sheet = workbook.create_sheet(SHEET)
    moment = full_moment_text(report.as_of, report.campaign.zone)
    note = f"截至 {moment}，{len(calls)} 个单位须电话联系；正在人工核对的材料不列入。"
    sheets.put_title(sheet, f"{plain_line(report.campaign.title or report.campaign.key)} {SHEET}", note)
    sheets.put_headings(sheet, _HEADING_ROW, HEADINGS)
    for number, call in enumerate(calls, start=1):
        sheets.put_row(sheet, _HEADING_ROW + number, _row(number, call, report))
        sheets.fit_height(sheet, _HEADING_ROW + number, WIDTHS, least_lines=_LEAST_LINES)
    sheets.set_widths(sheet, WIDTHS)
    sheet.freeze_panes = f"C{_HEADING_ROW + 1}"
    last = _HEADING_ROW + max(1, len(calls))
    sheet.auto_filter.ref = f"A{_HEADING_ROW}:{get_column_letter(len(HEADINGS))}{last}"
    sheets.set_up_print(sheet, heading_rows=f"{_HEADING_ROW}:{_HEADING_ROW}")
    return sheets.workbook_bytes(workbook, modified_at=report.as_of)


def _row(number: int, call: Call, report: CampaignReport) -> tuple[sheets.Value, ...]:
    unit = call.unit
    return (
        number,
        unit.name,
        unit.parent or "",
        unit.contact,
        unit.phone,
        _owed(call, report),
        CAUSE_ZH[call.cause],
        call.reminders,
        sheets.local(call.last_at, report.campaign.zone),
        "",
    )


def _owed(call: Call, report: CampaignReport) -> str:
    things = [thing_of(one, report.campaign) for one in call.owed]
    return "\n".join(f"{thing.title}（{thing.due}截止）：{thing.wrong or '未收到'}" for thing in things)
