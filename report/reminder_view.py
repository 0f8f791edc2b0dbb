"""What `baosong remind` shows: the mails of a plan and why each other unit gets none, as JSON and for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType
from rich.text import Text

from report.as_json import instant
from report.plain import plain, plain_line
from report.words import full_moment_text
from rules.calendar import doubt_about
from rules.outgoing import Letter
from rules.reminding import Reason, ReminderPlan, Withheld

REASON_ZH: Final[dict[Reason, str]] = {
    Reason.NO_ADDRESS: "名册中没有邮箱，请电话联系",
    Reason.SENT: "本次催报已发出或已在发件箱中",
    Reason.QUIET_HOURS: "不在发信时段",
    Reason.UNKNOWN: "截止后尚未成功读取邮箱",
    Reason.MUTED: "已暂停催报",
    Reason.LIMIT: "已到当日发信上限",
    Reason.BOUNCED: "邮件被退回，请电话联系",
    Reason.NOTHING_OWED: "没有应催的材料",
}


def plan_as_json(plan: ReminderPlan, letters: Sequence[Letter], *, mode: str, zone: ZoneInfo) -> dict[str, Any]:
    """Contract, section 4; `cc`, `due_at`, `html` and `note` are additions."""
    return {
        "at": instant(plan.at, zone),
        "mode": mode,
        "mails": [_letter(letter, zone) for letter in letters],
        "withheld": [{"unit": one.unit, "reason": one.reason.value, "note": one.note} for one in plan.withheld],
        "warning": doubt_about(plan.at.astimezone(zone).date()),
    }


def print_plan(
    plan: ReminderPlan, letters: Sequence[Letter], *, mode: str, zone: ZoneInfo, is_kept: bool, console: Console
) -> None:
    for renderable in _describe(plan, letters, mode=mode, zone=zone, is_kept=is_kept):
        console.print(renderable, markup=False, highlight=False, soft_wrap=True)


def _letter(letter: Letter, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "to": list(letter.to),
        "cc": list(letter.cc),
        "subject": letter.subject,
        "stage": letter.stage,
        "items": [
            {
                "unit": item.unit,
                "deliverable": item.deliverable,
                "status": item.status.value,
                "due_at": instant(item.due_at, zone),
                "findings": list(item.findings),
            }
            for item in letter.items
        ],
        "text": letter.text,
        "html": letter.html,
    }


def _describe(
    plan: ReminderPlan, letters: Sequence[Letter], *, mode: str, zone: ZoneInfo, is_kept: bool
) -> Iterator[RenderableType]:
    for letter in letters:
        yield Text(f"── {plain_line(letter.subject)}", style="bold")
        yield Text(f"收件人：{'、'.join(letter.to)}" + (f"；抄送：{'、'.join(letter.cc)}" if letter.cc else ""))
        yield Text("\n".join(f"  {line}".rstrip() for line in plain(letter.text).split("\n")))
    yield Text(_summary(letters, plan.at, mode=mode, zone=zone, is_kept=is_kept), style="bold")
    for reason, units in _by_reason(plan.withheld).items():
        yield Text(f"不发（{REASON_ZH[reason]}）{len(units)} 个单位：{'、'.join(units)}")
    doubt = doubt_about(plan.at.astimezone(zone).date())
    if doubt:
        yield Text(f"注意：{doubt}", style="yellow")


def _summary(letters: Sequence[Letter], at: datetime, *, mode: str, zone: ZoneInfo, is_kept: bool) -> str:
    items = [(item.unit, item.deliverable) for letter in letters for item in letter.items]
    units = Counter(unit for unit, _ in set(items))
    done = (
        {"approve": "已放入发件箱，待批准", "auto": "已放入发件箱"}.get(mode, "") if is_kept else "仅预览，未放入发件箱"
    )
    moment = full_moment_text(at, zone)
    return f"{moment}：应发 {len(letters)} 封，涉及 {len(units)} 个单位 {len(set(items))} 项材料；{done}"


def _by_reason(withheld: Sequence[Withheld]) -> dict[Reason, list[str]]:
    by_reason: dict[Reason, list[str]] = {}
    for one in withheld:
        note = f"（{one.note}）" if one.note else ""
        by_reason.setdefault(one.reason, []).append(f"{plain_line(one.unit)}{note}")
    return by_reason
