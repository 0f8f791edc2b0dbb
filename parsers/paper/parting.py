"""Rows that became one where the rule between them was not seen: dots in a small picture, a reflection, a shadow.

What somebody merged over several rows is written once, in the middle. Where each of the rows has a text of its own in
its own middle, the cell is parted between them; the rules beside it tell where. It is a guess, for a person to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from parsers.paper.cells import ReadPiece
from parsers.paper.grid import GridCell, RuledGrid
from parsers.paper.labels import is_label
from parsers.paper.page import Box

CENTRED: Final = 0.2  # of a row's height, so far from its middle its text is at most
OVER: Final = 0.25  # of a line's height, so much of it reaches over the place of a rule at most

Parted = tuple[RuledGrid, list[Box], list[ReadPiece]]


def with_rows_parted(grid: RuledGrid, boxes: Sequence[Box], read: Sequence[ReadPiece]) -> Parted:
    """The grid, the insides of its cells, and the texts with the cells in which they stand now."""
    tops = {cell.row: cell.top for cell in grid.cells} | {cell.row + cell.row_span: cell.bottom for cell in grid.cells}
    cells: list[tuple[GridCell, Box]] = []
    placed = [piece for piece in read if piece.piece.cell is None]
    for index, (cell, box) in enumerate(zip(grid.cells, boxes, strict=True)):
        mine = [piece for piece in read if piece.piece.cell == index]
        rows = _rows_of(cell, box, tops, mine) or [(cell, box, mine)]
        for part, inside, pieces in rows:
            placed += [replace(piece, piece=replace(piece.piece, cell=len(cells))) for piece in pieces]
            cells.append((part, inside))
    if len(cells) == len(grid.cells):
        return grid, list(boxes), list(read)
    return replace(grid, cells=tuple(cell for cell, _box in cells)), [box for _cell, box in cells], placed


def _rows_of(
    cell: GridCell, box: Box, tops: dict[int, float], pieces: Sequence[ReadPiece]
) -> list[tuple[GridCell, Box, list[ReadPiece]]]:
    """The cell's rows, each with its texts; none where they are not several rows for certain."""
    places = range(cell.row, cell.row + cell.row_span)
    written = [piece for piece in pieces if piece.text]
    if cell.row_span < 2 or len(written) < cell.row_span or not all(place in tops for place in (*places, places.stop)):
        return []
    if any(is_label(piece.text) for piece in written) or is_label("".join(piece.text for piece in written)):
        return []
    offset = box[1] - cell.top  # from the table's plane to the page
    rows = []
    for place in places:
        top, bottom = tops[place], tops[place + 1]
        inside = box[0], round(top + offset), box[2], round(bottom + offset)
        mine = [piece for piece in written if inside[1] <= _middle(piece.piece.box) < inside[3]]
        if not mine or not _is_centred(mine, inside):
            return []
        part = replace(cell, row=place, row_span=1, top=top, bottom=bottom, is_inferred=True)
        rows.append((part, inside, mine))
    return rows


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _is_centred(pieces: Sequence[ReadPiece], row: Box) -> bool:
    top, bottom = min(piece.piece.box[1] for piece in pieces), max(piece.piece.box[3] for piece in pieces)
    tall = min(piece.piece.box[3] - piece.piece.box[1] for piece in pieces)
    is_within = top >= row[1] - OVER * tall and bottom <= row[3] + OVER * tall
    return is_within and abs((top + bottom) / 2 - _middle(row)) <= CENTRED * (row[3] - row[1])
