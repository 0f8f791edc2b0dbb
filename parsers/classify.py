"""Tells a plan from a summary from a notice by what stands in it, and by its name where that leaves it open.

Every feature has a name, a weight and a pattern, in one table (`FEATURES`); a document's leaning towards a kind is the
sum of the weights of its features. The larger sum wins if it is large enough and far enough ahead; if not, the file's
name decides. `Verdict.reasons` names the features, so that a person can be told why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from parsers.wording import fold
from rules.extraction import Kind


class Leaning(StrEnum):
    PLAN = "plan"
    SUMMARY = "summary"
    NOTICE = "notice"


class Where(StrEnum):
    """What a feature looks at: the title, short lines (headings), or all running text."""

    TITLE = "title"
    HEADING = "heading"
    TEXT = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """One thing that speaks for a kind. `most`: how many occurrences count at most."""

    name: str
    leaning: Leaning
    where: Where
    pattern: str
    weight: float
    most: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What running text is; `kind` None when it is none of plan and summary."""

    kind: Kind | None
    is_notice: bool = False
    reasons: tuple[str, ...] = ()


def _plan(name: str, where: Where, pattern: str, weight: float, most: int = 1) -> Feature:
    return Feature(name=name, leaning=Leaning.PLAN, where=where, pattern=pattern, weight=weight, most=most)


def _summary(name: str, where: Where, pattern: str, weight: float, most: int = 1) -> Feature:
    return Feature(name=name, leaning=Leaning.SUMMARY, where=where, pattern=pattern, weight=weight, most=most)


def _notice(name: str, where: Where, pattern: str, weight: float, most: int = 1) -> Feature:
    return Feature(name=name, leaning=Leaning.NOTICE, where=where, pattern=pattern, weight=weight, most=most)


FEATURES: Final = (
    _plan("标题是方案或计划", Where.TITLE, "方案|计划|策划|实施意见|工作安排(?!表)|活动安排(?!表)", 6),
    _plan("小标题：指导思想", Where.HEADING, "指导思想|总体要求", 2),
    _plan("小标题：目标", Where.HEADING, "(?:活动|工作|总体|主要)目[标的]", 2),
    _plan(
        "小标题：主题与时间",
        Where.HEADING,
        "活动主题|活动时间|活动地点|活动对象|参与对象|参加对象|时间安排|主题和时间",
        1, 2,
    ),
    _plan(
        "小标题：工作安排",
        Where.HEADING,
        "(?:工作|活动|日程|进度)安排|实施步骤|活动步骤|具体安排|活动流程|启动仪式",
        2,
    ),
    _plan("小标题：组织领导", Where.HEADING, "组织领导|领导小组|组织机构|活动组织|组织保障", 1.5),
    _plan(
        "小标题：保障措施与要求",
        Where.HEADING,
        "保障措施|(?:工作|活动|有关|具体)要求|工作措施|安全(?:保障|预案)",
        2,
    ),
    _plan("将来时的词", Where.TEXT, "(?<!即)将(?!来|军|近)|拟(?:于|定|邀)|计划于|预计|确保|力争|务必|届时", 0.4, 6),
    _summary("标题是总结或汇报", Where.TITLE, "总结|小结|汇报|情况报告|工作报告|回顾|纪实|成果报告", 6),
    _summary(
        "小标题：主要做法",
        Where.HEADING,
        "(?:主要|具体|基本)?做法|活动开展情况|开展情况|活动情况|主要工作|活动概况",
        2,
    ),
    _summary("小标题：成效", Where.HEADING, "成效|成果|成绩|收获|亮点|特色", 2),
    _summary("小标题：问题与不足", Where.HEADING, "(?:存在|主要)?(?:的)?(?:问题|不足)", 2),
    _summary(
        "小标题：下一步与体会",
        Where.HEADING,
        "下一步|今后(?:打算|设想|工作)|努力方向|反思|体会|经验|启示|改进",
        1.5,
    ),
    _summary(
        "过去时的词",
        Where.TEXT,
        "圆满|共(?:开展|举办|组织|发放|有)|(?:开展|举办|举行|参加|组织|邀请|发放|取得|完成|营造|进行)了|顺利(?:完成|举行)"
        "|落下帷幕|受到.{0,12}(?:好评|欢迎)|(?:已|已经)(?:开展|完成|举办)|据统计|纷纷表示|历时",
        0.5,
        10,
    ),
    _notice("标题是通知", Where.TITLE, "通知", 5),
    _notice("发文字号", Where.HEADING, r"〔20\d\d〕\d+号", 2),
    _notice("向各单位发文", Where.HEADING, "^(?:各|局属|区属).{2,80}[:：]$", 4),
    _notice("现通知如下", Where.TEXT, "通知如下|特此通知", 3),
    _notice(
        "要求各单位报送",
        Where.TEXT,
        "(?:报送|上报|发送至|发至).{0,30}(?:邮箱|教育局|职教科|职业教育)|各单位(?:要|务必|应)",
        2, 2,
    ),
    _notice("印发", Where.HEADING, "印发$", 1),
)  # fmt: skip

