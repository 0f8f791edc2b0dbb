"""Is there ink where the form asks for a signature? Nobody reads it: what counts is that somebody wrote there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import cv2

from parsers.paper.cells import Box, Page, ReadPiece
from parsers.wording import fold

MIN_INK: Final = 0.008
MIN_STROKE: Final = 0.35  # of the line's height
_ASKED: Final = re.compile(r"(分管领导|分管负责人|单位负责人|领导)\(?(签字|签名|签章)?\)?[:：;]?")


def is_signed(page: Page, read: Sequence[ReadPiece]) -> bool | None:
    """None where the sheet has no place for a signature."""
    for piece in read:
        folded = fold(piece.text)
        match = _ASKED.search(folded)
        if match is None or not (match[2] or match.end() == len(folded)):
            continue
        if folded[match.end() :].strip("_-—.:"):
            return True
        return _has_ink(page, _field(page, piece.piece.box))
    return None


def _field(page: Page, label: Box) -> Box:
    """Right of the label, as far as the page goes, a little higher and lower than the line."""
    tall = label[3] - label[1]
    right = min(page.picture.shape[1], label[2] + 14 * tall)
    return label[2] + 2, max(0, label[1] - tall // 2), right, min(page.picture.shape[0], label[3] + tall // 3)


def _has_ink(page: Page, box: Box) -> bool:
    left, top, right, bottom = box
    part = page.ink[top:bottom, left:right]
    if not part.size or right - left < bottom - top:
        return False
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(part, connectivity=8)
    tall = (bottom - top) / 1.8
    strokes = [
        index
        for index in range(1, count)
        if stats[index, cv2.CC_STAT_HEIGHT] >= MIN_STROKE * tall
        and stats[index, cv2.CC_STAT_WIDTH] < 0.95 * (right - left)
        and not _is_rule(*(int(value) for value in stats[index, 2:4]))
    ]
    ink = sum(int(stats[index, cv2.CC_STAT_AREA]) for index in strokes)
    return ink / (tall * tall * 4) > 10 * MIN_INK


def _is_rule(width: int, height: int) -> bool:
    return width > 8 * height
