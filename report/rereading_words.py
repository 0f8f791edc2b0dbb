"""What newer parsers read otherwise, in words: for `show` and for the desk's list of what was read anew."""

from __future__ import annotations

from typing import Final

from report.form_words import COLUMN_ZH, FIELD_ZH, UNIT_ZH
from report.plain import plain_line
from report.words import FINDING_ZH, KIND_ZH
from rules.extraction import UNIT, Kind
from rules.findings import Code
from rules.rereading import Difference, Kept

ASPECT_ZH: Final[dict[str, str]] = {
    "failure": "邮件解析",
    "kind": "材料类型",
    "title": "标题",
    "unit_names": "单位",
    "stamped": "盖章",
    "signed": "签名",
    "photo": "照片",
    "video": "视频",
    "links": "链接",
    "members": "内含文件",
    "findings": "问题",
}
KEPT_ZH: Final[dict[Kept, str]] = {
    Kept.NOTHING: "已采用新结果",
    Kept.WORSE: "新结果较差，保留原结果",
    Kept.SETTLED: "已经人工核对，保留原结果",
}
_FORM_ZH: Final = {Kind.SCHEDULE.value: "附件1", Kind.STATISTICS.value: "附件2"}
_TRUTH_ZH: Final = {"stamped": {"true": "已盖章", "false": "未盖章"}, "signed": {"true": "已签名", "false": "未签名"}}
_NOTHING_ZH: Final = {"failure": "正常", "findings": "无", "stamped": "不能判断", "signed": "不能判断"}
_LONGEST: Final = 60


def aspect_text(aspect: str) -> str:
    """`statistics.2.place` is 附件2 第2行活动地点."""
    form, _dot, rest = aspect.partition(".")
    if not rest:
        return ASPECT_ZH.get(aspect, aspect)
    kind, _hash, count = form.partition("#")
    name = _FORM_ZH.get(kind, kind) + (f"（第{count}张）" if count else "")
    row, _dot, column = rest.rpartition(".")
    if not row:
        return f"{name} {'行数' if rest == 'rows' else FIELD_ZH.get(rest, rest)}"
    columns = COLUMN_ZH.get(Kind(kind), {}) | {"days": "日期", UNIT: UNIT_ZH}
    return f"{name} 第{row}行{columns.get(column, column)}"


def value_text(aspect: str, value: str) -> str:
    """A value of that aspect on one line, quoted where it is the sender's own text."""
    if not value:
        return _NOTHING_ZH.get(aspect, "（空）")
    if aspect in _TRUTH_ZH:
        return _TRUTH_ZH[aspect][value]
    if aspect == "kind":
        return "、".join(KIND_ZH[Kind(kind)] for kind in value.split("+"))
    if aspect == "findings":
        return "、".join(dict.fromkeys(FINDING_ZH[Code(line.partition(":")[0])].label for line in value.split("\n")))
    if aspect in ("photo", "video", "failure") or aspect.endswith(".rows"):
        return plain_line(value)
    line = plain_line(value.replace("\n", "、"))
    return f"“{line if len(line) <= _LONGEST else line[:_LONGEST] + '…'}”"


def difference_text(difference: Difference) -> str:
    aspect = difference.aspect
    before, after = value_text(aspect, difference.before), value_text(aspect, difference.after)
    return f"{aspect_text(aspect)}：{before} → {after}"
