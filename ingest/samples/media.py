"""Photo-like pictures and short videos, invented from a seed: no two seeds look alike, one seed always looks the same.

A scene is uneven light over a floor and a wall, a banner, rows of people, a few things, and the noise of a sensor:
enough that hashing, sharpness and graphics detection see what they see in a photograph.
"""

from __future__ import annotations

import io
from datetime import datetime
from fractions import Fraction
from typing import Final, cast

import av
import cv2
import numpy as np
import numpy.typing as npt
import pillow_heif
from av.video.stream import VideoStream
from PIL import ExifTags, Image, ImageDraw

Pixels = npt.NDArray[np.uint8]

PHOTO_SIZE: Final = (800, 600)
VIDEO_SIZE: Final = (160, 120)
VIDEO_CODECS: Final[dict[str, str]] = {"mp4": "mpeg4", "mov": "mpeg4", "avi": "mpeg4", "3gp": "h263", "wmv": "wmv2"}
_MUXERS: Final[dict[str, str]] = {"wmv": "asf"}
_H263_SIZE: Final = (176, 144)  # H.263 knows only its own few sizes


def scene(seed: int, size: tuple[int, int] = PHOTO_SIZE) -> Image.Image:
    """A picture of an indoor or outdoor activity, as RGB."""
    dice = np.random.default_rng(seed)
    width, height = size
    canvas = _light(dice, width, height)
    _draw_room(dice, canvas)
    _draw_things(dice, canvas)
    _draw_people(dice, canvas)
    return Image.fromarray(_with_texture(dice, canvas))


def _light(dice: np.random.Generator, width: int, height: int) -> Pixels:
    """Uneven light: a coarse random field, smoothly enlarged."""
    coarse = dice.uniform(40, 225, size=(4, 5, 1)) + dice.uniform(-25, 25, size=(4, 5, 3))
    field = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(field, 0, 255).astype(np.uint8)


def _colour(dice: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in dice.integers(10, 245, size=3))
    return red, green, blue


