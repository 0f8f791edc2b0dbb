"""Seals and what may be taken for one: `press(sheet, seal)` gives the page with the seal on it.

A seal is drawn at three times its size on a square of its own, its ink made patchy, then turned and laid over the page
as ink lies: it darkens what is under it and hides nothing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ingest.samples.paper.fonts import Face, font
from ingest.samples.paper.ink import Layer, Pixels, inked
from ingest.samples.paper.sheet import Area, Sheet

RED_INK: Final = (208, 26, 40)
_FINER: Final = 2


class SealShape(Enum):
    """Round and oval seals are an office's; a square one is somebody's name or a note, and no stamp of the unit."""

    ROUND = "round"
    OVAL = "oval"
    SQUARE = "square"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seal:
    """One impression. Lengths in millimetres; `shift` from the middle of the unit's name; `density` 0 to 1."""

    text: str
    shape: SealShape
    diameter: float
    ring: float
    turn: float
    shift: tuple[float, float]
    density: float
    patchiness: float
    part: float  # the share that the paper took: 1 is all
    face: Face
    colour: tuple[int, int, int]
    foot: str = ""


def any_seal(chance: random.Random, unit: str, *, faded: bool = False) -> Seal:
    """The unit's seal as somebody pressed it: rarely straight, often over the text."""
    shape = SealShape.OVAL if chance.random() < 0.1 else SealShape.ROUND
    return Seal(
        text=unit,
        shape=shape,
        diameter=chance.uniform(38, 45),
        ring=chance.uniform(0.9, 1.6),
        turn=chance.gauss(0, 9) if chance.random() < 0.85 else chance.uniform(-70, 70),
        shift=(chance.uniform(-6, 22), chance.uniform(-7, 9)),
        density=chance.uniform(0.3, 0.5) if faded else chance.uniform(0.65, 0.95),
        patchiness=chance.uniform(0.15, 0.5),
        part=chance.uniform(0.72, 0.9) if chance.random() < 0.15 else 1.0,
        face=chance.choice((Face.SONG, Face.SONG_BOLD, Face.UMING)),
        colour=(chance.randrange(190, 225), chance.randrange(18, 50), chance.randrange(25, 62)),
        foot=f"32048200{chance.randrange(10_000, 99_999)}" if chance.random() < 0.35 else "",
    )


def any_square(chance: random.Random) -> Seal:
    """A small square stamp beside the text: 已阅, 校对, somebody's name."""
    return Seal(
        text=chance.choice(("已阅", "校对", "某某之印", "存档")),
        shape=SealShape.SQUARE,
        diameter=chance.uniform(14, 19),
        ring=chance.uniform(0.5, 0.9),
        turn=chance.gauss(0, 4),
        shift=(chance.uniform(20, 60), chance.uniform(-2, 10)),
        density=chance.uniform(0.7, 0.95),
        patchiness=chance.uniform(0.1, 0.4),
        part=1.0,
        face=Face.SONG_BOLD,
        colour=RED_INK,
    )


def press(sheet: Sheet, seal: Seal, *, seed: int) -> tuple[Pixels, Area]:
    """The page with the seal, and the square that the seal takes."""
    dice = np.random.default_rng(seed)
    impression = _turned(_impression(seal, sheet.dpi, dice), seal.turn)
    height, width = sheet.pixels.shape[:2]
    side = impression.shape[0]
    left, top = _corner(sheet, seal, side)
    left, top = min(max(left, 0), width - side), min(max(top, 0), height - side)
    page = sheet.pixels.copy()
    under = page[top : top + side, left : left + side]
    page[top : top + side, left : left + side] = inked(under, impression, seal.colour)
    return page, (left, top, left + side, top + side)


def photocopied(page: Pixels, *, seed: int) -> Pixels:
    """As a copier gives it back: no colour, hard contrast, specks."""
    dice = np.random.default_rng(seed)
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY).astype(np.float32)
    hard = np.clip((grey - 70) * 1.55, 0, 250)
    specks = np.asarray(dice.random(grey.shape, dtype=np.float32) > 0.9997, dtype=np.uint8)
    hard[cv2.dilate(specks, np.ones((2, 2), np.uint8)) > 0] = 60
    return np.asarray(cv2.cvtColor(hard.astype(np.uint8), cv2.COLOR_GRAY2RGB), dtype=np.uint8)


def _corner(sheet: Sheet, seal: Seal, side: int) -> tuple[int, int]:
    left, top, right, bottom = sheet.unit_area
    middle = (left + min(right, left + 60 / 25.4 * sheet.dpi)) / 2, (top + bottom) / 2
    across, down = (length / 25.4 * sheet.dpi for length in seal.shift)
    return round(middle[0] + across - side / 2), round(middle[1] + down - side / 2)


def _impression(seal: Seal, dpi: int, dice: np.random.Generator) -> Layer:
    """Ink from 0 to 1 on the seal's own square."""
    side = round(seal.diameter / 25.4 * dpi * _FINER)
    image = Image.new("L", (side, side))
    line = max(2, round(seal.ring / 25.4 * dpi * _FINER))
    if seal.shape is SealShape.SQUARE:
        _draw_square(image, seal, line)
    else:
        _draw_round(image, seal, line)
    small = image.resize((side // _FINER, side // _FINER), Image.Resampling.LANCZOS)
    return _pressed(np.asarray(small, dtype=np.float32) / np.float32(255), seal, dice)


def _draw_round(image: Image.Image, seal: Seal, line: int) -> None:
    side = image.width
    flat = 0.7 if seal.shape is SealShape.OVAL else 1.0
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, side * (1 - flat) / 2 + 2, side - 2, side * (1 + flat) / 2 - 2), outline=255, width=line)
    _draw_arc(image, seal, flat, line)
    if seal.shape is SealShape.ROUND:
        draw.polygon(_star(side / 2, side * 0.155), fill=255)
    if seal.foot:
        _draw_foot(image, seal, flat)


