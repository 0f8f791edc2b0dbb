"""Where in a run of labelled lines one activity ends and the next begins.

`cut(lines, is_titled)` → the activities, or None where it is not certain. Two ways, the surer one first:

- by number: 1. 2. 3. or （一）（二） or 活动一 活动二 before the lines, whatever is numbered inside them otherwise;
- by label: the label (or the heading over the labels) with which each begins, if they then say the same things.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from parsers.forms import SHAPES, split_labels, title_rank
from parsers.labelled_lines import CORE, ELSE, UNREAD, Line
from parsers.unit_names import is_unit
from parsers.wording import fold

MIN_ACTIVITIES: Final = 2
LONGEST_HEADING: Final = 40
_RANKS: Final = {"一、": 0, "第一项": 1, "活动一": 1, "（一）": 2, "1.": 3, "（1）": 4, "①": 5}
_MARK, _HEADING, _GROUP, _LOOSE = "mark", "heading", "group", "loose"
_OF_MANY_LINES: Final = frozenset({"content", ELSE})  # what such a label says may go on in further lines
_FACTS: Final = ("time", "place", "attendance")
_SENTENCE: Final = re.compile(r"[。；;！!]|[:：]$|\d月\d")


@dataclass(frozen=True, kw_only=True, slots=True)
class Activity:
    """What was written of one activity, keyed like the columns of a form, and in which lines."""

    cells: dict[str, str]
    lines: range

    @property
    def facts(self) -> frozenset[str]:
        """Which of the columns that both forms have are there."""
        named = {"theme"} if "theme" in self.cells or "content" in self.cells else set()
        return frozenset(named | self.cells.keys() & set(_FACTS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """The activities in order. `unread`: the lines of numbered ones between or after them that have no labels.

    Not certain are activities that do not say the same things, or have words before their labels that say something.
    """

    activities: tuple[Activity, ...]
    unread: tuple[int, ...] = ()
    is_certain: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class _Token:
    line: int
    kind: str  # the label's name, or one of the four above
    text: str
    style: str = ""
    unit: str = ""  # whose name stands on a line of its own over this and the following activities


def cut(lines: Sequence[Line], *, is_titled: bool) -> Cut | None:
    """`is_titled`: the title of a form stands over them, so that a single activity is one too."""
    tokens = list(_tokens(lines))
    styles = dict.fromkeys(token.style for token in tokens if token.kind == _MARK)
    by_number = [found for style in styles if (found := _cut_by_number(tokens, style)) is not None]
    best = max(by_number, key=lambda one: len(one.activities), default=None) or _cut_by_label(tokens)
    if best is not None or not is_titled:
        return best
    alone = _activity([token for token in tokens if token.kind != _MARK])
    is_outline = sum(token.kind == _MARK for token in tokens) >= MIN_ACTIVITIES
    return Cut(activities=(alone,)) if alone is not None and not is_outline else None


# --- what stands in the lines, one after the other --------------------------------------------------------------------


def _tokens(lines: Sequence[Line]) -> Iterator[_Token]:
    label, unit = ELSE, ""
    for number, line in enumerate(lines):
        following = lines[number + 1 : number + 2]
        is_group = bool(line.lead) and _is_group(line, following)
        unit = line.lead if is_group else unit
        if line.mark is not None:
            yield _Token(line=number, kind=_MARK, text=str(line.mark.number), style=line.mark.style, unit=unit)
        if is_group:
            yield _Token(line=number, kind=_GROUP, text=line.lead)
        elif line.lead and _is_heading(line, following):
            yield _Token(line=number, kind=_HEADING, text=line.lead, unit=unit)
        elif line.lead and line.items:
            yield _Token(line=number, kind=UNREAD, text=line.lead)
        elif line.lead and label not in _OF_MANY_LINES:
            yield _Token(line=number, kind=_LOOSE, text=line.lead)
        for name, value in line.items:
            yield _Token(line=number, kind=name, text=value, unit=unit)
            label = name


def _is_group(line: Line, following: Sequence[Line]) -> bool:
    """A unit's name over activities that have names of their own; 文化进社区 over a time and a place is an activity."""
    are_named = any("theme" in one.names or one.lead for one in following)
    return is_unit(line.lead) and not line.items and are_named


def _is_heading(line: Line, following: Sequence[Line]) -> bool:
    """A short line over labels, or before them, is what the activity is called."""
    if not (line.items or any(other.items and not other.lead for other in following)):
        return False
    is_title = any(title_rank(shape, line.lead) is not None for shape in SHAPES) or split_labels(line.lead)[1]
    return len(fold(line.lead)) <= LONGEST_HEADING and not is_title and not _SENTENCE.search(line.lead)


