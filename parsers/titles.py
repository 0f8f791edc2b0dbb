"""The title of a document, and the units that it names of itself: in its form, its title, its signature.

A name is only taken where a document says who it is from. Names in running text are the business of placing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from parsers.form_headings import names_column
from parsers.form_reading import plain_unit
from parsers.forms import split_labels
from parsers.labelled_lines import CORE, parse_line
from parsers.unit_names import LONGEST_UNIT, NO_UNIT, SUFFIXES, is_unit
from parsers.wording import fold, tidy

LONGEST_TITLE: Final = 60
SHORTEST_TITLE: Final = 4
TITLE_LINES: Final = 12
_DOCUMENT_WORDS: Final = "方案|计划|总结|小结|汇报|报告|通知|安排表?|统计表|汇总表|一览表|意见|简报|纪实|情况|请示|函"
_ENDS_TITLE: Final = re.compile(rf"(?:{_DOCUMENT_WORDS})(?:\([^()]*\))?$")
_NO_TITLE: Final = re.compile(
    r"附件?[\d一二三四五六][:：.]?$|附件\d?[:：]?$|.*〔?20\d\d〕\d+号$|.*[。；;，,：:!！?？]$|第?\d+页?$|(?:填报|报送|单位|学校).{0,10}[:：].*|20\d\d[-年./][\d月./-]*日?$"
)
_NUMBERED: Final = re.compile(r"[(（]?[一二三四五六七八九十\d]{1,2}[、.．)）]")
_UNIT_IN_TITLE: Final = re.compile(
    rf"(?:关于印发《?)?(?P<unit>[\u4e00-\u9fff（）()·]{{2,{LONGEST_UNIT}}}?(?:{SUFFIXES})(?:[(（][^()（）]{{1,12}}[)）])?)"
    r"(?=关于|20\d\d|二〇|开展|举办|举行|组织|第[\d一二三四五六七八九十]|全民|终身|“|\"|《|《|学习活动|活动周|年活动|“?四个一|年度)"
)
_DATE_LINE: Final = re.compile(
    r"(?:20\d\d|二[〇○0零][一二三四五六七八九〇○零]{2})[年./-][\d一二三四五六七八九十]{1,3}[月./-][\d一二三四五六七八九十]{1,3}日?"
)
_LABELLED_UNIT: Final = frozenset({"unit_name"})


def find_title(lines: Sequence[str]) -> str:
    """The first line that looks like a title, with the next one where the title runs over two."""
    head = [tidy(line) for line in lines if line.strip()][:TITLE_LINES]
    for position, line in enumerate(head):
        if not _may_be_title(line):
            continue
        following = head[position + 1] if position + 1 < len(head) else ""
        if not _is_title(line) and _is_title(following):
            return line + following
        if _is_title(line) or not any(map(_is_title, head[position:])):
            return line
    return ""


def _may_be_title(line: str) -> bool:
    key = fold(line)
    if len(key) < SHORTEST_TITLE and not _ENDS_TITLE.search(key):
        return False
    return (
        len(key) <= LONGEST_TITLE
        and not names_column(line)
        and not _NO_TITLE.fullmatch(key)
        and not _NUMBERED.match(key)
        and not parse_line(line).names & CORE
    )


def _is_title(line: str) -> bool:
    return _may_be_title(line) and bool(_ENDS_TITLE.search(fold(line)))


def find_units(form_units: Iterable[str], lines: Sequence[str], title: str) -> tuple[str, ...]:
    """Each unit that the document says it is from, once, the surest first."""
    found = (*form_units, *_labelled(lines), *_from_title(title), *_heading_lines(lines), *_signatures(lines))
    unique: dict[str, str] = {}
    for unit in found:
        if unit and len(unit) <= LONGEST_UNIT:
            unique.setdefault(fold(unit), unit)
    return tuple(unique.values())


def _labelled(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) <= 200:
            yield from (plain_unit(item.value) for item in split_labels(line)[1] if item.name in _LABELLED_UNIT)


def _from_title(title: str) -> Iterator[str]:
    match = _UNIT_IN_TITLE.match(re.sub(r"\s", "", title))
    if match and not NO_UNIT.search(match["unit"]):
        yield match["unit"]


def _heading_lines(lines: Sequence[str]) -> Iterator[str]:
    """A unit's name alone on one of the first lines."""
    yield from (tidy(line) for line in lines[:3] if is_unit(line))


def _signatures(lines: Sequence[str]) -> Iterator[str]:
    """A unit's name beside, over or under a line that is a date."""
    for position, line in enumerate(lines):
        key = fold(line)
        date = _DATE_LINE.search(key)
        if date is None or len(key) > LONGEST_UNIT + 14:
            continue
        rest = (key[: date.start()] + key[date.end() :]).strip("()（）,，。")
        if rest:
            yield from ([rest] if is_unit(rest) else [])
            continue
        around = [*lines[max(0, position - 2) : position], *lines[position + 1 : position + 2]]
        yield from (re.sub(r"\s", "", tidy(other)) for other in around if is_unit(other))
