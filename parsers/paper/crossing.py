"""Upright lines that are no rules, since writing runs across them: a fold, the edge of a shadow.

Cells keep their writing off their sides. Where a line is paler than the rules, and characters stand close on both sides
of it at one height, row after row, it lies over the writing and parts nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from parsers.paper.ink import Mask, Pixels

CLEAR: Final = 4  # pixels of the small picture from a line: its own width
CLOSE: Final = 8  # … as near as no cell's writing comes on both sides
OFF_RULES: Final = 4  # … from the level rules
MIN_HEIGHT: Final = 3  # … of ink on both sides
MIN_ROWS: Final = 3  # that writing runs across
MIN_SHARE: Final = 0.5  # … of those with writing close to the line
AROUND: Final = 14  # pixels to either side, of which most are paper
PALE: Final = 0.6  # of how dark the rules are, on the median

Rows = Sequence[tuple[int, int]]  # from where to where


def crossed_lines(channel: Pixels, ink: Mask, lines: Sequence[tuple[int, Rows]]) -> list[int]:
    """Of upright lines, each with the rows in which it is seen, those that are none of the table's."""
    depths = [_depth(channel, x, rows) for x, rows in lines]
    usual = float(np.median(depths)) if depths else 0.0
    return [
        x for (x, rows), depth in zip(lines, depths, strict=True) if depth < PALE * usual and _is_crossed(ink, x, rows)
    ]  # fmt: skip


def is_stroke(ink: Mask, x: int, row: tuple[int, int]) -> bool:
    """Whether what is seen at a rule's place in one row is of a character there: writing goes on to both sides."""
    return _crossings(ink, x, [row])[0] > 0


def _depth(channel: Pixels, x: int, rows: Rows) -> float:
    """How much darker than the paper around."""
    found = []
    for top, bottom in rows:
        part = channel[top + OFF_RULES : bottom - OFF_RULES, max(0, x - AROUND) : x + AROUND].astype(np.float32)
        if part.size:
            middle = part[:, AROUND - CLEAR : AROUND + CLEAR] if x >= AROUND else part
            found.append(float(np.median(np.median(part, axis=1) - middle.min(axis=1))))
    return float(np.median(found)) if found else 0.0


def _is_crossed(ink: Mask, x: int, rows: Rows) -> bool:
    crossed, written = _crossings(ink, x, rows)
    return crossed >= MIN_ROWS and crossed >= MIN_SHARE * written


def _crossings(ink: Mask, x: int, rows: Rows) -> tuple[int, int]:
    """In how many rows writing stands close on both sides of a line at one height, and in how many close on any."""
    before, after = ink[:, max(0, x - CLOSE) : max(0, x - CLEAR)], ink[:, x + CLEAR : x + CLOSE]
    beside = (before > 0).any(axis=1), (after > 0).any(axis=1)
    both, either = np.logical_and(*beside), np.logical_or(*beside)
    parts = [slice(top + OFF_RULES, bottom - OFF_RULES) for top, bottom in rows]
    crossed = sum(int(both[part].sum()) >= MIN_HEIGHT for part in parts)
    return crossed, sum(int(either[part].sum()) >= MIN_HEIGHT for part in parts)
