"""What the coordinator should hear in the morning: what has changed since the last digest, and what waits for a person.

    is_digest_due(at, last_at, …)       working days, from the hour on, once a day
    changes_between(before, now)        cells whose status is another one now

Two reports of the same rules are compared, so nothing is to be remembered but when the last digest was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rules.assessment import Assessment, CampaignReport, Status
from rules.calendar import is_working_day
from rules.campaign import Deliverable
from rules.roster import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One cell that stands otherwise than before. `before` is None for one that was not asked."""

    unit: Unit
    deliverable: Deliverable
    before: Assessment | None
    now: Assessment

    @property
    def is_completed(self) -> bool:
        return self.now.complete_at is not None and (self.before is None or self.before.complete_at is None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attention:
    """What waits for a person, in numbers."""

    unattributed: int = 0
    to_review: int = 0
    drafts: int = 0
    unreachable: tuple[str, ...] = ()
    unknown_mails: int = 0
    replies: int = 0  # to letters of ours, without material, since the last digest

    @property
    def is_any(self) -> bool:
        waiting = self.unattributed, self.to_review, self.drafts, self.unreachable, self.unknown_mails, self.replies
        return any(waiting)


def is_digest_due(at: datetime, last_at: datetime | None, *, from_minute: int, zone: ZoneInfo) -> bool:
    """`from_minute` counts from local midnight: 510 is 08:30."""
    local = at.astimezone(zone)
    is_of_today = last_at is not None and last_at.astimezone(zone).date() >= local.date()
    return is_working_day(local.date()) and 60 * local.hour + local.minute >= from_minute and not is_of_today


def changes_between(before: CampaignReport, now: CampaignReport) -> tuple[Change, ...]:
    """In roster order, then in the campaign's. That something is not due yet, or that nobody knows, is no news."""
    stood = {(one.unit.name, key): cell for one in before.units for key, cell in one.assessments.items()}
    return tuple(
        Change(unit=one.unit, deliverable=now.campaign.deliverable(key), before=was, now=cell)
        for one in now.units
        for key, cell in one.assessments.items()
        if (was := stood.get((one.unit.name, key))) is None or _differs(was, cell)
        if cell.status not in (Status.PENDING, Status.UNKNOWN)
    )


def _differs(was: Assessment, now: Assessment) -> bool:
    return (was.status, was.parts, was.needs_review) != (now.status, now.parts, now.needs_review)
