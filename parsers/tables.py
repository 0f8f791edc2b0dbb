"""A grid view on `content.Table`: what stands at, right of and below a place, merged cells included.

Only rows that hold a cell are ever walked, so a stray cell in row 1,048,576 costs nothing; what a merged cell may cover
is bounded, since a sheet may claim to merge all of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from parsers.content import Cell, Table

MAX_COVERED_ROWS: Final = 500
MAX_COVERED_COLUMNS: Final = 100
MAX_COVERED: Final = 200_000


class Grid:
    """Looks up the cells of one table by position."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._covering: dict[tuple[int, int], Cell] = {(cell.row, cell.column): cell for cell in table.cells}
        self._cover_merged()

    def _cover_merged(self) -> None:
        left = MAX_COVERED
        for cell in self.table.cells:
            rows, columns = min(cell.row_span, MAX_COVERED_ROWS), min(cell.column_span, MAX_COVERED_COLUMNS)
            left -= rows * columns
            if left < 0:
                return
            for row in range(cell.row, cell.row + rows):
                for column in range(cell.column, cell.column + columns):
                    self._covering.setdefault((row, column), cell)

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The rows that hold or continue a cell, top down."""
        return tuple(self._by_row)

    @cached_property
    def _by_row(self) -> dict[int, tuple[Cell, ...]]:
        by_row: dict[int, list[Cell]] = {}
        for (row, _column), cell in sorted(self._covering.items(), key=lambda item: item[0]):
            cells = by_row.setdefault(row, [])
            if not cells or cells[-1] is not cell:
                cells.append(cell)
        return {row: tuple(cells) for row, cells in by_row.items()}

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that stands at or covers this place."""
        return self._covering.get((row, column))

    def across(self, row: int) -> tuple[Cell, ...]:
        """The cells that a row crosses, left to right, each once."""
        return self._by_row.get(row, ())

    def filled(self, row: int) -> tuple[Cell, ...]:
        """The cells with text that begin in this row."""
        return tuple(cell for cell in self.across(row) if cell.row == row and cell.text.strip())

    def right_of(self, cell: Cell) -> Iterator[Cell]:
        """The cells right of a cell in its first row, nearest first."""
        return (other for other in self.across(cell.row) if other.column > cell.column)

    def below(self, cell: Cell) -> Cell | None:
        """The cell under a cell's last row."""
        return self.at(cell.row + cell.row_span, cell.column)

    def heading(self, rows: tuple[int, ...], column: int) -> tuple[str, ...]:
        """The texts over a column in a band of rows, top down, a merged cell once."""
        cells = dict.fromkeys(cell for row in rows if (cell := self.at(row, column)) is not None)
        return tuple(cell.text for cell in cells if cell.text.strip())

    @cached_property
    def width(self) -> int:
        """One more than the last column with a cell."""
        return 1 + max((column for _row, column in self._covering), default=-1)
