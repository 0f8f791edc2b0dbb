"""Is a waiting reminder still true? Asked at the moment of sending, since hours may lie between plan and mail.

send      everything that it says still holds
wait      nobody can tell now: the mailbox was not read lately, or nobody is at work; asked again later
replan    part of it no longer holds: it is dropped, and the next plan writes what is left
skip      nothing of it holds any more
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from rules.assessment import CampaignReport
from rules.calendar import is_sending_moment
from rules.outgoing import LetterItem, OutgoingMail
from rules.owing import Owed, owed_in, standings_by_unit
from rules.reminding import Post, ReminderPolicy

FRESH: Final = timedelta(hours=2)
"""What the mailbox held longer ago than this proves nothing: the unit may have written since."""


class Verdict(StrEnum):
    """What is to be done with a reminder whose turn has come."""

    SEND = "send"
    WAIT = "wait"
    REPLAN = "replan"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A verdict, and why in Chinese for the outbox; empty for `SEND`."""

    verdict: Verdict
    because: str = ""


def reconsider(
    mail: OutgoingMail,
    report: CampaignReport,
    policy: ReminderPolicy,
    post: Post,
    *,
    written: Callable[[Owed], LetterItem],
) -> Judgement:
    """The verdict at the moment of the report. `written` says how a letter written now would put a thing."""
    if report.mail_read_until is None or report.mail_read_until < report.as_of - FRESH:
        return Judgement(verdict=Verdict.WAIT, because="邮箱最近未成功读取，暂缓发出")
    if not is_sending_moment(report.as_of, policy.hours, report.campaign.zone):
        return Judgement(verdict=Verdict.WAIT, because="不在发信时段，暂缓发出")
    units = {item.unit for item in mail.letter.items} - post.muted
    owed = {
        (one.unit.name, one.deliverable.key): one
        for of_unit in standings_by_unit(report, policy.stages, only=units).values()
        for one in owed_in(of_unit)
    }
    still = [item for item in mail.letter.items if (item.unit, item.deliverable) in owed]
    if not still:
        return Judgement(verdict=Verdict.SKIP, because="所列材料均已报齐或无须再催")
    because = _misaddressed(mail, report, post) or _untrue(mail, owed, written)
    return Judgement(verdict=Verdict.REPLAN if because else Verdict.SEND, because=because)


def _untrue(mail: OutgoingMail, owed: Mapping[tuple[str, str], Owed], written: Callable[[Owed], LetterItem]) -> str:
    for item in mail.letter.items:
        now = owed.get((item.unit, item.deliverable))
        if now is None or written(now) != item:
            return "所列材料的情况已有变化，按最新情况重拟"
        if now.holding and now.holding.begins_at > mail.created_at:
            return "已进入下一次催报，按最新情况重拟"
    return ""


def _misaddressed(mail: OutgoingMail, report: CampaignReport, post: Post) -> str:
    """A roster that was mended, or an address that has come back since, makes a mail go to the wrong people."""
    if not post.unreachable.isdisjoint(mail.letter.to):
        return "收件地址已退信，重拟"
    emails = {one.unit.name: one.unit.emails for one in report.units}
    units = {item.unit for item in mail.letter.items}
    if any(address not in emails.get(unit, ()) for address in mail.letter.to for unit in units):
        return "名册中的邮箱已有变化，重拟"
    return ""
