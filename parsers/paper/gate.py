"""Might this picture be a paper form? Asked of the small preview, before the reader costs anything.

A ruled table says yes at once, and so do many cells side by side, though in a small picture characters touch most of
their rules. Without them, paper that fills much of the picture and is covered with character-sized ink may still be a
form with rules too faint to be seen. A crowd under a banner is neither.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from parsers.paper.finding import MIN_TABLE_SHARE, cells_in, find_tables
from parsers.paper.ink import Pixels, dark_ink, grey

MIN_CELLS: Final = 20  # with four straight sides, of one piece of ink
MIN_TILED: Final = 0.5  # of the place that all of its cells take together, whatever touches them
MIN_PAPER: Final = 0.4  # of the picture
MIN_SHEET: Final = 0.1  # … of each of several sheets
MIN_CHARACTERS: Final = 90  # a form of four rows has 120; what goes on in a photo of people looks like 70 at most
MAX_COLOUR: Final = 48  # spread of the channels of paper, in any light


def may_be_form(preview: Pixels) -> bool:
    """`preview`: about 1000 pixels high or wide."""
    return bool(find_tables(preview)) or _has_many_cells(preview) or _is_sheet_of_text(preview)


def _has_many_cells(preview: Pixels) -> bool:
    light = grey(preview)
    return any(
        len(piece.clear) >= MIN_CELLS and piece.tiled >= MIN_TILED and piece.covered >= MIN_TABLE_SHARE * light.size
        for depth in (10, 5)
        for piece in cells_in(dark_ink(light, depth=depth))
    )


def _is_sheet_of_text(preview: Pixels) -> bool:
    light = grey(preview)
    bright = light > 0.62 * float(np.percentile(light, 95))
    colourless = np.ptp(preview, axis=2) < MAX_COLOUR
    paper = np.where(bright & colourless, 255, 0).astype(np.uint8)
    paper = np.asarray(cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)), np.uint8)
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(paper)
    if count < 2:
        return False
    is_sheet = stats[:, cv2.CC_STAT_AREA] >= MIN_SHEET * paper.size
    is_sheet[0] = False
    if stats[is_sheet, cv2.CC_STAT_AREA].sum() < MIN_PAPER * paper.size:
        return False
    ink = dark_ink(light, block=25, depth=14)
    ink[~is_sheet[labels]] = 0
    blobs, _labels, sizes, _centres = cv2.connectedComponentsWithStats(ink)
    tall, wide = sizes[1:blobs, cv2.CC_STAT_HEIGHT], sizes[1:blobs, cv2.CC_STAT_WIDTH]
    return int(((tall >= 5) & (tall <= 40) & (wide >= 3) & (wide <= 60)).sum()) >= MIN_CHARACTERS
