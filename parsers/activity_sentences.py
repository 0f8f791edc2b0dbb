"""Activities written as sentences: 11月13日上午，在文化广场举办启动仪式，约200人参加。

`read_sentence(text)` → what it says, keyed like the columns of a form; None unless every word of it has its place. A
date, 在 and a place, one verb, what was held, at most a number of people: a sentence that says more, or says it in
another order, is for a person.
"""

from __future__ import annotations

import re
from typing import Final

from parsers.forms import split_labels
from parsers.labelled_lines import DAY, TIME, split_mark
from parsers.numbers import parse_number
from parsers.unit_names import is_unit
from parsers.wording import narrow, tidy

_VERB: Final = "(?:组织|集中|共同|联合)?(?:举办|举行|开展|召开)"
_OTHER_VERB: Final = re.compile("举办|举行|开展|召开|组织|进行|参加|邀请|前往|走进|在(?!线|职)|并|同时|随后|之后")
_PEOPLE: Final = r"(?:[,;]\s*(?P<attendance>[^,。;]{2,20})|\((?P<inside>[^()]{2,20})\))?[。;]?"
_WHEN: Final = rf"(?:[拟定]?于)?(?P<time>{TIME})"
_PLAN: Final = "(?:拟|将|计划)?"
_SENTENCES: Final = (
    re.compile(
        rf"{_WHEN}[,:]?\s*(?:(?P<who>[^,。;在]{{2,20}}?)[,]?)?{_PLAN}在(?P<place>[^,。;]{{2,30}}?)"
        rf"{_PLAN}{_VERB}了?(?P<theme>[^,。;]{{2,50}}?){_PEOPLE}"
    ),
    re.compile(
        rf"(?P<theme>[^,。;:在]{{2,50}}?)[:,]?\s*{_WHEN}[,:]?\s*{_PLAN}在(?P<place>[^,。;]{{2,30}}?){_PLAN}{_VERB}{_PEOPLE}"
    ),
)
"""11月13日在文化广场举办启动仪式，200人; 启动仪式：11月13日在文化广场举行，200人."""

_UNCOUNTED: Final = re.compile(r"[\u4e00-\u9fff]{2,12}(?:参加|参与)|每.{1,3}\d+[人名](?:参加|参与)?")
_ANY_DAY: Final = re.compile(rf"(?:20\d\d年)?(?:{DAY})")
_SHORTEST: Final = 6  # characters beside the day
_OF_THE_LIST: Final = re.compile("报送|上报|邮箱|填[表报]|截止|印发|附件")
_OURSELVES: Final = re.compile("[我本][校园镇局街村区院]|我们|街道|社区")


def read_sentence(text: str) -> dict[str, str] | None:
    mark, written = split_mark(text)
    plain = narrow(written)
    match = next((match for sentence in _SENTENCES if (match := sentence.fullmatch(plain))), None)
    if match is None:
        return None
    found = {name: tidy(written[slice(*match.span(name))]) for name, value in match.groupdict().items() if value}
    attendance = found.pop("inside", "") or found.get("attendance", "")
    if attendance and parse_number(attendance) is None and not _UNCOUNTED.fullmatch(attendance):
        return None
    if _OTHER_VERB.search(found["theme"]) or _OTHER_VERB.search(found["place"]):
        return None
    who = found.pop("who", "")
    if who and not (is_unit(who) or _OURSELVES.fullmatch(who)):
        return None
    cells = found | ({"attendance": attendance} if attendance else {}) | ({"unit": who} if is_unit(who) else {})
    return cells | ({"index": str(mark.number)} if mark else {})


def tells_of_activity(text: str) -> bool:
    """Whether a line in a list of activities names a day of one: not the day of a signature, nor when it is due."""
    line = narrow(split_mark(text)[1]).rstrip(" 。")
    rest = _ANY_DAY.sub("", line, count=1)
    is_named = rest != line and len(rest) >= _SHORTEST
    return is_named and not (line.endswith(":") or _OF_THE_LIST.search(line) or split_labels(line)[1])
