"""Finds the column headings of a form in a table: one row, or a band of up to three with merged cells.

Each column of the form is served by the column of the table whose heading fits best; a heading over several columns
(参加人数 over 线上 and 线下) gives it all of them. Reordered, renamed, missing and extra columns are normal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Final

from parsers.content import Cell
from parsers.forms import SHAPES, Column, FormShape, column_rank, heading_key
from parsers.tables import Grid
from parsers.wording import fold, tidy

HEADING_BAND: Final = 3
SIDE_HEADINGS: Final = 3
_START_OF_TIME: Final = re.compile("开始|起始")
_END_OF_TIME: Final = re.compile("(?:结束|终止|截止)(?:时间|日期)")
_DAY_ALONE: Final = re.compile("(?:活动|举办|开展|起始|开始)?(?:日期|月日|月份?)")
MAX_COLUMNS: Final = 100
_BODY: Final = "(?:单位|学校|幼儿园|园所|镇|街道|社区|村)"
_UNIT_COLUMNS: Final = tuple(
    re.compile(f"(?:活动)?(?:{pattern})(?:名称)?")
    for pattern in (
        "(?:主办[/、])?(?:承办|举办|组织|实施|开展)(?:[/、](?:承办|组织))?(?:单位|学校|部门)",
        f"(?:(?:申报|报送|填报|上报|所属)?{_BODY})(?:[/、或]{_BODY})*",
        "(?:主办|责任|牵头|负责)(?:单位|部门|学校)",
    )
)
"""What an activity's own unit stands under, the surest first; partners (参与单位, 协办单位) are none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A band of heading rows and, for each form, the columns of the table that serve its columns."""

    height: int
    width: int
    columns: dict[str, dict[str, tuple[int, ...]]]  # form → column name → columns of the table
    ranks: dict[str, dict[str, int]]
    repeated: dict[str, tuple[str, ...]]  # form → headings that stand again, over columns that serve none of its own
    unit: tuple[int, ...] = ()  # the column that says whose each activity is, where there is one

    def found(self, shape: FormShape) -> frozenset[str]:
        return frozenset(self.columns[shape.form])


def find_heading(grid: Grid, rows: tuple[int, ...], has_title: bool) -> Heading | None:  # noqa: FBT001 - a plain fact
    """The band of rows, one to three high, that names most columns of a form; None where `rows[0]` begins none."""
    if not _begins_headings(grid, rows[0]):
        return None
    best: tuple[int, Heading] | None = None
    least = _least_height(grid, rows)
    for height in range(least, len(rows) + 1):
        band = rows[:height]
        if height > least and not _continues_band(grid, band):
            break
        heading = _heading(grid, band)
        found = max(len(heading.found(shape) - {"index"}) for shape in SHAPES)
        if found >= (2 if has_title else 3) and (best is None or found > best[0]):
            best = (found, heading)
    return best[1] if best and _is_mostly_headings(grid, rows[: best[1].height], best[1]) else None


def turned(grid: Grid) -> Grid:
    """The table with its columns as rows, where it is its first column that holds the headings."""
    first = [cell.text for row in grid.rows if (cell := grid.at(row, 0)) is not None and cell.row == row]
    named = {fold(text) for text in first if names_column(text)}
    if (
        len(named) < SIDE_HEADINGS
        or 2 * len(named) < len(first)
        or sum(names_column(cell.text) for cell in grid.filled(grid.rows[0])) > 1
    ):
        return grid
    cells = (
        replace(cell, row=cell.column, column=cell.row, row_span=cell.column_span, column_span=cell.row_span)
        for cell in grid.table.cells
    )
    return Grid(replace(grid.table, cells=tuple(cells), rows=grid.table.columns, columns=grid.table.rows))


def with_merged_headings(grid: Grid) -> Grid:
    """The table as if 参加人数 over 教师 and 学生 were merged over both, where nobody merged anything."""
    for row, below in pairwise(grid.rows):
        parts, heads = grid.filled(below), grid.filled(row)
        over = next((cell for cell in heads if parts and cell.column == parts[0].column), None)
        if over is None or not _stand_apart(heads, parts):
            continue
        spans = dict.fromkeys(heads, (2, 1)) | {over: (1, len(parts))}
        cells = (
            replace(cell, row_span=spans[cell][0], column_span=spans[cell][1]) if cell in spans else cell
            for cell in grid.table.cells
            if cell.text.strip() or cell.row not in (row, below)
        )
        return Grid(replace(grid.table, cells=tuple(cells)))
    return grid


def _stand_apart(heads: tuple[Cell, ...], parts: tuple[Cell, ...]) -> bool:
    """Whether `parts` are words side by side under one heading, with nothing else over or beside them."""
    columns = [cell.column for cell in parts]
    return (
        len(parts) > 1
        and sum(names_column(cell.text) for cell in heads) >= SIDE_HEADINGS
        and all(cell.row_span == cell.column_span == 1 for cell in (*heads, *parts))
        and columns == list(range(columns[0], columns[0] + len(parts)))
        and not any(head.column in columns[1:] for head in heads)
        and not any(char.isdigit() for cell in parts for char in fold(cell.text))
    )


def _begins_headings(grid: Grid, row: int) -> bool:
    """A title or a row of fields over the headings must not be taken into the band with them."""
    filled = grid.filled(row)
    named = sum(names_column(cell.text) for cell in filled)
    return len(filled) > 1 and named > 0 and 3 * named >= len(filled)


