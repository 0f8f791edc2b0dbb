"""Writes the coordinator's morning digest and the alarms; both go to one address of the bureau, never to a unit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from report.letters.phrases import Bureau, due_with_weekday, moment_in_words, title_of
from report.letters.reminding import countdown
from report.letters.texts import LetterTexts
from report.plain import plain_line
from report.words import duration_text, rate_text
from rules.assessment import CampaignReport, Status, Totals
from rules.digesting import Attention, Change
from rules.outgoing import Letter, MailKind

_MAX_NAMES: Final = 12


def digest_letter(
    report: CampaignReport,
    changes: Sequence[Change],
    attention: Attention,
    *,
    since: datetime,
    to: str,
    bureau: Bureau,
    texts: LetterTexts,
) -> Letter:
    campaign, zone = report.campaign, report.campaign.zone
    key = f"digest|{campaign.key}|{report.as_of.astimezone(zone).date().isoformat()}"
    written = texts.write("digest", digest_variables(report, changes, attention, since, bureau), seed=key)
    return Letter(
        kind=MailKind.DIGEST,
        campaign=campaign.key,
        to=(to,),
        subject=written.subject,
        text=written.text,
        html=written.html,
        dedupe_key=key,
    )


def alarm_letter(
    name: str, variables: dict[str, Any], *, key: str, campaign: str, to: str, bureau: Bureau, texts: LetterTexts
) -> Letter:
    """`name`: alarm_mailbox, alarm_outbox, alarm_loop. `key` is the same for the same trouble: it is told once."""
    written = texts.write(name, {**variables, "bureau": bureau}, seed=key)
    return Letter(
        kind=MailKind.ALARM,
        campaign=campaign,
        to=(to,),
        subject=written.subject,
        text=written.text,
        html=written.html,
        dedupe_key=f"{name}|{hashlib.sha256(key.encode()).hexdigest()}",
    )


def mailbox_alarm(report: CampaignReport, *, why: str) -> tuple[dict[str, Any], str]:
    """The mailbox has not been read for hours: variables and key, one alarm for each outage."""
    zone, read = report.campaign.zone, report.mail_read_until
    variables = {
        "read_at": moment_in_words(read, zone) if read else "",
        "silence": duration_text((report.as_of - read).total_seconds()) if read else "",
        "why": plain_line(why),
    }
    return variables, f"{read.isoformat() if read else 'never'}"


def outbox_alarm(report: CampaignReport, *, waiting: int, oldest_at: datetime, why: str) -> tuple[dict[str, Any], str]:
    """Mail that may go does not go."""
    zone = report.campaign.zone
    variables = {
        "waiting": waiting,
        "oldest": moment_in_words(oldest_at, zone),
        "silence": duration_text((report.as_of - oldest_at).total_seconds()),
        "why": plain_line(why),
    }
    return variables, oldest_at.isoformat()


def loop_alarm(report: CampaignReport, *, address: str, mails: int) -> tuple[dict[str, Any], str]:
    """An address answers every mail of ours: it gets none any more."""
    day = report.as_of.astimezone(report.campaign.zone).date()
    return {"address": plain_line(address), "mails": mails}, f"{address}|{day.isoformat()}"


def digest_variables(
    report: CampaignReport, changes: Sequence[Change], attention: Attention, since: datetime, bureau: Bureau
) -> dict[str, Any]:
    zone = report.campaign.zone
    return {
        "campaign": plain_line(report.campaign.title or report.campaign.key),
        "as_of": moment_in_words(report.as_of, zone),
        "day": f"{report.as_of.astimezone(zone).month}月{report.as_of.astimezone(zone).day}日",
        "since": moment_in_words(since, zone),
        "completed": _names(one for one in changes if one.is_completed),
        "begun": _names(one for one in changes if one.now.status is Status.INCOMPLETE and not one.now.needs_review),
        "missing": _names(one for one in changes if one.now.status is Status.MISSING),
        "counts": {
            "completed": sum(one.is_completed for one in changes),
            "begun": sum(one.now.status is Status.INCOMPLETE and not one.now.needs_review for one in changes),
            "missing": sum(one.now.status is Status.MISSING for one in changes),
        },
        "materials": [_material(report, key, totals) for key, totals in report.totals.items()],
        "attention": attention,
        "unreachable": _shortened(attention.unreachable),
        "bureau": bureau,
    }


def _names(changes: Iterable[Change]) -> str:
    """`儒林小学（工作方案、安排表）、直溪中学（总结）`."""
    by_unit: dict[str, list[str]] = {}
    for one in changes:
        by_unit.setdefault(plain_line(one.unit.name), []).append(title_of(one.deliverable))
    return _shortened([f"{name}（{'、'.join(titles)}）" for name, titles in by_unit.items()])


def _shortened(names: Sequence[str]) -> str:
    shown = "、".join(names[:_MAX_NAMES])
    return shown if len(names) <= _MAX_NAMES else f"{shown}等 {len(names)} 个单位"


def _material(report: CampaignReport, key: str, totals: Totals) -> dict[str, str]:
    deliverable = report.campaign.deliverable(key)
    due_at = deliverable.due_at(report.campaign.zone)
    return {
        "title": title_of(deliverable),
        "due": due_with_weekday(due_at, report.campaign.zone),
        "countdown": countdown(report.as_of, due_at, report.campaign.zone) or "已截止",
        "complete": f"{totals.complete}/{totals.expected}",
        "rate": rate_text(totals.complete, totals.expected),
        "incomplete": str(totals.incomplete),
        "missing": str(totals.missing),
    }
