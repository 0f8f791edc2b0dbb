"""Numbers of people as units write them: "约120人", "200余人", "1,200", "两百", "1.2万", "学生300人，教师20人".

The whole text must be understood, else the answer is None: "20-30人" or "每场200人" is not guessed at, and a number
that cannot be read never becomes 0. Groups that cannot overlap are added up (pupils and teachers, online and on site);
where the total is written beside its parts it is the answer, if they agree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from parsers.chinese_numerals import NUMERALS, from_numeral
from parsers.wording import fold

LARGEST: Final = 100_000_000
LONGEST: Final = 200  # characters; a cell that says more says more than a number
_SCALES: Final = {"": 1, "百": 100, "千": 1000, "万": 10_000}
_PUPILS: Final = "(?:中小|小|中|大|高中|初中)?学生|幼儿|(?:留守)?儿童|少先队员"
_TEACHERS: Final = "教师|老师|教职员?工"
_PARENTS: Final = "家长"
_LOCALS: Final = "居民|村民|市民|群众|(?:老年)?学员|老年?人"
_HELPERS: Final = "志愿者|工作人员"
_GUESTS: Final = "嘉宾|领导"
_DISJOINT: Final[tuple[tuple[str, ...], ...]] = (
    (_PUPILS, _TEACHERS, _PARENTS, _LOCALS, _HELPERS, _GUESTS),
    ("师生(?:员工)?", _PARENTS, _LOCALS, _HELPERS, _GUESTS),
    ("线上|网络", "线下|现场"),
    ("男(?:性|生)?", "女(?:性|生)?"),
)
"""Groups of people of which nobody is in two; in one line stand those that can be added up."""
_OTHERS: Final = (
    "师生|员工|职工|干部|工作者|务工人员|参会人员|党员|妇女|亲子|读者|观众|听众|青少年|青年|残疾人|幼儿园|老年大学"
)
_OF: Final = (
    "(?:全[校园体镇村区街]|本[校园镇村]|社区|企业|机关|学校|[镇村](?=干部|居民)|[离已]?退休|在职|新(?=教师)|骨干|外来)"
)
_GROUP: Final = "|".join(dict.fromkeys("|".join(alternatives) for alternatives in _DISJOINT))
_WHO: Final = rf"(?>(?:{_OF}|{_GROUP}|{_OTHERS})(?:代表)?[、和及与]?)*+"
_ABOUT: Final = "预[计估]|估计|计划|[拟暂]定?|大?约|大概|差不多|将?近|接近|不少于|至少|达|超过?|逾|[:>≥≈]"
_TOTAL: Final = "共计?|合计|总计|累计|总共|共有|计(?!划)|="
_LABEL: Final = "(?:参[加与]|活动|到场|受益|培训|总)?人数|参[加与]|受众|受益|惠及|服务"
_ARABIC: Final = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
_PEOPLE: Final = "人次|个人|人|名|位"
_FIGURE: Final = (
    rf"(?>{_ABOUT})*+(?:(?P<arabic>{_ARABIC})(?P<scale>[百千万]?)|(?P<chinese>[{NUMERALS}]+))"
    rf"[余多来+]?(?P<people>{_PEOPLE})?"
)
_NUMBER: Final = re.compile(
    rf"(?>{_LABEL}|{_TOTAL}|{_ABOUT})*+{_WHO}(?:{_TOTAL})?{_FIGURE}\+?(?:左右)?{_WHO}(?:左右|以上|上下)?(?:参[加与])?"
    rf"(?:,?\((?P<remark>[^()]*)\)|,?(?P<parts>(?:其中|含|包括)[^()]*))?[。.]?"
)
_ONE_GROUP: Final = re.compile(
    rf"{_OF}*+(?P<who>{_GROUP}|)(?:代表)?{_FIGURE}(?P<after>(?:{_GROUP})(?=[,、;+和]|$)|)(?:代表)?(?P<end>[,、;+和]|(?=\D)|$)"
)
_SUM: Final = re.compile(rf"(?:{_TOTAL}){_FIGURE}。?")
_UNIT_IN_BRACKETS: Final = re.compile(rf"\(({_PEOPLE})\)")
_REPEATED: Final = re.compile(r"[\d一二两三四五六七八九十]+个?(?:场|(?<!人)次|期|天|班|节)")
_NO_REMARK: Final = re.compile(r"每|各|均|/|[x×*?]|待|^(?:场次?|次|个|班|户|组|对|家庭|批|期|课时)$")
_FIGURES_IN_REMARK: Final = re.compile(rf"({_ARABIC})(?:余|多)?({_PEOPLE})?")
_BROKEN_DIGITS: Final = re.compile(r"\d{2,}\s+\d|\d\s+\d{2,}|\d\s*\n\s*\d")
_BROKEN_LINE: Final = re.compile(rf"\s*\n\s*(?={_PEOPLE}|余|多|左右|以上|$)|(?<=约)\s*\n\s*")  # of a narrow cell
_VACANT: Final = frozenset({"", "/", "\\", "-", "--", "—", "——", "―", "无", "暂无", "待定", "人", "名", "人次"})


def is_vacant(text: str) -> bool:
    """True where nothing was written, or a sign that says so."""
    return fold(text).strip("_") in _VACANT


def parse_number(text: str) -> int | None:
    """The number of people, when the whole text says nothing else."""
    if len(text) > LONGEST or _BROKEN_DIGITS.search(text.strip()):  # two numbers side by side are not one long number
        return None
    lines = _BROKEN_LINE.sub("", text.strip()).replace("\n", ",")
    plain = _UNIT_IN_BRACKETS.sub(r"\1", fold(lines))
    match = _NUMBER.fullmatch(plain)
    value = _with_remark(match) if match else _added_up(plain)
    return value if value is not None and value <= LARGEST else None


def _with_remark(match: re.Match[str]) -> int | None:
    """The number, unless what is said of it makes it a number of something else, or says more than it."""
    value, remark = _value(match), match["remark"] or match["parts"] or ""
    if value is None or _NO_REMARK.search(remark):
        return None
    if _REPEATED.search(remark) and match["people"] != "人次":
        return None  # 30人（4次）: thirty, or four times thirty
    figures = [(_from_arabic(figure, ""), people) for figure, people in _FIGURES_IN_REMARK.findall(remark)]
    parts = [figure for figure, people in figures if people and figure is not None]
    return value if sum(parts) <= value else None


def _added_up(plain: str) -> int | None:
    """学生300人，教师20人: the sum of groups that exclude each other, or that make the total beside them."""
    position, groups, values = 0, list[str](), list[int]()
    while match := _ONE_GROUP.match(plain, position):
        value = _value(match)
        if value is None:
            return None
        who = match["who"] or match["after"]
        groups.append(who if match["end"] != "+" or who else "+")
        values.append(value)
        position = match.end()
    total = _SUM.fullmatch(plain, position)
    if total:
        return sum(values) if len(values) > 1 and _value(total) == sum(values) else None
    is_all = position == len(plain) and not plain.endswith(tuple(",、;+和"))
    return sum(values) if is_all and len(values) > 1 and _exclude_each_other(groups) else None


def _exclude_each_other(groups: Sequence[str]) -> bool:
    if all(group == "+" for group in groups[:-1]) and not groups[-1]:
        return True
    for alternatives in _DISJOINT:
        places = [_place_in(alternatives, group) for group in groups]
        if None not in places:
            return len(set(places)) == len(places)
    return False


def _place_in(alternatives: Sequence[str], group: str) -> int | None:
    return next((at for at, pattern in enumerate(alternatives) if re.fullmatch(pattern, group)), None)


def _value(match: re.Match[str]) -> int | None:
    if match["arabic"]:
        return _from_arabic(match["arabic"], match["scale"])
    return from_numeral(match["chinese"])


def _from_arabic(digits: str, scale: str) -> int | None:
    try:
        value = Decimal(digits.replace(",", "")) * _SCALES[scale]
    except InvalidOperation:
        return None
    return int(value) if value <= LARGEST and value == value.to_integral_value() else None
