"""Parts two tables that stand beside each other on one sheet.

`side_by_side(grid)` → the parts in reading order: what stands over both, the left table, the right one, what is below.

There are two only where each side has headings of its own that name the same things; then what parts them is a column
in which nothing stands, or, where they touch, the place where the headings begin anew. So a form with an empty column
in it stays one. How high the two stand side by side is told by the rows that cross what parts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from parsers.content import Cell
from parsers.form_headings import HEADING_BAND, MAX_COLUMNS, Heading, find_heading
from parsers.forms import SHAPES, column_rank, split_labels
from parsers.tables import Grid

MAX_HEADING_ROWS: Final = 8  # so many repeat as pages go on; those below are met when what is above was parted
MOST_COLUMNS: Final = 8  # of one table; what is farther right may be a third
_TOLD_BY: Final = ("time", "place", "attendance")  # the columns that both forms have
_MIN_REPEATED: Final = 2
_MIN_TOUCHING: Final = 4  # columns of a form on either side of a cut through which nothing blank goes
_EXAMPLE: Final = re.compile("示例|样例|范例|样表|填写样")
_LONGEST_EXAMPLE_TITLE: Final = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A piece of a sheet, its first column 0. `begins_anew`: it is no continuation of the part before it."""

    grid: Grid
    begins_anew: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cut:
    """The columns from `start` up to `end` part the rows `first` to `last`; where tables touch, `start` is `end`."""

    start: int
    end: int
    first: int
    last: int

    def is_crossed_by(self, cell: Cell) -> bool:
        return bool(cell.text.strip()) and cell.column < self.end and cell.column + cell.column_span > self.start


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sides:
    """What a cut leaves on its two sides: for each its headings, and the row in which they begin."""

    cut: _Cut
    left: tuple[int, Heading]
    right: tuple[int, Heading]

    @property
    def columns(self) -> int:
        """How many columns of a form both sides have together: the best of several cuts has most."""
        return _most_columns(self.left[1]) + _most_columns(self.right[1])


def side_by_side(grid: Grid) -> tuple[Part, ...]:
    """The grid itself where nothing stands beside anything."""
    heading_rows = _rows_of_repeated_headings(grid)
    found = [sides for cut in _cuts(grid, heading_rows) if (sides := _sides(grid, cut, heading_rows)) is not None]
    if not found:
        return (Part(grid=grid),)
    sides = max(found, key=lambda one: one.columns)
    over = _rows(grid, until=sides.cut.first)
    band = _rows(grid, since=sides.cut.first, until=sides.cut.last + 1)
    left, right = _columns(band, until=sides.cut.start), _columns(band, since=sides.cut.end)
    parts = [Part(grid=over), Part(grid=left)] if over.rows else [Part(grid=left)]
    if not _is_example(right, sides.right[0]):
        parts.extend(_right_parts(sides, over, left, right))
    below = _rows(grid, since=sides.cut.last + 1)
    return (*parts, *side_by_side(below)) if below.rows else tuple(parts)


def _right_parts(sides: _Sides, over: Grid, left: Grid, right: Grid) -> Iterator[Part]:
    """Under the same headings the right table goes on where the left one ends. Another form wants to know what stands
    over both, unless it says itself whose it is.
    """
    begins_anew = sides.left[1].columns != sides.right[1].columns
    if begins_anew and not _unit_rows(right, sides.right[0]):
        unit = _unit_rows(left, sides.left[0])
        cells = (*over.table.cells, *(cell for cell in left.table.cells if cell.row in unit))
        yield Part(grid=Grid(replace(over.table, cells=cells)), begins_anew=True)
        begins_anew = False
    first, *others = side_by_side(right)
    yield replace(first, begins_anew=begins_anew)
    yield from others


# --- where to cut -----------------------------------------------------------------------------------------------------


def _rows_of_repeated_headings(grid: Grid) -> tuple[int, ...]:
    """The rows with the headings that both forms have; none where too few of them stand in several columns."""
    columns: dict[str, set[int]] = {name: set() for name in _TOLD_BY}
    rows: set[int] = set()
    for cell in grid.table.cells:
        for name in _names(cell.text):
            columns[name].add(cell.column)
            rows.add(cell.row)
    repeated = sum(len(found) > 1 for found in columns.values())
    return tuple(sorted(rows)) if repeated >= _MIN_REPEATED else ()


def _names(text: str) -> set[str]:
    return {
        column.name
        for shape in SHAPES
        for column in shape.columns
        if column.name in _TOLD_BY and column_rank(column, text) is not None
    }


