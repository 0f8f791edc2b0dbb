"""Might this picture be a paper form? Asked of the small preview, before the reader costs anything.

A ruled table says yes at once. Without one, a sheet of paper that fills much of the picture and is covered with
character-sized ink may still be a form with rules too faint to be seen. A crowd under a banner is neither.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from parsers.paper.finding import find_tables
from parsers.paper.ink import Pixels, dark_ink, grey

MIN_PAPER: Final = 0.4  # of the picture
MIN_CHARACTERS: Final = 90  # a form of four rows has 120; what goes on in a photo of people looks like 70 at most
MAX_COLOUR: Final = 48  # spread of the channels of paper, in any light


def may_be_form(preview: Pixels) -> bool:
    """`preview`: about 1000 pixels high or wide."""
    return bool(find_tables(preview)) or _is_sheet_of_text(preview)


def _is_sheet_of_text(preview: Pixels) -> bool:
    light = grey(preview)
    bright = light > 0.62 * float(np.percentile(light, 95))
    colourless = np.ptp(preview, axis=2) < MAX_COLOUR
    paper = np.where(bright & colourless, 255, 0).astype(np.uint8)
    paper = np.asarray(cv2.morphologyEx(paper, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8)), np.uint8)
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(paper)
    if count < 2:
        return False
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    if stats[largest, cv2.CC_STAT_AREA] < MIN_PAPER * paper.size:
        return False
    ink = dark_ink(light, block=25, depth=14)
    ink[labels != largest] = 0
    blobs, _labels, sizes, _centres = cv2.connectedComponentsWithStats(ink)
    tall, wide = sizes[1:blobs, cv2.CC_STAT_HEIGHT], sizes[1:blobs, cv2.CC_STAT_WIDTH]
    return int(((tall >= 5) & (tall <= 40) & (wide >= 3) & (wide <= 60)).sum()) >= MIN_CHARACTERS
