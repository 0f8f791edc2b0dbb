"""Is a picture a photograph, and is it sharp? Measured on the preview of `parsers.pictures`.

Mails are full of pictures that nobody took: signature logos, tracking pixels, icons, QR codes, banners, emoji, pieces
of screen. Each threshold is chosen so that a doubtful picture counts as a photo: a logo too many shows up as a photo
too many, but a photo taken for a logo would make a unit look as if it owed one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from parsers.pictures import Picture

MIN_SIDE: Final = 200  # messengers' smallest previews of photos are 240 px; logos, icons and emoji stay below
MAX_ASPECT: Final = 6.0  # phone panoramas end at about 5:1; long screenshots and rules go beyond
BANNER_ASPECT: Final = 3.0  # a mail banner is 600×150; a panorama of that shape is higher than
BANNER_HEIGHT: Final = 480  # … this
COMMON_COLOURS: Final = 4  # of 32768: ink, paper and two more cover a graphic nearly whole,
COMMON_SHARE: Final = 0.8  # while a photo's shading spreads over hundreds, a grey one's over thirty
FLAT_SHARE: Final = 0.4  # pixels equal to their neighbours; a page full of small print reaches no more than that
FLAT_RIPPLE: Final = 2  # … but for the ripple of JPEG
DARK: Final = 48  # a night scene is flat and black between its lamps: what is darker says nothing
MIN_LIT_SHARE: Final = 0.02
SHARP_VARIANCE: Final = 20.0  # of the Laplacian, in the sharpest tile; in focus it is in the hundreds
TILES: Final = 4

Pixels = npt.NDArray[np.uint8]


def is_photograph(picture: Picture) -> bool:
    """False for what nobody took with a camera."""
    return not (_has_shape_of_decoration(picture.width, picture.height) or _is_flat_graphic(picture.preview))


def _has_shape_of_decoration(width: int, height: int) -> bool:
    short, long = sorted((width, height))
    if short < MIN_SIDE or long / short > MAX_ASPECT:
        return True
    return long / short > BANNER_ASPECT and short < BANNER_HEIGHT


def _is_flat_graphic(preview: Image.Image) -> bool:
    """Both signs are needed: a foggy photo is flat but shaded, a carpet has few colours but no flat areas."""
    pixels = np.asarray(preview)
    lit = pixels.max(axis=2) >= DARK
    if lit.mean() < MIN_LIT_SHARE:
        return False
    return _common_share(pixels[lit]) > COMMON_SHARE and _flat_share(pixels, lit) > FLAT_SHARE


def _common_share(pixels: Pixels) -> float:
    """Share of the pixels that have one of the commonest colours, at 5 bits a channel."""
    coarse = (pixels >> 3).astype(np.int64)
    counts = np.bincount(coarse[..., 0] << 10 | coarse[..., 1] << 5 | coarse[..., 2])
    return float(np.sort(counts)[-COMMON_COLOURS:].sum() / counts.sum())


def _flat_share(pixels: Pixels, lit: npt.NDArray[np.bool_]) -> float:
    values = pixels.astype(np.int16)
    right = np.abs(np.diff(values, axis=1)).max(axis=2)[:-1]
    below = np.abs(np.diff(values, axis=0)).max(axis=2)[:, :-1]
    flat = (right <= FLAT_RIPPLE) & (below <= FLAT_RIPPLE)
    counted = lit[:-1, :-1]
    return float(flat[counted].mean()) if counted.any() else 0.0


def is_blurry(preview: Image.Image) -> bool:
    """True when no part is sharp: a portrait's soft background is wanted, and a night sky has no edges."""
    return max(_sharpness(tile) for tile in _tiles(np.asarray(preview.convert("L")))) < SHARP_VARIANCE


def _tiles(grey: Pixels) -> Iterator[Pixels]:
    for band in np.array_split(grey, TILES, axis=0):
        yield from np.array_split(band, TILES, axis=1)


def _sharpness(tile: Pixels) -> float:
    return float(cv2.Laplacian(np.ascontiguousarray(tile), cv2.CV_64F).var())
