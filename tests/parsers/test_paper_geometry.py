"""How a worn sheet is made plain: its corners, its bend, its creases."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from parsers.paper.bending import bend_of, without_slants
from parsers.paper.creases import without_creases
from parsers.paper.grid import grid_of_channels
from parsers.paper.perspective import corners_around

WIDTH, HEIGHT = 1000, 800
TOP, STEP, ROWS = 100, 50, 10


def wave(x: npt.NDArray[np.float64], y: float) -> npt.NDArray[np.float64]:
    """Waves that grow down the page, as of a sheet with a corner up."""
    return 10 * np.sin(2 * np.pi * x / 700) + 0.02 * (x - 500) * (y / HEIGHT)


def waved_rules(*, without: frozenset[int] = frozenset()) -> npt.NDArray[np.uint8]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    xs = np.arange(60, 940).astype(np.float64)
    for row in set(range(ROWS)) - without:
        ys = TOP + STEP * row + wave(xs, TOP + STEP * row)
        cv2.polylines(mask, [np.column_stack([xs, ys]).astype(np.int32)], isClosed=False, color=255, thickness=3)
    return mask


def straightness(mask: npt.NDArray[np.uint8], row: int) -> float:
    """The most that a rule strays once the bend that `mask` tells is taken away."""
    bend = bend_of(mask)
    assert bend is not None
    xs = np.linspace(100, 900, 50)
    level = float(TOP + STEP * row)
    strays = bend.stray(np.full(50, level, np.float32), xs.astype(np.float32))
    left = wave(xs, level) - strays
    return float(np.ptp(left))


@pytest.mark.parametrize("row", [0, 5, 9])
def test_waves_are_told_by_all_rules_together(row: int) -> None:
    assert straightness(waved_rules(), row) < 2.5


def test_a_rule_that_is_not_seen_is_unbent_by_its_neighbours() -> None:
    assert straightness(waved_rules(without=frozenset({4, 5})), 4) < 2.5


def test_a_crease_across_the_rules_does_not_bend_the_page() -> None:
    mask = waved_rules()
    cv2.line(mask, (0, 280), (WIDTH - 1, 330), 255, 3)
    assert straightness(mask, 4) < 3


def test_straight_rules_have_no_bend() -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for row in range(ROWS):
        mask[TOP + STEP * row : TOP + STEP * row + 3, 60:940] = 255
    assert bend_of(mask) is None


def test_too_few_rules_tell_nothing() -> None:
    assert bend_of(np.zeros((HEIGHT, WIDTH), np.uint8)) is None


def test_what_is_slanted_on_an_unbent_page_is_no_rule() -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[100:103] = 255
    cv2.line(mask, (0, 200), (WIDTH - 1, 260), 255, 3)
    kept = without_slants(mask)
    assert kept[100:103].all()
    assert not kept[150:, :-48].any()


def cells(*, without: frozenset[tuple[int, int]] = frozenset()) -> list[npt.NDArray[np.float32]]:
    """The cells of a table of 8 rows and 5 columns as a steep camera sees them."""
    corners = np.array([[0, 0], [500, 0], [500, 400], [0, 400]], np.float32)
    seen = np.array([[300, 200], [1100, 260], [1250, 900], [150, 820]], np.float32)
    camera = cv2.getPerspectiveTransform(corners, seen)
    outlines = []
    for row in range(8):
        for column in range(5):
            if (row, column) not in without:
                left, top = 100 * column, 50 * row
                box = np.array([[[left, top], [left + 100, top], [left + 100, top + 50], [left, top + 50]]], np.float32)
                outlines.append(cv2.perspectiveTransform(box, camera)[0])
    return outlines


@pytest.mark.parametrize(
    "without", [frozenset(), {(0, 0), (0, 1), (1, 0)}, {(7, 4), (6, 4), (7, 3), (0, 0)}], ids=["all", "top", "both"]
)
def test_the_corners_are_found_without_the_cells_at_them(without: frozenset[tuple[int, int]]) -> None:
    found = corners_around(cells(without=frozenset(without)))
    wanted = np.array([[300, 200], [1100, 260], [1250, 900], [150, 820]])
    for corner in wanted:
        assert min(np.linalg.norm(found - corner, axis=1)) < 6


def ruled_page(*, shade: int = 60) -> npt.NDArray[np.uint8]:
    page = np.full((HEIGHT, WIDTH), 220, np.uint8)
    for row in range(ROWS):
        page[TOP + STEP * row : TOP + STEP * row + 2, 100:901] = shade
    for x in range(100, 901, 200):
        page[TOP : TOP + STEP * (ROWS - 1), x : x + 2] = shade
    return page


def test_a_crease_is_no_rule() -> None:
    page = ruled_page()
    folded = page.copy()
    folded[TOP + 172 : TOP + 175] = np.minimum(folded[TOP + 172 : TOP + 175], 190)
    plain, grid = (grid_of_channels(channel, channel, left=60, top=60) for channel in (page, folded))
    assert plain is not None
    assert grid is not None
    assert (grid.rows, grid.columns) == (plain.rows, plain.columns) == (ROWS - 1, 4)


def test_a_rule_under_a_crease_stays_one() -> None:
    page = ruled_page()
    line = TOP + 3 * STEP
    page[line : line + 3] = np.minimum(page[line : line + 3], 190)
    assert line in without_creases(page, [line - STEP, line, line + STEP], 100, 900)


def test_a_faint_line_that_goes_on_beside_the_table_is_a_crease() -> None:
    page = ruled_page(shade=190)
    page[TOP + 20 : TOP + 23] = 190
    assert without_creases(page, [TOP + 21, TOP + STEP], 100, 900) == [TOP + STEP]
