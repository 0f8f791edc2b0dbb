"""A form without rules to be seen: a table made from where its labels and headings stand.

The line with the column headings gives the columns; each text under it belongs to the heading that it stands nearest
to, and to the row of the nearest number: where a text is wrapped, its row's number, time or count still stands alone.
Over the headings a line's texts stand side by side, label and value. All of it is inferred, so that a person must look.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from parsers.content import Cell, Table
from parsers.form_headings import names_column
from parsers.forms import SHAPES, column_rank
from parsers.paper.cells import ReadPiece, Written, in_lines
from parsers.paper.labels import mended_cell
from parsers.paper.page import Box

MIN_HEADINGS: Final = 3
FAR: Final = 0.8  # of the least step between rows: a line further under the last of them is none of theirs
LESS_CERTAIN: Final = 0.75  # the place of a value is inferred, not ruled
_ANCHORS: Final = ("index", "attendance", "time")  # columns whose texts are short: a line each, as a rule


def loose_table(read: Sequence[ReadPiece]) -> tuple[Table, list[Written]] | None:
    """None where no line holds column headings."""
    lines = in_lines([piece for piece in read if piece.text])
    at = next((place for place, line in enumerate(lines) if _headings(line) >= MIN_HEADINGS), None)
    if at is None:
        return None
    heading = lines[at]
    lines = [*lines[: at + 1], *_in_rows(lines[at + 1 :], heading)]
    cells: list[Cell] = []
    written: list[Written] = []
    for row, line in enumerate(lines):
        for column, pieces in sorted(_by_column(line, heading, is_under=row >= at).items()):
            text = mended_cell(_joined(pieces))
            certainty = LESS_CERTAIN * min(piece.confidence for piece in pieces)
            cells.append(Cell(text=text, row=row, column=column))
            written.append(Written(text=text, confidence=certainty, box=_around(pieces)))
    width = 1 + max(cell.column for cell in cells)
    return Table(cells=tuple(cells), rows=len(lines), columns=width), written


def _in_rows(lines: Sequence[Sequence[ReadPiece]], heading: Sequence[ReadPiece]) -> list[list[ReadPiece]]:
    """The lines under the headings, with those of one row together: each goes to the nearest that has an anchor."""
    for name in _ANCHORS:
        column = next((place for place, piece in enumerate(heading) if _names(piece, name)), None)
        anchors = [line for line in lines if column in _by_column(line, heading, is_under=True)]
        if len(anchors) > 1:
            break
    else:
        return [list(line) for line in lines]
    rows: list[list[ReadPiece]] = [[] for _ in anchors]
    heights = [_height(line) for line in anchors]
    step = min(after - before for before, after in pairwise(heights))
    for line in lines:
        nearest = min(range(len(anchors)), key=lambda row: abs(heights[row] - _height(line)))
        if _height(line) <= heights[-1] + FAR * step:
            rows[nearest].extend(line)
        else:
            rows.append(list(line))  # what stands under the table
    return rows


def _names(piece: ReadPiece, name: str) -> bool:
    text = mended_cell(piece.text)
    return any(
        column.name == name and column_rank(column, text) is not None for shape in SHAPES for column in shape.columns
    )


def _height(line: Sequence[ReadPiece]) -> float:
    return sum(piece.piece.box[1] + piece.piece.box[3] for piece in line) / (2 * len(line))


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


def _around(pieces: Sequence[ReadPiece]) -> Box:
    boxes = [piece.piece.box for piece in pieces]
    return (
        min(box[0] for box in boxes), min(box[1] for box in boxes),
        max(box[2] for box in boxes), max(box[3] for box in boxes),
    )  # fmt: skip


def _joined(pieces: Sequence[ReadPiece]) -> str:
    """Side by side with a blank, wrapped without one."""
    return "".join(" ".join(piece.text for piece in line) for line in in_lines(pieces))


def _middle(piece: ReadPiece) -> float:
    return (piece.piece.box[0] + piece.piece.box[2]) / 2
