"""The rows of activities under a form's headings: which there are, and what stands in each column.

day_of_line(text)                    the day that a line over a table names for all of it
day_of_group(filled, grid)           the day that a line over several rows names for all of them
unit_of_group(grid, row)             the unit that such a line names
goes_on(grid, row, heading)          whether the activities go on with this row after a note
goes_on_throughout, begins_dated     whether a table without headings goes on with the rows of the one before
raw_rows(rows, columns)              what was written, by column
total_text(grid, row, heading)       what the unit counted itself
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from parsers.content import Cell
from parsers.form_headings import Heading
from parsers.forms import SHAPES, STATISTICS, split_labels
from parsers.numbers import is_vacant
from parsers.tables import Grid
from parsers.unit_names import is_unit, without_numbering
from parsers.wording import fold, tidy
from rules.extraction import UNIT

_BESIDE: Final = frozenset({"index", UNIT})  # a row with nothing else is no activity

Columns = Mapping[str, tuple[int, ...]]

_MIN_CELLS: Final = 3  # under the headings, in a row that goes on after a note
_MONTH_AND_DAY: Final = r"(?<![\d:.])(?:1[0-2]|0?[1-9])(?:月\d{1,2}[日号]?|[./-]\d{1,2}(?![\d:.]))"
_IN_WORDS: Final = "[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
DAY: Final = re.compile(rf"20\d\d[年./-]\d{{1,2}}[月./-]\d{{1,2}}日?|{_MONTH_AND_DAY}|{_IN_WORDS}")
_DAY_LINE: Final = re.compile(
    rf"(?:第.{{1,3}}[天日][:：,]?)?(?:时间|日期)?[:：]?(?:{DAY.pattern})(?:[-—–~至到]+\S{{1,8}})?"
    r"[（(]?(?:星期.|周.)?[)）]?[:：]?(?:上午|下午|晚上|全天)?[:：]?"
)
_OF_ACTIVITIES: Final = re.compile(r"\s*的?活动(?:安排)?\s*[:：]?$")


@dataclass(frozen=True, kw_only=True, slots=True)
class RawRow:
    """One activity row as written, keyed by column name. `number` counts the form's filled rows from 1."""

    number: int
    cells: dict[str, str]
    attendance_parts: tuple[str, ...] = ()  # where the heading parts 参加人数 into several columns


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenRow:
    """A row of a table under the headings, and the day and the unit of the lines over it."""

    grid: Grid
    row: int
    day: str = ""
    unit: str = ""


def day_of_group(filled: Sequence[Cell], grid: Grid) -> str | None:
    """Empty for a line that names none: the rows under it have none in common. None for what is no such line."""
    if len(filled) != 1:
        return None
    if _DAY_LINE.fullmatch(fold(filled[0].text)):
        return tidy(filled[0].text)
    return "" if _spans_all(filled, grid) else None


def unit_of_group(grid: Grid, row: int) -> str:
    """A unit's name that is all that stands in a row; empty for any other row."""
    (only, *others) = [tidy(cell.text) for cell in grid.across(row) if cell.text.strip()] or [""]
    name = without_numbering(only)
    return name if not others and is_unit(name) else ""


def day_of_line(text: str) -> str:
    line = _OF_ACTIVITIES.sub("", without_numbering(tidy(text)))
    return line if _DAY_LINE.fullmatch(fold(line)) else ""


def goes_on(grid: Grid, row: int, heading: Heading) -> bool:
    """A line for signatures at the foot of a form fills cells too, but with labels."""
    filled = grid.filled(row)
    if day_of_group(filled, grid):
        return True
    if any(split_labels(cell.text) != (cell.text, ()) for cell in filled):
        return False
    columns = max((heading.columns[shape.form] for shape in SHAPES), key=len)
    ours = {column: name for name, taken in columns.items() for column in taken}
    return len({ours[cell.column] for cell in filled if cell.column in ours}) >= _MIN_CELLS


def goes_on_throughout(grid: Grid, heading: Heading) -> bool:
    rows = [row for row in grid.rows if grid.filled(row)]
    return bool(rows) and all(goes_on(grid, row, heading) for row in rows)


def begins_dated(grid: Grid, heading: Heading) -> bool:
    """Whether a number or a day stands where the headings of another table want them."""
    columns = max((heading.columns[shape.form] for shape in SHAPES), key=len)
    first = raw_rows([WrittenRow(grid=grid, row=row) for row in grid.rows], columns)[:1]
    return any(
        fold(row.cells.get("index", "")).isdigit() or DAY.search(fold(row.cells.get("time", ""))) for row in first
    )


def _spans_all(filled: Sequence[Cell], grid: Grid) -> bool:
    """A line across the whole table parts groups of activities; it is none itself."""
    return len(filled) == 1 and filled[0].column_span > 2 and filled[0].column_span >= grid.width - 1


def total_text(grid: Grid, row: int, heading: Heading | None) -> str:
    columns = heading.columns[STATISTICS.form].get("attendance", ()) if heading else ()
    cells = dict.fromkeys(cell for column in columns if (cell := grid.at(row, column)) and cell.row == row)
    texts = [tidy(cell.text) for cell in cells]
    if any(texts):
        return " ".join(texts)
    written = "".join(tidy(cell.text) for cell in grid.filled(row))
    return re.sub(r"^.*?(?:[合总共小]计|累计|总人[数次])[^\d]*", "", fold(written))


def raw_rows(rows: Sequence[WrittenRow], columns: Columns) -> tuple[RawRow, ...]:
    """Those in which anything is written."""
    found: list[RawRow] = []
    for one in rows:
        cells = {name: _cell_text(one.grid, one.row, taken, name) for name, taken in columns.items()}
        is_filled = any(not is_vacant(text) for name, text in cells.items() if name not in _BESIDE)
        if unit := cells.pop(UNIT, "") or one.unit:
            cells[UNIT] = unit
        if is_filled and _begins_anything(one.grid, one.row, columns):
            if one.day and not DAY.search(fold(cells.get("time", ""))):
                cells["time"] = tidy(f"{one.day} {cells.get('time', '')}")
            parts = _parts(one.grid, one.row, columns.get("attendance", ()))
            found.append(RawRow(number=len(found) + 1, cells=cells, attendance_parts=parts if len(parts) > 1 else ()))
    return tuple(found)


def _cell_text(grid: Grid, row: int, columns: tuple[int, ...], name: str) -> str:
    if name == "attendance":
        return "、".join(_parts(grid, row, columns))
    cells = dict.fromkeys(cell for column in columns if (cell := grid.at(row, column)))
    texts = [text for cell in cells if (text := tidy(cell.text))]
    return _one_time(texts) if name == "time" else "；".join(texts)


def _one_time(texts: Sequence[str]) -> str:
    """A first and a last day, or the parts of one: a month, a day of it, an hour."""
    if sum(bool(DAY.search(fold(text))) for text in texts) > 1:
        return "；".join(texts)
    whole = ""
    for text in texts:
        whole += text if not whole or whole.endswith("月") else f" {text}"
    return whole


def _parts(grid: Grid, row: int, columns: tuple[int, ...]) -> tuple[str, ...]:
    """A number in a cell merged over several rows counts once, in the first."""
    cells = dict.fromkeys(cell for column in columns if (cell := grid.at(row, column)) and cell.row == row)
    return tuple(text for cell in cells if (text := tidy(cell.text)))


def _begins_anything(grid: Grid, row: int, columns: Columns) -> bool:
    """False where every cell only continues one from above."""
    ours = {column for name, taken in columns.items() if name not in _BESIDE for column in taken}
    return any(cell.column in ours for cell in grid.filled(row))