def _star(centre: float, radius: float) -> list[tuple[float, float]]:
    angles = np.radians(-90 + 36 * np.arange(10))
    radii = np.where(np.arange(10) % 2, radius * 0.382, radius)
    return [(centre + r * np.cos(a), centre + r * np.sin(a)) for r, a in zip(radii, angles, strict=True)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Arc:
    """Where signs stand around the middle. `flat` is below 1 for an oval."""

    face: Face
    size: int
    radius: float
    flat: float
    is_inward: bool = True  # feet towards the middle


def _draw_arc(image: Image.Image, seal: Seal, flat: float, line: int) -> None:
    """The name from lower left over the top to lower right, each sign's foot towards the middle."""
    side, count = image.width, len(seal.text)
    opening = 250 if seal.foot else 272
    sweep = min(opening, 24 * count)
    size = int(min(side * 0.165, 1.12 * np.radians(sweep / max(count - 1, 1)) * side * 0.37))
    arc = _Arc(face=seal.face, size=size, radius=side / 2 - line * 1.8 - size * 0.62, flat=flat)
    for number, sign in enumerate(seal.text):
        _draw_sign(image, sign, arc, -sweep / 2 + sweep * number / max(count - 1, 1))


def _draw_foot(image: Image.Image, seal: Seal, flat: float) -> None:
    """The registered number along the lower edge, read from left to right."""
    arc = _Arc(face=Face.HEI, size=int(image.width * 0.05), radius=image.width * 0.42, flat=flat, is_inward=False)
    for number, sign in enumerate(seal.foot):
        _draw_sign(image, sign, arc, 180 + 4.6 * ((len(seal.foot) - 1) / 2 - number))


def _draw_sign(image: Image.Image, sign: str, arc: _Arc, angle: float) -> None:
    glyph = Image.new("L", (2 * arc.size, 2 * arc.size))
    ImageDraw.Draw(glyph).text((arc.size, arc.size), sign, font=font(arc.face, arc.size), fill=255, anchor="mm")
    turned = glyph.rotate(-angle if arc.is_inward else 180 - angle, resample=Image.Resampling.BICUBIC)
    x = image.width / 2 + arc.radius * np.sin(np.radians(angle))
    y = image.width / 2 - arc.radius * np.cos(np.radians(angle)) * (arc.flat - 0.06 if arc.flat < 1 else 1)
    corner = (round(x - arc.size), round(y - arc.size))
    image.paste(255, (*corner, corner[0] + 2 * arc.size, corner[1] + 2 * arc.size), turned)


def _draw_square(image: Image.Image, seal: Seal, line: int) -> None:
    """Two or four signs, read from the right column down, as on name seals."""
    side, count = image.width, len(seal.text)
    draw = ImageDraw.Draw(image)
    draw.rectangle((2, 2, side - 3, side - 3), outline=255, width=line)
    size = int(side * 0.4)
    rows = (count + 1) // 2 if count > 2 else count
    columns = 2 if count > 2 else 1
    for number, sign in enumerate(seal.text):
        column, row = number // rows, number % rows
        x = side * (columns - column - 0.5) / columns if columns > 1 else side / 2
        draw.text((x, side * (row + 0.5) / rows), sign, font=font(seal.face, size), fill=255, anchor="mm")


def _pressed(ink: Layer, seal: Seal, dice: np.random.Generator) -> Layer:
    """Uneven ink: fine grain, wide patches, and an edge that did not touch."""
    side = ink.shape[0]
    patches = cv2.resize(dice.uniform(-1, 1, (7, 7)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(dice.uniform(0, 1, (side, side)).astype(np.float32), (0, 0), 1.2)
    grain = np.clip((grain - 0.5) * 3 + 0.75, 0, 1)
    strength = np.clip(seal.density + seal.patchiness * (patches * 0.5 + grain - 0.8), 0.05, 1)
    angle = dice.uniform(0, 2 * np.pi)
    across = np.linspace(-0.5, 0.5, side, dtype=np.float32)
    distance = across[None, :] * np.cos(angle) + across[:, None] * np.sin(angle)
    touched = np.clip((seal.part - 0.5 - distance) / 0.08 + 0.5, 0, 1) if seal.part < 1 else 1.0
    bled = cv2.GaussianBlur(ink, (0, 0), 0.7)
    return np.asarray(bled * strength * touched, dtype=np.float32)


def _turned(impression: Layer, degrees: float) -> Layer:
    """Turned on a square that is large enough for the corners of a square seal."""
    side = impression.shape[0]
    room = int(side * 0.22) + 2
    wide = cv2.copyMakeBorder(impression, room, room, room, room, cv2.BORDER_CONSTANT, value=(0.0,))
    matrix = cv2.getRotationMatrix2D((wide.shape[1] / 2, wide.shape[0] / 2), -degrees, 1.0)
    return np.asarray(cv2.warpAffine(wide, matrix, (wide.shape[1], wide.shape[0])), dtype=np.float32)
