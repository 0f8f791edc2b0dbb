"""Activities written as sentences: 11月13日上午，在文化广场举办启动仪式，约200人参加。

`read_sentence(text)` → what it says, keyed like the columns of a form; None unless every word of it has its place. A
date, 在 and a place, one verb, what was held, at most a number of people: a sentence that says more, or says it in
another order, is for a person.
"""

from __future__ import annotations

import re
from typing import Final

from parsers.labelled_lines import DAY, TIME, split_mark
from parsers.numbers import parse_number
from parsers.unit_names import is_unit
from parsers.wording import narrow, tidy

_VERB: Final = "(?:组织|集中|共同|联合)?(?:举办|举行|开展|召开)"
_OTHER_VERB: Final = re.compile("举办|举行|开展|召开|组织|进行|参加|邀请|前往|走进|在(?!线|职)|并|同时|随后|之后")
_SENTENCE: Final = re.compile(
    rf"(?P<time>{TIME})[,:]?\s*(?:(?P<who>[^,。;在]{{2,20}}?)[,]?)?(?:拟|将|计划)?在(?P<place>[^,。;]{{2,30}}?)"
    rf"(?:拟|将|计划)?{_VERB}了?(?P<theme>[^,。;]{{2,50}}?)"
    r"(?:[,;]\s*(?P<attendance>[^,。;]{2,20})|\((?P<inside>[^()]{2,20})\))?[。;]?"
)
_DAY_NEAR_THE_START: Final = re.compile(rf".{{0,20}}?{DAY}")
_HELD: Final = re.compile("举办|举行|开展|召开|组织|活动|讲座|培训|仪式|展")
_OURSELVES: Final = re.compile("[我本][校园镇局街村区院]|我们|街道|社区")


def read_sentence(text: str) -> dict[str, str] | None:
    mark, written = split_mark(text)
    match = _SENTENCE.fullmatch(narrow(written))
    if match is None:
        return None
    found = {name: tidy(written[slice(*match.span(name))]) for name, value in match.groupdict().items() if value}
    attendance = found.pop("inside", "") or found.get("attendance", "")
    if attendance and parse_number(attendance) is None:
        return None
    if _OTHER_VERB.search(found["theme"]) or _OTHER_VERB.search(found["place"]):
        return None
    who = found.pop("who", "")
    if who and not (is_unit(who) or _OURSELVES.fullmatch(who)):
        return None
    cells = found | ({"attendance": attendance} if attendance else {}) | ({"unit": who} if is_unit(who) else {})
    return cells | ({"index": str(mark.number)} if mark else {})


def tells_of_activity(text: str) -> bool:
    """Whether a line may be an activity that was not understood; what leads to a list is none."""
    line = narrow(split_mark(text)[1]).rstrip()
    return bool(_DAY_NEAR_THE_START.match(line)) and bool(_HELD.search(line)) and not line.endswith(":")
