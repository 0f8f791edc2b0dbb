"""From a flat page and its grid to text: which line stands in which cell.

Lines are found at half the page's size. A found line that runs over a rule is two texts, and is parted there; what
only red ink put into a cell is a seal and dropped; a cell with ink in which no line was found is read as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from typing import Final

import cv2
import numpy as np

from parsers.content import Cell, Paragraph, Table
from parsers.ocr import Quad, Reader
from parsers.paper.grid import GridCell, RuledGrid
from parsers.paper.labels import (
    begins_with_label,
    is_label,
    is_unit_name,
    mended_cell,
    mended_line,
    unit_labelled,
    without_signature,
)
from parsers.paper.page import Box, Page
from parsers.paper.sheet import Flat

DETECTING_SIDE: Final = 1440
INSET: Final = 5  # pixels kept off the rules
MIN_INK: Final = 0.012  # share of a piece that is dark: less is dust or a seal
MIN_LINE: Final = 4  # pixels
NESTED: Final = 0.6  # of a line's box in another's
MIN_BLOB: Final = 10  # pixels: a lone ink blob lower than this is no character
SCRAWL: Final = 0.6  # a signature read with less certainty is no name
UNLABELLED: Final = 0.5  # the certainty of a unit's name whose label a seal hides
IN_PART: Final = 0.5  # … of a text beside which there is ink that was not read
BEYOND: Final = 4  # line heights past the last character of a unit's name that more of it is looked for
INFERRED: Final = 0.7  # … and of one in a cell of which not all sides were seen, or of which a part is covered
MAX_LEFT_OVER: Final = 0.12  # share of such ink
UNREAD: Final = 0.2  # … and of a cell with ink that nothing was read from, or in a reflection

_ROUND: Final = re.compile(r"(?<=\d)[COco](?=[\dCOco人日分场:：]|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A line of text, or the part of one that lies in one cell. `cell` is None outside the table."""

    box: Box
    cell: int | None
    quad: Quad | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPiece:
    """A piece with what it says, how certain that is, 0…1, and how far along the piece it ends."""

    piece: Piece
    text: str
    confidence: float
    end: float = 1.0


def page_lines(page: Page, reader: Reader) -> list[Quad]:
    """Lines of text on the page, in its own pixels. Without red: a seal's own letters hide the line under them."""
    scale = min(1.0, DETECTING_SIDE / max(page.bare.shape))
    size = (round(page.bare.shape[1] * scale), round(page.bare.shape[0] * scale))
    small = np.asarray(cv2.resize(page.bare, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    grey = np.repeat(small[..., None], 3, axis=2)
    return [(box / scale).astype(np.float32) for box in reader.find_lines(grey)]


def boxes_of(grid: RuledGrid, flat: Flat, page: Page) -> list[Box]:
    """The insides of the cells on the page."""
    height, width = page.picture.shape[:2]
    return [_inside(cell, flat, width, height) for cell in grid.cells]


def _inside(cell: GridCell, flat: Flat, width: int, height: int) -> Box:
    left, top = round(cell.left) + flat.left + INSET, round(cell.top) + flat.top + INSET
    right, bottom = round(cell.right) + flat.left - INSET, round(cell.bottom) + flat.top - INSET
    return max(0, left), max(0, top), min(width, right), min(height, bottom)


def pieces_of(page: Page, lines: Iterable[Quad], cells: Sequence[Box]) -> list[Piece]:
    """Every text to be read: the found lines, parted at the rules, and the inked cells that none was found in."""
    pieces: list[Piece] = []
    for quad in lines:
        pieces.extend(_parted(page, quad, cells))
    pieces = _without_nested(pieces)
    taken = {piece.cell for piece in pieces}
    for index, box in enumerate(cells):
        if index not in taken and (found := _ink_box(page, box)) is not None:
            pieces.append(Piece(box=found, cell=index))
    return [piece for piece in pieces if page.inked(piece.box) >= MIN_INK]


def _without_nested(pieces: Sequence[Piece]) -> list[Piece]:
    """One line may be found twice, once inside the other; the larger one stays."""
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda item: -_area(item.box)):
        if not any(other.cell == piece.cell and _shared(piece.box, other.box) > NESTED for other in kept):
            kept.append(piece)
    return sorted(kept, key=lambda item: (item.box[1], item.box[0]))


def _area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def _shared(box: Box, other: Box) -> float:
    """How much of a box lies in another."""
    both = max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3])
    return _area(both) / max(1, _area(box)) if both[0] < both[2] and both[1] < both[3] else 0.0


