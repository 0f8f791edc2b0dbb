"""The way from a table found in a photograph (`parsers.paper.finding`) to a flat, upright page.

`Flat` says where each point of the flat page lies in the photograph: perspective first, then the bend of the paper as
measured along the table's own lines (`parsers.paper.bending`). The page is taken from the photograph in one step, so
that nothing is blurred twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from parsers.paper.ink import Pixels, grey, red_channel, without_red

MESH: Final = 16  # where points lie in the picture is worked out at every 16th pixel
MARGIN_ABOVE: Final = 0.42  # of the page beside the table: title and unit line stand there
MARGIN_BELOW: Final = 0.22  # … a unit line and its seal, and the note
MARGIN_BESIDE: Final = 0.08
MAX_PAGE_SIDE: Final = 2400

Points = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float32]
Frame = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, kw_only=True, slots=True)
class Bend:
    """How far rules stray from straight, at the nodes of a mesh: at each place `at`, by how much at each of `along`."""

    at: Floats
    along: Floats
    strays: Floats  # len(at) × len(along)

    def stray(self, places: Floats, along: Floats) -> Floats:
        """Bilinear, and beyond the outermost nodes as at those; both are arrays that fit each other."""
        down = np.interp(places, self.at, np.arange(len(self.at)))
        across = np.interp(along, self.along, np.arange(len(self.along)))
        row = np.clip(np.floor(down).astype(int), 0, max(0, len(self.at) - 2))
        column = np.clip(np.floor(across).astype(int), 0, max(0, len(self.along) - 2))
        next_row, next_column = np.minimum(row + 1, len(self.at) - 1), np.minimum(column + 1, len(self.along) - 1)
        share, beside = down - row, across - column
        upper = self.strays[row, column] * (1 - beside) + self.strays[row, next_column] * beside
        lower = self.strays[next_row, column] * (1 - beside) + self.strays[next_row, next_column] * beside
        return np.asarray(upper * (1 - share) + lower * share, dtype=np.float32)

    def after(self, more: Bend) -> Bend:
        """This bend, and what a look at the page unbent by it still saw, in one."""
        earlier = self.stray(more.at[:, None] + more.strays, more.along[None, :])
        return replace(more, strays=np.asarray(more.strays + earlier, np.float32))


@dataclass(frozen=True, kw_only=True, slots=True)
class Flat:
    """A flat page: the table at (left, top) with `width` × `height`, inside a page of `page_size`. `is_drawn`: as a
    screen shows it, exact to the pixel.
    """

    to_picture: npt.NDArray[np.float64]  # from the table's own plane, origin at its corner
    width: int
    height: int
    left: int
    top: int
    page_size: tuple[int, int]
    rows: Bend | None = None
    columns: Bend | None = None
    has_red_rules: bool = False
    is_drawn: bool = False

    @property
    def page(self) -> Frame:
        """The page's edges in the table's plane."""
        return -self.left, -self.top, self.page_size[0] - self.left, self.page_size[1] - self.top

    def take(self, picture: Pixels, frame: Frame | None = None, *, scale: float = 1.0) -> Pixels:
        """The page, or a frame of the table's plane, as a picture; what lies outside the photograph is white."""
        left, top, right, bottom = frame or self.page
        across, down = max(2, round((right - left) * scale)), max(2, round((bottom - top) * scale))
        xs = np.arange(0, across + MESH, MESH, dtype=np.float32)
        ys = np.arange(0, down + MESH, MESH, dtype=np.float32)
        where = self.places(xs / scale + left, ys / scale + top)
        full = [_enlarged(where[..., axis], across, down) for axis in (0, 1)]
        page = cv2.remap(
            picture, full[0], full[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(255, 255, 255)
        )
        return np.asarray(page, dtype=np.uint8)

    def rules(self, taken: Pixels) -> Pixels:
        """Of what was taken the channel in which all rules are dark."""
        return grey(taken) if self.has_red_rules else red_channel(taken)

    def rules_unsealed(self, taken: Pixels) -> Pixels:
        """… and the one without the seal, in which they may have gaps."""
        return grey(taken) if self.has_red_rules else without_red(taken)

    def places(self, xs: Floats, ys: Floats) -> Points:
        """Where the points of a mesh, given in the table's plane, lie in the picture."""
        grid_x, grid_y = np.meshgrid(xs, ys)
        down = self.rows.stray(ys[:, None], xs[None, :]) if self.rows is not None else np.zeros_like(grid_y)
        across = self.columns.stray(xs[None, :], ys[:, None]) if self.columns is not None else np.zeros_like(grid_x)
        points = np.stack([grid_x + across, grid_y + down], axis=-1).reshape(-1, 1, 2).astype(np.float64)
        return cv2.perspectiveTransform(points, self.to_picture).reshape(*grid_x.shape, 2).astype(np.float32)


def _enlarged(mesh: Floats, width: int, height: int) -> Floats:
    """The values between the points of a mesh that begins at pixel 0."""
    xs = np.arange(width, dtype=np.float32) / MESH
    ys = np.arange(height, dtype=np.float32) / MESH
    grid_x, grid_y = np.meshgrid(xs, ys)
    return np.asarray(cv2.remap(mesh, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def flatten(picture: Pixels, corners: Points, *, has_red_rules: bool = False, is_drawn: bool = False) -> Flat:
    """The page around a table with these corners, not yet unbent."""
    sides = [float(np.linalg.norm(corners[i] - corners[(i + 1) % 4])) for i in range(4)]
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    reach = _reach(picture, corners, width, height)
    longest = max(reach[2] - reach[0], reach[3] - reach[1])
    scale = min(1.6, MAX_PAGE_SIDE / longest)
    width, height = round(width * scale), round(height * scale)
    plane = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    left, top = round(-reach[0] * scale), round(-reach[1] * scale)
    size = (round((reach[2] - reach[0]) * scale), round((reach[3] - reach[1]) * scale))
    to_picture = cv2.getPerspectiveTransform(plane, corners.astype(np.float32))
    return Flat(
        to_picture=np.asarray(to_picture, np.float64),
        width=width,
        height=height,
        left=left,
        top=top,
        page_size=size,
        has_red_rules=has_red_rules,
        is_drawn=is_drawn,
    )


def _reach(picture: Pixels, corners: Points, width: float, height: float) -> tuple[float, float, float, float]:
    """How far the page goes around the table, within the photograph, in the table's plane. Which side is up is not
    yet known: the title may stand at any of the four.
    """
    plane = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    from_picture = cv2.getPerspectiveTransform(corners.astype(np.float32), plane)
    down, across = picture.shape[:2]
    frame = np.array([[[0, 0]], [[across, 0]], [[across, down]], [[0, down]]], dtype=np.float32)
    xs, ys = cv2.perspectiveTransform(frame, from_picture).reshape(4, 2).T
    margin = MARGIN_ABOVE * max(width, height)
    return (
        max(-margin, float(xs.min())),
        max(-margin, float(ys.min())),
        min(width + margin, float(xs.max())),
        min(height + margin, float(ys.max())),
    )


def turned(flat: Flat, quarters: int) -> Flat:
    """The same page, turned clockwise by so many quarters. To be called before the bend is measured."""
    for _ in range(quarters % 4):
        back = np.array([[0, 1, 0], [-1, 0, flat.height], [0, 0, 1]], dtype=np.float64)
        flat = replace(
            flat,
            to_picture=flat.to_picture @ back,
            width=flat.height,
            height=flat.width,
            left=flat.page_size[1] - flat.top - flat.height,
            top=flat.left,
            page_size=(flat.page_size[1], flat.page_size[0]),
        )
    return flat


def trimmed(flat: Flat) -> Flat:
    """The page of a table that stands upright: room for the title above, little on the other sides."""
    beside = round(MARGIN_BESIDE * flat.width)
    left = min(flat.left, beside)
    right = min(flat.page_size[0] - flat.left - flat.width, beside)
    top = min(flat.top, round(MARGIN_ABOVE * max(flat.width, flat.height)))
    bottom = min(flat.page_size[1] - flat.top - flat.height, round(MARGIN_BELOW * max(flat.width, flat.height)))
    size = (left + flat.width + right, top + flat.height + bottom)
    return replace(flat, left=left, top=top, page_size=size)
