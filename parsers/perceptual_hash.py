"""A 64-bit hash that is close for copies of one photo (re-compressed, resized, sent through a messenger).

The picture is brought to 32×32 grey values and through a cosine transform; each of the 64 lowest frequencies but the
mean (which only says how bright it is) gives one bit: above or below their median. Copies differ by at most a few
bits, different photos by some thirty. A turned, mirrored or strongly cropped copy is a different picture to it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from PIL import Image

_SIDE: Final = 32
_BITS: Final = 64
_LOWEST_FIRST: Final[tuple[tuple[int, int], ...]] = tuple(
    sorted(((u, v) for u in range(_SIDE) for v in range(_SIDE) if u + v), key=lambda uv: (uv[0] + uv[1], uv))[:_BITS]
)


def perceptual_hash(image: Image.Image) -> str:
    """The hash of an upright picture as 16 hex digits."""
    small = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    frequencies = cv2.dct(np.asarray(small, dtype=np.float32))
    lowest = np.array([frequencies[u, v] for u, v in _LOWEST_FIRST])
    bits = np.packbits(lowest > np.median(lowest))
    return bits.tobytes().hex()


def distance(one: str, other: str) -> int:
    """Bits in which two hashes differ, 0 to 64."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
