"""All units' 附件1 or 附件2 in one Excel workbook, which replaces retyping them.

    活动汇总    every activity, units in roster order; a unit that has sent nothing has its line too
    基本情况    附件2 only: what stands above the activities, one line a unit
    分单位合计  activities and people of each unit, beside what its other form says
    分镇街合计  the same by town and by category
    来源        which file of which mail each form comes from
    差异与疑点  what to look at before the table goes out
    合并说明    who is in, who is not, how it was done

Sums are formulas, so that a number that a person corrects in the workbook is followed. The same data gives the same
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from report import sheets
from report.merging import layout
from report.merging.activities import fill_activities
from report.merging.facts import fill_facts
from report.merging.layout import Numbered, towns_of
from report.merging.origins import fill_doubts, fill_sources
from report.merging.totals import fill_by_group, fill_by_unit
from report.plain import plain_line
from report.words import KIND_ZH, full_moment_text
from rules.assessment import STATUS_ZH
from rules.extraction import Kind
from rules.merging import MergedForms

_HOW: Final = (
    ("取哪一份", "取统计时点前收到的最新一份合格表格；没有合格的，取最新一份，并在“说明”中注明待补正。"),
    ("电子表与照片", "盖章照片与电子表内容一致的，取电子表的文字；不一致的，取较新的一份，并列入“差异与疑点”。"),
    ("合计行", "各单位表中的合计行不计入汇总；与各行之和不一致的列入“差异与疑点”。"),
    ("无法识别的数字", "保留原文并标红，不计入合计，不按 0 处理。"),
    ("存疑的内容", "由照片识别、把握不大的内容标黄，请对照原件；在系统中核对或更正后重新导出即可。"),
    ("合计", "所有合计均为公式，在本表中改正数字后会随之更新。"),
)


def merged_workbook(merged: MergedForms, *, others: Mapping[str, int]) -> bytes:
    """The .xlsx file. `others`: how many activities each unit's other form tells, by the unit's name."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    numbers = {one.unit.name: number for number, one in enumerate(merged.report.units, start=1)}
    towns = towns_of([one.unit for one in merged.report.units])
    units = [Numbered(numbers[one.unit.name], one, towns[one.unit.name]) for one in merged.units]
    note, title = _note(merged), f"{plain_line(merged.campaign.title)} {KIND_ZH[merged.kind]}"
    names = (layout.ACTIVITIES, *_facts_of(merged), layout.BY_UNIT, layout.BY_PARENT, layout.SOURCES, layout.DOUBTS)
    made = {name: workbook.create_sheet(name) for name in (*names, layout.ABOUT)}
    sources = fill_sources(made[layout.SOURCES], units, zone=merged.campaign.zone)
    activities = fill_activities(made[layout.ACTIVITIES], merged, units, sources, title=f"{title}汇总", note=note)
    mobilized = None
    if layout.FACTS in made:
        mobilized = fill_facts(made[layout.FACTS], units, sources, title=f"{title}基本情况", note=note)
    fill_by_unit(made[layout.BY_UNIT], units, activities, mobilized, others, kind=merged.kind, note=note)
    by_parent = f"{title}分镇街、分类别合计"
    fill_by_group(made[layout.BY_PARENT], units, has_mobilized=mobilized is not None, title=by_parent, note=note)
    doubts = fill_doubts(made[layout.DOUBTS], units, zone=merged.campaign.zone)
    _fill_about(made[layout.ABOUT], merged, units, doubts=doubts, note=note)
    return sheets.workbook_bytes(workbook, modified_at=merged.report.as_of)


def _facts_of(merged: MergedForms) -> tuple[str, ...]:
    return (layout.FACTS,) if merged.kind is Kind.STATISTICS else ()


def _note(merged: MergedForms) -> str:
    zone = merged.campaign.zone
    inside = sum(bool(one.taken) for one in merged.units)
    asked = sum(not one.is_exempt for one in merged.units)
    read_until = full_moment_text(merged.report.mail_read_until, zone)
    of_whom = f"应报 {asked} 个单位" if merged.is_asked else "本次活动没有单独要求报送此表"
    return (
        f"{of_whom}，已汇总 {inside} 个单位；"
        f"统计时点 {full_moment_text(merged.report.as_of, zone)}，邮箱已读至 {read_until}"
    )


def _fill_about(sheet: Worksheet, merged: MergedForms, units: Sequence[Numbered], *, doubts: int, note: str) -> None:
    sheets.put_title(sheet, layout.ABOUT, note)
    row = 4
    for block in (_facts(merged, doubts), _absent(units), (("处理办法", "说明"), *_HOW)):
        sheets.put_headings(sheet, row, block[0])
        for values in block[1:]:
            row += 1
            sheets.put_row(sheet, row, values)
            sheets.fit_height(sheet, row, (28, 90))
        row += 2
    sheets.set_widths(sheet, (28, 90))
    sheets.set_up_print(sheet, heading_rows="1:1")


def _facts(merged: MergedForms, doubts: int) -> Sequence[tuple[str, ...]]:
    by_picture = sum(claim.extraction.read_by == "ocr" for one in merged.units for claim in one.own)
    return (
        ("项目", "内容"),
        ("报送材料", _asked(merged)),
        ("已汇总的单位", str(sum(bool(one.taken) for one in merged.units))),
        ("活动总数", str(merged.row_count)),
        ("由照片或扫描件识别的表格", f"{by_picture} 份"),
        ("需要核对的情况", f"{doubts} 条，见“{layout.DOUBTS}”"),
    )


def _asked(merged: MergedForms) -> str:
    asked = merged.campaign.deliverables if merged.is_asked else ()
    titles = [plain_line(one.title) for one in asked if one.kind.value == merged.kind.value]
    return "、".join(titles) or KIND_ZH[merged.kind]


def _absent(units: Sequence[Numbered]) -> Sequence[tuple[str, ...]]:
    """The units that are not in the table, by why."""
    absent: dict[str, list[str]] = {}
    for unit in units:
        if not unit.merged.taken:
            absent.setdefault(STATUS_ZH[unit.merged.assessment.status], []).append(unit.merged.unit.name)
    lines = [(f"{word}（{len(names)} 个）", plain_line("、".join(names))) for word, names in absent.items()]
    return (("未汇总的单位", "名单"), *(lines or [("（无）", "所有单位均已汇总。")]))
