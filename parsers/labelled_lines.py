"""One line of a written list of activities: its number, what stands before its labels, and what each label says.

    parse_line("2. 讲座 时间：11月13日；地 点：文化站；参加人数（人）：200")
      →  mark ("1.", 2), lead 讲座, time 11月13日, place 文化站, attendance 200

A label stands before a colon or in 【】, at the beginning of its line or behind a blank or a sign of punctuation. Of
labels that are no column of a form (联系人、主讲人、活动对象 …) it is known that the value before them ends there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from parsers.chinese_numerals import from_numeral
from parsers.wording import fold, narrow, tidy

ELSE: Final = "else"
UNREAD: Final = "unread"  # what says something of an activity that nobody can put to a column for certain
CORE: Final = frozenset({"theme", "content", "time", "place", "attendance"})

_DOING: Final = "(?:活动|举办|举行|开展|计划|培训|讲座|实施|开课|授课)?(?:举办|开展)?"
_TIME_AND_PLACE: Final = "time and place"
_NO_COLUMN: Final = (
    "(?:活动|参[加与]|服务|培训|教育|面向)?(?:对象|人群)|(?:参[加与]|参训|主要)人员|主讲(?:人|教师|老师)?|主持人?"
    "|授课(?:人|教师|老师)|讲师|协办(?:单位)?|(?:活动)?负责人|责任人|联系(?:人|电话|方式)|电话|手机|备注|说明"
    "|(?:活动)?(?:目的|目标|意义|流程|要求|步骤|背景|效果|成效|口号|准备|预算|经费|方式|类型|类别|特色|安排|分工)"
)
_NUMBER: Final = "[一二三四五六七八九十0-9]{0,2}"
_LABELS: Final = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("index", "序号|编号"),
        (
            "theme",
            f"(?:{_DOING}(?:主题|名称|项目|题目)|(?:活动)?(?:主题|项目)名称|主题活动|活动)[一二三四五六七八九十0-9]{{0,2}}",
        ),
        ("content", "(?:活动|主要|培训|讲座|具体)?内容(?:[与及和、]?形式)?|(?:活动)?形式[与及和、]?内容"),
        ("manner", "(?:活动|开展|举办)?形式"),
        ("time", f"{_DOING}(?:时间|日期)"),
        ("place", f"{_DOING}(?:地点|场所|场地|地址)"),
        (_TIME_AND_PLACE, f"{_DOING}(?:时间|日期)[、及和与/]?{_DOING}地点"),
        (
            "attendance",
            "(?:预计|计划|拟)?(?:参[加与]|活动|培训|受益|参训|到场|参加活动)?(?:人数|人次)|(?:活动|参与|参加)?规模",
        ),
        ("unit", "(?:承办|主办|举办|组织|责任|牵头|实施|开展|活动)(?:单位|学校)|单位|学校"),
        (
            ELSE,
            _NO_COLUMN,
        ),
    )
)
_SIGN: Final = re.compile(r":|】|\]")
_BEFORE: Final = re.compile(r"[\u4e00-\u9fff \t、/]{1,16}\d{0,2}(?:\([^()]{1,10}\))?[ \t]*$")
_BRACKET: Final = re.compile(r"\([^()]*\)$")
_BOUNDARIES: Final = " \t:;,。、.()【[|/*·●◆■—-"
_BLANK: Final = re.compile(r"[_ 年月日时分上下午人名次约:()-]*")
_NUMERAL: Final = "[一二三四五六七八九十]{1,3}"
DAY: Final = (
    rf"(?:20\d\d年)?(?:\d{{1,2}}月\d{{1,2}}[日号]|{_NUMERAL}月{_NUMERAL}[日号]|\d{{1,2}}月[上中下]旬)"
    r"|(?:20\d\d[./-])?\d{1,2}[./]\d{1,2}(?![\d.])"
)
_TO: Final = r"\s*[-—–~至到]+\s*"
_WEEKDAY: Final = r"(?:\((?:星期|周).\)|(?:星期|周)[一二三四五六日天])?"
_CLOCK: Final = r"\d{1,2}[:点时](?:\d{2}|半)?分?"
_HOURS: Final = rf"(?:上午|下午|晚上?|早上|中午|全天)?\s*(?:{_CLOCK}(?:{_TO}{_CLOCK})?)?"
TIME: Final = rf"(?:{DAY})(?:{_TO}(?:\d{{1,2}}月)?\d{{1,2}}[日号])?\s*{_WEEKDAY}\s*{_HOURS}"
"""A day or several, perhaps with weekday and hours, in a text whose signs are narrow."""

_BOTH: Final = re.compile(rf"(?P<time>{TIME})[,;、\s]\s*(?P<place>[^,;。]{{2,30}})")
_LONGEST_LABEL: Final = 40  # characters, blanks and a remark in brackets among them
_OPENING: Final = {"】": "【", "]": "["}
_MARKS: Final = tuple(
    (style, re.compile(pattern))
    for style, pattern in (
        ("一、", r"(?P<n>[一二三四五六七八九十]{1,3})[、.．]"),
        ("（一）", r"[(（](?P<n>[一二三四五六七八九十]{1,3})[)）][、.]?"),
        ("（1）", r"[(（](?P<n>\d{1,2})[)）][、.]?"),
        ("1.", r"(?P<n>\d{1,2})(?:[、)）]|[.．](?!\d)|[.．](?=20\d\d年|\d{1,2}月))"),
        ("①", "(?P<n>[①-⑳])"),
        ("活动一", r"(?:主题)?(?:活动|项目)(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})(?:[:：、.．]|\s|(?=【)|$)"),
        ("第一项", r"第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})[项场个](?:活动)?(?:[:：、.．]|\s|$)"),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """How a line is numbered, and with what."""

    style: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """`lead`: what stands before the first label, all of the line where there is none."""

    mark: Mark | None
    lead: str
    items: tuple[tuple[str, str], ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _value in self.items)


def parse_line(text: str) -> Line:
    mark, rest = split_mark(text)
    plain = narrow(rest)
    labels = list(_labels(plain))
    ends = [start for _name, start, _end in (*labels[1:], ("", len(rest), 0))]
    items = (_items(name, rest[end:until]) for (name, _start, end), until in zip(labels, ends, strict=False))
    lead = rest[: labels[0][1]] if labels else rest
    return Line(mark=mark, lead=_lead(lead), items=tuple(item for found in items for item in found))


def _items(name: str, text: str) -> tuple[tuple[str, str], ...]:
    """时间、地点：11月13日，文化站 says both, if nothing but a time stands before the first comma."""
    value = _value(text)
    if name != _TIME_AND_PLACE:
        return ((name, value),)
    match = _BOTH.fullmatch(narrow(value))
    if match is None:
        return ((UNREAD, value),)
    return ("time", value[: match.end("time")]), ("place", value[match.start("place") :])


def _lead(text: str) -> str:
    lead = tidy(text).strip(" :：;；,，、。-—(（")
    return lead[1:-1] if lead.startswith("【") and lead.endswith("】") else lead


def split_mark(text: str) -> tuple[Mark | None, str]:
    """The number before a line, and the line without it."""
    line = text.strip().lstrip("*·●◆■★▲ ")
    for style, pattern in _MARKS:
        if match := pattern.match(line):
            number = _number(match["n"])
            if number is not None:
                return Mark(style=style, number=number), line[match.end() :].strip()
    return None, line


def _number(written: str) -> int | None:
    folded = fold(written)  # ③ is 3
    return int(folded) if folded.isdecimal() else from_numeral(folded)


def _labels(plain: str) -> Iterator[tuple[str, int, int]]:
    """Name, where the label begins, where its value begins."""
    taken = 0
    for sign in _SIGN.finditer(plain):
        begin = max(taken, sign.start() - _LONGEST_LABEL)
        found = _label_before(plain[begin : sign.start()], _OPENING.get(sign[0], ""))
        if found is None:
            continue
        name, start = found
        end = sign.end()
        if sign[0] != ":" and plain[end : end + 1] == ":":
            end += 1
        yield name, begin + start, end
        taken = end


def _label_before(text: str, opening: str) -> tuple[str, int] | None:
    """The longest label that ends where `text` does. In brackets nothing but the label may stand."""
    if opening:
        start = text.rfind(opening)
        name = _label_name(text[start + 1 :]) if start >= 0 else None
        return None if name is None else (name, start)
    match = _BEFORE.search(text)
    if match is None:
        return None
    for start in range(match.start(), match.end()):
        if start and text[start - 1] not in _BOUNDARIES:
            continue
        name = _label_name(text[start:])
        if name is not None:
            return name, start
    return None


def _label_name(text: str) -> str | None:
    """讲座 时间 is a label and the word before it; 时　间 is one label."""
    plain = _BRACKET.sub("", text.strip())
    if any(len(word) > 1 for word in plain.split()) and len(plain.split()) > 1:
        return None
    key = fold(plain)
    return next((name for name, pattern in _LABELS if pattern.fullmatch(key)), None)


def _value(text: str) -> str:
    """Without what parts it from the next label; a bracket that was opened before its label closes nothing. Lines to
    write on (____年__月__日) hold nothing.
    """
    value = tidy(text).strip(" ;；,，、。").rstrip("(（[【|")
    plain = narrow(value)
    if _BLANK.fullmatch(plain):
        return ""
    return value[:-1].rstrip() if plain.endswith(")") and plain.count(")") > plain.count("(") else value.rstrip()
