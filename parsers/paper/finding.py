"""Where tables lie in a photograph, at any angle, in any light, and for no crowd or banner.

A table is a piece of dark ink with many cell-like holes, and a second one right over or under it on the same paper. The
sides of its cells give the perspective (`parsers.paper.perspective`). Red ink is looked through, so that a seal across
a rule neither breaks nor joins cells. Several forms that lie beside each other are several tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from parsers.paper.ink import Mask, Pixels, dark_ink, grey, red_channel, without_red
from parsers.paper.perspective import corners_around
from parsers.paper.sheet import Points

FINDING_SIDE: Final = 1600
MAX_TABLES: Final = 4  # each costs seconds
MIN_HOLES: Final = 8
MIN_HOLE_SHARE: Final = 0.00025  # of the picture
MAX_HOLE_SHARE: Final = 0.35
MIN_TABLE_SHARE: Final = 0.05
MIN_OTHER_SHARE: Final = 0.02  # … of a further one, which may lie half under the first
MIN_FILL: Final = 0.78  # a cell fills most of its own smallest rectangle; a gap between people does not
MIN_SOLID: Final = 0.86  # … and its sides are straight, but for a stroke that touches them
MIN_HOLE_SIDE: Final = 6
SPOILT_FILL: Final = 0.86  # … as the inside of a seal's ring does not
SPOILT_SOLID: Final = 0.7
SPOILT_SIZE: Final = 0.5  # of the usual cell: what a seal leaves of one is smaller
RED_LOSS: Final = 0.6  # without red ink so few of the cells are left where the rules themselves are red
MIN_TILED: Final = 0.55  # cells lie side by side, without much between them
ALIGNED: Final = 0.05  # of its width
NEAR: Final = 0.25
LYING: Final = 0.8  # of a cell's height its width at least: cells lie, and tables go on under each other
RULE: Final = 12  # pixels: more than a rule with its edges takes
PARTING: Final = 0.9  # of the tables' width: a line as long between them is the edge of a sheet
ROW_STEP: Final = 8  # of the rows one is looked at
FLAT_SHARE: Final = 0.75
STRAIGHT: Final = 0.995  # of its upright box a cell fills at least
STRIPES: Final = 1.0  # pixels

Cells = list[Points]  # the outlines of a table's cells


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundTable:
    """Corners in the picture, clockwise from the one that is top left as the picture stands. `is_drawn`: it is no
    photograph, but a picture of a screen, exact to the pixel.
    """

    corners: Points
    has_red_rules: bool
    is_drawn: bool = False


def find_tables(picture: Pixels) -> list[FoundTable]:
    """The ruled tables in the picture, at any angle, the largest first."""
    scale = min(1.0, FINDING_SIDE / max(picture.shape[:2]))
    small = picture if scale == 1 else cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(small, dtype=np.uint8)
    light = grey(small)
    tables = max(_tables_in(red_channel(small)), _tables_in(light), key=_cells_of_first)
    if not tables:  # the stripes of a photographed screen cut its cells up
        tables = _tables_in(np.asarray(cv2.GaussianBlur(light, (0, 0), STRIPES), np.uint8))
    if not tables:  # in a small picture most characters touch the rules
        tables = _tables_in(light, is_lenient=True)
    if not tables:
        return []
    unsealed = _tables_in(without_red(small))
    is_flat = _is_flat(small)
    return [_found(cells, unsealed, scale, is_drawn=is_flat and _are_straight(cells)) for cells in tables]


def _found(cells: Cells, unsealed: list[Cells], scale: float, *, is_drawn: bool) -> FoundTable:
    corners = _box_around(cells) if is_drawn else _clockwise(corners_around(cells))
    return FoundTable(corners=corners / scale, has_red_rules=_has_red_rules(cells, unsealed), is_drawn=is_drawn)


def _is_flat(picture: Pixels) -> bool:
    """Whether most pixels are just as the ones beside them, which no camera and no scanner gives."""
    rows = picture[::ROW_STEP]
    return float((rows[:, 1:] == rows[:, :-1]).all(axis=2).mean()) > FLAT_SHARE


def _are_straight(cells: Cells) -> bool:
    """Whether the cells are upright rectangles."""
    sides = [np.ptp(cell, axis=0) for cell in cells]
    filled = [float(cv2.contourArea(cell)) / float(np.prod(side)) for cell, side in zip(cells, sides, strict=True)]
    return float(np.median(filled)) > STRAIGHT


def _box_around(cells: Cells) -> Points:
    points = np.concatenate(cells)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)


def _cells_of_first(tables: list[Cells]) -> int:
    return len(tables[0]) if tables else 0


def _has_red_rules(cells: Cells, unsealed: list[Cells]) -> bool:
    left = max((len(other) for other in unsealed if _lies_in(other, cells) or _lies_in(cells, other)), default=0)
    return left < RED_LOSS * len(cells)


def _tables_in(channel: Pixels, *, is_lenient: bool = False) -> list[Cells]:
    """The cells of each table, the largest table first. `is_lenient`: spoilt cells count like clear ones."""
    tables: list[Cells] = []
    for depth in (10, 5):  # faint rules want the second look, which also sees more of what is none
        seen = _tables_of(dark_ink(channel, depth=depth), is_lenient=is_lenient)
        if _cells_of_first(seen) > 1.3 * _cells_of_first(tables):
            tables = seen
    return tables


def _tables_of(ink: Mask, *, is_lenient: bool) -> list[Cells]:
    joined = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.uint8)
    by_piece = _holes_by_piece(joined)
    clear = {piece: [hole for hole in holes if _is_cell(hole)] for piece, holes in by_piece.items()}
    if is_lenient:
        clear = {
            piece: _with_spoilt(by_piece[piece], holes) for piece, holes in clear.items() if len(holes) >= MIN_HOLES
        }
    clear = {piece: holes for piece, holes in clear.items() if _tiled(holes) >= MIN_TILED}
    tables: list[Cells] = []
    for piece in sorted(clear, key=lambda piece: -_covered(clear[piece])):
        least = MIN_OTHER_SHARE if tables else MIN_TABLE_SHARE
        if piece not in clear or _covered(clear[piece]) < least * ink.size or len(tables) == MAX_TABLES:
            continue
        whole = _with_spoilt(by_piece[piece], clear[piece])
        parts = [piece]
        for other, holes in clear.items():
            if other != piece and len(holes) >= MIN_HOLES // 2 and _goes_on(whole, holes, joined):
                whole = whole + holes
                parts.append(other)
        if len(whole) >= MIN_HOLES and not any(_lies_in(whole, table) for table in tables):
            tables.append(whole)
            clear = {other: holes for other, holes in clear.items() if other not in parts}
    return tables


@dataclass(frozen=True, kw_only=True, slots=True)
class InkedCells:
    """A piece of ink's holes of a cell's size: those with four straight sides, the pixels that all cover, and how much
    that is of the place that they take together.
    """

    clear: Cells
    covered: float
    tiled: float


def cells_in(ink: Mask) -> list[InkedCells]:
    """Of each piece of ink."""
    joined = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.uint8)
    return [
        InkedCells(clear=[hole for hole in holes if _is_cell(hole)], covered=_covered(holes), tiled=_tiled(holes))
        for holes in _holes_by_piece(joined).values()
    ]


def _with_spoilt(holes: Cells, clear: Cells) -> Cells:
    """The clear cells of a piece of ink, and those that something touches."""
    usual = float(np.median([cv2.contourArea(hole) for hole in clear]))
    return [hole for hole in holes if _is_cell(hole) or _is_spoilt_cell(hole, usual)]


def _holes_by_piece(joined: Mask) -> dict[int, Cells]:
    """Outlines of the holes of a cell's size in each piece of ink."""
    contours, levels = cv2.findContours(joined, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    by_piece: dict[int, Cells] = {}
    for contour, level in zip(contours, levels[0] if contours else (), strict=True):
        outline = np.asarray(contour, dtype=np.float32).reshape(-1, 2)
        share = cv2.contourArea(outline) / joined.size
        if level[3] >= 0 and len(outline) >= 4 and MIN_HOLE_SHARE <= share <= MAX_HOLE_SHARE:
            by_piece.setdefault(int(level[3]), []).append(outline)
    return by_piece


def _goes_on(table: Cells, other: Cells, joined: Mask) -> bool:
    """Whether the other is a second table of the same sheet: as wide, right over or under the first."""
    corners = np.asarray(cv2.boxPoints(cv2.minAreaRect(np.concatenate(table))), dtype=np.float32)
    for origin, along, aside in ((0, 1, 3), (1, 2, 0)):
        axes = np.stack([corners[along] - corners[origin], corners[aside] - corners[origin]])
        sides = np.linalg.norm(axes, axis=1)
        one, two = ([hole @ axes.T / sides for hole in holes] for holes in (table, other))
        if not _lie_along(one):
            continue
        first, second = np.concatenate(one), np.concatenate(two)
        ends = np.abs([first[:, 0].min() - second[:, 0].min(), first[:, 0].max() - second[:, 0].max()])
        gap = max(second[:, 1].min() - first[:, 1].max(), first[:, 1].min() - second[:, 1].max())
        if ends.max() < ALIGNED * sides[0] and -ALIGNED * sides[1] < gap < NEAR * sides[0]:
            return not _are_parted(first, second, axes / sides[:, None], joined)
    return False


def _lie_along(holes: Cells) -> bool:
    """Whether cells are longer along the first axis than along the other."""
    along, aside = np.median([np.ptp(hole, axis=0) for hole in holes], axis=0)
    return bool(along >= LYING * aside)


def _are_parted(first: Points, second: Points, axes: Points, joined: Mask) -> bool:
    """Whether the edge of a sheet runs between two tables, from one side to the other. Both in their own axes."""
    upper, lower = (first, second) if first[:, 1].max() < second[:, 1].max() else (second, first)
    left, right = first[:, 0].min(), first[:, 0].max()
    top, bottom = upper[:, 1].max() + RULE, lower[:, 1].min() - RULE
    if bottom - top < RULE:
        return False
    corners = np.array([[left, top], [right, top], [left, bottom]], np.float32) @ axes
    size = round(float(right - left)), round(float(bottom - top))
    target = np.array([[0, 0], [size[0], 0], [0, size[1]]], np.float32)
    between = cv2.warpAffine(joined, cv2.getAffineTransform(corners.astype(np.float32), target), size)
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(np.where(between > 0, 255, 0).astype(np.uint8))
    return bool((stats[1:count, cv2.CC_STAT_WIDTH] >= PARTING * size[0]).any())


def _is_cell(outline: Points) -> bool:
    """Four straight sides."""
    fill, solid, short = _shape(outline)
    if short < MIN_HOLE_SIDE or fill < MIN_FILL or solid < MIN_SOLID:
        return False
    return len(cv2.approxPolyDP(cv2.convexHull(outline), 0.2 * short, closed=True)) == 4


def _is_spoilt_cell(outline: Points, usual: float) -> bool:
    """A cell whose side a character or a seal touches: it still tells where the table ends."""
    fill, solid, short = _shape(outline)
    is_large = cv2.contourArea(outline) >= SPOILT_SIZE * usual and short >= MIN_HOLE_SIDE
    return is_large and fill >= SPOILT_FILL and solid >= SPOILT_SOLID


def _shape(outline: Points) -> tuple[float, float, float]:
    """How much of its smallest rectangle its hull fills, how much of its hull it fills itself, and its shorter side."""
    hull = cv2.contourArea(cv2.convexHull(outline))
    _centre, (width, height), _angle = cv2.minAreaRect(outline)
    return hull / max(1.0, width * height), cv2.contourArea(outline) / max(1.0, hull), min(width, height)


def _lies_in(cells: Cells, table: Cells) -> bool:
    """Whether the middle of some cells lies within a table."""
    middle = np.concatenate(cells).mean(axis=0)
    return cv2.pointPolygonTest(cv2.convexHull(np.concatenate(table)), middle.tolist(), measureDist=False) >= 0


def _tiled(holes: Cells) -> float:
    return _covered(holes) / max(1.0, float(cv2.contourArea(cv2.convexHull(np.concatenate(holes))))) if holes else 0.0


def _covered(holes: Cells) -> float:
    return sum(float(cv2.contourArea(hole)) for hole in holes)


def _clockwise(corners: Points) -> Points:
    """Clockwise on the picture, beginning with the corner nearest to its top left."""
    centre = corners.mean(axis=0)
    turn = np.argsort(np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]))
    ordered = corners[turn]
    return np.roll(ordered, -int(np.argmin(ordered.sum(axis=1))), axis=0).astype(np.float32)
