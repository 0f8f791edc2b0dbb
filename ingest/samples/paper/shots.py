"""The manners of taking a picture of a page, and the files that come out of them."""

from __future__ import annotations

import io
import random
import time
from enum import Enum
from typing import Final

import cv2
import numpy as np
from PIL import ExifTags, Image

from ingest.samples.paper.desks import Desk
from ingest.samples.paper.ink import Pixels
from ingest.samples.paper.photograph import Corners, Photographed, Shot

MESSENGER_SIDE: Final = 1080
_SIZES: Final = ((3024, 4032), (3000, 4000), (2448, 3264))
_EXIF_TURNS: Final = {90: 8, 180: 3, 270: 6}  # the tag that tells a viewer to undo a clockwise turn
_MIDNIGHT: Final = time.gmtime(1_700_000_000)  # a PDF states when it was made: always the same


class Manner(Enum):
    """How a picture was taken and passed on. All but the first are hard to read."""

    PHONE = "phone"
    STEEP = "steep"
    SHADOWED = "shadowed"
    MESSENGER = "messenger"
    SCREEN = "screen"


def any_manner(chance: random.Random, *, is_hard: bool) -> Manner:
    if not is_hard:
        return Manner.PHONE
    return chance.choice((Manner.STEEP, Manner.SHADOWED, Manner.MESSENGER, Manner.MESSENGER, Manner.SCREEN))


def any_shot(chance: random.Random, manner: Manner, *, is_landscape: bool) -> Shot:
    """A shot in this manner; what the manner does not ask for is as with a good photograph."""
    size = chance.choice(_SIZES)
    tilt = {Manner.STEEP: 21, Manner.SHADOWED: 11, Manner.MESSENGER: 9}.get(manner, 6)
    is_screen = manner is Manner.SCREEN
    shadow = chance.uniform(0.1, 0.3) if chance.random() < 0.3 else 0.0
    return Shot(
        size=size[::-1] if is_landscape else size,
        pitch=_around(chance, tilt),
        yaw=_around(chance, tilt * 0.7),
        roll=chance.gauss(0, 5 if manner is Manner.STEEP else 2.2),
        fill=chance.uniform(0.86, 0.97),
        curl=0.0 if is_screen else chance.gauss(0, 0.012 if manner is Manner.STEEP else 0.005),
        desk=Desk.SCREEN if is_screen else chance.choice([desk for desk in Desk if desk is not Desk.SCREEN]),
        light=chance.uniform(0.15, 0.4) + (0.15 if manner is Manner.SHADOWED else 0),
        warmth=chance.uniform(-0.8, 1.0),
        shadow=chance.uniform(0.4, 0.6) if manner is Manner.SHADOWED else shadow,
        blur=chance.uniform(0.5, 1.1) if manner is not Manner.STEEP else chance.uniform(0.9, 1.6),
        shake=chance.choice((0, 0, 5, 7)) if manner is Manner.SHADOWED else 0,
        noise=chance.uniform(2, 5) if manner is not Manner.SHADOWED else chance.uniform(5, 10),
        moire=chance.uniform(0.05, 0.11) if is_screen else 0.0,
        turn=chance.choice((0, 0, 0, 0, 0, 0, 90, 180, 270, 270)),
    )


def _around(chance: random.Random, angle: float) -> float:
    return chance.choice((-1, 1)) * chance.uniform(0.3, 1.0) * angle


def encoded(taken: Photographed, manner: Manner, chance: random.Random) -> tuple[bytes, Corners, frozenset[str]]:
    """The file, the corners in it, and what was done: a messenger makes it small; a phone may only note its turn."""
    if manner is Manner.MESSENGER:
        share = MESSENGER_SIDE / max(taken.pixels.shape[:2])
        small = cv2.resize(taken.pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA).astype(np.uint8)
        corners = tuple((x * share, y * share) for x, y in taken.corners)
        return jpeg(small, quality=60), corners, frozenset({"small"})
    if chance.random() < 0.25:
        return _with_exif_turn(taken, chance.choice((90, 270)), chance.randrange(82, 93))
    return jpeg(taken.pixels, quality=chance.randrange(80, 93)), taken.corners, frozenset()


def _with_exif_turn(taken: Photographed, turn: int, quality: int) -> tuple[bytes, Corners, frozenset[str]]:
    """Stored as the sensor lay, with the tag by which every viewer turns it back. The corners are as viewed."""
    stored = np.rot90(taken.pixels, -turn // 90)
    return jpeg(stored, quality=quality, exif_turn=turn), taken.corners, frozenset({"exif"})


def jpeg(pixels: Pixels, *, quality: int, exif_turn: int = 0) -> bytes:
    exif = Image.Exif()
    if exif_turn:
        exif[ExifTags.Base.Orientation] = _EXIF_TURNS[exif_turn]
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "JPEG", quality=quality, exif=exif)
    return buffer.getvalue()


def scan_file(pixels: Pixels, suffix: str, *, dpi: int) -> bytes:
    """What a scanner writes: JPEG, PNG in grey or colour, or a PDF with one picture on its page."""
    image, buffer = Image.fromarray(pixels), io.BytesIO()
    if suffix == "pdf":
        image.save(buffer, "PDF", resolution=dpi, quality=80, creationDate=_MIDNIGHT, modDate=_MIDNIGHT)
    elif suffix == "png":
        image.quantize(64, dither=Image.Dither.NONE).save(buffer, "PNG", dpi=(dpi, dpi))
    else:
        image.save(buffer, "JPEG", quality=82, dpi=(dpi, dpi))
    return buffer.getvalue()
