"""Several sheets in one photograph: what belongs to each of them, so that none is read into another's page.

To a table belongs what stands around it as on any page (`parsers.paper.sheet`): title above, note below. Where another
table stands nearer than that, the space between them is parted: most of it to the title of the one that lies under it.
For the reading of one sheet what belongs to the others is painted over with the paper around.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np

from parsers.paper.ink import Pixels
from parsers.paper.sheet import MARGIN_ABOVE, MARGIN_BELOW, MARGIN_BESIDE, Flat, Points

SHARES: Final = (0.5, 0.7, 0.5, 0.3)  # of the space to a neighbour at the left, above, at the right, below
AROUND: Final = 1 / 40  # of the picture: so far around it the colour of the paper is looked for


def corners_of(flat: Flat) -> Points:
    """The table's corners in the picture."""
    return _in_picture(flat, (0, 0, flat.width, flat.height))


def belongings(flat: Flat, neighbour: Points) -> Points:
    """The corners, in the picture, of what belongs to the upright table of `flat`, against a neighbour's table."""
    xs, ys = cv2.perspectiveTransform(neighbour.reshape(-1, 1, 2), np.linalg.inv(flat.to_picture)).reshape(-1, 2).T
    spaces = -xs.max(), -ys.max(), xs.min() - flat.width, ys.min() - flat.height
    longest = max(flat.width, flat.height)
    margins = [MARGIN_BESIDE * flat.width, MARGIN_ABOVE * longest, MARGIN_BESIDE * flat.width, MARGIN_BELOW * longest]
    side = int(np.argmax(spaces))
    margins[side] = min(margins[side], max(0.0, SHARES[side] * float(spaces[side])))
    return _in_picture(flat, (-margins[0], -margins[1], flat.width + margins[2], flat.height + margins[3]))


def _in_picture(flat: Flat, frame: tuple[float, float, float, float]) -> Points:
    left, top, right, bottom = frame
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], dtype=np.float64)
    return np.asarray(cv2.perspectiveTransform(corners, flat.to_picture)[0], dtype=np.float32)


def without(picture: Pixels, areas: Iterable[Points]) -> Pixels:
    """The picture with areas painted over, in the colour of the paper beside what is written there."""
    mask = np.zeros(picture.shape[:2], np.uint8)
    for area in areas:
        cv2.fillConvexPoly(mask, np.round(area).astype(np.int32), 255)
    eighth = max(1, picture.shape[1] // 8), max(1, picture.shape[0] // 8)
    size = max(3, round(AROUND * min(eighth))) | 1
    paper = cv2.medianBlur(cv2.dilate(cv2.resize(picture, eighth), np.ones((size, size), np.uint8)), size)
    bare = cv2.resize(paper, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.where(mask[..., None] > 0, bare, picture), dtype=np.uint8)
