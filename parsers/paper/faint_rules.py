"""Rules that are hardly there: in the shadow, on grainy paper, with an empty toner.

A mask of ink shows a rule only where it is darker than the grain around it. Where the same rule stands in the next
place of the grid one knows to the pixel where it would go on, and can average along it: the grain goes, the rule stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from parsers.paper.ink import Pixels

SEEN: Final = 0.34  # share of a rule that is seen where it counts as standing: seals and poor copies eat the rest
STANDS: Final = 0.6  # share of the neighbour that is seen
PIECE: Final = 8  # pixels along a rule that are averaged
MIN_PIECES: Final = 4
INSET: Final = 4  # pixels kept off the crossings
OFF: Final = 3  # pixels that a rule may lie off its place
AROUND: Final = 12  # … from which the paper's own brightness is measured, to either side
EVEN: Final = 0.3  # of the mean, which nine pieces of ten reach: a line of writing is dark here and there
VISIBLE: Final = 0.012  # of the paper's brightness
OVER_GRAIN: Final = 2.5  # times what a piece of plain paper varies by, on the mean


def with_faint_ones(channel: Pixels, shares: Sequence[list[float]], ys: Sequence[int], xs: Sequence[int]) -> None:
    """Fills in, in place, what of level rules can be told so. `shares[i][j]`: how much of the rule at `ys[i]` is seen
    from `xs[j]` to `xs[j + 1]`, in pixels of `channel`.
    """
    for y, along in zip(ys, shares, strict=True):
        for places in (range(1, len(along)), range(len(along) - 2, -1, -1)):  # from each to the next, there and back
            before = places.start - places.step
            for place in places:
                if along[place] < SEEN and along[before] >= STANDS and _is_rule(channel, y, *xs[place : place + 2]):
                    along[place] = 1.0
                before = place


def _is_rule(channel: Pixels, y: int, begin: int, end: int) -> bool:
    pieces = (end - begin - 2 * INSET) // PIECE
    top, bottom = y - OFF - AROUND, y + OFF + AROUND + 1
    if pieces < MIN_PIECES or top < 0 or bottom > channel.shape[0]:
        return False
    part = channel[top:bottom, begin + INSET : begin + INSET + pieces * PIECE].astype(np.float32)
    means = part.reshape(bottom - top, pieces, PIECE).mean(axis=2)
    paper = np.median(means, axis=0)
    depths = (paper - means) / np.maximum(paper, 1)
    sharp = (depths[:-1] + depths[1:]) / 2  # a rule is about two pixels thick here
    grain = 1.48 * float(np.median(np.abs(sharp)))
    least = max(VISIBLE, OVER_GRAIN * grain / float(np.sqrt(pieces)))
    near = sharp[AROUND : AROUND + 2 * OFF + 1]
    return any(bool(np.percentile(row, 10, method="lower") >= EVEN * row.mean() > EVEN * least) for row in near)
