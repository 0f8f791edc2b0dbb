"""The logical grid of a flat, upright table: its base rows and columns, and which of them are merged into cells.

Every level rule gives a base row, every upright rule a base column. Between two neighbouring places of that base grid
a rule stands or does not; where it does not, they are one cell. So a table whose head has other columns than its rows
needs no case of its own. A rule counts as standing when a third of it is seen: seals and poor copies eat the rest.
What looks like a rule and is none is left out: a crease (`parsers.paper.creases`), what slants on an unbent page, the
arc of a seal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import cv2
import numpy as np

from parsers.paper.bending import without_slants
from parsers.paper.creases import without_creases
from parsers.paper.crossing import crossed_lines, is_stroke
from parsers.paper.faint_rules import SEEN, with_faint_ones
from parsers.paper.ink import Mask, Pixels
from parsers.paper.ruling import PAD, RULING_SIDE, across, frame_of, level_rules, rule_ink
from parsers.paper.sheet import Flat, Frame

WHOLE: Final = 0.85  # … but somewhere each is seen whole: the arc of a seal is not, being no straight line
OUTER: Final = 0.5
ALL: Final = 0.97  # of a rule from one crossing to the next, which strokes of characters do not reach
NEAR: Final = 7  # pixels of the small picture, to either side
STRAIGHT: Final = 4  # … of an inner rule
MAX_BULGE: Final = 1.4  # … between its ends: the ring of a copied seal bulges more from one rule to the next
ROW_SHARE: Final = 0.6
LOW_ROW: Final = 25  # per cent of the rows are no higher: those of a form's head, as a rule
MAX_RISE: Final = 3.0
BARELY_SEEN: Final = 0.12
SAME_RULE: Final = 9  # pixels of the small picture
MAX_LINES: Final = 80
AROUND: Final = 0.05  # of the table that is looked at around it for creases
EDGE: Final = 8  # pixels
RUN_OUT: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class GridCell:
    """A cell and where it lies, in the table's plane. `is_inferred`: not all of its sides were seen."""

    row: int
    column: int
    row_span: int
    column_span: int
    left: float
    top: float
    right: float
    bottom: float
    is_inferred: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RuledGrid:
    """The cells of a table. `is_even`: every group of merged places was a rectangle, as it must be; `is_open`: its
    rules run on out of what was looked at.
    """

    cells: tuple[GridCell, ...]
    rows: int
    columns: int
    is_even: bool
    is_open: bool = False

    @property
    def bounds(self) -> Frame:
        """The outer edges."""
        return (
            min(cell.left for cell in self.cells), min(cell.top for cell in self.cells),
            max(cell.right for cell in self.cells), max(cell.bottom for cell in self.cells),
        )  # fmt: skip


def ruled_grid(flat: Flat, picture: Pixels, pad: float = PAD) -> RuledGrid | None:
    """The grid of an unbent page; None where too few rules are left to make one. The rules of a screen are one pixel
    wide, and lost in a smaller picture.
    """
    scale = 1.0 if flat.is_drawn else min(1.0, RULING_SIDE / max(flat.width, flat.height))
    wide, frame = frame_of(flat, pad + AROUND), frame_of(flat, pad)
    left, top = (round((frame[axis] - wide[axis]) * scale) for axis in (0, 1))
    taken = flat.take(picture, wide, scale=scale)
    grid = grid_of_channels(flat.rules(taken), flat.rules_unsealed(taken), left=left, top=top)
    if grid is None:
        return None
    cells = tuple(_placed(cell, wide[0] + left / scale, wide[1] + top / scale, scale) for cell in grid.cells)
    return replace(grid, cells=cells)


def _placed(cell: GridCell, left: float, top: float, scale: float) -> GridCell:
    return replace(
        cell,
        left=cell.left / scale + left, top=cell.top / scale + top,
        right=cell.right / scale + left, bottom=cell.bottom / scale + top,
    )  # fmt: skip


