"""The dates of an activity as written in the forms: first and last day, or None; never a guessed day.

    11月12日上午9:00-11:00     2023.11.13     11/14—11/16     11月13日-17日     11月13-17日     11月中旬     11月

Algorithm: clock times, weekdays and remarks in brackets are taken out; a scanner reads dates one after the other;
what a date leaves out (the year, the month) comes from the date before it; the first year comes from `Years`. Digits
beside a range sign that belong to no date make the text unreadable, and so do words that blur the day (月底, 每周).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from parsers.wording import fold

_UNSURE: Final = re.compile(r"(?:月|年)(?:初|底|末|第|每|中$|前|后)|每[周月年]|前后|待定|另行")
_CLOCK: Final = re.compile(
    r"(?:[上下中]午|晚上?|早上?|凌晨|傍晚)?\d{1,2}[:点时](?:\d{1,2}分?|半|整)?(?:[-—–~―至到]+(?:[上下中]午|晚上?)?"
    r"\d{1,2}[:点时](?:\d{1,2}分?|半|整)?)?"
    r"|(?:[上下中]午|晚上?|早上?)\d{1,2}(?:\.\d{2})?(?:[-—–~―至到]+\d{1,2}(?:\.\d{2})?)?(?![月日号./\d])(?:[点时])?"
)
_WEEKDAY: Final = re.compile(r"\(?(?:周|星期|礼拜)[一二三四五六日天](?:[、至到-](?:周|星期)?[一二三四五六日天])?\)?")
_HALF_DAY: Final = re.compile(r"[上下中]午|晚上?|早上|全天|\([^()]*\)")
_BLANK_IN_DIGITS: Final = re.compile(r"(?<=\d)\s+(?=\d)")  # "2023/11/13 8:30" must not fold into 138:30
_LINK: Final = "[-—–~―至到、,和及]"
_YEAR: Final = r"(?:(?P<year>20\d\d|\d\d)年)?"
_TOKEN: Final = re.compile(
    r"(?P<fy>20\d\d|[23]\d)(?:年|[./-])(?P<fm>\d{1,2})(?:月|[./-])(?P<fd>\d{1,2})(?!\d)[日号]?"
    rf"|{_YEAR}(?P<tm>\d{{1,2}})月份?(?P<ten>上旬|中旬|下旬|上中旬|中下旬)"
    rf"|{_YEAR.replace('year', 'myear')}(?P<mm>\d{{1,2}})月(?P<md>\d{{1,2}})(?!\d)[日号]?"
    rf"|{_YEAR.replace('year', 'wyear')}(?P<wm>\d{{1,2}})月份?(?!\d)"
    r"|(?<![\d.])(?P<nm>\d{1,2})[./](?P<nd>\d{1,2})(?![\d.]|小时|个|场|万|[点时:])[日号]?"
    rf"|(?<={_LINK})(?P<dd>\d{{1,2}})(?![\d.:/年月点时])[日号]?"
)
_STRAY: Final = re.compile(rf"\d{_LINK}|{_LINK}\d")
_CLOCK_MINUTES: Final = frozenset({0, 15, 30, 45})
_TENS: Final = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 0), "上中旬": (1, 20), "中下旬": (11, 0)}
_SPAN: Final = re.compile(r"(20\d\d)年?[-~/—–―至]+(20\d\d)(?=学?年)")
_SINGLE: Final = re.compile(r"(?<![\d〔\[])(20\d\d)(?=年|届|[./-]\d)")
_FIRST_MONTH_OF_YEAR: Final = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Years:
    """What year a month belongs to: `2023-2024年度` runs from the summer of the first to that of the second."""

    first: int
    second: int

    def of(self, month: int) -> int:
        return self.first if self.first == self.second or month >= _FIRST_MONTH_OF_YEAR else self.second


@dataclass(frozen=True, kw_only=True, slots=True)
class _Dated:
    first: date
    last: date
    is_dotted: bool = False


def years_named(texts: Iterable[str]) -> Years | None:
    """The years of the first text that names them without contradiction, e.g. title before file name before body."""
    for text in texts:
        folded = fold(text)
        spans = {(int(a), int(b)) for a, b in _SPAN.findall(folded) if int(b) == int(a) + 1}
        if len(spans) == 1:
            first, second = spans.pop()
            return Years(first=first, second=second)
        singles = {int(year) for year in _SINGLE.findall(folded)}
        if not spans and len(singles) == 1:
            year = singles.pop()
            return Years(first=year, second=year)
    return None


def parse_dates(text: str, years: Years | None) -> tuple[date | None, date | None]:
    """First and last day of what the text names, or (None, None)."""
    plain = _without_clock(fold(_BLANK_IN_DIGITS.sub(";", text)))
    if _UNSURE.search(plain):
        return None, None
    try:
        dates = list(_scan(plain, years))
    except (ValueError, LookupError):
        return None, None
    if not dates or _STRAY.search(_TOKEN.sub("#", plain)) or _are_clock_times(dates):
        return None, None
    first, last = min(d.first for d in dates), max(d.last for d in dates)
    in_order = all(a.first <= b.last for a, b in pairwise(dates))
    return (first, last) if in_order else (None, None)


def _without_clock(text: str) -> str:
    return _HALF_DAY.sub("", _CLOCK.sub(";", _WEEKDAY.sub("", text)))


def _scan(text: str, years: Years | None) -> Iterator[_Dated]:
    """Raises ValueError for a day that no calendar has, LookupError where the year or the month is not known."""
    before: _Dated | None = None
    for match in _TOKEN.finditer(text):
        before = _dated(match, before, years)
        yield before


def _dated(match: re.Match[str], before: _Dated | None, years: Years | None) -> _Dated:
    found = match.groupdict()
    if found["fm"]:
        return _days(_full_year(found["fy"]), int(found["fm"]), int(found["fd"]), int(found["fd"]))
    if found["dd"]:
        if before is None:
            raise LookupError("month")
        return _days(before.last.year, before.last.month, int(found["dd"]), int(found["dd"]))
    month = int(found["tm"] or found["mm"] or found["wm"] or found["nm"])
    year = _year_of(month, found["year"] or found["myear"] or found["wyear"], before, years)
    if found["ten"]:
        return _days(year, month, *_TENS[found["ten"]])
    if found["wm"]:
        return _days(year, month, 1, 0)
    day = int(found["md"] or found["nd"])
    return _days(year, month, day, day, is_dotted=bool(found["nm"]))


def _days(year: int, month: int, first: int, last: int, *, is_dotted: bool = False) -> _Dated:
    """`last` 0 is the month's last day."""
    if not 1 <= month <= 12:
        raise ValueError(month)
    last_day = last or calendar.monthrange(year, month)[1]
    return _Dated(first=date(year, month, first), last=date(year, month, last_day), is_dotted=is_dotted)


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _year_of(month: int, written: str | None, before: _Dated | None, years: Years | None) -> int:
    if written:
        return _full_year(written)
    if before is not None:
        return before.last.year + (1 if month < before.last.month else 0)
    if years is None:
        raise LookupError("year")
    return years.of(month)


def _are_clock_times(dates: list[_Dated]) -> bool:
    """9.30-10.30 is a morning, not a month."""
    return len(dates) > 1 and all(d.is_dotted and d.first.day in _CLOCK_MINUTES for d in dates)