def _least_height(grid: Grid, rows: tuple[int, ...]) -> int:
    """A heading that reaches down takes the row below it into the band: what stands there are headings too."""
    named = [cell for cell in grid.filled(rows[0]) if names_column(cell.text)]
    reaching = [cell.row_span for cell in named if cell.row_span > 1]
    return min(*reaching, len(rows)) if len(reaching) > 1 else 1


def names_column(text: str) -> bool:
    return any(column_rank(column, text) is not None for shape in SHAPES for column in shape.columns)


def _continues_band(grid: Grid, band: tuple[int, ...]) -> bool:
    """A second heading row hangs together with the first: one cell reaches down, or one above spans several."""
    first = grid.across(band[0])
    reaches = any(cell.row_span > 1 or cell.column_span > 1 for cell in first if cell.text.strip())
    return reaches and band[-1] == band[0] + len(band) - 1 and bool(grid.filled(band[-1]))


def _heading(grid: Grid, band: tuple[int, ...]) -> Heading:
    texts = {column: grid.heading(band, column) for column in range(min(grid.width, MAX_COLUMNS))}
    columns: dict[str, dict[str, tuple[int, ...]]] = {}
    ranks: dict[str, dict[str, int]] = {}
    repeated: dict[str, tuple[str, ...]] = {}
    for shape in SHAPES:
        columns[shape.form], ranks[shape.form] = _assign(shape, texts)
        repeated[shape.form] = tuple(_repeated(columns[shape.form], texts))
        _join_ends(columns[shape.form], texts)
        _join_days(columns[shape.form], texts)
    return Heading(
        height=len(band), width=grid.width, columns=columns, ranks=ranks, repeated=repeated, unit=_unit_column(texts)
    )


def _unit_column(texts: dict[int, tuple[str, ...]]) -> tuple[int, ...]:
    keys = {column: heading_key("".join(stack)) for column, stack in texts.items()}
    found = (column for pattern in _UNIT_COLUMNS for column, key in keys.items() if pattern.fullmatch(key))
    return tuple(islice(found, 1))


def _assign(shape: FormShape, texts: dict[int, tuple[str, ...]]) -> tuple[dict[str, tuple[int, ...]], dict[str, int]]:
    """Each column of the table serves one column of the form; the form's own words choose before the looser ones."""
    offers = sorted(
        (rank, order, position, column.name)
        for order, column in enumerate(shape.columns)
        for position, stack in texts.items()
        if (rank := _stack_rank(column, stack)) is not None
    )
    joined = {column.name for column in shape.columns if column.is_joined}
    taken: dict[str, tuple[int, ...]] = {}
    ranks: dict[str, int] = {}
    used: set[int] = set()
    for rank, _order, position, name in offers:
        same_top = (
            name in taken and texts[position][0] == texts[taken[name][0]][0] and abs(position - taken[name][-1]) == 1
        )
        if position in used or (name in taken and name not in joined and not same_top):
            continue
        taken[name] = (*taken.get(name, ()), position)
        ranks.setdefault(name, rank)
        used.add(position)
    return {name: tuple(sorted(positions)) for name, positions in taken.items()}, ranks


def _repeated(taken: dict[str, tuple[int, ...]], texts: dict[int, tuple[str, ...]]) -> Iterator[str]:
    """Word for word: a meeting's time beside that of the activity is no second activity."""
    used = {position for positions in taken.values() for position in positions}
    others = {fold("".join(stack)) for position, stack in texts.items() if stack and position not in used}
    for positions in taken.values():
        if fold(own := "".join(texts[positions[0]])) in others:
            yield tidy(own)


def _join_ends(taken: dict[str, tuple[int, ...]], texts: dict[int, tuple[str, ...]]) -> None:
    """开始时间 and 结束时间 are the two ends of one time; the latter alone is no time of an activity."""
    ends = [position for position, stack in texts.items() if _END_OF_TIME.search(fold("".join(stack)))]
    starts = [position for position in taken.pop("time", ()) if position not in ends]
    if starts:
        has_ends = bool(_START_OF_TIME.search(fold("".join(texts[starts[0]]))))
        taken["time"] = (*starts, *ends[:1]) if has_ends else tuple(starts)


def _join_days(taken: dict[str, tuple[int, ...]], texts: dict[int, tuple[str, ...]]) -> None:
    """日期 beside 时间, which is an hour then, and 月份 beside 日期 are parts of one time."""
    used = {position for positions in taken.values() for position in positions}
    days = [position for position, stack in texts.items() if position not in used and _names_day(fold("".join(stack)))]
    if days and "time" in taken:
        taken["time"] = tuple(sorted((*taken["time"], *days)))


def _names_day(heading: str) -> bool:
    return _DAY_ALONE.fullmatch(heading) is not None and not _END_OF_TIME.search(heading)


def _stack_rank(column: Column, stack: tuple[str, ...]) -> int | None:
    """The lowest heading over a column that says what it is, else all of them read together."""
    for text in (*reversed(stack), "".join(stack)):
        rank = column_rank(column, text)
        if rank is not None:
            return rank
    return None


def _is_mostly_headings(grid: Grid, band: tuple[int, ...], heading: Heading) -> bool:
    """A row of activities may by chance hold a heading's word; a heading row holds little else."""
    named = {position for taken in heading.columns.values() for positions in taken.values() for position in positions}
    filled = [cell for row in band for cell in grid.filled(row)]
    ours = [cell for cell in filled if any(cell.column <= p < cell.column + cell.column_span for p in named)]
    return 2 * len(ours) >= len(filled) and not any(char.isdigit() for cell in ours for char in fold(cell.text)[:2])