def _cuts(grid: Grid, heading_rows: tuple[int, ...]) -> Iterator[_Cut]:
    """Through blank columns, and where a heading begins; of those at one place each through rows of its own."""
    known: dict[tuple[int, int], _Cut] = {}
    for row in heading_rows[:MAX_HEADING_ROWS]:
        for start, end in _places(grid, row):
            cut = known.get((start, end))
            if cut is None or not cut.first <= row <= cut.last:
                known[start, end] = cut = _over_rows(grid, row, start, end)
                yield cut


def _places(grid: Grid, row: int) -> Iterator[tuple[int, int]]:
    filled = grid.filled(row)
    taken = {column for cell in filled for column in range(cell.column, cell.column + cell.column_span)}
    for column in range(filled[0].column, min(grid.width, MAX_COLUMNS)):
        if column not in taken:
            yield column, column + 1
    for cell in filled[1:]:
        yield cell.column, cell.column


def _over_rows(grid: Grid, row: int, start: int, end: int) -> _Cut:
    """The cut through as many rows around this one as nothing crosses it."""
    cut = _Cut(start=start, end=end, first=row, last=row)
    place = grid.rows.index(row)

    def is_free(other: int) -> bool:
        return not any(cut.is_crossed_by(cell) for cell in grid.across(other))

    first = last = place
    while first > 0 and is_free(grid.rows[first - 1]):
        first -= 1
    while last + 1 < len(grid.rows) and is_free(grid.rows[last + 1]):
        last += 1
    while place < last < len(grid.rows) - 1 and len(grid.filled(grid.rows[last])) <= 1:
        last -= 1  # a line over what comes next
    return replace(cut, first=grid.rows[first], last=grid.rows[last])


def _sides(grid: Grid, cut: _Cut, heading_rows: tuple[int, ...]) -> _Sides | None:
    """None where one of the sides has no headings of its own, or other ones than its neighbour."""
    rows = [row for row in heading_rows if cut.first <= row <= cut.last][:MAX_HEADING_ROWS]
    left = _first_heading(grid, rows, until=cut.start)
    right = _first_heading(grid, rows, since=cut.end) if left is not None else None
    if left is None or right is None:
        return None
    if cut.start == cut.end and min(_most_columns(left[1]), _most_columns(right[1])) < _MIN_TOUCHING:
        return None
    if len(_told(left[1]) & _told(right[1])) < _MIN_REPEATED:
        return None
    return _Sides(cut=cut, left=left, right=right)


def _first_heading(
    grid: Grid, rows: Sequence[int], *, since: int = 0, until: int | None = None
) -> tuple[int, Heading] | None:
    for row in rows:
        band = [other for other in range(row, row + HEADING_BAND) if grid.across(other)]
        cells = tuple(cell for other in band for cell in grid.across(other) if cell.row == other)
        further = [cell.column for cell in grid.filled(row) if cell.column >= since][MOST_COLUMNS:]
        ends = [*([] if until is None else [until]), *further[:1]]
        side = _columns(Grid(replace(grid.table, cells=cells)), since=since, until=min(ends, default=None))
        if side.rows and side.rows[0] == row:
            heading = find_heading(side, side.rows, has_title=False)
            if heading is not None:
                return row, heading
    return None


def _told(heading: Heading) -> set[str]:
    return {name for shape in SHAPES for name in heading.found(shape) if name in _TOLD_BY}


def _most_columns(heading: Heading) -> int:
    return max(len(heading.found(shape) - {"index"}) for shape in SHAPES)


# --- the pieces -------------------------------------------------------------------------------------------------------


def _rows(grid: Grid, *, since: int = 0, until: int | None = None) -> Grid:
    """These rows, numbered as they were."""
    last = grid.table.rows if until is None else until
    return Grid(replace(grid.table, cells=tuple(cell for cell in grid.table.cells if since <= cell.row < last)))


def _columns(grid: Grid, *, since: int = 0, until: int | None = None) -> Grid:
    """The cells of these columns, counted from the first in which something stands."""
    last = grid.width if until is None else until
    inside = [cell for cell in grid.table.cells if since <= cell.column < last]
    first = min((cell.column for cell in inside if cell.text.strip()), default=since)
    cells = tuple(
        replace(cell, column=cell.column - first, column_span=min(cell.column_span, last - cell.column))
        for cell in inside
        if cell.column >= first
    )
    return Grid(replace(grid.table, cells=cells, columns=last - first))


def _unit_rows(grid: Grid, heading_row: int) -> set[int]:
    """The rows over the headings that say whose the form is."""
    return {
        cell.row
        for cell in grid.table.cells
        if cell.row < heading_row and any(one.name == "unit_name" for one in split_labels(cell.text)[1])
    }


def _is_example(grid: Grid, heading_row: int) -> bool:
    """A filled-in form beside the form shows how to fill it in."""
    return any(
        cell.row < heading_row and len(cell.text) <= _LONGEST_EXAMPLE_TITLE and _EXAMPLE.search(cell.text)
        for cell in grid.table.cells
    )
