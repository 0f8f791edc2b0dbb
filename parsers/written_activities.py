"""Puts activities that were written one after another, without a table, into the table that they would have been.

    一、活动主题：共读            1. 启动仪式（时间：11月13日，
    时间：11月13日                  地点：广场，人数：200人）          →  a table with headings and a row for each
    地点：图书馆                 2. …
    参加人数：30人

`with_tables(blocks, name)` → the blocks, those lines replaced by tables; and what a person is to be told.

`parsers.form_reading` then judges the table like any other. Without the title of a form over them, activities make a
table only where each says its time, its place and how many take part: a plan speaks of activities, too. Sentences
without labels count only under such a title (`parsers.activity_sentences`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from typing import Final

from parsers.activity_cuts import MIN_ACTIVITIES, Cut, cut
from parsers.activity_sentences import read_sentence, tells_of_activity
from parsers.classify import form_by_name, kind_by_name
from parsers.content import Cell, Paragraph, Table
from parsers.form_choice import nearest_title
from parsers.form_reading import PAGE_NUMBER, read_forms
from parsers.forms import MARKS, split_labels
from parsers.labelled_lines import CORE, Line, parse_line
from parsers.unit_names import is_unit, without_numbering
from rules.extraction import Kind
from rules.findings import Code, Finding

Block = Paragraph | Table

TITLE_WITHIN: Final = 8  # lines, as over a table
GAP: Final = 3  # unlabelled lines inside a run
_LACKS_REST: Final = re.compile(r"\d[:：.-]$")  # 14： before 30, which is no page number then
_BULLET: Final = re.compile(r"[-—–·●◆★▲*]\s*[^\d\s]")
_DATED: Final = re.compile(r"20\d\d\s*年")
_ENDS: Final = re.compile("[。；;！!)）]$")
_NO_TITLE: Final = re.compile("[。；;，,]|详?见|报送|发送|请查收")
_HEADINGS: Final = {
    "index": "序号", "theme": "活动主题", "content": "形式与内容", "time": "活动时间", "place": "活动地点",
    "attendance": "参加人数", "unit": "承办单位",
}  # fmt: skip
_CONTENT: Final = ("content", "manner")
_OF_STATISTICS: Final = {"theme": "活动项目"}
ALL_FACTS: Final = 4
MIN_FACTS: Final = 3
MIN_MARKS: Final = 2
QUOTED: Final = 20  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class _Written:
    """A line, put together from `first` to `last` of the lines as they stand."""

    line: Line
    first: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Replaced:
    """The table, if any, that stands for the lines `first` to `last`; of these `kept` are no part of it. `form`: of
    which it holds activities.
    """

    form: Kind | None
    table: Table | None
    first: int
    last: int
    kept: tuple[int, ...] = ()
    told: tuple[str, ...] = ()


def with_tables(blocks: Sequence[Block], name: str) -> tuple[tuple[Block, ...], tuple[Finding, ...]]:
    """`name` is the file's."""
    made: list[Block] = []
    told: list[str] = []
    formed = _formed(blocks, name)
    for is_table, group in groupby(blocks, key=lambda block: isinstance(block, Table)):
        stretch = list(group)
        if is_table:
            made.extend(stretch)
            continue
        texts = _lines_of(block for block in stretch if isinstance(block, Paragraph))
        replaced = [_beside_table(one) if one.form in formed else one for one in _replaced(texts, name)]
        replaced = sorted((one for one in replaced if one.table or one.told), key=lambda one: one.first)
        made.extend(_with(texts, replaced) if replaced else stretch)
        told.extend(said for one in replaced for said in one.told)
    return tuple(made), tuple(Finding(code=Code.LOW_CONFIDENCE, detail=detail) for detail in told)


def _formed(blocks: Sequence[Block], name: str) -> frozenset[Kind]:
    """The forms that stand in tables."""
    if not any(isinstance(block, Table) for block in blocks):
        return frozenset()
    return frozenset(raw.shape.form for raw in read_forms(blocks, name=name) if raw.rows)


def _beside_table(one: _Replaced) -> _Replaced:
    """Lines beside the table of the same form say of its activities what the table says, or more; a single one is about
    all of them.
    """
    is_list = one.table is not None and one.table.rows > MIN_ACTIVITIES
    told = ("表外还逐条写有活动，只读取了表中的，请对照原件核对",) if is_list else ()
    return replace(one, table=None, kept=tuple(range(one.first, one.last + 1)), told=told)