def _draw_room(dice: np.random.Generator, canvas: Pixels) -> None:
    """A floor that starts somewhere, and a red banner with strokes like characters."""
    height, width = canvas.shape[:2]
    horizon = int(height * dice.uniform(0.45, 0.75))
    floor = canvas[horizon:].astype(np.float32) * 0.5 + np.array(_colour(dice), dtype=np.float32) * 0.5
    canvas[horizon:] = floor.astype(np.uint8)
    left, top = int(width * dice.uniform(0.02, 0.4)), int(height * dice.uniform(0.03, 0.2))
    right, bottom = left + int(width * dice.uniform(0.3, 0.55)), top + int(height * dice.uniform(0.06, 0.12))
    cv2.rectangle(canvas, (left, top), (right, bottom), (200, 25, 30), -1)
    for x in range(left + 10, right - 10, max(12, width // 50)):
        cv2.line(canvas, (x, top + 6), (x + int(dice.integers(-4, 5)), bottom - 6), (250, 235, 90), 2)


def _draw_things(dice: np.random.Generator, canvas: Pixels) -> None:
    height, width = canvas.shape[:2]
    for _ in range(int(dice.integers(4, 9))):
        x, y = int(dice.integers(0, width)), int(dice.integers(height // 4, height))
        half_width, half_height = int(width * dice.uniform(0.03, 0.16)), int(height * dice.uniform(0.02, 0.14))
        corners = ((x - half_width, y - half_height), (x + half_width, y + half_height))
        cv2.rectangle(canvas, corners[0], corners[1], _colour(dice), -1)
        cv2.rectangle(canvas, corners[0], corners[1], (30, 30, 30), 1)


def _draw_people(dice: np.random.Generator, canvas: Pixels) -> None:
    height, width = canvas.shape[:2]
    for _ in range(int(dice.integers(3, 14))):
        head = max(4, int(height * dice.uniform(0.02, 0.06)))
        x, y = int(dice.integers(0, width)), int(dice.uniform(0.4, 0.9) * height)
        cv2.ellipse(canvas, (x, y + 3 * head), (int(1.5 * head), 2 * head), 0, 0, 360, _colour(dice), -1)
        cv2.circle(canvas, (x, y), head, (205, 165, 140), -1)
        cv2.ellipse(canvas, (x, y - head // 3), (head, head // 2), 0, 180, 360, (35, 28, 25), -1)


def _with_texture(dice: np.random.Generator, canvas: Pixels) -> Pixels:
    height, width = canvas.shape[:2]
    coarse = dice.normal(0, 7, size=(height // 4 + 1, width // 4 + 1)).astype(np.float32)
    grain = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    noise = dice.normal(0, 5, size=(height, width)).astype(np.float32)
    return np.clip(canvas + (grain + noise)[..., None], 0, 255).astype(np.uint8)


def encode(
    image: Image.Image,
    format: str = "JPEG",  # noqa: A002 - Pillow's own word for it
    *,
    quality: int = 82,
    taken_at: datetime | None = None,
    orientation: int = 1,
) -> bytes:
    """The file's bytes. `format`: JPEG, PNG, WEBP, BMP or HEIC."""
    exif = Image.Exif()
    if taken_at is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    if orientation != 1:
        exif[ExifTags.Base.Orientation] = orientation
    buffer = io.BytesIO()
    if format == "HEIC":
        pillow_heif.from_pillow(image).save(buffer, quality=min(quality, 45), exif=exif.tobytes())
    elif format == "BMP":
        image.save(buffer, format)
    else:
        image.save(buffer, format, quality=quality, exif=exif)
    return buffer.getvalue()


def photo(
    seed: int,
    format: str = "JPEG",  # noqa: A002 - Pillow's own word for it
    *,
    size: tuple[int, int] = PHOTO_SIZE,
    taken_at: datetime | None = None,
) -> bytes:
    """A photograph of an activity, as a phone saves it."""
    return encode(scene(seed, size), format, taken_at=taken_at)


def recompressed(data: bytes, *, longest_side: int = 600, quality: int = 60) -> bytes:
    """The same photo as a messenger passes it on: smaller, coarser, without EXIF."""
    with Image.open(io.BytesIO(data)) as image:
        copy = image.convert("RGB")
    copy.thumbnail((longest_side, longest_side))
    return encode(copy, quality=quality)


def blurred(seed: int, *, size: tuple[int, int] = PHOTO_SIZE) -> bytes:
    """A photograph out of focus."""
    pixels = cv2.GaussianBlur(np.asarray(scene(seed, size)), (0, 0), sigmaX=max(size) / 80)
    return encode(Image.fromarray(pixels.astype(np.uint8)))


def logo(seed: int = 0, *, size: tuple[int, int] = (180, 60)) -> bytes:
    """What stands under a signature: a coloured shape and some letters, as PNG."""
    dice = np.random.default_rng(seed)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((4, 4, size[1] - 4, size[1] - 4), fill=_colour(dice))
    draw.text((size[1] + 6, size[1] // 3), "LOGO", fill=(40, 40, 40))
    return encode(image, "PNG")


def tracking_pixel() -> bytes:
    """The invisible picture of newsletters, as GIF."""
    buffer = io.BytesIO()
    Image.new("P", (1, 1)).save(buffer, "GIF")
    return buffer.getvalue()


def browser_codec(extension: str) -> str:
    """One that browsers play, as phones write; empty for other containers, and where FFmpeg was built without it."""
    is_played = extension in ("mp4", "mov") and "libx264" in av.codecs_available
    return "libx264" if is_played else ""


def video(seconds: int, *, seed: int = 0, extension: str = "mp4", codec: str = "") -> bytes:
    """A film of `seconds` pictures, one a second, so that three minutes are a few hundred kilobytes.

    Browsers play the `codec` libx264; by default it is one that every build of FFmpeg writes.
    """
    codec, muxer = codec or VIDEO_CODECS[extension], _MUXERS.get(extension, extension)
    size = _H263_SIZE if codec == "h263" else VIDEO_SIZE
    rate = 10 if codec == "h263" else 1  # H.263 cannot say one picture a second
    buffer = io.BytesIO()
    base = np.asarray(scene(seed, size))
    with av.open(buffer, "w", format=muxer) as container:
        stream = cast("VideoStream", container.add_stream(codec, rate=rate))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number in range(seconds * rate):
            frame = av.VideoFrame.from_ndarray(np.roll(base, number, axis=1), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()