# --- by number --------------------------------------------------------------------------------------------------------


def _cut_by_number(tokens: Sequence[_Token], style: str) -> Cut | None:
    starts = [at for at, token in enumerate(tokens) if token.kind == _MARK and token.style == style]
    pieces = [tokens[start:end] for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True)]
    found = [(piece, _activity(_inside(piece, style))) for piece in pieces]
    good = [at for at, (_piece, activity) in enumerate(found) if activity is not None]
    if len(good) < MIN_ACTIVITIES or not _counts_up([found[at][0][0] for at in good]):
        return None
    between = [piece[0].line for piece, activity in found[good[0] :] if activity is None]
    activities = tuple(one for _piece, one in found if one is not None)
    is_certain = not any(_unread(found[at][0]) for at in good)
    return Cut(activities=activities, unread=tuple(between), is_certain=is_certain)


def _inside(piece: Sequence[_Token], style: str) -> list[_Token]:
    """Up to the number of a section above: 四、工作要求 after （三）."""
    ends = (at for at, token in enumerate(piece) if token.kind == _MARK and _RANKS[token.style] < _RANKS[style])
    return list(piece[: next(ends, len(piece))])


def _counts_up(marks: Sequence[_Token]) -> bool:
    """Each section may begin at 1 again."""
    numbers = [int(mark.text) for mark in marks]
    return all(later > before or later == 1 for before, later in pairwise(numbers))


# --- by label ---------------------------------------------------------------------------------------------------------


def _cut_by_label(tokens: Sequence[_Token]) -> Cut | None:
    """Of the labels with which an activity may begin, the one that makes the activities most alike."""
    plain = [token for token in tokens if token.kind not in (_MARK, ELSE)]
    names = dict.fromkeys(token.kind for token in plain if token.kind in CORE | {_HEADING, "index"})
    offers = [(offer, -place) for place, name in enumerate(names) if (offer := _cut_at(plain, name))]
    if not offers:
        return None
    found, odd = max(offers, key=lambda offer: (-offer[0][1], offer[1]))[0]
    return Cut(activities=found, is_certain=odd == 0)


def _cut_at(plain: Sequence[_Token], name: str) -> tuple[tuple[Activity, ...], int] | None:
    """The activities, and how many stretches are unlike the others; what stands before the first is one."""
    starts = [at for at, token in enumerate(plain) if token.kind == name]
    pieces = [plain[start:end] for start, end in zip(starts, [*starts[1:], len(plain)], strict=True)]
    found = [_activity(piece) for piece in pieces]
    activities = tuple(one for one in found if one is not None)
    if len(activities) < max(MIN_ACTIVITIES, len(found)):
        return None
    usual = Counter(one.facts for one in activities).most_common(1)[0][0]
    odd = sum(one.facts != usual for one in activities) + sum(map(_unread, pieces))
    return activities, odd + any(token.kind in CORE | {UNREAD} for token in plain[: starts[0]])


# --- one activity -----------------------------------------------------------------------------------------------------


def _activity(piece: Sequence[_Token]) -> Activity | None:
    """None for what says too little to be one, or says something twice."""
    cells: dict[str, str] = {}
    for token in piece:
        name = token.kind
        if name == "content" and cells.get("content"):
            cells["content"] += f"；{token.text}"
        elif name in cells and name in CORE:
            return None
        elif name == _HEADING and CORE & cells.keys():
            continue
        elif name not in (_GROUP, _LOOSE, UNREAD, ELSE) and token.text:
            cells.setdefault("index" if name == _MARK else name, token.text)
    heading = cells.pop(_HEADING, "")
    if heading and "theme" not in cells:
        cells["theme"] = heading
    if not cells.get("unit") and piece and piece[0].unit:
        cells["unit"] = piece[0].unit
    activity = Activity(cells=cells, lines=range(piece[0].line, piece[-1].line + 1)) if piece else None
    return activity if activity is not None and len(activity.facts) >= MIN_ACTIVITIES else None


def _unread(piece: Sequence[_Token]) -> int:
    """How much of it nobody read: words before labels, lines between them, a heading behind them."""
    labels = [at for at, token in enumerate(piece) if token.kind in CORE | {ELSE}] or [0]
    return sum(
        token.kind == UNREAD
        or (token.kind == _LOOSE and at < labels[-1])
        or (token.kind == _HEADING and at > labels[0])
        for at, token in enumerate(piece)
    )
