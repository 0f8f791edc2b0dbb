"""Levels the words around dates, before `parsers.dates` reads the dates themselves.

    plain_dates("十一月十三日（周一）上午9:00-11:00")  →  "11月13日;"
    plain_dates("11月底")                              →  None

Clock times, weekdays and remarks in brackets go; Chinese numerals of years, months and days become digits. What blurs
the day or takes it back (月底, 每周, 左右, 改期, the lunar calendar) leaves nothing that could be read for certain.
"""

from __future__ import annotations

import re
from typing import Final

from parsers.chinese_numerals import from_numeral
from parsers.wording import fold

LINK: Final = "[-—–~―至到、,和及]"
LONGEST: Final = 500  # characters; nobody writes so much into a cell for a time
_NUMERAL: Final = "[一二三四五六七八九十]{1,3}"
_UNSURE: Final = re.compile(
    r"[月年](?:初|底|末|第|中$)|(?:[月年日号]|\d)(?:以?[前后]|之[前后])|前后|左右|约(?=\d)|每(?![天日晚场次人班])|逢"
    r"|待定|另行|不定期|择日|或|除(?=外|\d)|农历|阴历|旧历|正月|腊月|冬月|闰|初[一二三四五六七八九十]|廿"
    rf"|[年月][一二三四五六七八九十]|[月日号\d]{LINK}[一二三四五六七八九十]|[一二三四五六七八九十]{LINK}\d"
)
_TAKEN_BACK: Final = re.compile(r"不[晚迟]于|最[晚迟]|原定|改[到为期至成]|推迟|延期|取消|或者?\d{1,2}[月日号.]")
_LEFT_BLANK: Final = re.compile(
    r"月[^\d一二三四五六七八九十,;:、。至到~—–每周期拜-]{0,4}[日号]|\d[?*×x_]+[日号]"
)  # 11月__日
_SPLIT_DAY: Final = re.compile(r"月\s*\d\s+\d\s*[日号]")
_OTHER_SIGNS: Final = str.maketrans("∼─━与", "~——和")
_WEEK_NUMBER: Final = re.compile(r"第?\d+周(?![一二三四五六日末])")
_BLANK_IN_DIGITS: Final = re.compile(r"(?<=\d)\s+(?=\d)")  # "2023/11/13 8:30" must not fold into 138:30
_BRACKETS: Final = re.compile(r"\(([^()]*)\)")
_HALF: Final = "(?:[上下中]午|晚上?|早上?|早晨|清晨|凌晨|傍晚|夜间)"
_HOUR: Final = "(?:\\d{1,2}|[一二两三四五六七八九十]{1,3})"
_TIME: Final = rf"{_HOUR}[:点时](?:\d{{1,2}}分?(?::\d{{2}})?|半|整|钟|[一三]刻|{_NUMERAL}分)?"
_DOTTED_TIME: Final = r"\d{1,2}(?:\.\d{2})?"
_TO: Final = "[-—–~―至到]+"
_CLOCK: Final = re.compile(
    rf"(?:(?<=\d)t)?{_HALF}?{_TIME}(?:{_TO}{_HALF}?{_TIME})?"
    rf"|(?<=[日号;]){_HOUR}{_TO}{_HOUR}[点时]"
    rf"|{_HALF}{_DOTTED_TIME}(?:{_TO}{_DOTTED_TIME})?(?![月日号./\d])[点时]?"
)
_HALVES: Final = re.compile(rf"{_HALF}(?:{LINK}{_HALF})*|[全整]天")
_WEEKDAYS: Final = re.compile(
    rf"\(?(?:周|星期|礼拜)[一二三四五六日天末](?P<more>{LINK}(?:周|星期|礼拜)?[一二三四五六日天](?![月日号]))?\)?"
)
_DURATION: Final = re.compile(r"为期|连续|历时|(?:[2-9]|1\d|[两二三四五六七八九十])天")
_YEAR: Final = re.compile("(二[〇○零o][一二三四五六七八九〇○零o]{2})(?=年)")
_MONTH_OR_DAY: Final = re.compile(rf"(?<![第一二三四五六七八九十])({_NUMERAL})(?=(?:{LINK}{_NUMERAL})?[月日号])")


def plain_dates(text: str) -> str | None:
    """The text with its dates in digits, ";" where a clock time stood; None where no day is named for certain."""
    whole = fold(_BLANK_IN_DIGITS.sub(";", text)).translate(_OTHER_SIGNS)
    if len(whole) > LONGEST or any(doubt.search(whole) for doubt in (_TAKEN_BACK, _LEFT_BLANK)):
        return None
    if _SPLIT_DAY.search(text):
        return None
    digits = in_digits(_WEEKDAYS.sub("", _outside_brackets(whole)))
    plain = _HALVES.sub("", _CLOCK.sub(";", digits))
    return None if _UNSURE.search(plain) else plain


def in_digits(text: str) -> str:
    """Chinese numerals of years, months and days as digits: 十一月十三日 is 11月13日."""
    return _MONTH_OR_DAY.sub(_in_digits, _YEAR.sub(_in_digits, text))


def names_several_days(text: str) -> bool:
    """True for 周一至周五 and 为期三天: several days, of which a single date is only one."""
    whole = fold(text)
    return bool(_DURATION.search(whole)) or any(match["more"] for match in _WEEKDAYS.finditer(whole))


def _outside_brackets(text: str) -> str:
    """Remarks go; but in 第十二周（11月20日-24日） the remark is the date."""
    outside = _BRACKETS.sub("", text)
    inside = _BRACKETS.findall(text)
    is_date_inside = len(inside) == 1 and not re.search(r"\d|[月日待每]", _WEEK_NUMBER.sub("", outside))
    return inside[0] if is_date_inside else outside


def _in_digits(match: re.Match[str]) -> str:
    value = from_numeral(match[1].replace("o", "〇"))
    return match[1] if value is None else str(value)
