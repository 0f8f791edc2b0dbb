"""Is there ink where the form asks for a signature? Nobody reads it: what counts is that somebody wrote there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import cv2

from parsers.paper.cells import Piece, ReadPiece, in_lines
from parsers.paper.page import Box, Page
from parsers.wording import fold

MIN_INK: Final = 0.03
MIN_STROKE: Final = 0.25  # of the line's height
GAP: Final = 0.35  # … between the label's last character and the signature
_ASKED: Final = re.compile(
    r"(分管领导|分管负责人|单位负责人|领导|(?:负责人|校长|园长|主任|书记)(?=\(?签))\(?(签字|签名|签章)?\)?[:：;]?"
)


def is_signed(page: Page, read: Sequence[ReadPiece], cells: Sequence[Box]) -> bool | None:
    """None where the sheet has no place for a signature. `cells`: the insides of the table's cells."""
    for piece in _whole_cells(read):
        folded = fold(piece.text)
        match = _ASKED.search(folded)
        if match is None or not (match[2] or match.end() == len(folded)):
            continue
        if folded[match.end() :].strip("_-—.:;"):
            return True
        return any(_has_ink(page, field) for field in _fields(page, piece, cells))
    return None


def _whole_cells(read: Sequence[ReadPiece]) -> list[ReadPiece]:
    """The pieces, those of one cell as one: a narrow cell parts 分管领导（签字） over two lines."""
    by_cell: dict[int, list[ReadPiece]] = {}
    for piece in read:
        if piece.piece.cell is not None:
            by_cell.setdefault(piece.piece.cell, []).append(piece)
    cells = [pieces[0] if len(pieces) == 1 else _as_one(pieces) for pieces in by_cell.values()]
    return [*(piece for piece in read if piece.piece.cell is None), *cells]


def _as_one(pieces: Sequence[ReadPiece]) -> ReadPiece:
    lines = in_lines(pieces)
    lefts, tops, rights, bottoms = zip(*(piece.piece.box for piece in pieces), strict=True)
    return ReadPiece(
        piece=Piece(box=(min(lefts), min(tops), max(rights), max(bottoms)), cell=pieces[0].piece.cell),
        text="".join(piece.text for line in lines for piece in line),
        confidence=min(piece.confidence for piece in pieces),
    )


def _fields(page: Page, label: ReadPiece, cells: Sequence[Box]) -> list[Box]:
    """Right of the label: in its own cell and the next one, or on its line as far as the page goes."""
    left, top, right, bottom = label.piece.box
    tall = bottom - top
    begin = round(left + label.end * (right - left) + GAP * tall)
    if label.piece.cell is None:
        end = min(page.picture.shape[1], right + 14 * tall)
        return [(begin, max(0, top - tall // 3), end, min(page.picture.shape[0], bottom + tall // 6))]
    own = cells[label.piece.cell]
    beside = [box for box in cells if box[0] >= own[2] and min(box[3], bottom) - max(box[1], top) > 0.5 * tall]
    nearest = min(beside, key=lambda box: box[0], default=None)
    return [(min(begin, own[2]), own[1], own[2], own[3]), *([nearest] if nearest is not None else [])]


def _has_ink(page: Page, box: Box) -> bool:
    """Strokes that reach up and down, no rule, no full stop, no line of small print."""
    left, top, right, bottom = box
    part = page.ink[top:bottom, left:right]
    if not part.size or right - left < (bottom - top) // 2:
        return False
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(part, connectivity=8)
    tall = bottom - top
    for index in range(1, count):
        _x, y, width, height, area = (int(value) for value in stats[index, :5])
        is_cut_off = y == 0 or y + height == tall  # the foot of a title, the top of a rule
        is_stroke = min(width, height) >= MIN_STROKE * tall and area >= MIN_INK * tall * tall
        if is_stroke and not _is_rule(width, height) and not (is_cut_off and height < 2 * MIN_STROKE * tall):
            return True
    return False


def _is_rule(width: int, height: int) -> bool:
    return width > 8 * height
