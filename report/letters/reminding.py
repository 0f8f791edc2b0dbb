"""Writes a planned reminder: which letter it is, and what it says.

reminder_ahead      before the due moment, nothing has come of it            【温馨提示】
reminder_started    before it, but something that came must be mended        【请补正】
reminder_overdue    something is overdue                                     【催报】, then 【再次催报】
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from report.letters.phrases import (
    Bureau,
    debtors_of,
    due_with_weekday,
    letter_item,
    moment_in_words,
    salutation,
    title_of,
    titles_text,
)
from report.letters.texts import LetterTexts
from report.plain import plain_line
from report.words import due_text
from rules.assessment import CampaignReport
from rules.calendar import working_days_between
from rules.outgoing import Letter, MailKind
from rules.owing import Owed
from rules.reminding import Reminder
from rules.stages import due_day


def reminder_letter(reminder: Reminder, report: CampaignReport, bureau: Bureau, texts: LetterTexts) -> Letter:
    campaign = report.campaign
    variables = reminder_variables(reminder, report, bureau)
    written = texts.write(letter_name(reminder.owed), variables, seed=reminder.dedupe_key)
    return Letter(
        kind=MailKind.REMINDER,
        campaign=campaign.key,
        to=reminder.to,
        cc=reminder.cc,
        subject=written.subject,
        text=written.text,
        html=written.html,
        stage=str(reminder.stage),
        items=tuple(letter_item(owed) for owed in reminder.owed),
        dedupe_key=reminder.dedupe_key,
    )


def letter_name(owed: Sequence[Owed]) -> str:
    if any(one.is_overdue for one in owed):
        return "reminder_overdue"
    return "reminder_started" if any(one.is_started for one in owed) else "reminder_ahead"


def reminder_variables(reminder: Reminder, report: CampaignReport, bureau: Bureau) -> dict[str, Any]:
    campaign, owed = report.campaign, reminder.owed
    dues = sorted({one.due_at for one in owed})
    debtors = debtors_of(owed, campaign)
    return {
        "campaign": plain_line(campaign.title or campaign.key),
        "salutation": salutation(reminder.units),
        "units": debtors,
        "unit_names": _unit_names([debtor.name for debtor in debtors]),
        "materials": _materials(owed),
        "count": len(owed),
        "has_several_dues": len(dues) > 1,
        "due": due_with_weekday(dues[0], campaign.zone),
        "due_short": due_text(dues[0], campaign.zone),
        "countdown": countdown(report.as_of, dues[0], campaign.zone),
        "as_of": moment_in_words(report.as_of, campaign.zone),
        "is_all_started": all(one.is_started for one in owed),
        "is_to_be_mended": all(one.is_started for one in owed if one.is_overdue),
        "is_repeated": reminder.is_repeated,
        "copied_to": _copied_to(reminder, report),
        "bureau": bureau,
    }


def _materials(owed: Sequence[Owed]) -> str:
    """For the subject: what is overdue, where anything is; what has been begun stands first."""
    pressing = [one for one in owed if one.is_overdue] or owed
    begun_first = sorted(pressing, key=lambda one: not one.is_started)
    return titles_text(list(dict.fromkeys(title_of(one.deliverable) for one in begun_first)))


def countdown(at: datetime, due_at: datetime, zone: ZoneInfo) -> str:
    """`今天截止`, `还有 1 个工作日`; empty once it is past."""
    if at > due_at:
        return ""
    days = working_days_between(at.astimezone(zone).date(), due_day(due_at, zone))
    return f"还有 {days} 个工作日" if days else "今天截止" if _is_today(at, due_at, zone) else "截止前已无其他工作日"


def _is_today(at: datetime, due_at: datetime, zone: ZoneInfo) -> bool:
    return at.astimezone(zone).date() == due_day(due_at, zone)


def _unit_names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}等 {len(names)} 个单位"


def _copied_to(reminder: Reminder, report: CampaignReport) -> str:
    names = [plain_line(one.unit.name) for one in report.units if set(one.unit.emails) & set(reminder.cc)]
    return names[0] if names else ""
