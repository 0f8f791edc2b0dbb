"""What lies under the page: desks of several colours and textures, some of them red on purpose."""

from __future__ import annotations

from enum import Enum
from typing import Final

import cv2
import numpy as np

from ingest.samples.paper.ink import Layer, Pixels


class Desk(Enum):
    """Desks; the value is the colour in RGB."""

    OAK = (176, 134, 88)
    WALNUT = (92, 62, 44)
    REDWOOD = (128, 48, 36)
    RED_CLOTH = (186, 28, 34)
    GREY = (128, 130, 133)
    WHITE = (216, 214, 208)
    BLACK = (42, 42, 46)
    BLUE_CLOTH = (62, 88, 134)
    MARBLE = (198, 194, 188)
    SCREEN = (24, 26, 30)


_WOODEN: Final = (Desk.OAK, Desk.WALNUT, Desk.REDWOOD)
_WOVEN: Final = (Desk.RED_CLOTH, Desk.BLUE_CLOTH)


def desk_texture(desk: Desk, size: tuple[int, int], dice: np.random.Generator) -> Pixels:
    """The desk alone, filling the picture."""
    width, height = size[0] // 4 + 1, size[1] // 4 + 1
    if desk in _WOODEN:
        pattern = _wood(width, height, dice)
    elif desk in _WOVEN:
        pattern = _cloth(width, height, dice)
    elif desk is Desk.MARBLE:
        pattern = _clouds(width, height, dice, cell=60) * 22
    else:
        pattern = _clouds(width, height, dice, cell=24) * 5
    colour = np.array(desk.value, dtype=np.float32) + dice.uniform(-12, 12, 3).astype(np.float32)
    small = np.clip(colour + pattern[..., None], 0, 255).astype(np.uint8)
    _put_things(small, dice)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _clouds(width: int, height: int, dice: np.random.Generator, *, cell: int) -> Layer:
    coarse = dice.standard_normal((height // cell + 2, width // cell + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _wood(width: int, height: int, dice: np.random.Generator) -> Layer:
    """Long streaks, bent a little."""
    streaks = dice.standard_normal((height // 3 + 2, 4)).astype(np.float32)
    wide = cv2.resize(streaks, (width, height), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(dice.standard_normal((height, 9)).astype(np.float32), (width, height))
    return np.asarray(wide * 9 + fine * 4 + _clouds(width, height, dice, cell=120) * 10, dtype=np.float32)


def _cloth(width: int, height: int, dice: np.random.Generator) -> Layer:
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    weave = np.sin(x * 2.1) * np.sin(y * 2.1) * 7
    return np.asarray(weave + _clouds(width, height, dice, cell=90) * 14, dtype=np.float32)


def _put_things(desk: Pixels, dice: np.random.Generator) -> None:
    """A pen, a note, a cup's rim: at the frame's edge, where the page leaves room."""
    height, width = desk.shape[:2]
    for _ in range(int(dice.integers(0, 3))):
        x, y = int(dice.choice([0.03, 0.97]) * width), int(dice.uniform(0, 1) * height)
        colour = [int(value) for value in dice.integers(20, 235, 3)]
        if dice.random() < 0.5:
            end = (x + int(dice.uniform(-0.1, 0.1) * width), y + int(dice.uniform(0.1, 0.3) * height))
            cv2.line(desk, (x, y), end, colour, max(3, width // 90), cv2.LINE_AA)
        else:
            cv2.circle(desk, (x, y), int(width * dice.uniform(0.04, 0.1)), colour, -1, cv2.LINE_AA)
