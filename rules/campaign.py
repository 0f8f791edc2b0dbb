"""A campaign, its deliverables, and the arithmetic of their due moments.

`due = 2023-10-30` ("10月30日前") means that the whole day counts: the last moment is 30 October 24:00 in the campaign's
time zone. `due_day = "before"` makes the named day itself too late. `due` may also be a local date and time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

AFTER_CLOSE: Final = timedelta(days=60)
"""Mail that comes so long after `closes` still counts, as late: a unit that owes can make good."""


class DeliverableKind(StrEnum):
    """What a deliverable asks for (contract, 7)."""

    PLAN = "plan"
    SCHEDULE = "schedule"
    STATISTICS = "statistics"
    SUMMARY = "summary"
    EVIDENCE = "evidence"


@dataclass(frozen=True, kw_only=True, slots=True)
class Deliverable:
    """One thing due. `required_of` holds unit categories; empty means every unit."""

    key: str
    title: str
    kind: DeliverableKind
    due: date | datetime
    due_day_included: bool = True
    grace: timedelta = timedelta(0)
    required_of: tuple[str, ...] = ()
    is_stamp_required: bool = False
    photos: int = 5
    video_max_seconds: float = 180.0
    video_tolerance_seconds: float = 1.0

    def due_at(self, zone: ZoneInfo) -> datetime:
        """The last moment that is on time, before grace and extensions; aware, in `zone`."""
        if isinstance(self.due, datetime):
            return self.due.replace(tzinfo=zone) if self.due.tzinfo is None else self.due.astimezone(zone)
        day = self.due + timedelta(days=1) if self.due_day_included else self.due
        return datetime.combine(day, time.min, tzinfo=zone)

    def is_required_of(self, category: str) -> bool:
        return not self.required_of or category in self.required_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """One collection with its deliverables, in the order in which they are shown."""

    key: str
    title: str
    opens: date
    closes: date
    zone: ZoneInfo
    deliverables: tuple[Deliverable, ...]

    def deliverable(self, key: str) -> Deliverable:
        """The deliverable of that key. Raises KeyError."""
        for deliverable in self.deliverables:
            if deliverable.key == key:
                return deliverable
        raise KeyError(key)


def days_late(complete_at: datetime, due_at: datetime, zone: ZoneInfo) -> int:
    """Natural days from the last day that was on time to the day of `complete_at`, at least 1. Only for late ones."""
    last_day = (due_at - timedelta(microseconds=1)).astimezone(zone).date()
    return max(1, (complete_at.astimezone(zone).date() - last_day).days)


def campaign_at(campaigns: Sequence[Campaign], moment: datetime) -> Campaign | None:
    """The campaign that mail of that moment belongs to: the newest one opened, until `AFTER_CLOSE` past its close."""
    opened = [campaign for campaign in campaigns if campaign.opens <= moment.astimezone(campaign.zone).date()]
    newest = max(opened, key=lambda campaign: campaign.opens, default=None)
    if newest is None or moment.astimezone(newest.zone).date() > newest.closes + AFTER_CLOSE:
        return None
    return newest