def _parted(page: Page, quad: Quad, cells: Sequence[Box]) -> list[Piece]:
    height, width = page.picture.shape[:2]
    low, high = quad.min(axis=0), quad.max(axis=0)
    line: Box = max(0, int(low[0])), max(0, int(low[1])), min(width, round(high[0])), min(height, round(high[1]))
    tall = line[3] - line[1]
    parts = []
    for index, cell in enumerate(cells):
        box = max(line[0], cell[0]), max(line[1], cell[1]), min(line[2], cell[2]), min(line[3], cell[3])
        if box[2] - box[0] > 0.3 * tall and box[3] - box[1] > 0.45 * tall:
            parts.append(Piece(box=_widened(page, box, cell), cell=index))
    if parts:
        return parts
    if tall <= MIN_LINE:
        return []
    inside = next((index for index, cell in enumerate(cells) if _is_within(line, cell)), None)
    return [Piece(box=line, cell=inside, quad=quad)]


def _widened(page: Page, box: Box, cell: Box) -> Box:
    """The box with the characters beside it that the line was cut short of."""
    left, top, right, bottom = box
    heights = (page.ink[top:bottom, cell[0] : cell[2]] > 0).sum(axis=0)
    inked = np.flatnonzero((heights >= 3) & (heights < 0.8 * (bottom - top))) + cell[0]  # higher is a rule
    near = 0.7 * (bottom - top)
    for place in inked[::-1]:
        if place < left and left - place <= near:
            left = int(place)
    for place in inked:
        if place > right and place - right <= near:
            right = int(place)
    least, margin = 0.3 * (bottom - top), 4  # narrower is dust
    return (
        max(cell[0], left - margin) if box[0] - left >= least else box[0], top,
        min(cell[2], right + margin) if right - box[2] >= least else box[2], bottom,
    )  # fmt: skip


def _is_within(line: Box, cell: Box) -> bool:
    """Whether its middle lies there: a line of writing may reach a little over a rule."""
    across, down = (line[0] + line[2]) / 2, (line[1] + line[3]) / 2
    return cell[0] <= across <= cell[2] and cell[1] <= down <= cell[3]


def _ink_box(page: Page, cell: Box) -> Box | None:
    """Around the ink of a cell; None where there is only dust or what is left of a rule."""
    left, top, right, bottom = cell
    blobs = _blobs(page, cell)
    if not blobs:
        return None
    pad = 6
    return (
        max(left, min(blob[0] for blob in blobs) - pad), max(top, min(blob[1] for blob in blobs) - pad),
        min(right, max(blob[2] for blob in blobs) + pad), min(bottom, max(blob[3] for blob in blobs) + pad),
    )  # fmt: skip


def _blobs(page: Page, cell: Box) -> list[Box]:
    """Pieces of ink of a character's size, on the page."""
    left, top, right, bottom = cell
    if right - left < 8 or bottom - top < 8:
        return []
    part = page.ink[top:bottom, left:right]
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(part, connectivity=8)
    return [
        (left + int(x), top + int(y), left + int(x + width), top + int(y + height))
        for x, y, width, height, area in stats[1:count]
        if height >= MIN_BLOB and area >= 2 * MIN_BLOB and 2 < x + width / 2 < part.shape[1] - 2
    ]


def left_over(page: Page, box: Box, read: Sequence[Box]) -> float:
    """The share of the ink in a box that lies in none of the texts read there."""
    blobs = [blob for blob in _blobs(page, box) if blob[2] - blob[0] < 4 * (blob[3] - blob[1])]
    missed = [
        blob for blob in blobs
        if blob[1] > box[1] and blob[3] < box[3]  # what reaches the box's edge came in from next door
        and not any(_shared(blob, other) > 0.5 for other in read)
    ]  # fmt: skip
    return sum(map(_area, missed)) / max(1, sum(map(_area, blobs)))


# --- from pieces to blocks --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A text on the page with its certainty and its place: what a value is traced back to."""

    text: str
    confidence: float
    box: Box


def table_of(
    grid: RuledGrid, boxes: Sequence[Box], read: Sequence[ReadPiece], page: Page
) -> tuple[Table, list[Written]]:
    """The table, and its cells' texts in the same order."""
    cells, written = [], []
    for index, (cell, box) in enumerate(zip(grid.cells, boxes, strict=True)):
        mine = [piece for piece in read if piece.piece.cell == index and piece.text]
        text, confidence = _cell_text(mine)
        if text and left_over(page, box, [piece.piece.box for piece in mine]) > MAX_LEFT_OVER:
            confidence = min(confidence, IN_PART)
        if not text and (_ink_box(page, box) is not None or page.is_burnt_out(box)):
            confidence = UNREAD
        if cell.is_inferred or page.is_covered(box):
            confidence = min(confidence, INFERRED)
        cells.append(
            Cell(text=text, row=cell.row, column=cell.column, row_span=cell.row_span, column_span=cell.column_span)
        )
        written.append(Written(text=text, confidence=confidence, box=box))
    return Table(cells=tuple(cells), rows=grid.rows, columns=grid.columns), written


