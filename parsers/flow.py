"""Puts running text and tables together from the marks that end them, as RTF and Word 97-2003 tell them.

flow.paragraph(text, depth)  a paragraph has ended, at this depth of nested tables (0: in none)
flow.end_cell(text, depth)   its last paragraph was `text`
flow.end_row(depth, shape)   only now is it known how wide the cells were
flow.insert(blocks, depth)   what stands in a box of its own here; behind the table, in one
flow.finished()              blocks in order; nested tables follow the table that holds them
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from parsers.content import LimitExceeded, Paragraph, Table
from parsers.edges import EdgedCell, table_by_edges

_UNKNOWN_LEFT: Final = 100_000
_UNKNOWN_WIDTH: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class RowShape:
    """Where a row begins, and for each cell where it ends and whether it continues the merged cell above."""

    left: int = 0
    cells: tuple[tuple[int, bool], ...] = ()


@dataclass(slots=True)
class _OpenTable:
    rows: list[list[EdgedCell]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)  # of the row that has not ended
    lines: list[str] = field(default_factory=list)  # of the cell that has not ended


class Flow:
    """Collects blocks."""

    def __init__(self, *, table_cells: int) -> None:
        self._cells_left = table_cells
        self._tables: dict[int, _OpenTable] = {}
        self._nested: list[Paragraph | Table] = []  # and boxes, in the table that is open
        self._blocks: list[Paragraph | Table] = []

    def paragraph(self, text: str, depth: int, level: int | None = None) -> None:
        if depth > 0:
            self._table(depth).lines.append(text.strip())
        elif text.strip():
            self._close()
            self._blocks.append(Paragraph(text=text.strip(), level=level))

    def end_cell(self, text: str, depth: int) -> None:
        self._cells_left -= 1
        if self._cells_left < 0:
            raise LimitExceeded("too many table cells")
        table = self._table(depth)
        table.cells.append("\n".join(line for line in (*table.lines, text.strip()) if line))
        table.lines.clear()
        inner = self._tables.pop(depth + 1, None)
        if inner is not None and inner.rows:
            self._nested.append(table_by_edges(inner.rows))

    def end_row(self, depth: int, shape: RowShape) -> None:
        table = self._table(depth)
        ends = shape.cells if len(shape.cells) == len(table.cells) else _invented(len(table.cells), shape)
        lefts = (shape.left, *(end for end, _continues in ends))
        table.rows.append(
            [
                EdgedCell(text=text, left=left, right=right, continues=continues)
                for text, left, (right, continues) in zip(table.cells, lefts, ends, strict=False)
            ]
        )
        table.cells.clear()

    def insert(self, blocks: Sequence[Paragraph | Table], depth: int) -> None:
        (self._nested if depth or self._tables else self._blocks).extend(blocks)

    def finished(self) -> Sequence[Paragraph | Table]:
        self._close()
        return self._blocks

    def _table(self, depth: int) -> _OpenTable:
        return self._tables.setdefault(depth, _OpenTable())

    def _close(self) -> None:
        """Text goes on outside of tables. A row that never ended keeps its cells."""
        if self._tables.get(1, _OpenTable()).cells:
            self.end_row(1, RowShape())
        table = self._tables.pop(1, _OpenTable())
        if table.rows:
            self._blocks.append(table_by_edges(table.rows))
        self._blocks.extend(self._nested)
        self._blocks.extend(Paragraph(text=line) for line in table.lines if line)
        self._nested.clear()
        self._tables.clear()


def _invented(count: int, shape: RowShape) -> tuple[tuple[int, bool], ...]:
    """Edges for a row whose shape does not fit its cells."""
    missing = range(count - len(shape.cells))
    return (*shape.cells[:count], *((_UNKNOWN_LEFT + _UNKNOWN_WIDTH * number, False) for number in missing))
