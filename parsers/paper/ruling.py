"""The rules of a table on a nearly flat page, as masks, and how far they bend.

Curled paper leaves rules that no four corners make straight. Each long rule is followed from end to end; what it
strays from its own mean is what the page between it and its neighbours strays.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from parsers.paper.ink import Mask, Pixels, dark_ink
from parsers.paper.sheet import Bend, Flat, Floats, Frame

RULING_SIDE: Final = 1200  # the longer side of the table, when rules are looked for
PAD: Final = 0.03
LONG: Final = 0.5  # a rule this long, measured on the table, says how the paper bends
SAMPLES: Final = 25
MIN_STRAY: Final = 1.0  # pixels: less is no bend


def frame_of(flat: Flat, pad: float = PAD) -> Frame:
    """The table with a little around it."""
    across, down = pad * flat.width, pad * flat.height
    return -across, -down, flat.width + across, flat.height + down


def rules_in(channel: Pixels, *, length: int) -> tuple[Mask, Mask]:
    """Level and upright rules of at least `length` pixels, three pixels thick, small gaps closed."""
    ink = dark_ink(channel, depth=7)
    level = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    level = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    level = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, 2 * length // 3), np.uint8))
    upright = cv2.dilate(ink, np.ones((1, 3), np.uint8))
    upright = cv2.morphologyEx(upright, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    upright = cv2.morphologyEx(upright, cv2.MORPH_CLOSE, np.ones((2 * length // 3, 1), np.uint8))
    return np.asarray(level, np.uint8), np.asarray(upright, np.uint8)


def unbent(flat: Flat, picture: Pixels, pad: float = PAD) -> Flat:
    """The page with its bend measured."""
    scale = min(1.0, RULING_SIDE / max(flat.width, flat.height))
    frame = frame_of(flat, pad)
    channel, _unsealed = flat.ruling(picture, frame, scale=scale)
    level, upright = rules_in(channel, length=max(20, min(channel.shape) // 24))
    rows = _bend(_long_rules(level), channel.shape[1])
    columns = _bend(_long_rules(np.ascontiguousarray(upright.T)), channel.shape[0])
    return replace(flat, rows=_placed(rows, frame[1], frame[0], scale), columns=_placed(columns, *frame[:2], scale))


def _placed(bend: Bend | None, at: float, along: float, scale: float) -> Bend | None:
    """From the pixels of the small picture to the table's plane."""
    if bend is None:
        return None
    return Bend(
        at=(bend.at / scale + at).astype(np.float32),
        along=(bend.along / scale + along).astype(np.float32),
        strays=(bend.strays / scale).astype(np.float32),
    )


def _long_rules(level: Mask) -> list[npt.NDArray[np.float64]]:
    """Of each long level rule the polynomial that follows it: a rule may come in pieces that go on from each other."""
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(level, connectivity=8)
    width = level.shape[1]
    pieces = [index for index in range(1, count) if stats[index, cv2.CC_STAT_WIDTH] >= 0.1 * width]
    pieces.sort(key=lambda index: -int(stats[index, cv2.CC_STAT_WIDTH]))
    rules = []
    for index in pieces:
        left, top, across, down = (int(value) for value in stats[index, :4])
        if across < LONG * width:
            continue
        part = labels[top : top + down, left : left + across] == index
        xs = np.flatnonzero(part.any(axis=0))
        weights = np.arange(down, dtype=np.float64)[:, None]
        ys = (part * weights).sum(axis=0)[xs] / part.sum(axis=0)[xs] + top
        degree = 4 if across > 0.85 * width else 2
        fit = np.polynomial.Polynomial.fit(xs + left, ys, degree)
        strays = np.abs(fit(xs + left) - ys)
        if np.percentile(strays, 90) < 4:
            rules.append(np.asarray(fit(np.linspace(0, width - 1, SAMPLES))))
    return rules


def _bend(rules: list[npt.NDArray[np.float64]], length: int) -> Bend | None:
    """None where the rules are straight, or cross each other, which rules of one sheet do not."""
    rules = sorted(rules, key=lambda rule: float(rule.mean()))
    kept: list[npt.NDArray[np.float64]] = []
    for rule in rules:
        if not kept or (rule - kept[-1]).min() > 8:
            kept.append(rule)
    if len(kept) < 2:
        return None
    lines = np.stack(kept)
    at = lines.mean(axis=1, keepdims=True)
    if np.abs(lines - at).max() < MIN_STRAY:
        return None
    along: Floats = np.linspace(0, length - 1, SAMPLES).astype(np.float32)
    return Bend(at=at[:, 0].astype(np.float32), along=along, strays=(lines - at).astype(np.float32))
