"""What a sheet went through before it was photographed: folded for an envelope, curled from a roll, lit by a lamp.

`worn(page, wear, seed)` bends and shades the page in its own plane, so that its corners stay where they are; the camera
then sees it as any other.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ingest.samples.paper.ink import Layer, Pixels

_FOLDS: Final = ((), (0.5,), (1 / 3, 2 / 3))


@dataclass(frozen=True, kw_only=True, slots=True)
class Wear:
    """Lengths as shares of the page's height, shades 0 to 1."""

    wave: float  # how high the paper waves across
    turns: float  # … and how often
    lift: float  # how far a corner stands up
    folds: tuple[float, ...]  # where it was folded
    crease: float  # how far the paper kinks there
    lamp: float  # how much a lamp outshines the rest

    @property
    def traits(self) -> frozenset[str]:
        return frozenset({"worn", *(["folded"] if self.folds else [])})


def any_wear(chance: random.Random) -> Wear:
    return Wear(
        wave=chance.gauss(0, 0.004),
        turns=chance.choice((1.0, 1.5, 2.0)),
        lift=chance.uniform(0, 0.012),
        folds=chance.choice(_FOLDS),
        crease=chance.uniform(0.001, 0.004),
        lamp=chance.uniform(0.1, 0.4),
    )


def worn(page: Pixels, wear: Wear, *, seed: int) -> Pixels:
    """The same arguments give the same page."""
    dice = np.random.default_rng(seed)
    height, width = page.shape[:2]
    across, down = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    rise = _rise(across, down, wear, dice)
    ys = down * (height - 1) + rise * height * np.minimum(1, 20 * np.minimum(down, 1 - down))
    xs = across * (width - 1) + 0.4 * rise * height * np.minimum(1, 20 * np.minimum(across, 1 - across))
    bent = cv2.remap(page, xs.astype(np.float32), ys.astype(np.float32), cv2.INTER_CUBIC)
    lit = bent * (_fold_shade(down, wear) * _lamp(across, down, wear, dice))[..., None]
    return np.clip(lit, 0, 255).astype(np.uint8)


def _rise(across: Layer, down: Layer, wear: Wear, dice: np.random.Generator) -> Layer:
    """How far each point is seen from where it would lie on flat paper."""
    phase = dice.uniform(0, 2 * np.pi)
    rise = wear.wave * np.sin(2 * np.pi * wear.turns * across + phase + 0.8 * down)
    corner_x, corner_y = dice.integers(0, 2, 2)
    near = np.clip(1 - np.hypot(across - corner_x, down - corner_y) / 0.7, 0, 1)
    rise = rise + wear.lift * near**2
    for fold in wear.folds:
        rise = rise + wear.crease * np.clip(1 - np.abs(down - fold) / 0.08, 0, 1)
    return np.asarray(rise, dtype=np.float32)


def _fold_shade(down: Layer, wear: Wear) -> Layer:
    """One side of a fold is turned to the light, the other away; the fold itself is a thin line."""
    shade = np.ones_like(down)
    for fold in wear.folds:
        shade += 0.05 * np.sign(down - fold) * np.clip(1 - np.abs(down - fold) / 0.08, 0, 1)
        shade -= 0.12 * np.exp(-(((down - fold) / 0.0008) ** 2))
    return shade


def _lamp(across: Layer, down: Layer, wear: Wear, dice: np.random.Generator) -> Layer:
    """Brightest under the lamp, whose light falls off across the page."""
    x, y = dice.uniform(0.1, 0.9, 2)
    far = np.hypot(across - x, down - y)
    return np.asarray(1.08 - wear.lamp * far, dtype=np.float32)
