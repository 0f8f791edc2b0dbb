"""The planned activities of all units as a calendar (iCalendar, RFC 5545), for whoever wants to go and see them.

Whole days: a form names a day for certain, an hour seldom; what it says of the hour stands in the description. An entry
keeps its UID while unit, day and activity stay the same, so that a calendar which is imported again is brought up to
date and not doubled.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, timedelta
from typing import Final

from icalendar import Calendar, Event

from report.form_words import COLUMN_ZH, UNIT_ZH
from report.plain import plain_line
from rules.extraction import UNIT
from rules.merging import NAMING_COLUMN, MergedForms, MergedRow, is_doubtful
from rules.roster import Unit

_PRODUCT: Final = "-//baosong//baosong//ZH"
_DOMAIN: Final = "baosong.invalid"


def calendar_bytes(merged: MergedForms) -> bytes:
    """The .ics file, the same bytes for the same data."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{plain_line(merged.campaign.title)} 活动安排")
    calendar.add("x-wr-timezone", merged.campaign.zone.key)
    seen: Counter[str] = Counter()
    for unit in merged.units:
        for one in unit.rows:
            if one.row.starts_on is not None:
                calendar.add_component(_event(unit.unit, one, one.row.starts_on, merged, seen))
    return bytes(calendar.to_ical())


def _event(unit: Unit, one: MergedRow, starts_on: date, merged: MergedForms, seen: Counter[str]) -> Event:
    name = _text(one, NAMING_COLUMN[merged.kind]) or "活动"
    event = Event()
    event.add("uid", _uid("\n".join((merged.campaign.key, unit.name, starts_on.isoformat(), name)), seen))
    event.add("dtstamp", one.claim.received_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", starts_on)
    event.add("dtend", (one.row.ends_on or starts_on) + timedelta(days=1))  # the day after the last, RFC 5545, 3.6.1
    event.add("summary", f"{plain_line(unit.name)}：{name}")
    if place := _text(one, "place"):
        event.add("location", place)
    event.add("description", "\n".join(_told(one, COLUMN_ZH[merged.kind] | {UNIT: UNIT_ZH})))
    event.add("transp", "TRANSPARENT")  # nobody is busy because a school has an activity
    return event


def _text(one: MergedRow, column: str) -> str:
    return plain_line(one.row.cells.get(column, ""))


def _uid(what: str, seen: Counter[str]) -> str:
    """Two activities of one name on one day are told apart by their order."""
    seen[what] += 1
    told_apart = f"{what}\n{seen[what]}"
    return f"{hashlib.sha256(told_apart.encode()).hexdigest()[:32]}@{_DOMAIN}"


def _told(one: MergedRow, words: Mapping[str, str]) -> Iterator[str]:
    for column in ("time", "content", "attendance", UNIT):
        if text := _text(one, column):
            yield f"{words[column]}：{text}"
    yield f"来源：{plain_line(one.claim.extraction.file)}"
    if any(is_doubtful(one.claim, f"{one.number}.{column}") for column in words):
        yield "由照片识别，请对照原件核对。"