def _with(texts: Sequence[str], replaced: Sequence[_Replaced]) -> Iterator[Block]:
    at = 0
    for one in replaced:
        yield from (Paragraph(text=text) for text in texts[at : one.first])
        if one.table is not None:
            yield one.table
        yield from (Paragraph(text=texts[number]) for number in one.kept)
        at = one.last + 1
    yield from (Paragraph(text=text) for text in texts[at:])


def _replaced(texts: Sequence[str], name: str) -> list[_Replaced]:
    found = list(_labelled_lists(texts, name))
    free = set(range(len(texts))).difference(*(range(one.first, one.last + 1) for one in found))
    found += _sentences(texts, free, name)
    free = free.difference(*(range(one.first, one.last + 1) for one in found))
    return found + list(_heads(texts, free, name))


def _title_over(texts: Sequence[str], line: int) -> str:
    """The nearest line over this one that is the title of a form; empty where there is none."""
    lines = reversed(texts[max(0, line - TITLE_WITHIN) : line])
    return next((text for text in lines if nearest_title([text]) and not _NO_TITLE.search(text)), "")


def _shape_over(texts: Sequence[str], line: int, name: str) -> Kind | None:
    titled = nearest_title([_title_over(texts, line)])
    return titled.form if titled else _form_named(name)


def _form_named(name: str) -> Kind | None:
    """The form that a file is by its name; 方案（含附件1） is a plan."""
    return None if kind_by_name(name) else form_by_name(name)


# --- labelled ---------------------------------------------------------------------------------------------------------


def _labelled_lists(texts: Sequence[str], name: str) -> Iterator[_Replaced]:
    for run in _runs(_joined(texts)):
        lines = [one.line for one in run]
        first = next(one.first for one in run if one.line.names & CORE)
        found = cut(lines, is_titled=bool(_title_over(texts, first)))
        shape = _shape_over(texts, first, name)
        if found is not None and _is_list_of_activities(found, is_titled=shape is not None):
            yield _as_table(found, run, shape)


def _joined(texts: Sequence[str]) -> list[_Written]:
    """A value may stand under its label."""
    found: list[_Written] = []
    for number, text in enumerate(texts):
        before = found[-1] if found else None
        line = parse_line(text)
        lacks_value = before is not None and bool(before.line.items) and not before.line.items[-1][1]
        if before is not None and lacks_value and line.mark is None and not line.items:
            whole = "".join(texts[before.first : number + 1])
            found[-1] = _Written(line=parse_line(whole), first=before.first, last=number)
            continue
        found.append(_Written(line=line, first=number, last=number))
    return found


def _lines_of(paragraphs: Iterable[Paragraph]) -> list[str]:
    """Lines as they were meant, where a page breaks the long ones."""
    lines = [
        (line, paragraph.reaches_edge)
        for paragraph in paragraphs
        for line in map(str.strip, paragraph.text.split("\n"))
    ]
    whole: list[str] = []
    may_go_on = False
    for (line, reaches_edge), (following, _edge) in zip_longest(lines, lines[1:], fillvalue=("", False)):
        is_rest = may_go_on and _LACKS_REST.search(whole[-1]) is not None
        if not line or (PAGE_NUMBER.fullmatch(line) and not is_rest):
            continue
        is_signature = bool(is_unit(line) and _DATED.match(following))
        if may_go_on and not (is_signature or _ENDS.search(whole[-1]) or _begins_anew(whole[-1], line)):
            whole[-1] += line
        else:
            whole.append(line)
        may_go_on = reaches_edge
    return whole


def _begins_anew(before: str, text: str) -> bool:
    """A line that begins with 人数： is the rest of 参加人数： where the line before ends with 参加."""
    line = parse_line(text)
    is_label = bool(line.items and not line.lead)
    is_rest = is_label and len(parse_line(before + text).items) == len(parse_line(before).items) + len(line.items)
    return line.mark is not None or bool(_BULLET.match(text)) or (is_label and not is_rest)


def _runs(written: Sequence[_Written]) -> Iterator[Sequence[_Written]]:
    """Labelled lines with few others between them, and what stands right over and under them."""
    labelled = [at for at, one in enumerate(written) if one.line.names & CORE]
    start = 0
    for place, at in enumerate(labelled):
        following = labelled[place + 1] if place + 1 < len(labelled) else len(written) + GAP + 1
        if following - at > GAP + 1:
            yield written[max(0, labelled[start] - 2) : at + 2]
            start = place + 1


def _is_list_of_activities(found: Cut, *, is_titled: bool) -> bool:
    wanted = MIN_FACTS if is_titled else ALL_FACTS
    telling = sum(len(one.facts) >= wanted for one in found.activities)
    return 2 * telling >= len(found.activities) and telling >= (1 if is_titled else MIN_ACTIVITIES)


