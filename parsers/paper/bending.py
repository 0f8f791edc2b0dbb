"""How far the rules of a table bend on a page that is flat but for its paper: waves, curls, a corner that stands up.

Every short straight stretch of a rule tells how steep the page is there, whichever rule it belongs to: a mesh of strays
is fitted to all of them at once, smooth, and little moved by the few that tell otherwise (a crease that crosses the
rules at its own angle, the arc of a seal). What then lies at one height is one rule, and its stretches also tell where
they lie: with both the mesh is fitted once more. So a rule may be broken, touched by a crease or partly unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from parsers.paper.ink import Mask
from parsers.paper.sheet import Bend

STRETCH: Final = 48  # pixels: straight on any paper, and longer than most strokes
WHOLE: Final = 0.75  # of a stretch that must be seen
THICK: Final = 9  # pixels: more is no rule
STEEP: Final = 0.3
SLANTED: Final = 0.02  # on an unbent page
NODES_ALONG: Final = 19
NODES_ACROSS: Final = 7
STIFF: Final = 2.0  # weight of the mesh's smoothness against one stretch
USUAL_ERROR: Final = 0.012  # of a stretch's slope
USUAL_OFFSET: Final = 1.0  # pixels
ROUNDS: Final = 5
APART: Final = 6.0  # pixels between two rules
MIN_STRETCHES: Final = 8
MIN_STRAY: Final = 1.0  # pixels: less is no bend

Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stretches:
    """Where the middles of short stretches of rules lie, and how steep they are."""

    xs: Doubles
    ys: Doubles
    slopes: Doubles


def bend_of(level: Mask) -> Bend | None:
    """What a mask of level rules tells, in its own pixels; None where they are straight or too few."""
    stretches = _stretches(level)
    if min(level.shape) < NODES_ACROSS or len(stretches.xs) < MIN_STRETCHES:
        return None
    mesh = _Mesh(width=level.shape[1], height=level.shape[0])
    strays = mesh.fitted(stretches)
    for _ in range(2):
        strays = mesh.fitted(stretches, start=strays)
    if np.abs(strays).max() < MIN_STRAY:
        return None
    return Bend(at=mesh.at.astype(np.float32), along=mesh.along.astype(np.float32), strays=strays.astype(np.float32))


def without_slants(level: Mask) -> Mask:
    """The rules of an unbent page, which are level by now: what still goes up or down is a crease or a seal's arc."""
    kept = level.copy()
    for left, top, part, slope in _straight(level):
        if abs(slope) > SLANTED:
            kept[top : top + part.shape[0], left : left + part.shape[1]][part] = 0
    return kept


def _stretches(level: Mask) -> _Stretches:
    found = []
    for left, top, part, slope in _straight(level):
        middle = float((part * np.arange(part.shape[0])[:, None]).sum() / part.sum())
        found.append((left + (part.shape[1] - 1) / 2, top + middle, slope))
    points = np.array(found, dtype=np.float64).reshape(-1, 3)
    return _Stretches(xs=points[:, 0], ys=points[:, 1], slopes=points[:, 2])