def grid_of_channels(channel: Pixels, unsealed: Pixels, *, left: int = 0, top: int = 0) -> RuledGrid | None:
    """The same for a small upright picture of the table, with all its rules, and without the seal. `left`, `top`: so
    much of it, on both sides, lies around the table, where only a crease goes on; the cells are placed without it.
    """
    inside = np.s_[top : channel.shape[0] - top, left : channel.shape[1] - left]
    ink, unsealed_ink = rule_ink(channel[inside]), rule_ink(unsealed[inside])
    length = max(20, ink.shape[1] // 24)
    level = level_rules(ink, length=length)
    straight = without_slants(level)
    ys = _positions(straight, least=2 * length)
    height = _least_upright(_positions(straight, least=straight.shape[1] // 2), straight.shape[0])
    upright = level_rules(across(ink), length=height)
    xs = _positions(without_slants(upright), least=height)
    if not (3 <= len(ys) <= MAX_LINES and 3 <= len(xs) <= MAX_LINES):
        return None
    ys, xs = (
        [ys[0], *_rules(channel, ys[1:-1], top, xs[0] + left, xs[-1] + left), ys[-1]],
        [xs[0], *_rules(across(channel), xs[1:-1], left, ys[0] + top, ys[-1] + top), xs[-1]],
    )
    bare = level_rules(unsealed_ink, length=length), level_rules(across(unsealed_ink), length=height)
    seen = _Edges((level, upright), bare, ys, xs)
    seen.drop_crossed(channel[inside], ink)
    ys, xs = seen.ys, seen.xs
    if min(len(ys), len(xs)) < 3:
        return None
    seen.fill_in(channel[inside])
    is_open = _run_out(upright, xs) or _run_out(level, ys)
    return replace(_merged(seen, ys, xs), is_open=is_open)


def _least_upright(ys: list[int], height: int) -> int:
    """How tall an upright rule is at least: most of a row between rules that cross half of the table or more, so that
    no stroke of large type is taken for one.
    """
    row = float(np.percentile(np.diff(ys), LOW_ROW)) if len(ys) > 2 else 0.0
    return int(np.clip(ROW_SHARE * row, max(20, height // 40), max(20, height // 10)))


def _rules(channel: Pixels, ys: list[int], offset: int, begin: int, end: int) -> list[int]:
    return [y - offset for y in without_creases(channel, [y + offset for y in ys], begin, end)]


def _run_out(level: Mask, ys: list[int]) -> bool:
    """Whether most of the level rules reach the left or the right edge of what was looked at."""
    ends = level[:, :EDGE], level[:, -EDGE:]
    return any(sum(bool(end[max(0, y - NEAR) : y + NEAR + 1].any()) for y in ys) > RUN_OUT * len(ys) for end in ends)


def _positions(level: Mask, *, least: int) -> list[int]:
    """Where level rules lie: pieces at nearly one height are one rule, and count by their length together."""
    count, _labels, stats, centres = cv2.connectedComponentsWithStats(level, connectivity=8)
    pieces = [
        (float(centres[index][1]), int(stats[index, cv2.CC_STAT_WIDTH]))
        for index in range(1, count)
        if stats[index, cv2.CC_STAT_HEIGHT] <= 3 * SAME_RULE
    ]
    groups: list[list[tuple[float, int]]] = []
    for piece in sorted(pieces, key=lambda item: -item[1]):  # the longest first: strokes between two rules join neither
        near = [group for group in groups if abs(piece[0] - group[0][0]) <= SAME_RULE]
        if near:
            min(near, key=lambda group: abs(piece[0] - group[0][0])).append(piece)
        else:
            groups.append([piece])
    wide = [sorted(group) for group in groups if sum(width for _y, width in group) >= least]
    return sorted({round(_middle(group)) for group in wide})


def _middle(group: list[tuple[float, int]]) -> float:
    """Where half of the length lies: the stripes of a screen beside a rule are short, and do not draw it aside."""
    half, passed = sum(width for _y, width in group) / 2, 0
    for y, width in group:
        passed += width
        if passed >= half:
            return y
    return group[-1][0]


class _Edges:
    """How much of each edge of the base grid is seen; rules of which no edge is seen are dropped. Of each pair of masks
    the first has the level rules, the second the upright ones, laid level.
    """

    def __init__(self, rules: tuple[Mask, Mask], unsealed: tuple[Mask, Mask], ys: list[int], xs: list[int]) -> None:
        self.ys, self.xs = ys, xs
        self._level, self._turned = rules
        self._unsealed = unsealed
        self.across: list[list[float]]
        self.down: list[list[float]]
        self._measure()
        while len(self.ys) > 2 and len(self.xs) > 2 and self._drop_one_that_is_none():
            self._measure()

    def _drop_one_that_is_none(self) -> bool:
        """A rule stands somewhere from one crossing to the next; the outermost ones stand for most of their length."""
        for column in (0, len(self.xs) - 2):  # the sheet's own edge is no rule: nothing leads to it
            if all(shares[column] < SEEN for shares in self.across[1:-1]):
                del self.xs[0 if column == 0 else -1]
                return True
        turned = list(zip(*self.down, strict=True))
        for mask, places, others, shares in (
            (self._unsealed[0], self.ys, self.xs, self.across),
            (self._unsealed[1], self.xs, self.ys, turned),
        ):
            for index, along in enumerate(shares):
                is_outer = index in (0, len(places) - 1)
                lengths = [end - begin for begin, end in pairwise(others)]
                seen = sum(share * length for share, length in zip(along, lengths, strict=True))
                if (is_outer and seen < OUTER * sum(lengths)) or not (
                    is_outer or any(_stands(mask, places[index], *pair) for pair in pairwise(others))
                ):
                    del places[index]
                    return True
        return False

    def drop_crossed(self, channel: Pixels, ink: Mask) -> None:
        """Upright lines across which is written, and strokes of characters where other rows have a rule."""
        rows = list(pairwise(self.ys))
        lines = [
            (x, [row for row, shares in zip(rows, self.down, strict=True) if shares[column] >= SEEN])
            for column, x in enumerate(self.xs)
        ]
        if crossed := crossed_lines(channel, ink, lines[1:-1]):
            self.xs = [x for x in self.xs if x not in crossed]
            self._measure()
        for row, shares in zip(rows, self.down, strict=True):
            for column, x in enumerate(self.xs[1:-1], start=1):
                if SEEN <= shares[column] < ALL and is_stroke(ink, x, row):
                    shares[column] = 0.0

    def is_open_at_frame(self, top: int, left: int, bottom: int, right: int) -> bool:
        """Whether a cell lies at the table's frame, and that is not seen there: a finger or a sheet lies over it."""
        sides = [
            *([self.across[0][left : right + 1]] if top == 0 else []),
            *([self.across[-1][left : right + 1]] if bottom == len(self.ys) - 2 else []),
            *([[shares[0] for shares in self.down[top : bottom + 1]]] if left == 0 else []),
            *([[shares[-1] for shares in self.down[top : bottom + 1]]] if right == len(self.xs) - 2 else []),
        ]
        return any(max(side) < SEEN for side in sides)

    def fill_in(self, channel: Pixels) -> None:
        """What the masks do not show of rules that stand beside."""
        with_faint_ones(channel, self.across, self.ys, self.xs)
        upright = [list(shares) for shares in zip(*self.down, strict=True)]
        with_faint_ones(across(channel), upright, self.xs, self.ys)
        self.down = [list(shares) for shares in zip(*upright, strict=True)]

    def _measure(self) -> None:
        self.across = [[_share(self._level, y, *pair, NEAR) for pair in pairwise(self.xs)] for y in self.ys]
        self.down = [[_share(self._turned, x, *pair, NEAR) for x in self.xs] for pair in pairwise(self.ys)]


def _share(mask: Mask, y: int, begin: int, end: int, slack: int) -> float:
    """How much of a level rule is seen at about this height, between two crossings."""
    inset = min(6, (end - begin) // 5)
    part = mask[max(0, y - slack) : y + slack + 1, begin + inset : end - inset]
    return float((part > 0).any(axis=0).mean()) if part.size else 1.0


def _stands(mask: Mask, y: int, begin: int, end: int) -> bool:
    """Whether a straight rule runs all the way from one crossing to the next, and level, as a crease does not."""
    if _share(mask, y, begin, end, STRAIGHT) < WHOLE:
        return False
    bulge, rise = _bulge_and_rise(mask, y, begin, end)
    return bulge <= MAX_BULGE and rise <= MAX_RISE


def _bulge_and_rise(mask: Mask, y: int, begin: int, end: int) -> tuple[float, float]:
    """How far the middle of a stretch lies off the line between its ends, and one end above the other, in pixels."""
    part = mask[max(0, y - NEAR) : y + NEAR + 1, begin:end] > 0
    xs = np.flatnonzero(part.any(axis=0))
    if len(xs) < 8:
        return 0.0, 0.0
    heights = (part * np.arange(part.shape[0])[:, None]).sum(axis=0)[xs] / part.sum(axis=0)[xs]
    _level, rise, bulge = (abs(float(term)) for term in np.polynomial.Polynomial.fit(xs, heights, 2).coef)
    return bulge, 2 * rise


def _merged(seen: _Edges, ys: list[int], xs: list[int]) -> RuledGrid:
    """Union of places without a rule between them, by a threshold that falls where a group is no rectangle."""
    rows, columns = len(ys) - 1, len(xs) - 1
    groups, is_even = _groups(seen, rows, columns)
    cells = [
        GridCell(
            row=top, column=left, row_span=bottom - top + 1, column_span=right - left + 1,
            left=xs[left], top=ys[top], right=xs[right + 1], bottom=ys[bottom + 1],
            is_inferred=seen.is_open_at_frame(top, left, bottom, right),
        )
        for top, left, bottom, right in groups
    ]  # fmt: skip
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return RuledGrid(cells=tuple(cells), rows=rows, columns=columns, is_even=is_even)


Rectangle = tuple[int, int, int, int]  # first row, first column, last row, last column


def _groups(seen: _Edges, rows: int, columns: int) -> tuple[list[Rectangle], bool]:
    is_even = True
    result: list[Rectangle] = []
    places = {(row, column) for row in range(rows) for column in range(columns)}
    for group in _connected(places, seen, SEEN):
        if _is_rectangle(group):
            result.append(_bounds(group))
            continue
        is_even = False
        for part in _connected(group, seen, BARELY_SEEN):
            result.extend([_bounds(part)] if _is_rectangle(part) else _row_by_row(part, seen))
    return result, is_even


def _connected(places: set[tuple[int, int]], seen: _Edges, threshold: float) -> list[set[tuple[int, int]]]:
    left, groups = set(places), []
    while left:
        group, stack = set(), [left.pop()]
        while stack:
            row, column = place = stack.pop()
            group.add(place)
            neighbours = (
                ((row + 1, column), seen.across[row + 1][column]),
                ((row - 1, column), seen.across[row][column]),
                ((row, column + 1), seen.down[row][column + 1]),
                ((row, column - 1), seen.down[row][column]),
            )
            for other, share in neighbours:
                if other in left and share < threshold:
                    left.remove(other)
                    stack.append(other)
        groups.append(group)
    return groups


def _row_by_row(places: set[tuple[int, int]], seen: _Edges) -> list[Rectangle]:
    """Places side by side without a rule between them are one cell; cells of several rows are rarer."""
    result: list[Rectangle] = []
    for row, column in sorted(places):
        if (row, column - 1) in places and seen.down[row][column] < BARELY_SEEN:
            result[-1] = (*result[-1][:3], column)
        else:
            result.append((row, column, row, column))
    return result


def _bounds(group: set[tuple[int, int]]) -> Rectangle:
    rows, columns = [row for row, _column in group], [column for _row, column in group]
    return min(rows), min(columns), max(rows), max(columns)


def _is_rectangle(group: set[tuple[int, int]]) -> bool:
    top, left, bottom, right = _bounds(group)
    return len(group) == (bottom - top + 1) * (right - left + 1)
