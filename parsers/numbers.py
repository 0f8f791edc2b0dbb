"""Numbers of people as units write them: "约120人", "１２０", "200余人", "1,200", "两百", "1.2万".

The whole text must be understood, else the answer is None: "20-30人" or "学生300人，教师20人" is not guessed at, and a
number that cannot be read never becomes 0.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from parsers.wording import fold

LARGEST: Final = 100_000_000
_DIGITS: Final = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_SCALES: Final = {"": 1, "百": 100, "千": 1000, "万": 10_000}
_WHO: Final = "(?:全[校园体镇村区]|师生|学生|教师|教职工|员工|家长|居民|群众|学员|老人|党员|市民|村民|职工|幼儿|亲子)*"
_NUMBER: Final = re.compile(
    rf"(?:参[加与]|预计|计划|大?约|近|共计?|合计|总计|累计|总共|计|达|超过?|逾|[:>≥])*{_WHO}(?:大?约|近|共计?)?"
    r"(?:(?P<arabic>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?P<scale>[百千万]?)|(?P<chinese>[零〇一二两三四五六七八九十百千万]+))"
    rf"[余多+]?(?:人次|人|名|位|个人)?{_WHO}(?:左右|以上|上下)?"
    r"(?:\((?:人次?|名|[含其包约不线][^()]*)\))?。?"
)
_CHINESE: Final = re.compile(r"(?:(?P<wan>.+)万)?(?P<rest>.*)")
_VACANT: Final = frozenset({"", "/", "\\", "-", "--", "—", "——", "―", "无", "暂无", "待定", "人", "名", "人次"})


def is_vacant(text: str) -> bool:
    """True where nothing was written, or a sign that says so."""
    return fold(text).strip("_") in _VACANT


def parse_number(text: str) -> int | None:
    """The number, when the whole text says nothing else."""
    match = _NUMBER.fullmatch(fold(text))
    if match is None:
        return None
    value = _from_arabic(match) if match["arabic"] else _from_chinese(match["chinese"])
    return value if value is not None and value <= LARGEST else None


def _from_arabic(match: re.Match[str]) -> int | None:
    try:
        value = Decimal(match["arabic"].replace(",", "")) * _SCALES[match["scale"]]
    except InvalidOperation:
        return None
    return int(value) if value <= LARGEST and value == value.to_integral_value() else None


def _from_chinese(text: str) -> int | None:
    match = _CHINESE.fullmatch(text)
    if match is None or "万" in (match["wan"] or ""):
        return None
    below = _below_wan(match["rest"], following="万" if match["wan"] else "")
    above = _below_wan(match["wan"]) if match["wan"] else 0
    return None if below is None or above is None else above * 10_000 + below


def _below_wan(text: str, *, following: str = "") -> int | None:
    """三千五百 is 3500, 二百五 is 250, 一百零五 is 105; anything out of order is None."""
    total, digit, last_unit, after_zero = 0, None, 10_000, False
    for sign in text:
        if sign in _UNITS:
            unit = _UNITS[sign]
            if unit >= last_unit or (digit == 0 and not after_zero):
                return None
            total += (1 if digit is None else digit) * unit
            digit, last_unit, after_zero = None, unit, False
        elif sign in "零〇":
            after_zero = True
        elif sign in _DIGITS and digit is None:
            digit = _DIGITS[sign]
        else:
            return None
    if digit is None:
        return total
    shortened = not after_zero and ((following == "万" and last_unit == 10_000) or 10 < last_unit < 10_000)
    return total + digit * (last_unit // 10 if shortened else 1)
