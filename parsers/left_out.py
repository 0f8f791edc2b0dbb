"""What stands in a form's table and came into none of its values: the other half of a text that a line parted.

    beside_fields(form, tables)                        fields right of whose value more is written in the same row
    is_left_out_of_row(cells, taken, headings, shape)   whether more is written in the row of an activity
    merged_columns(row, cells)                          columns that a cell gives which is not theirs alone

A column of the unit's own, with a heading of its own (备注, 主讲人), is left out rightly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from parsers.content import Cell, Table
from parsers.forms import FormShape, column_rank, split_labels
from parsers.tables import Grid
from parsers.wording import fold
from rules.extraction import Form

MIN_HEADINGS: Final = 3
_HEADINGS: Final = (
    "活动主题",
    "活动名称",
    "活动项目",
    "活动时间",
    "活动地点",
    "形式与内容",
    "参加人数",
    "参与人数",
    "序号",
)
_OWN: Final = frozenset({"index", "theme", "activity", "content"})
LEGIBLE: Final = 0.8  # a single character, less certain than this, is dust


def beside_fields(form: Form, tables: Sequence[Table]) -> Iterator[str]:
    """Fields of which the table has more than was taken."""
    taken = [fold(text) for text in form.fields.values() if text]
    for name, text in form.fields.items():
        for grid in map(Grid, tables) if text else ():
            source = next((cell for cell in grid.table.cells if fold(cell.text) == fold(text)), None)
            if source is not None and any(_is_lost(cell, taken) for cell in _up_to_label(grid, source)):
                yield name


def _up_to_label(grid: Grid, cell: Cell) -> Iterator[Cell]:
    for other in grid.right_of(cell):
        if split_labels(other.text)[1]:
            return
        yield other


def is_left_out_of_row(cells: Sequence[Cell], taken: Iterable[str], grid: Grid, shape: FormShape) -> bool:
    """Whether a row of the table, with these cells, holds writing that is none of its values."""
    values = [fold(text) for text in taken if text]
    return any(_is_lost(cell, values) and not _has_own_heading(grid, cell, shape) for cell in cells)


def _is_lost(cell: Cell, taken: Sequence[str]) -> bool:
    text = fold(cell.text)
    is_dust = len(text) < 2 and (cell.certainty is None or cell.certainty < LEGIBLE)
    return bool(text) and not is_dust and not any(text in value or value in text for value in taken)


def _has_own_heading(grid: Grid, cell: Cell, shape: FormShape) -> bool:
    """Whether the column was headed by the unit itself: with no word of the form's, nor a part of one."""
    for row in range(cell.row - 1, -1, -1):
        across = grid.across(row)
        if sum(_is_heading(shape, other) for other in across) >= MIN_HEADINGS:
            over = grid.at(row, cell.column)
            text = fold(over.text) if over is not None else ""
            is_ours = over is not None and _is_heading(shape, over)
            return bool(text) and not is_ours and not any(text in word for word in _HEADINGS)
    return True


def _is_heading(shape: FormShape, cell: Cell) -> bool:
    return any(column_rank(column, cell.text) is not None for column in shape.columns)


def merged_columns(row: Mapping[str, str], cells: Sequence[Cell]) -> Iterator[str]:
    """Columns of a row whose text stands in one cell with that of another column, or of another row: nobody merges what
    was done in several activities, while their day and place may be one.
    """
    for name, text in row.items():
        sources = [cell for cell in cells if len(text) > 1 and fold(cell.text) == fold(text)]
        is_shared = len(sources) == 1 and any(fold(other) == fold(text) for key, other in row.items() if key != name)
        if is_shared or (name in _OWN and any(cell.row_span > 1 for cell in sources)):
            yield name
