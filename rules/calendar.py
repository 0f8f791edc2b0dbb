"""Working days of the State Council calendar, and the hours in which mail is sent.

The State Council moves weekends: a Saturday may be a working day so that a holiday gets longer. The data (package
chinesecalendar) ends with the newest published year. Beyond it Monday to Friday are taken for working days, and
`doubt_about` gives the sentence that a caller shows. Days are local; moments are aware.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar

FIRST_KNOWN_YEAR: Final[int] = min(day.year for day in chinese_calendar.holidays)
LAST_KNOWN_YEAR: Final[int] = max(day.year for day in chinese_calendar.holidays)

_SATURDAY: Final = 5
_LONGEST_HOLIDAY_DAYS: Final = 30  # none is half as long; a search that goes further is a defect


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """A span of the local day, in minutes since midnight: `begins_at` belongs to it, `ends_at` does not."""

    begins_at: int
    ends_at: int

    def __post_init__(self) -> None:
        if not 0 <= self.begins_at < self.ends_at <= 24 * 60:
            raise ValueError(f"{self} is not a span of a day")

    @classmethod
    def parse(cls, text: str) -> Hours:
        """From `09:00-11:30`. Raises ValueError."""
        begins, ends = (hour_and_minute.split(":") for hour_and_minute in text.split("-"))
        return cls(begins_at=60 * int(begins[0]) + int(begins[1]), ends_at=60 * int(ends[0]) + int(ends[1]))


def is_known(day: date) -> bool:
    """True where the State Council's calendar says which days are worked; else Monday to Friday is assumed."""
    return FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR


def is_working_day(day: date) -> bool:
    """By the package's tables: its own function walks through all of them at every call, and planning asks often."""
    if day in chinese_calendar.workdays:
        return True
    return day.weekday() < _SATURDAY and day not in chinese_calendar.holidays


def doubt_about(day: date) -> str:
    """A Chinese sentence for people when working days around `day` are a guess; empty when they are known."""
    if is_known(day):
        return ""
    return f"{day.year}年的放假调休安排尚未收录，暂按周一至周五为工作日计算。"


def working_days_between(first: date, last: date) -> int:
    """The working days after `first` up to and with `last`; negative when `last` is before `first`."""
    if last < first:
        return -working_days_between(last, first)
    return sum(is_working_day(day) for day in _days(first + timedelta(days=1), last))


@lru_cache(maxsize=1024)  # planning asks for every unit, and units have their days in common
def first_working_day(day: date) -> date:
    """`day` itself when it is worked, else the next that is."""
    for candidate in _days(day, day + timedelta(days=_LONGEST_HOLIDAY_DAYS)):
        if is_working_day(candidate):
            return candidate
    raise AssertionError(f"no working day within {_LONGEST_HOLIDAY_DAYS} days of {day}")


@lru_cache(maxsize=1024)
def last_working_day(day: date) -> date:
    """`day` itself when it is worked, else the last that was."""
    for back in range(_LONGEST_HOLIDAY_DAYS):
        if is_working_day(day - timedelta(days=back)):
            return day - timedelta(days=back)
    raise AssertionError(f"no working day within {_LONGEST_HOLIDAY_DAYS} days before {day}")


def is_sending_moment(moment: datetime, hours: Sequence[Hours], zone: ZoneInfo) -> bool:
    """True on a working day within one of the hours."""
    return bool(hours) and next_sending_moment(moment, hours, zone) == moment


def next_sending_moment(moment: datetime, hours: Sequence[Hours], zone: ZoneInfo) -> datetime:
    """`moment` itself if mail may be sent then, else the next moment when it may. Raises ValueError without hours."""
    if not hours:
        raise ValueError("there are no sending hours")
    local = moment.astimezone(zone)
    if is_working_day(local.date()):
        minute = 60 * local.hour + local.minute
        if any(span.begins_at <= minute < span.ends_at for span in hours):
            return moment
        later = [span.begins_at for span in hours if span.begins_at > minute]
        if later:
            return _at(local.date(), min(later), zone)
    day = first_working_day(local.date() + timedelta(days=1))
    return _at(day, min(span.begins_at for span in hours), zone)


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour=minutes // 60, minute=minutes % 60), tzinfo=zone)


def _days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
