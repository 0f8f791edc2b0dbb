"""Whether a line is the name of a school, a kindergarten, a town or an institution, by how such names end."""

from __future__ import annotations

import re
from typing import Final

from parsers.wording import fold

LONGEST_UNIT: Final = 40
SUFFIXES: Final = (
    "小学|中学|学校|幼儿园|幼教集团|托育园|初中|高中|高级中学|实验校|分校|中专|职中|职教中心|教育中心|社区教育指导服务中心|中心校|中心|校区"
    "|街道(?:办事处)?|镇(?:人民)?(?:政府)?|学院|大学|学堂|公司|培训机构|培训学校|社区|居委会|村委会|村|委员会|办公室"
    "|图书馆|文化馆|博物馆|体育馆|科技馆|少年宫|医院|管委会|开发区|局|总工会|妇联|团委|集团|研究室|馆"
)
_UNIT: Final = re.compile(
    rf"[\u4e00-\u9fff（）()·A-Za-z0-9]{{1,{LONGEST_UNIT}}}?(?:{SUFFIXES})(?:[(（][^()（）]{{1,12}}[)）])?"
)
_ENDS_UNIT: Final = re.compile(rf"(?:{SUFFIXES}|园|队|处|科|办|站|所|院|会|部|行)(?:\([^()]{{1,12}}\))?$")
NO_UNIT: Final = re.compile(r"[，。；：:、《》]|^[各本我该全]|^(?:关于|为|在|按|根据|举办|开展|主办|承办|协办)")
_NUMBER: Final = r"[一二三四五六七八九十\d]{1,3}"
_NUMBERING: Final = re.compile(
    rf"^(?:[(（]{_NUMBER}[)）][、.．:：]?|{_NUMBER}(?:[)）、:：]|[.．](?!\d)|[.．](?=20\d\d年|\d{{1,2}}月)|\s))\s*"
)


def without_numbering(line: str) -> str:
    """青禾小学 of 一、青禾小学 or 2.青禾小学; the 三 of 三里小学 and the 11 of 11月13日 number nothing."""
    return _NUMBERING.sub("", line)


def is_unit(line: str) -> bool:
    """Whether a line is the name of a unit and nothing else."""
    key = fold(line)
    return 3 < len(key) <= LONGEST_UNIT and bool(_UNIT.fullmatch(key)) and not NO_UNIT.search(key)


def ends_like_unit(text: str) -> bool:
    """Whether it ends as the names of schools, offices and other institutions do."""
    return bool(_ENDS_UNIT.search(fold(text)))
