"""The stages of reminding: so many days before or after the effective due day of one unit's deliverable.

A stage before the due day that falls on a free day moves back to the last working day, so that a person is there to act
on it; one after the due day moves on to the next. It begins with that local day and holds until the next one begins.
Those before end with the due moment itself. Only the stage that holds is ever of interest: after an outage the ones
that were missed are not made up for.

Stages hang on the effective due moment: an extension makes a new one and so arms them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from rules.calendar import first_working_day, last_working_day

_FORM: Final = re.compile(r"([+-])(\d{1,3})d")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """`-3d`: three days before the due day; `+1d`: one day after it. `-0d` is the due day's morning."""

    days: int
    is_after: bool

    @classmethod
    def parse(cls, text: str) -> Stage:
        """From `-3d`. Raises ValueError."""
        match = _FORM.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not a stage")
        return cls(days=int(match[2]), is_after=match[1] == "+")

    @property
    def offset(self) -> int:
        """Days from the due day, negative before it."""
        return self.days if self.is_after else -self.days

    def __str__(self) -> str:
        return f"{'+' if self.is_after else '-'}{self.days}d"

    def begins_at(self, due_at: datetime, zone: ZoneInfo) -> datetime:
        """The local midnight with which the stage begins."""
        nominal = due_day(due_at, zone) + timedelta(days=self.offset)
        day = first_working_day(nominal) if self.is_after else last_working_day(nominal)
        return datetime.combine(day, time.min, tzinfo=zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """The stage that holds at a moment, and since when."""

    stage: Stage
    begins_at: datetime


def due_day(due_at: datetime, zone: ZoneInfo) -> date:
    """The last day that is wholly or partly on time."""
    return (due_at - timedelta(microseconds=1)).astimezone(zone).date()


def holding_stage(stages: Iterable[Stage], due_at: datetime, at: datetime, zone: ZoneInfo) -> Holding | None:
    """The stage that holds at `at`: the last of those that have begun, unless it was to be before a moment now past."""
    begun = [
        Holding(stage=stage, begins_at=begins_at)
        for stage in stages
        if (begins_at := stage.begins_at(due_at, zone)) <= at and (stage.is_after or at <= due_at)
    ]
    return max(begun, key=lambda one: (one.stage.offset, one.stage.is_after), default=None)
