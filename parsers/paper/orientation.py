"""Which way is up: lines of text lie level, and read better the right way round; the form's labels have the last word.

A model that tells orientation from the looks of a page is wrong on one upright page in twenty. Here the lines
themselves are asked: their shape tells level from upright, then the longest few are read both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from parsers.ocr import Pixels, Quad, Reader, Reading, cut_out
from parsers.paper.labels import count_labels

ASKED: Final = 8  # lines read to tell the right way round
SURE: Final = 2  # so many labels read upright leave nothing to ask
FINDING_SIDE: Final = 720


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """Quarter turns clockwise that bring the picture upright, and whether the lines agreed."""

    quarters: int
    is_sure: bool


def way_up(picture: Pixels, reader: Reader) -> Way:
    """`picture`: a table or a page, its edges level, of any size."""
    scale = min(1.0, FINDING_SIDE / max(picture.shape[:2]))
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    boxes = [box / scale for box in reader.find_lines(small)]
    if not boxes:
        return Way(quarters=0, is_sure=False)
    quarters = 0
    if not lines_lie_level(boxes):
        picture, boxes, quarters = np.rot90(picture, -1), [_turned(box, picture.shape[0]) for box in boxes], 1
    longest = sorted(boxes, key=lambda box: float(box[0][0] - box[1][0]))[:ASKED]
    crops = [cut_out(np.ascontiguousarray(picture), box) for box in longest]
    upright = reader.read(crops)
    if count_labels(reading.text for reading in upright) >= SURE:
        return Way(quarters=quarters, is_sure=True)
    over = reader.read([np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops])
    better, worse = _sense(upright), _sense(over)
    if worse > better:
        quarters, better, worse = quarters + 2, worse, better
    return Way(quarters=quarters, is_sure=better > 1.25 * worse)


def lines_lie_level(boxes: Sequence[Quad]) -> bool:
    """Lines of text are longer than high. Single characters say nothing."""
    level = upright = 0.0
    for box in boxes:
        width, height = np.ptp(box[:, 0]), np.ptp(box[:, 1])
        if width > 1.6 * height:
            level += float(width)
        elif height > 1.6 * width:
            upright += float(height)
    return level >= upright


def _turned(box: Quad, height: int) -> Quad:
    """A box of a picture after the picture's quarter turn clockwise, again from its top left."""
    moved = np.stack([height - box[:, 1], box[:, 0]], axis=1).astype(np.float32)
    return np.roll(moved, 1, axis=0)


def _sense(readings: Sequence[Reading]) -> float:
    labels = count_labels(reading.text for reading in readings)
    return 2.0 * labels + sum(reading.score**2 * min(len(reading.text), 12) for reading in readings)