def _cell_text(pieces: Sequence[ReadPiece]) -> tuple[str, float]:
    if not pieces:
        return "", 1.0
    text = _wrapped(pieces)
    if (mended := _ROUND.sub("0", text)) != text and not re.search(r"[A-Za-z]", mended):
        return mended, min(IN_PART, *(piece.confidence for piece in pieces))  # 25C人 is 250人, as a hand writes it
    clear = [piece for piece in pieces if piece.confidence > IN_PART]
    if 0 < len(clear) < len(pieces) and not is_label(text) and is_label(label := mended_cell(_wrapped(clear))):
        return label, min(piece.confidence for piece in clear)  # its last character alone on a line, misread
    return text, min(piece.confidence for piece in pieces)


def _wrapped(pieces: Sequence[ReadPiece]) -> str:
    lines = [_joined(line, " ") for line in in_lines(pieces)]
    text = lines[0]
    for line in lines[1:]:
        text += _between(text, line) + line
    return mended_cell(text)


def _between(text: str, line: str) -> str:
    """Wrapped text goes on without a blank, as Chinese does; a line that begins with a label is one of its own."""
    if is_label(line) or line.startswith(("电话", "职务", "手机", "E-mail", "邮箱")):
        return "\n"
    return " " if text[-1:].isascii() and text[-1:].isalpha() and line[:1].isupper() else ""


def in_lines(pieces: Sequence[ReadPiece]) -> list[list[ReadPiece]]:
    """Pieces side by side are one line; lines top down, pieces left to right."""
    lines: list[list[ReadPiece]] = []
    for piece in sorted(pieces, key=lambda item: item.piece.box[1] + item.piece.box[3]):
        _left, top, _right, bottom = piece.piece.box
        last = lines[-1][-1].piece.box if lines else None
        if last is not None and min(bottom, last[3]) - max(top, last[1]) > 0.5 * min(bottom - top, last[3] - last[1]):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda item: item.piece.box[0]) for line in lines]


def _by_label(line: Sequence[ReadPiece]) -> list[list[ReadPiece]]:
    """A line's labels part it, so that one value's doubt is not its neighbour's."""
    parts: list[list[ReadPiece]] = []
    for piece in line:
        if parts and not begins_with_label(piece.text):
            parts[-1].append(piece)
        else:
            parts.append([piece])
    return parts


def _joined(line: Sequence[ReadPiece], gap: str) -> str:
    text = line[0].text
    for before, piece in pairwise(line):
        tall = piece.piece.box[3] - piece.piece.box[1]
        is_near = piece.piece.box[0] - before.piece.box[2] < 0.5 * tall
        text += ("" if is_near else gap) + piece.text
    return text


def outside_of(read: Sequence[ReadPiece], page: Page) -> list[tuple[Paragraph, Written]]:
    """The lines outside the table, top down."""
    lines = in_lines([piece for piece in read if piece.piece.cell is None and piece.text])
    result = []
    for line in lines:
        parts = _by_label(line)
        for part, following in zip_longest(parts, parts[1:]):
            end = following[0].piece.box[0] if following else page.picture.shape[1]
            result.append(_outside_line(part, end, page))
    return result


def _outside_line(pieces: Sequence[ReadPiece], end: int, page: Page) -> tuple[Paragraph, Written]:
    """A label with its value, whose line goes on to `end`; as certain as its least certain piece, if it is whole."""
    text, confidence = mended_line(_joined(pieces, "  ")), min(piece.confidence for piece in pieces)
    boxes = [piece.piece.box for piece in pieces]
    around = (
        min(box[0] for box in boxes), min(box[1] for box in boxes),
        max(box[2] for box in boxes), max(box[3] for box in boxes),
    )  # fmt: skip
    if confidence < SCRAWL:
        text = without_signature(text)
    beyond = min(end, around[2] + BEYOND * (around[3] - around[1]))
    if unit_labelled(text) and left_over(page, (around[0], around[1], beyond, around[3]), boxes) > MAX_LEFT_OVER:
        confidence = min(confidence, IN_PART)
    return Paragraph(text=text), Written(text=text, confidence=confidence, box=around)


def with_unit_named(above: Sequence[tuple[Paragraph, Written]]) -> list[tuple[Paragraph, Written]]:
    """A seal may hide the unit's label. The name beside or under it then stands unlabelled near the table: it is named,
    as something that a person must look at.
    """
    lines = list(above)
    if any(unit_labelled(line.text) for line, _written in lines):
        return lines
    for position in range(len(lines) - 1, max(-1, len(lines) - 4), -1):
        line, written = lines[position]
        if is_unit_name(line.text):
            text = f"单位名称：{line.text}"
            lines[position] = Paragraph(text=text), replace(written, text=text, confidence=UNLABELLED)
            break
    return lines
