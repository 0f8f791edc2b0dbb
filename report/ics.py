"""The planned activities of all units as a calendar (iCalendar, RFC 5545), for whoever wants to go and see them.

Whole days: a form names a day for certain, an hour seldom; what it says of the hour stands in the description. An entry
keeps its UID while unit, day and activity stay the same, so that a calendar which is imported again is brought up to
date and not doubled.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final

from icalendar import Calendar, Event

from report.form_words import COLUMN_ZH, UNIT_ZH
from report.plain import plain_line
from rules.claims import Claim
from rules.extraction import UNIT, FormRow, Kind
from rules.merging import NAMING_COLUMN, MergedForms, is_doubtful
from rules.roster import Unit

_PRODUCT: Final = "-//baosong//baosong//ZH"
_DOMAIN: Final = "baosong.invalid"


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of a unit's form. Without `row.starts_on` it names no day for certain and cannot stand in a calendar."""

    unit: Unit
    claim: Claim
    row: FormRow
    number: int  # within its form, from 1
    kind: Kind

    def text(self, column: str) -> str:
        return plain_line(self.row.cells.get(column, ""))


def activities_of(merged: MergedForms) -> Iterator[Activity]:
    """In the order of the merged table."""
    for one in merged.units:
        for claim in one.taken:
            for number, row in enumerate(claim.form.rows if claim.form else (), start=1):
                yield Activity(one.unit, claim, row, number, merged.kind)


def calendar_bytes(merged: MergedForms) -> bytes:
    """The .ics file, the same bytes for the same data."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{plain_line(merged.campaign.title)} 活动安排")
    calendar.add("x-wr-timezone", merged.campaign.zone.key)
    seen: Counter[str] = Counter()
    for activity in activities_of(merged):
        if activity.row.starts_on is not None:
            calendar.add_component(_event(activity, activity.row.starts_on, merged.campaign.key, seen))
    return bytes(calendar.to_ical())


def _event(activity: Activity, starts_on: date, campaign_key: str, seen: Counter[str]) -> Event:
    name = activity.text(NAMING_COLUMN[activity.kind]) or "活动"
    last = activity.row.ends_on or starts_on
    event = Event()
    event.add("uid", _uid("\n".join((campaign_key, activity.unit.name, starts_on.isoformat(), name)), seen))
    event.add("dtstamp", activity.claim.received_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", starts_on)
    event.add("dtend", last + timedelta(days=1))  # the day after the last, RFC 5545, 3.6.1
    event.add("summary", f"{plain_line(activity.unit.name)}：{name}")
    if place := activity.text("place"):
        event.add("location", place)
    event.add("description", "\n".join(_told(activity)))
    event.add("transp", "TRANSPARENT")  # nobody is busy because a school has an activity
    return event


def _uid(what: str, seen: Counter[str]) -> str:
    """Two activities of one name on one day are told apart by their order."""
    seen[what] += 1
    told_apart = f"{what}\n{seen[what]}"
    return f"{hashlib.sha256(told_apart.encode()).hexdigest()[:32]}@{_DOMAIN}"


def _told(activity: Activity) -> Iterator[str]:
    words = COLUMN_ZH[activity.kind] | {UNIT: UNIT_ZH}
    for column in ("time", "content", "attendance", UNIT):
        if text := activity.text(column):
            yield f"{words[column]}：{text}"
    yield f"来源：{plain_line(activity.claim.extraction.file)}"
    if any(is_doubtful(activity.claim, f"{activity.number}.{column}") for column in words):
        yield "由照片识别，请对照原件核对。"