def _as_table(found: Cut, run: Sequence[_Written], shape: Kind | None) -> _Replaced:
    rows = [one.cells for one in found.activities]
    first, last = found.activities[0].lines[0], found.activities[-1].lines[-1]
    kept = [run[at] for at in range(first, last + 1) if not (run[at].line.items or run[at].line.mark)]
    return _Replaced(
        form=shape or Kind.SCHEDULE,
        table=_table(rows, shape),
        first=run[first].first,
        last=run[last].last,
        kept=tuple(number for one in kept for number in range(one.first, one.last + 1)),
        told=tuple(_told_of(found, run, is_titled=shape is not None)),
    )


def _told_of(found: Cut, run: Sequence[_Written], *, is_titled: bool) -> Iterator[str]:
    if not is_titled:
        yield "文中逐条写有活动，没有附件1的标题，已按活动安排表读取，请核对是否作为附件1报送"
    if found.unread:
        first, more = run[found.unread[0]].line.lead[:QUOTED], f"等{len(found.unread)}项活动"
        yield f"“{first}”{more}没有分栏目书写，未能读出，请对照原件核对"
    if not found.is_certain:
        yield "各项活动是逐条书写的，所写栏目不一致，读出的内容请对照原件核对"


def _table(rows: Sequence[dict[str, str]], shape: Kind | None) -> Table:
    """The content beside the theme is a column of 附件2 only; where there is no theme, it is what the activity is."""
    if shape is Kind.STATISTICS:
        rows = [row | {"content": "；".join(row[name] for name in _CONTENT if row.get(name))} for row in rows]
    else:
        rows = [row | {"theme": row.get("theme") or row.get("content", ""), "content": ""} for row in rows]
    names = [name for name in _HEADINGS if any(row.get(name) for row in rows)]
    words = _HEADINGS | (_OF_STATISTICS if shape is Kind.STATISTICS else {})
    texts = [[words[name] for name in names], *([row.get(name, "") for name in names] for row in rows)]
    cells = [Cell(text=text, row=row, column=at) for row, line in enumerate(texts) for at, text in enumerate(line)]
    return Table(cells=tuple(cells), rows=len(texts), columns=len(names))


# --- sentences --------------------------------------------------------------------------------------------------------


def _sentences(texts: Sequence[str], free: set[int], name: str) -> Iterator[_Replaced]:
    """Under the title of a form lines on end that tell of an activity each."""
    telling = [number for number in sorted(free) if tells_of_activity(texts[number])]
    for _offset, group in groupby(enumerate(telling), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _place, number in group]
        shape = form_by_name(_title_over(texts, numbers[0])) or _form_named(name)
        if shape is None:
            continue
        rows = {number: row for number in numbers if (row := read_sentence(texts[number])) is not None}
        unread = [number for number in numbers if number not in rows]
        yield _Replaced(
            form=shape,
            table=_table(list(rows.values()), shape) if rows else None,
            first=numbers[0],
            last=numbers[-1],
            kept=tuple(unread),
            told=(_told_of_sentences(texts, unread),) if unread else (),
        )


def _told_of_sentences(texts: Sequence[str], unread: Sequence[int]) -> str:
    more = f"等{len(unread)}项活动" if len(unread) > 1 else ""
    return f"“{texts[unread[0]][:QUOTED]}”{more}没有列成表格，未能逐栏读出，请对照原件核对"


# --- the head of 附件2 ------------------------------------------------------------------------------------------------


def _heads(texts: Sequence[str], free: set[int], name: str) -> Iterator[_Replaced]:
    """Lines on end that each begin with a label of 附件2, under its title."""
    fields = [number for number in sorted(free) if _is_field(texts[number])]
    for _offset, group in groupby(enumerate(fields), key=lambda pair: pair[1] - pair[0]):
        numbers = [number for _place, number in group]
        lines = [without_numbering(texts[number]) for number in numbers]
        labels = {found.name for line in lines for found in split_labels(line)[1]}
        if len(labels & MARKS) >= MIN_MARKS and _shape_over(texts, numbers[0], name) is Kind.STATISTICS:
            cells = tuple(Cell(text=line, row=row, column=0) for row, line in enumerate(lines))
            table = Table(cells=cells, rows=len(cells), columns=1)
            yield _Replaced(form=None, table=table, first=numbers[0], last=numbers[-1])


def _is_field(text: str) -> bool:
    lead, found = split_labels(without_numbering(text))
    return bool(found) and not lead.strip()
