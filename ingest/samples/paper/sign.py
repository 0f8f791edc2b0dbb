"""A signature: the quick strokes of a pen, of which nobody can say which name they are."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ingest.samples.paper.ink import Layer, Pixels, inked
from ingest.samples.paper.layouts import BLACK_INK, BLUE_INK
from ingest.samples.paper.sheet import Area

Path = npt.NDArray[np.float64]
_FINER: Final = 3


def sign(page: Pixels, area: Area, dpi: int, chance: random.Random) -> Pixels:
    """The page with a signature in the area, a little over its edges as signatures are."""
    left, top, right, bottom = (round(edge) for edge in area)
    room = round(4 / 25.4 * dpi)
    length = min(right - left, round(chance.uniform(20, 32) / 25.4 * dpi))
    height = min(max(bottom - top, round(8 / 25.4 * dpi)), round(12 / 25.4 * dpi)) + room
    middle = (top + bottom) // 2
    top, left = max(middle - height // 2, 0), max(left, 0)
    part = page[top : top + height, left : left + length]
    layer = _scribble(part.shape[1], part.shape[0], dpi, chance)
    signed = page.copy()
    signed[top : top + height, left : left + length] = inked(part, layer, chance.choice((BLACK_INK, BLUE_INK)))
    return signed


def _scribble(width: int, height: int, dpi: int, chance: random.Random) -> Layer:
    """Two or three characters in grass script: each some strokes that run into one another."""
    canvas = np.zeros((height * _FINER, width * _FINER), dtype=np.uint8)
    characters = chance.choice((2, 3, 3))
    step = canvas.shape[1] / characters
    pen = chance.uniform(0.3, 0.6) / 25.4 * dpi * _FINER
    for number in range(characters):
        for path in _character(chance, number * step, step * 1.05, canvas.shape[0]):
            _stroke(canvas, path, pen, chance)
    small = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small / np.float32(255), dtype=np.float32)


def _character(chance: random.Random, left: float, width: float, height: float) -> list[Path]:
    paths = [_joined(chance, left, width, height, turns=chance.randrange(3, 6))]
    more = chance.randrange(1, 3)
    return paths + [_joined(chance, left, width, height, turns=chance.randrange(2, 4)) for _ in range(more)]


def _joined(chance: random.Random, left: float, width: float, height: float, *, turns: int) -> Path:
    """A smooth line through points that jump between the sides, as a fast hand does."""
    points = []
    for number in range(turns):
        x = left + width * (0.18 + 0.64 * (number % 2)) + chance.gauss(0, 0.12) * width
        y = height * (0.12 + 0.76 * (number + chance.uniform(0.1, 0.9)) / turns)
        points.append((x, y))
    return _smooth(np.array(points))


def _smooth(points: Path) -> Path:
    """Catmull-Rom through the points."""
    padded = np.vstack([points[0], points, points[-1]])
    times = np.linspace(0, 1, 16)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(
            0.5 * (2 * b + (c - a) * times + (2 * a - 5 * b + 4 * c - d) * times**2 + (3 * (b - c) + d - a) * times**3)
        )
    return np.vstack(pieces)


def _stroke(canvas: npt.NDArray[np.uint8], path: Path, pen: float, chance: random.Random) -> None:
    """Thick where the pen is slow, thin at its end."""
    count = len(path)
    for number, (start, end) in enumerate(pairwise(path)):
        thinning = 1 - 0.6 * number / count
        thickness = max(1, round(pen * thinning * chance.uniform(0.85, 1.15)))
        ends = [(round(x), round(y)) for x, y in (start, end)]
        cv2.line(canvas, ends[0], ends[1], 235, thickness, cv2.LINE_AA)
