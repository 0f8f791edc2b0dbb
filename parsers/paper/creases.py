"""Creases, which look like rules: folded paper has a dark line from edge to edge, through cells and across their text.

A rule ends at the table's edge. A line that goes on beside the table, on both sides, and is no darker within it, is a
crease; where it is darker within, a rule lies under the crease.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from parsers.paper.ink import Pixels

BESIDE: Final = 56  # pixels of the small picture that are looked at beside the table: more than a character is high
MIN_BESIDE: Final = 32
CLEAR: Final = 8  # … kept off its edge
PIECE: Final = 8  # … along a line that are averaged
AROUND: Final = 14  # rows above and below in which the paper's own brightness is measured
NEAR: Final = 3  # rows from the line in which it is darkest
BULGE: Final = 7  # … to which a crease may leave the straight line, on a page unbent by its rules
SLANT: Final = 16  # rows from one side of the table to the other
OFF: Final = 5  # rows from where a crease crosses the middle of the table to a line taken for a rule
VISIBLE: Final = 4.0  # grey levels
NOISE: Final = 4.5  # … or so many times what plain paper varies by
ALIKE: Final = 2.5  # times darker on one side
DARKER: Final = 1.5  # times darker within, where a rule lies there
FAINTER: Final = 0.4
FEW: Final = 4  # lines on a side without text
THROUGH: Final = 75  # per cent of its way through the table: characters over and under a rule look like its ends

Depths = npt.NDArray[np.float32]


def without_creases(channel: Pixels, ys: Sequence[int], left: int, right: int) -> list[int]:
    """The heights of those level lines, on an unbent page, that are rules; the table reaches from left to right."""
    width = channel.shape[1]
    bands = (max(0, left - BESIDE), left - CLEAR), (right + CLEAR, min(width, right + BESIDE))
    is_narrow = right - left < 4 * CLEAR or min(end - begin for begin, end in bands) < MIN_BESIDE
    if not ys or is_narrow:
        return list(ys)
    before, after = (_Beside.of(_depths(channel, *band)) for band in bands)
    within = _depths(channel, left + CLEAR, right - CLEAR)
    creases = set()
    for one, other, beside in _pairs(before, after):
        line = min(ys, key=lambda y: abs(y - (one + other) / 2))
        if abs(line - (one + other) / 2) > OFF:
            continue
        crease = float(np.percentile(_along(within, one, other, BULGE), 100 - THROUGH))
        own = float(np.median(_along(within, line, line)))
        if crease > FAINTER * beside and own < DARKER * beside:
            creases.add(line)
    return [y for y in ys if y not in creases]


def _depths(channel: Pixels, begin: int, end: int) -> Depths:
    """Rows × pieces between two places: how much darker each is than the paper above and below."""
    pieces = max(1, (end - begin) // PIECE)
    part = channel[:, begin : begin + pieces * PIECE].astype(np.float32)
    means = part.reshape(len(part), pieces, -1).mean(axis=2)
    padded = np.pad(means, ((AROUND, AROUND), (0, 0)), mode="edge")
    paper = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1, axis=0), axis=2)
    return np.asarray(paper - means, dtype=np.float32)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Beside:
    """What is seen on one side of the table. `seen`: how dark nearly all of a line at each height is, since a mark that
    is no line is dark in some pieces only; `lines`: the heights of lines, with the same.
    """

    seen: npt.NDArray[np.float64]
    lines: dict[int, float]

    @staticmethod
    def of(depths: Depths) -> _Beside:
        padded = np.pad(depths, ((NEAR, NEAR), (0, 0)), mode="edge")
        darkest = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEAR + 1, axis=0).max(axis=2)
        seen = np.percentile(darkest, 25, axis=1)
        lines: dict[int, float] = {}
        visible = max(VISIBLE, NOISE * float(np.median(np.abs(depths))))
        for y in np.argsort(-depths.mean(axis=1)):
            if seen[y] > visible and all(abs(int(y) - other) > 2 * NEAR for other in lines):
                lines[int(y)] = float(seen[y])
        return _Beside(seen=seen, lines=lines)


def _pairs(before: _Beside, after: _Beside) -> Iterator[tuple[int, int, float]]:
    """Lines left and right of the table that may be one, and how dark; the title over the first column hides a line
    among its characters, which are no paler than it.
    """
    for one, depth in before.lines.items():
        for other, depth_after in after.lines.items():
            if abs(one - other) <= SLANT and 1 / ALIKE < depth / depth_after < ALIKE:
                yield one, other, max(depth, depth_after)
    for clear, hidden in ((before, after), (after, before)):
        for y, depth in clear.lines.items():
            if len(clear.lines) <= FEW and hidden.seen[y] > depth / ALIKE:
                yield y, y, depth


def _along(within: Depths, one: int, other: int, slack: int = NEAR) -> Depths:
    """The greatest depth near the line from one side to the other, piece by piece."""
    pieces = within.shape[1]
    heights = np.rint(np.linspace(one, other, pieces)).astype(int)
    nearby = np.clip(heights[None, :] + np.arange(-slack, slack + 1)[:, None], 0, len(within) - 1)
    return np.asarray(within[nearby, np.arange(pieces)].max(axis=0), dtype=np.float32)
