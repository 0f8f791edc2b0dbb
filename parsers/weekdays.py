"""Checks the weekday beside a date: 11月12日（周三） is no certain day where the calendar says Sunday.

One of the two is a slip, or left over from last year's form, and nobody but the unit can tell which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from parsers.date_wording import in_digits
from parsers.wording import fold

WEEKDAYS: Final = "一二三四五六日"
_NAME: Final = "(?:周|星期|礼拜)"
_DAY: Final = f"[{WEEKDAYS}天]"
_MORE: Final = rf"(?:(?:[-—–~―至到、,和及]{_NAME}?|{_NAME}){_DAY}(?![月日号]))*"
_AFTER: Final = re.compile(rf"(?P<day>\d{{1,2}})[日号]?[(,]?{_NAME}(?P<name>{_DAY}){_MORE}")
_BEFORE: Final = re.compile(
    rf"(?<![-—–~―至到、,和及日号\d(每]){_NAME}(?P<name>{_DAY})[(,:]?(?:20\d\d年)?\d{{1,2}}月(?P<day>\d{{1,2}})"
)


def wrong_weekday(text: str, days: Iterable[date]) -> tuple[date, str] | None:
    """The first of the days whose weekday is written otherwise, with the sign that is written."""
    folded = in_digits(fold(text))
    known = tuple(days)
    for match in (*_AFTER.finditer(folded), *_BEFORE.finditer(folded)):
        sign = (match[0][-1] if match.re is _AFTER else match["name"]).replace("天", "日")
        named = [day for day in known if day.day == int(match["day"])]
        if named and all(WEEKDAYS[day.weekday()] != sign for day in named):
            return named[0], sign
    return None
