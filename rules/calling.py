"""Whom to telephone: units that are behind and that mail does not reach, or did not move.

A unit is called when something of its is overdue and it has no address, its mail comes back or failed, or the last
stage of all has been told to it on an earlier day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.assessment import CampaignReport
from rules.outgoing import MailKind, MailState, OutgoingMail
from rules.owing import Owed, owed_in, standings_by_unit
from rules.reminding import Post, ReminderPolicy
from rules.roster import Unit
from rules.stages import Stage


class Cause(StrEnum):
    """Why mail alone does not do."""

    NO_ADDRESS = "no_address"
    BOUNCED = "bounced"
    FAILED = "failed"  # the server refused it, or nobody knows whether it went
    UNMOVED = "unmoved"  # reminded to the last stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One line of the phone list. `reminders`: how many went out about what is still owed; `last_at`: the newest."""

    unit: Unit
    owed: tuple[Owed, ...]
    cause: Cause
    reminders: int = 0
    last_at: datetime | None = None


def calls(report: CampaignReport, policy: ReminderPolicy, post: Post) -> tuple[Call, ...]:
    """In roster order. Muted units are left out."""
    found = []
    for name, standings in standings_by_unit(report, policy.stages).items():
        overdue = tuple(one for one in owed_in(standings) if one.is_overdue)
        if overdue and name not in post.muted:
            call = _call(overdue, report, policy.stages, post)
            found += [call] if call else []
    return tuple(found)


def _call(owed: tuple[Owed, ...], report: CampaignReport, stages: Sequence[Stage], post: Post) -> Call | None:
    unit, things = owed[0].unit, {one.key for one in owed}
    about = [mail for mail in post.outbox if _speaks_of(mail, things)]
    sent = [mail for mail in about if mail.state is MailState.SENT]
    cause = _cause(owed, about, report, stages, post)
    if cause is None:
        return None
    last_at = max((mail.sent_at or mail.created_at for mail in sent), default=None)
    return Call(unit=unit, owed=owed, cause=cause, reminders=len(sent), last_at=last_at)


def _cause(
    owed: Sequence[Owed], about: Sequence[OutgoingMail], report: CampaignReport, stages: Sequence[Stage], post: Post
) -> Cause | None:
    unit = owed[0].unit
    if not unit.emails:
        return Cause.NO_ADDRESS
    if post.unreachable.issuperset(unit.emails):
        return Cause.BOUNCED
    newest = max(about, key=lambda mail: mail.created_at, default=None)
    if newest and newest.state in (MailState.FAILED, MailState.UNKNOWN):
        return Cause.FAILED
    return Cause.UNMOVED if any(_is_unmoved(one, about, report, stages) for one in owed) else None


def _is_unmoved(owed: Owed, about: Sequence[OutgoingMail], report: CampaignReport, stages: Sequence[Stage]) -> bool:
    """True when it was told in the last stage, and a night has passed since."""
    last = max(stages, key=lambda stage: stage.offset, default=None)
    if owed.holding is None or owed.holding.stage != last:
        return False
    zone = report.campaign.zone
    today = report.as_of.astimezone(zone).date()
    return any(
        mail.state is MailState.SENT
        and _speaks_of(mail, {owed.key})
        and mail.created_at >= owed.holding.begins_at
        and (mail.sent_at or mail.created_at).astimezone(zone).date() < today
        for mail in about
    )


def _speaks_of(mail: OutgoingMail, things: set[tuple[str, str, datetime]]) -> bool:
    return mail.letter.kind is MailKind.REMINDER and any(
        (item.unit, item.deliverable, item.due_at) in things for item in mail.letter.items
    )