ENOUGH: Final = 5.0
AHEAD: Final = 1.5
NOTICE_ENOUGH: Final = 8.0
SHORTEST_TEXT: Final = 100
SHORTEST_BODY: Final = 180
SHORTEST_NAMED: Final = 40
HEADING_CHARS: Final = 90

_NAMES: Final = (
    (Kind.SUMMARY, re.compile("总结|小结|汇报|回顾|工作报告|情况报告")),
    (Kind.PLAN, re.compile("方案|计划|策划|实施意见")),
)
_FORM_NAMES: Final = (
    (Kind.STATISTICS, re.compile(r"统计表|附件[2二](?!\d)")),
    (Kind.SCHEDULE, re.compile(r"安排表|附件[1一](?!\d)")),
)


def classify_prose(title: str, lines: Sequence[str], name: str, *, is_body: bool = False) -> Verdict:
    """What a document's running text is, its forms' lines left out."""
    text = fold("".join(lines))
    if len(text) < (SHORTEST_BODY if is_body else SHORTEST_NAMED):
        return Verdict(kind=None, reasons=("文字很少",))
    headings = [fold(line) for line in lines if len(line) <= HEADING_CHARS]
    sums, reasons = _weigh(fold(title), headings, text)
    if _is_notice(sums, title):
        return Verdict(kind=None, is_notice=True, reasons=reasons)
    kind = _by_content(sums) if len(text) >= SHORTEST_TEXT else None
    if kind is None and not is_body:
        kind = kind_by_name(name)
        reasons = (*reasons, "按文件名") if kind else reasons
    return Verdict(kind=kind, reasons=reasons)


def kind_by_name(name: str) -> Kind | None:
    """Plan or summary by the file's name."""
    return next((kind for kind, pattern in _NAMES if pattern.search(fold(name))), None)


def form_by_name(name: str) -> Kind | None:
    """附件1 or 附件2 by the file's name."""
    return next((kind for kind, pattern in _FORM_NAMES if pattern.search(fold(name))), None)


def _weigh(title: str, headings: Sequence[str], text: str) -> tuple[dict[Leaning, float], tuple[str, ...]]:
    sums = dict.fromkeys(Leaning, 0.0)
    reasons = []
    for feature in FEATURES:
        count = min(_count(feature, title, headings, text), feature.most)
        if count:
            sums[feature.leaning] += count * feature.weight
            reasons.append(feature.name)
    return sums, tuple(reasons)


def _count(feature: Feature, title: str, headings: Sequence[str], text: str) -> int:
    pattern = re.compile(feature.pattern)
    if feature.where is Where.TITLE:
        return 1 if pattern.search(title) else 0
    if feature.where is Where.HEADING:
        return sum(1 for heading in headings if pattern.search(heading))
    return sum(1 for _ in pattern.finditer(text))


def _is_notice(sums: dict[Leaning, float], title: str) -> bool:
    """A town's notice that issues a plan is a plan: its title says so."""
    issues_plan = "方案" in title or "计划" in title
    return sums[Leaning.NOTICE] >= NOTICE_ENOUGH and not issues_plan


def _by_content(sums: dict[Leaning, float]) -> Kind | None:
    plan, summary = sums[Leaning.PLAN], sums[Leaning.SUMMARY]
    if abs(plan - summary) < AHEAD or max(plan, summary) < ENOUGH:
        return None
    return Kind.PLAN if plan > summary else Kind.SUMMARY
