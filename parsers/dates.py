"""The dates of an activity as written in the forms: first and last day, or None; never a guessed day.

    11月12日上午9:00-11:00     2023.11.13     11/14—11/16     11月13日-17日     十一月十三日     11月中旬     11-12月

Algorithm: `parsers.date_wording` removes clock times, weekdays and remarks; a scanner reads dates one after the other;
what a date leaves out (the year, the month) comes from the date before it; the first year comes from `Years`. Digits
left over that belong to no date make the text unreadable, unless they count something (3场, 2小时). Of an open range
(11月13日起, 截至11月30日) one end is None. A year that is written must be one of the years or the next.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from parsers.date_wording import LINK, names_several_days, plain_dates
from parsers.weekdays import wrong_weekday
from parsers.wording import fold

_YEAR: Final = r"(?:(?<!\d)(?P<{0}>20\d\d|\d\d)年)?"
_TEN: Final = "(?:[上中下][、和至-]?)?[上中下]旬"
_TOKEN: Final = re.compile(
    r"(?<!\d)(?P<fy>20\d\d|[23]\d)(?P<fsign>年|[./-])(?P<fm>\d{1,2})(?:月|[./-])(?P<fd>\d{1,2})(?!\d|月|场|次|个)[日号]?"
    r"|(?<!\d)(?P<cy>20\d\d)(?P<cm>\d\d)(?P<cd>\d\d)(?!\d)"
    rf"|{_YEAR.format('tyear')}(?<!\d)(?P<tm>\d{{1,2}})月份?(?P<ten>{_TEN})"
    rf"|{_YEAR.format('myear')}(?<!\d)(?P<mm>\d{{1,2}})月(?P<md>\d{{1,2}})(?!\d|月|场|次|个)[日号]?"
    rf"|{_YEAR.format('ayear')}(?<![\d.])(?P<am>\d{{1,2}})月?(?P<to>[-—–~―至到、])(?P<bm>\d{{1,2}})月份?(?!\d|{_TEN})"
    rf"|{_YEAR.format('wyear')}(?<![\d.])(?P<wm>\d{{1,2}})月份?(?!\d)"
    r"|(?<![\d.])(?P<sy>20\d\d)[./-](?P<sm>\d{1,2})(?![\d./]|-\d{1,2}(?!\d))"
    r"|(?<![\d.])(?P<nm>\d{1,2})(?P<sign>[./])(?P<nd>\d{1,2})"
    r"(?!\d|(?P=sign)\d|小时|[个场次万人元天米折%点时:]|公里)[日号]?"
    rf"|(?<={LINK})(?P<dd>\d{{1,2}})(?![\d.:/年月点时场次个人天])[日号]?"
    r"|(?<=[日号;])(?P<ed>\d{1,2})[日号]"
    rf"|(?<={LINK})(?P<dten>[上中下]旬)"
)
_COUNTED: Final = re.compile(
    r"第\d+周|第?\d+(?:\.\d+)?(?:小时|h|分钟|min|场次?|次|个|人|节|课时|学时|期|届|天|班|楼|室|轮|批|组|号楼|幢|栋|教室)"
)
_OPENS: Final = re.compile("起|开始|以来|至今")
_UNTIL: Final = re.compile(r"(?:截止?|[-—–~―至到])$")
_STOPS: Final = re.compile("止|截止|结束")
_RANGE_SIGN: Final = re.compile("[-—–~―至到]")
_TIME_AFTER_DATE: Final = re.compile(r";\d{1,2}\.\d{2}(?!\d)")
_CLOCK_MINUTES: Final = frozenset({0, 15, 30, 45})
_TENS: Final = {"上": (1, 10), "中": (11, 20), "下": (21, 0)}  # days; 0 is the month's last
_SPAN: Final = re.compile(r"(20\d\d)年?[-~/—–―至]+(20\d\d)(?=学?年)")
_SINGLE: Final = re.compile(r"(?<![\d〔\[])(20\d\d)(?=年|届|[./-]\d)")
_FIRST_MONTH_OF_YEAR: Final = 7
_LATE_IN_YEAR: Final = 10  # from here a range runs over New Year
_EARLY_IN_YEAR: Final = 6
_YEAR_BEFORE: Final = ("tyear", "myear", "ayear", "wyear")
_YEAR_GROUPS: Final = frozenset({"fy", "cy", "sy", *_YEAR_BEFORE})


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
    """First and last day of what the text names; None for an end that it leaves open or that is not certain."""
    plain = plain_dates(text)
    dates = _certain(plain, years) if plain else []
    if not plain or not dates or wrong_weekday(text, _ends(dates)):
        return None, None
    first, last = min(d.first for d in dates), max(d.last for d in dates)
    if first == last and names_several_days(text):
        return None, None
    return _opened(plain, first, last) if len(dates) == 1 else (first, last)


def misnamed_weekday(text: str, years: Years | None) -> tuple[date, str] | None:
    """The day that the text puts on another weekday than the calendar does, and the sign it writes: 三 of 周三."""
    plain = plain_dates(text)
    return wrong_weekday(text, _ends(_certain(plain, years))) if plain else None


def _certain(plain: str, years: Years | None) -> list[_Dated]:
    """The dates one after the other, none where any of them is in doubt."""
    try:
        dates = list(_scan(plain, years))
    except (ValueError, LookupError):
        return []
    is_doubtful = (
        _has_digits_left(plain)
        or _are_clock_times(plain, dates)
        or _is_another_year(plain, dates, years)
        or any(a.first > b.first for a, b in pairwise(dates))
    )
    return [] if is_doubtful else dates


def _ends(dates: list[_Dated]) -> list[date]:
    return [day for one in dates for day in (one.first, one.last) if one.first == one.last]


def written_years(text: str) -> set[int]:
    """The years that the dates in a text name themselves."""
    plain = plain_dates(text) or ""
    return _years_in(plain)


def _years_in(plain: str) -> set[int]:
    found = (match.groupdict() for match in _TOKEN.finditer(plain))
    return {_full_year(year) for groups in found for name, year in groups.items() if year and name in _YEAR_GROUPS}


def _is_another_year(plain: str, dates: list[_Dated], years: Years | None) -> bool:
    """5-11月 of 2023-2024 without a year: it leaves the year that its first month was put into."""
    if years is None or years.first == years.second or _years_in(plain):
        return False
    return any(years.of(day.month) != day.year for one in dates for day in (one.first, one.last))


def _has_digits_left(plain: str) -> bool:
    return bool(re.search(r"[\d旬]", _COUNTED.sub("", _TOKEN.sub("#", plain))))


def _opened(plain: str, first: date, last: date) -> tuple[date | None, date | None]:
    """11月13日起 has no last day, 截至11月30日 no first one."""
    match = _TOKEN.search(plain)
    if match is None or _OPENS.match(plain, match.end()):
        return first, None
    is_until = _UNTIL.search(plain[: match.start()]) or _STOPS.match(plain, match.end())
    if is_until:
        return None, last
    return (None, None) if _RANGE_SIGN.match(plain, match.end()) else (first, last)


def _scan(text: str, years: Years | None) -> Iterator[_Dated]:
    """Raises ValueError for a day that no calendar has, LookupError where the year or the month is not known."""
    before: _Dated | None = None
    for match in _TOKEN.finditer(text):
        before = _dated(match, before, years)
        yield before


def _dated(  # noqa: PLR0911 - one answer for each way of writing, in the order of the pattern
    match: re.Match[str], before: _Dated | None, years: Years | None
) -> _Dated:
    found = match.groupdict()
    if found["fy"] or found["cy"]:
        year, month, day = (found[f"f{part}"] or found[f"c{part}"] for part in "ymd")
        is_dotted = found["fsign"] == "."
        return _days(_allowed(_full_year(year), years), int(month), int(day), int(day), is_dotted=is_dotted)
    if found["sy"]:
        return _days(_allowed(int(found["sy"]), years), int(found["sm"]), 1, 0)
    if found["dd"] or found["ed"]:
        if before is None:
            raise LookupError("month")
        day = int(found["dd"] or found["ed"])
        return _days(before.last.year, before.last.month, day, day)
    if found["dten"]:
        if before is None:
            raise LookupError("month")
        return _tens(before.last.year, before.last.month, found["dten"])
    month = int(found["tm"] or found["mm"] or found["am"] or found["wm"] or found["nm"])
    year = _year_of(month, next((found[name] for name in _YEAR_BEFORE if found[name]), None), before, years)
    if found["ten"]:
        return _tens(year, month, found["ten"])
    if found["am"]:
        return _months(_days(year, month, 1, 0), int(found["bm"]), years)
    if found["wm"]:
        return _days(year, month, 1, 0)
    day = int(found["md"] or found["nd"])
    return _days(year, month, day, day, is_dotted=found["sign"] == ".")


def _tens(year: int, month: int, written: str) -> _Dated:
    """中旬 is ten days; 上中旬, 上、中旬 and 中上旬 are the first twenty."""
    parts = [_TENS[sign] for sign in written if sign in _TENS]
    return _days(
        year, month, min(first for first, _ in parts), 0 if (21, 0) in parts else max(last for _, last in parts)
    )


def _months(first: _Dated, month: int, years: Years | None) -> _Dated:
    """11-12月: from the first of the one to the last of the other."""
    last = _days(_year_of(month, None, first, years), month, 1, 0)
    return _Dated(first=first.first, last=last.last)


def _days(year: int, month: int, first: int, last: int, *, is_dotted: bool = False) -> _Dated:
    """`last` 0 is the month's last day."""
    if not 1 <= month <= 12:
        raise ValueError(month)
    last_day = last or calendar.monthrange(year, month)[1]
    return _Dated(first=date(year, month, first), last=date(year, month, last_day), is_dotted=is_dotted)


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _allowed(year: int, years: Years | None) -> int:
    """A form of another year was copied, or mistyped: its days are not these activities' days."""
    if years is not None and not years.first <= year <= max(years.first + 1, years.second):
        raise LookupError("another year")
    return year


def _year_of(month: int, written: str | None, before: _Dated | None, years: Years | None) -> int:
    if written:
        return _allowed(_full_year(written), years)
    if before is not None:
        is_new_year = before.last.month >= _LATE_IN_YEAR and month <= _EARLY_IN_YEAR
        if month < before.last.month and not is_new_year:
            raise LookupError("order")
        return _allowed(before.last.year + is_new_year, years)
    if years is None:
        raise LookupError("year")
    return years.of(month)


def _are_clock_times(plain: str, dates: list[_Dated]) -> bool:
    """9.30-10.30 is a morning, not a month; and so is what is dotted after a date that is not."""
    dotted = [one for one in dates if one.is_dotted]
    if _TIME_AFTER_DATE.search(plain) or (dotted and len(dotted) < len(dates) and not dates[0].is_dotted):
        return True
    return len(dates) > 1 and all(one.is_dotted and one.first.day in _CLOCK_MINUTES for one in dates)