def _straight(level: Mask) -> Iterator[tuple[int, int, npt.NDArray[np.bool_], float]]:
    """Left, top, pixels and slope of each piece of a rule in strips that overlap by half."""
    for begin in range(0, level.shape[1] - STRETCH + 1, STRETCH // 2):
        strip = np.ascontiguousarray(level[:, begin : begin + STRETCH])
        count, labels, stats, _centres = cv2.connectedComponentsWithStats(strip, connectivity=8)
        for index in range(1, count):
            left, top, across, down, _area = (int(value) for value in stats[index])
            if across < WHOLE * STRETCH or down > THICK + STEEP * STRETCH:
                continue
            part = labels[top : top + down, left : left + across] == index
            thickness = part.sum(axis=0)
            if thickness.max() <= THICK:
                middles = (part * np.arange(down)[:, None]).sum(axis=0) / thickness
                places = np.arange(across) - (across - 1) / 2
                yield begin + left, top, part, float((places * middles).sum() / (places**2).sum())


def _groups(heights: Doubles) -> tuple[Indices, Indices]:
    """The order of the stretches by height, and where in it each rule begins."""
    order = np.argsort(heights)
    return order, np.concatenate([[0], 1 + np.flatnonzero(np.diff(heights[order]) > APART)])


def _centred(places: Doubles, heights: Doubles, weights: Doubles, firsts: Indices) -> tuple[Doubles, Doubles]:
    """Both without the weighted mean of their rule: at which height it lies is nothing that the bend could tell."""
    both = np.column_stack([places, heights])
    totals = np.add.reduceat(weights, firsts)[:, None]
    means = np.add.reduceat(both * weights[:, None], firsts, axis=0) / totals
    rest = both - np.repeat(means, np.diff([*firsts, len(heights)]), axis=0)
    return rest[:, :-1], rest[:, -1]


class _Mesh:
    """Nodes over the picture between which strays are bilinear."""

    def __init__(self, *, width: int, height: int) -> None:
        self.along = np.linspace(0, width - 1, NODES_ALONG)
        self.at = np.linspace(0, height - 1, NODES_ACROSS)
        smooth = self._smoothness()
        self._stiffness = smooth.T @ smooth + 1e-9 * np.eye(self._size)

    @property
    def _size(self) -> int:
        return NODES_ALONG * NODES_ACROSS

    def stray(self, strays: Doubles, xs: Doubles, ys: Doubles) -> Doubles:
        """At points of the bent page: what a point strays is told where it would lie, which two steps find."""
        flat, straight = strays.ravel(), ys
        for _ in range(3):
            straight = ys - self._weights(xs, straight) @ flat
        return np.asarray(self._weights(xs, straight) @ flat)

    def fitted(self, stretches: _Stretches, *, start: Doubles | None = None) -> Doubles:
        """Strays of the nodes, by least squares whose weights fall for what does not fit (Cauchy's). With a `start`,
        what lies at one height once that bend is taken away is one rule, and its stretches tell where they lie too.
        """
        xs, straight = stretches.xs, stretches.ys
        if start is not None:
            straight = straight - self.stray(start, xs, straight)
        ends = self._weights(xs + STRETCH / 2, straight) - self._weights(xs - STRETCH / 2, straight)
        slopes, wanted = ends / (STRETCH * USUAL_ERROR), stretches.slopes / USUAL_ERROR
        if start is None:
            return self._solved(slopes, wanted, None, None)
        order, firsts = _groups(straight)
        places, heights = self._weights(xs, straight)[order] / USUAL_OFFSET, stretches.ys[order] / USUAL_OFFSET
        return self._solved(slopes, wanted, (places, heights), firsts)

    def _solved(
        self, slopes: Doubles, wanted: Doubles, placed: tuple[Doubles, Doubles] | None, firsts: Indices | None
    ) -> Doubles:
        matrix, values = slopes, wanted
        weights = np.ones(len(values) + (len(placed[1]) if placed else 0))
        solution = np.zeros(self._size)
        for _ in range(ROUNDS):
            if placed is not None and firsts is not None:
                centred = _centred(*placed, weights[len(wanted) :], firsts)
                matrix, values = np.vstack([slopes, centred[0]]), np.concatenate([wanted, centred[1]])
            normal = (matrix * weights[:, None]).T @ matrix + self._stiffness
            solution = np.asarray(np.linalg.solve(normal, matrix.T @ (weights * values)), np.float64)
            weights = 1 / (1 + ((matrix @ solution - values) / 2) ** 2)
        strays = solution.reshape(NODES_ACROSS, NODES_ALONG)
        return np.asarray(strays - strays.mean(axis=1, keepdims=True))

    def _weights(self, xs: Doubles, ys: Doubles) -> Doubles:
        """How much each node counts at each point."""
        at, along = _hats(ys, self.at), _hats(xs, self.along)
        return np.asarray((at[:, :, None] * along[:, None, :]).reshape(len(xs), self._size))

    def _smoothness(self) -> Doubles:
        """Rows that are nought for a mesh that is even: its bends along and across, and its means."""
        eye_at, eye_along = np.eye(NODES_ACROSS), np.eye(NODES_ALONG)
        bends_along = np.kron(eye_at, np.diff(eye_along, n=2, axis=0))
        bends_across = np.kron(np.diff(eye_at, n=2, axis=0), eye_along)
        slants = 0.05 * np.kron(np.diff(eye_at, axis=0), eye_along)
        means = np.kron(eye_at, np.full((1, NODES_ALONG), 1 / NODES_ALONG))
        return np.asarray(STIFF * np.vstack([bends_along, bends_across, slants, means]))


def _hats(places: Doubles, nodes: Doubles) -> Doubles:
    """Linear from each node to the next; beyond the outermost ones as at those."""
    step = nodes[1] - nodes[0]
    inside = np.clip(places, nodes[0], nodes[-1])
    return np.asarray(np.clip(1 - np.abs(inside[:, None] - nodes[None, :]) / step, 0, None))
