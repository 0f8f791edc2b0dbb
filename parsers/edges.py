"""A table from rows whose cells are told by where they end on the page, as RTF and Word 97-2003 tell them.

    table_by_edges(rows) -> content.Table

Every row has cells of its own widths; the columns of the table are what lies between any two neighbouring edges.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from parsers.content import Cell, Table

TOLERANCE: Final = 40  # twips, a fourteenth of a centimetre: edges that a person dragged together are seldom equal


@dataclass(frozen=True, kw_only=True, slots=True)
class EdgedCell:
    """A cell between `left` and `right`, in twips; `continues` the merged cell above it."""

    text: str
    left: int
    right: int
    continues: bool = False


def table_by_edges(rows: Sequence[Sequence[EdgedCell]]) -> Table:
    edges = _edges([edge for row in rows for cell in row for edge in (cell.left, cell.right)])
    heights: dict[tuple[int, int], int] = {}
    cells: dict[tuple[int, int], tuple[str, int]] = {}
    for number, row in enumerate(rows):
        for cell in row:
            column, end = _at(edges, cell.left), _at(edges, cell.right)
            top = next((up for up in range(number - 1, -1, -1) if (up, column) in cells), None)
            if cell.continues and top is not None:
                heights[top, column] = number + 1 - top
            else:
                cells[number, column] = cell.text, max(1, end - column)
    return Table(
        cells=tuple(
            Cell(text=text, row=row, column=column, row_span=heights.get((row, column), 1), column_span=span)
            for (row, column), (text, span) in sorted(cells.items())
        ),
        rows=len(rows),
        columns=max(1, len(edges) - 1),
    )


def _edges(values: list[int]) -> list[int]:
    edges: list[int] = []
    for value in sorted(set(values)):
        if not edges or value - edges[-1] > TOLERANCE:
            edges.append(value)
    return edges


def _at(edges: list[int], value: int) -> int:
    return max(0, bisect_left(edges, value - TOLERANCE))
