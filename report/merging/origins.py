"""The sheets that let a reader check the table: which file each form comes from, and what to look at again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from report import sheets
from report.form_words import FIELD_ZH, key_words
from report.merging.layout import UNIT_HEADINGS, Numbered, SourceRows
from report.plain import plain_line
from report.words import FINDING_ZH, finding_sentence, full_moment_text
from rules.assessment import STATUS_ZH, Status
from rules.claims import Claim
from rules.findings import Code, Finding
from rules.merging import Difference, MergedUnit, form_key, is_doubtful

_HEADING_ROW: Final = 3
_SOURCE_HEADINGS: Final = (
    *UNIT_HEADINGS[:2],
    "文件",
    "收到时间",
    "读取方式",
    "公章",
    "签字",
    "活动场次",
    "邮件编号",
    "文件校验值（SHA-256）",
)
_SOURCE_WIDTHS: Final = (6, 28, 40, 17, 12, 9, 9, 10, 40, 40)
_DOUBT_HEADINGS: Final = (*UNIT_HEADINGS[:2], "类别", "情况", "文件")
_DOUBT_WIDTHS: Final = (6, 28, 14, 80, 40)
_TOLD_OF: Final = frozenset(
    {
        Code.TOTAL_MISMATCH,
        Code.NUMBER_UNREADABLE,
        Code.FIELD_MISSING,
        Code.NIL_RETURN,
        Code.UNIT_CONFLICT,
        Code.OTHER_UNITS,
    }
)
_MOST_NAMED: Final = 6
_SEEN_ZH: Final = {True: "有", False: "未见", None: "无法判断"}


def fill_sources(sheet: Worksheet, units: Sequence[Numbered], *, zone: ZoneInfo) -> SourceRows:
    """Returns the row of each form, for the links from the other sheets."""
    sheets.put_title(sheet, "来源", "汇总表每一行所依据的文件；“图片识别”的内容请对照原件抽查。")
    sheets.put_headings(sheet, _HEADING_ROW, _SOURCE_HEADINGS)
    rows: SourceRows = {}
    for row, (unit, claim) in enumerate(_taken(units), start=_HEADING_ROW + 1):
        rows[unit.merged.unit.name, form_key(claim)] = row
        file = claim.extraction
        values = (
            *unit.values[:2],
            plain_line(file.file),
            sheets.local(claim.received_at, zone),
            "图片识别" if file.read_by == "ocr" else "文件原文",
            _SEEN_ZH[file.stamped],
            _SEEN_ZH[file.signed],
            sum(one.claim == claim for one in unit.merged.rows),
            plain_line(claim.message_id),
            file.sha256,
        )
        sheets.put_row(sheet, row, values)
        sheets.fit_height(sheet, row, _SOURCE_WIDTHS)
    _finish(sheet, _SOURCE_WIDTHS, last=_HEADING_ROW + len(rows), empty="还没有可以汇总的表格。")
    return rows


def _taken(units: Sequence[Numbered]) -> Iterator[tuple[Numbered, Claim]]:
    return ((unit, claim) for unit in units for claim in unit.merged.taken)


def fill_doubts(sheet: Worksheet, units: Sequence[Numbered], *, zone: ZoneInfo) -> int:
    """How many lines there are."""
    sheets.put_title(sheet, "差异与疑点", "汇总时发现、需要经办人核对的情况。")
    sheets.put_headings(sheet, _HEADING_ROW, _DOUBT_HEADINGS)
    lines = [(unit, *line) for unit in units for line in _doubts(unit, zone)]
    for row, (unit, what, sentence, file) in enumerate(lines, start=_HEADING_ROW + 1):
        sheets.put_row(sheet, row, (*unit.values[:2], what, sentence, plain_line(file)))
        sheets.fit_height(sheet, row, _DOUBT_WIDTHS)
    _finish(sheet, _DOUBT_WIDTHS, last=_HEADING_ROW + len(lines), empty="没有需要核对的情况。")
    return len(lines)


def _doubts(unit: Numbered, zone: ZoneInfo) -> Iterator[tuple[str, str, str]]:
    """Kind, sentence and file of everything that a person should look at before the table goes out."""
    merged = unit.merged
    if not merged.taken and merged.assessment.status in (Status.ON_TIME, Status.LATE):
        files = "、".join(source.filename for source in merged.assessment.sources)
        yield "没有内容", f"材料已{STATUS_ZH[merged.assessment.status]}，但没有可以汇总的表格，请查看原件。", files
    if merged.taken:
        yield from _findings((one for one in merged.assessment.findings if one.is_blocking), merged.taken[-1])
    for claim in merged.own:
        told = dict.fromkeys((*claim.extraction.findings, *claim.findings))
        yield from _findings((finding for finding in told if finding.code in _TOLD_OF), claim)
        yield from _unsure_values(claim)
    yield from _added_up_twice(merged)
    for difference in merged.differences:
        yield "版本不一致", _difference_text(difference, zone), difference.claim.extraction.file


def _findings(findings: Iterable[Finding], claim: Claim) -> Iterator[tuple[str, str, str]]:
    for finding in findings:
        yield FINDING_ZH[finding.code].label, finding_sentence(finding), claim.extraction.file


def _added_up_twice(merged: MergedUnit) -> Iterator[tuple[str, str, str]]:
    if merged.shared_with:
        others = "、".join(merged.shared_with)
        sentence = f"同一份表也计为{others}的材料，表中没有写明每项活动是哪个单位的，汇总时各计了一次。"
        yield "重复计入", sentence, merged.taken[0].extraction.file
    for other, count in merged.also_told_by.items():
        sentence = f"表中有 {count} 项活动也列在“{other}”自己的表中，汇总时各计了一次。"
        yield "重复计入", sentence, merged.taken[0].extraction.file


def _unsure_values(claim: Claim) -> Iterator[tuple[str, str, str]]:
    """One line a file: where much is unsure, the whole page has to be looked at anyhow. The cells are yellow."""
    unsure = [key for key in (claim.form.certainties if claim.form else ()) if is_doubtful(claim, key)]
    if unsure:
        named = "、".join(key_words(key) for key in unsure[:_MOST_NAMED])
        more = " 等" if len(unsure) > _MOST_NAMED else ""
        sentence = f"照片上有 {len(unsure)} 处看不清（{named}{more}），表中已标黄，请对照原件。"
        yield FINDING_ZH[Code.LOW_CONFIDENCE].label, sentence, claim.extraction.file


def _difference_text(difference: Difference, zone: ZoneInfo) -> str:
    told = []
    if difference.rows:
        told.append(f"活动场次：汇总表 {difference.rows[0]}，该文件 {difference.rows[1]}")
    if difference.attendance:
        told.append(f"参加人数合计：汇总表 {difference.attendance[0]}，该文件 {difference.attendance[1]}")
    if difference.fields:
        told.append(f"{'、'.join(FIELD_ZH[name] for name in difference.fields)}填写不同")
    came = full_moment_text(difference.claim.received_at, zone)
    return f"另有一份 {came} 收到的表，未计入汇总。{'；'.join(told)}。"


def _finish(sheet: Worksheet, widths: Sequence[float], *, last: int, empty: str) -> None:
    if last == _HEADING_ROW:
        sheets.put(sheet, _HEADING_ROW + 1, 1, empty, font=sheets.NOTE_FONT).alignment = sheets.UNWRAPPED
    sheet.auto_filter.ref = f"A{_HEADING_ROW}:{get_column_letter(len(widths))}{max(last, _HEADING_ROW)}"
    sheet.freeze_panes = f"A{_HEADING_ROW + 1}"
    sheets.set_widths(sheet, widths)
    sheets.set_up_print(sheet, heading_rows=f"{_HEADING_ROW}:{_HEADING_ROW}")
