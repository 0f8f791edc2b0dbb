"""The rules of a table on a nearly flat page, as masks, and the page unbent by them.

Curled paper leaves rules that no four corners make straight. How far they bend `parsers.paper.bending` tells; here the
page is looked at again, less bent each time, until little is left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from parsers.paper.bending import bend_of
from parsers.paper.ink import Mask, Pixels, dark_ink
from parsers.paper.sheet import Bend, Flat, Frame

RULING_SIDE: Final = 1200  # the longer side of the table, when rules are looked for
PAD: Final = 0.03
MAX_LOOKS: Final = 3
STEEP_LENGTH: Final = 20  # pixels of the small picture, at first: a wave may rise by a quarter
STEEP_SLACK: Final = 5
SETTLED: Final = 4.0  # pixels of the small picture


def frame_of(flat: Flat, pad: float = PAD) -> Frame:
    """The table with a little around it."""
    beside, above = pad * flat.width, pad * flat.height
    return -beside, -above, flat.width + beside, flat.height + above


def rule_ink(channel: Pixels) -> Mask:
    """All ink that may be a rule's, faint ones too."""
    return dark_ink(channel, depth=7)


def level_rules(ink: Mask, *, length: int, slack: int = 3) -> Mask:
    """Level rules of at least `length` pixels, small gaps closed; on that length they may rise by as many pixels as
    `slack` has. Upright ones are the level ones of the `across` picture.
    """
    level = cv2.dilate(ink, np.ones((slack, 1), np.uint8))
    level = cv2.morphologyEx(level, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    level = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, 2 * length // 3), np.uint8))
    return np.asarray(level, np.uint8)


def across(picture: Pixels) -> Pixels:
    """The same with rows and columns exchanged."""
    return np.ascontiguousarray(picture.T)


def unbent(flat: Flat, picture: Pixels, pad: float = PAD) -> Flat:
    """The page with its bend measured: where it is steep by short pieces of rules, then, less steep, by longer ones."""
    scale = min(1.0, RULING_SIDE / max(flat.width, flat.height))
    frame = frame_of(flat, pad)
    usual = max(20, round(min(flat.width, flat.height) * (1 + 2 * pad) * scale) // 24)
    for length, slack in ((STEEP_LENGTH, STEEP_SLACK), *(MAX_LOOKS - 1) * ((usual, 3),)):
        ink = rule_ink(flat.rules(flat.take(picture, frame, scale=scale)))
        row_bend, column_bend = (bend_of(level_rules(one, length=length, slack=slack)) for one in (ink, across(ink)))
        rows = _placed(row_bend, frame[1], frame[0], scale)
        columns = _placed(column_bend, *frame[:2], scale)
        flat = replace(flat, rows=_added(flat.rows, rows), columns=_added(flat.columns, columns))
        if max((float(np.abs(bend.strays).max()) for bend in (rows, columns) if bend), default=0.0) < SETTLED / scale:
            break
    return flat


def _added(bend: Bend | None, more: Bend | None) -> Bend | None:
    return bend.after(more) if bend is not None and more is not None else more or bend


def _placed(bend: Bend | None, at: float, along: float, scale: float) -> Bend | None:
    """From the pixels of the small picture to the table's plane."""
    if bend is None:
        return None
    return Bend(
        at=(bend.at / scale + at).astype(np.float32),
        along=(bend.along / scale + along).astype(np.float32),
        strays=(bend.strays / scale).astype(np.float32),
    )
