"""Text on a page: printed as it is, or written by hand with every sign a little off in place, size and slant."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from ingest.samples.paper.fonts import Face, font

Pixels = npt.NDArray[np.uint8]
Layer = npt.NDArray[np.float32]

_NEVER_FIRST: Final = "，。、；：”）》！？,.;:)!?"
_PIECE: Final = re.compile(r"[A-Za-z0-9@._:+-]+|.", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pen:
    """What writes a text: a face at a size. `hand` is None for print, else the chance of a hand."""

    face: Face
    pixels: int
    hand: random.Random | None = None
    spread: float = 1.0

    def width(self, text: str) -> float:
        return float(font(self.face, self.pixels).getlength(text)) * self.spread

    @property
    def line_height(self) -> int:
        return int(self.pixels * 1.32)


def wrapped(text: str, pen: Pen, room: float) -> list[str]:
    """Lines no wider than `room`; words of Latin letters and digits stay whole where they fit."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in (part for word in _PIECE.findall(paragraph) for part in _fitting(word, pen, room)):
            if line and pen.width(line + piece) > room and piece not in _NEVER_FIRST:
                lines.append(line.rstrip())
                line = ""
            line += piece
        lines.append(line.rstrip())
    return lines


def _fitting(word: str, pen: Pen, room: float) -> list[str]:
    return [word] if pen.width(word) <= room else list(word)


def print_line(image: Image.Image, at: tuple[float, float], text: str, pen: Pen, ink: tuple[int, int, int]) -> None:
    """One line, `at` its top left."""
    ImageDraw.Draw(image).text((round(at[0]), round(at[1])), text, font=font(pen.face, pen.pixels), fill=ink)


def write_line(mask: Image.Image, at: tuple[float, float], text: str, pen: Pen) -> None:
    """One line by hand into a mask of ink: the baseline wanders, no two signs are alike."""
    hand = pen.hand or random.Random(0)  # noqa: S311 - a sample
    x, y = at
    drift, slope = 0.0, hand.uniform(-0.012, 0.012)
    for sign in text:
        advance = pen.width(sign)
        if sign.strip():
            drift = 0.6 * drift + hand.gauss(0, 0.035) * pen.pixels
            _write_sign(mask, (x, y + drift + slope * (x - at[0])), sign, pen, hand)
        x += advance * hand.uniform(0.95, 1.04)


def _write_sign(mask: Image.Image, at: tuple[float, float], sign: str, pen: Pen, hand: random.Random) -> None:
    size = max(8, round(pen.pixels * hand.uniform(0.9, 1.08)))
    box = int(size * 1.6)
    glyph = Image.new("L", (box, box))
    ImageDraw.Draw(glyph).text((box * 0.15, box * 0.12), sign, font=font(pen.face, size), fill=255)
    turn, slant, narrow = np.radians(hand.gauss(0, 2.5)), hand.gauss(0.04, 0.04), hand.uniform(0.9, 1.06)
    shape = np.array([[narrow * np.cos(turn), -np.sin(turn) - slant], [np.sin(turn), np.cos(turn)]], dtype=np.float64)
    centre = np.array([box / 2, box / 2])
    matrix = np.column_stack([shape, centre - shape @ centre])
    turned = cv2.warpAffine(np.asarray(glyph), matrix, (box, box), flags=cv2.INTER_LINEAR)
    corner = (round(at[0] - box * 0.15), round(at[1] - box * 0.12))
    mask.paste(255, (*corner, corner[0] + box, corner[1] + box), Image.fromarray(turned))


def trembling(mask: Image.Image, dice: np.random.Generator, pixels: int) -> Layer:
    """The mask as strokes of a hand: bent by a smooth random field, pressed now more and now less. 0 to 1."""
    ink = np.asarray(mask, dtype=np.float32) / 255
    height, width = ink.shape
    across, down = (_field(dice, width, height, cell=pixels * 0.55) * pixels * 0.035 for _ in range(2))
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent = cv2.remap(ink, columns + across, rows + down, cv2.INTER_LINEAR)
    pressure = 0.86 + 0.1 * _field(dice, width, height, cell=pixels * 2.0)
    return np.clip(bent * pressure, 0, 1).astype(np.float32)


def _field(dice: np.random.Generator, width: int, height: int, *, cell: float) -> Layer:
    """Smooth noise of about unit size, `cell` pixels from hill to hill."""
    coarse = dice.standard_normal((int(height / cell) + 2, int(width / cell) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def inked(page: Pixels, layer: Layer, ink: tuple[int, int, int]) -> Pixels:
    """Translucent ink over what is printed: it darkens, it never covers."""
    colour = np.array(ink, dtype=np.float32) / 255
    passed = 1 - layer[..., None] * (1 - colour)
    return np.asarray(page * passed, dtype=np.float32).astype(np.uint8)
