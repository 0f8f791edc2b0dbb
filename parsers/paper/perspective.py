"""The corners of a table, told by the sides of all its cells: a cell unseen at a corner moves none of them.

The cells' level sides meet in one vanishing point and their upright sides in another. With both, the picture is made
plain: there the table is the upright box around its cells, whichever of them were found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

ROUNDS: Final = 4
USUAL_MISS: Final = 0.01  # radians that a cell's side points off its family's vanishing point
MIN_CELLS: Final = 4

Points = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Side = npt.NDArray[np.float64]  # x, y of one end, x, y of the other


def corners_around(cells: Sequence[Points]) -> Points:
    """The table's four corners, in no order; `cells` are the outlines of its cells in the picture."""
    points = np.concatenate(cells).astype(np.float64)
    hull = cv2.convexHull(points.astype(np.float32))
    box = np.asarray(cv2.boxPoints(cv2.minAreaRect(hull)), dtype=np.float32)
    middle, size = points.mean(axis=0), max(1.0, float(np.ptp(points, axis=0).max()))
    to_plane = _plane([(cell - middle) / size for cell in cells], (box - middle) / size)
    if to_plane is None:
        return box
    flat = _moved((points - middle) / size, to_plane)
    if flat is None:
        return box
    (left, top), (right, bottom) = flat.min(axis=0), flat.max(axis=0)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    back = _moved(corners, np.asarray(np.linalg.inv(to_plane), np.float64))
    return box if back is None else (back * size + middle).astype(np.float32)


def _plane(cells: Sequence[Doubles | Points], box: Points) -> Doubles | None:
    """The way from the picture to the table's own plane."""
    sides = [side for cell in cells for side in _sides(cell)]
    along = (box[1] - box[0]) / max(1e-9, float(np.linalg.norm(box[1] - box[0])))
    level = [side for side in sides if abs(_direction(side) @ along) > 0.75]
    upright = [side for side in sides if abs(_direction(side) @ along) < 0.66]
    if min(len(level), len(upright)) < MIN_CELLS:
        return None
    ends = [_vanishing_point(np.array(family)) for family in (level, upright)]
    lengths = [float(np.linalg.norm(end[:2])) for end in ends]
    if min(lengths) < 0.5:  # no photograph of a sheet is taken as steeply as that
        return None
    from_plane = np.column_stack([ends[0] / lengths[0], ends[1] / lengths[1], [0.0, 0.0, 1.0]])
    return None if abs(np.linalg.det(from_plane)) < 0.2 else np.asarray(np.linalg.inv(from_plane))


def _sides(cell: Doubles | Points) -> list[Side]:
    hull = cv2.convexHull(np.asarray(cell, dtype=np.float32))
    if len(hull) < 4:
        return []
    corners = hull.reshape(-1, 2) if len(hull) == 4 else np.asarray(cv2.approxPolyN(hull, 4)).reshape(-1, 2)
    return [
        np.concatenate([corners[index], corners[(index + 1) % len(corners)]]).astype(np.float64)
        for index in range(len(corners))
    ]


def _direction(side: Side) -> Doubles:
    step = side[2:] - side[:2]
    return np.asarray(step / max(1e-9, float(np.linalg.norm(step))))


def _vanishing_point(sides: Doubles) -> Doubles:
    """Homogeneous, of unit length: where the lines through the sides all but meet, by Cauchy's weights."""
    begin, end = sides[:, :2], sides[:, 2:]
    step = end - begin
    lengths = np.linalg.norm(step, axis=1)
    normals = np.column_stack([-step[:, 1], step[:, 0]]) / lengths[:, None]
    lines = np.column_stack([normals, -(normals * begin).sum(axis=1)])
    weights = lengths**2
    point = np.array([1.0, 0.0, 0.0])
    for _ in range(ROUNDS):
        _values, vectors = np.linalg.eigh((lines * weights[:, None]).T @ lines)
        point = vectors[:, 0]
        toward = point[:2] - point[2] * (begin + end) / 2
        misses = np.abs((lines @ point) / np.maximum(1e-9, np.linalg.norm(toward, axis=1)))
        weights = lengths**2 / (1 + (misses / USUAL_MISS) ** 2)
    return np.asarray(point)


def _moved(points: Doubles, by: Doubles) -> Doubles | None:
    """None where a point lies at or beyond the horizon."""
    moved = np.column_stack([points, np.ones(len(points))]) @ by.T
    if moved[:, 2].min() <= 0.05:
        return None
    return np.asarray(moved[:, :2] / moved[:, 2:])
