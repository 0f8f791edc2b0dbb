"""Dotted and dashed rules drawn out, so that they are followed as whole ones are.

What is thin or long in the ink is a dash or a rule, what is thick for its length a character, which is left out. The
gaps between the rest are closed; of that only what is thin and reaches far is kept, as strokes of a text do not.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from parsers.paper.ink import Mask, Pixels, dark_ink, red_channel

JOINING_SIDE: Final = 2400
CHARACTER: Final = 60  # pixels, of that picture, that no character is longer than
THICK: Final = 7.0  # … than which the strokes of dashes are thinner, ink over length
GAP: Final = 13  # … between two dashes
FAT: Final = 11  # … as no rule is: strokes of characters, closed
REACH: Final = 150  # … that rules run on at least
SHADE: Final = 0.35  # of the paper: as dark as rules are drawn


def with_joined_rules(picture: Pixels) -> Pixels:
    """A copy for the looks at the rules; characters may be touched by them, so that it is not for reading."""
    scale = min(1.0, JOINING_SIDE / max(picture.shape[:2]))
    channel = red_channel(picture)
    small = cv2.resize(channel, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    rules = cv2.resize(_rules(dark_ink(np.asarray(small, np.uint8))), channel.shape[::-1])
    shade = (picture * SHADE).astype(np.uint8)
    return np.asarray(np.where(rules[..., None] > 127, shade, picture), dtype=np.uint8)


def _rules(ink: Mask) -> Mask:
    closed = cv2.morphologyEx(_thin(ink), cv2.MORPH_CLOSE, np.ones((GAP, GAP), np.uint8))
    thick = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((FAT, FAT), np.uint8))
    return _far_reaching(np.asarray(cv2.subtract(closed, thick), np.uint8))


def _thin(ink: Mask) -> Mask:
    """The ink without characters."""
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    longest = stats[:count, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    keep = (longest > CHARACTER) | (stats[:count, cv2.CC_STAT_AREA] <= THICK * longest)
    keep[0] = False
    return np.where(keep[labels], 255, 0).astype(np.uint8)


def _far_reaching(mask: Mask) -> Mask:
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    keep = stats[:count, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) >= REACH
    keep[0] = False
    return np.where(keep[labels], 255, 0).astype(np.uint8)
