"""A form without rules to be seen: a table made from where its labels and headings stand.

The line with the column headings gives the columns; each text under it belongs to the heading that it overlaps or
stands nearest to, and a new row begins where the first filled column begins again. Over the headings a line's texts
stand side by side, label and value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from parsers.content import Cell, Table
from parsers.form_headings import names_column
from parsers.paper.cells import ReadPiece, Written, in_lines
from parsers.paper.labels import mended_cell

MIN_HEADINGS: Final = 3
LESS_CERTAIN: Final = 0.85  # the place of a value is inferred, not ruled


def loose_table(read: Sequence[ReadPiece]) -> tuple[Table, list[Written]] | None:
    """None where no line holds column headings."""
    lines = in_lines([piece for piece in read if piece.text])
    at = next((place for place, line in enumerate(lines) if _headings(line) >= MIN_HEADINGS), None)
    if at is None:
        return None
    heading = lines[at]
    cells: list[Cell] = []
    written: list[Written] = []
    for row, line in enumerate(lines):
        for column, pieces in sorted(_by_column(line, heading, is_under=row >= at).items()):
            text = mended_cell(" ".join(piece.text for piece in pieces))
            certainty = LESS_CERTAIN * min(piece.confidence for piece in pieces)
            cells.append(Cell(text=text, row=row, column=column))
            written.append(Written(text=text, confidence=certainty, box=pieces[0].piece.box))
    width = 1 + max(cell.column for cell in cells)
    return Table(cells=tuple(cells), rows=len(lines), columns=width), written


def _headings(line: Sequence[ReadPiece]) -> int:
    return sum(names_column(mended_cell(piece.text)) for piece in line)


def _by_column(
    line: Sequence[ReadPiece], heading: Sequence[ReadPiece], *, is_under: bool
) -> dict[int, list[ReadPiece]]:
    columns: dict[int, list[ReadPiece]] = {}
    for position, piece in enumerate(line):
        column = _nearest(piece, heading) if is_under else position
        columns.setdefault(column, []).append(piece)
    return columns


def _nearest(piece: ReadPiece, heading: Sequence[ReadPiece]) -> int:
    middle = _middle(piece)
    return min(range(len(heading)), key=lambda column: abs(_middle(heading[column]) - middle))


def _middle(piece: ReadPiece) -> float:
    return (piece.piece.box[0] + piece.piece.box[2]) / 2
