"""A flat page as all steps after it see it: its ink, without its seal, in even light; and what hides some of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from parsers.paper.ink import Mask, Pixels, dark_ink, evened, red_ink, without_red

SEAL_DEPTH: Final = 130  # what is red and no darker than this in the red channel is a seal's ink alone
PURE_WHITE: Final = 253
PAPER_WHITE: Final = 240
BURNT_OUT: Final = 0.3  # of a cell
COVERED: Final = 120  # grey levels of even light: darker than a shaded cell
THICK: Final = 17  # pixels

Box = tuple[int, int, int, int]  # left, top, right, bottom on the page


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A flat page with the masks that all steps share."""

    picture: Pixels
    bare: Pixels  # without red
    evened: Pixels  # … and in even light
    ink: Mask
    red: Mask

    @staticmethod
    def of(picture: Pixels) -> Page:
        bare = without_red(picture)
        level, red = evened(bare), red_ink(picture)
        ink = dark_ink(level, block=61, depth=22)
        ink[(cv2.dilate(red, np.ones((5, 5), np.uint8)) > 0) & (level > SEAL_DEPTH)] = 0
        return Page(picture=picture, bare=bare, evened=level, ink=ink, red=red)

    def is_burnt_out(self, box: Box) -> bool:
        """Whether a reflection hides what stands there: pure white on paper that is nowhere near it."""
        left, top, right, bottom = box
        part = self.picture[top:bottom, left:right]
        share = float((part.min(axis=2) >= PURE_WHITE).mean()) if part.size else 0.0
        return share > BURNT_OUT and float(np.median(self.picture[::16, ::16])) < PAPER_WHITE

    def is_covered(self, box: Box) -> bool:
        """Whether something dark lies over what stands there: a pen, a clip, a hole; no stroke of a character is as
        thick.
        """
        left, top, right, bottom = box
        part = np.where(self.evened[top:bottom, left:right] < COVERED, 255, 0).astype(np.uint8)
        return bool(part.size) and bool(cv2.erode(part, np.ones((THICK, THICK), np.uint8), borderValue=0).any())

    def inked(self, box: Box) -> float:
        left, top, right, bottom = box
        part = self.ink[top:bottom, left:right]
        return float((part > 0).mean()) if part.size else 0.0
