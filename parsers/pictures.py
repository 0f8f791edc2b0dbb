"""Opens a picture of any format upright, in RGB and no larger than asked for; memory follows the size asked for.

`draft()` lets libjpeg decode at 1/2, 1/4 or 1/8, so that a 100-megapixel JPEG costs a few megabytes; `reduce` does the
same for JPEG 2000. A JPEG whose last bytes are missing is decoded as far as it goes and passes when more than 95 % of
its rows are there, in the last scan if it has several; every other truncated file raises, as a corrupt one does. Of an
animation the first picture counts.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from parsers.apple_note import apple_content_id
from parsers.content import EmbeddedFile, LimitExceeded
from parsers.jpeg_scans import scans_of
from parsers.limits import DEFAULT_LIMITS, Limits

PREVIEW_SIDE: Final = 1024  # what hashing, telling graphics and blur need: all copies are brought to one scale
MIN_DECODED_SHARE: Final = 0.95
_JPEG_FORMATS: Final = frozenset({"JPEG", "MPO"})
_BROKEN: Final = (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error)  # what Pillow raises for it
_PNG_MODES: Final = frozenset({"1", "L", "P", "RGB", "RGBA", "I;16"})
_JPEG_END: Final = b"\xff\xd9"
_LITTLE_BYTES: Final = 256
_WHOLE_PIXELS: Final = 60_000_000  # that are decoded at full size, twice
_HEAD_BYTES: Final = 64 * 1024
_CODING_STYLE: Final = b"\xff\x52\x00"  # JPEG 2000's marker COD; its sixth field is the number of levels
_TURNS: Final[dict[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS: Final = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height

pillow_heif.register_heif_opener()


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A decoded picture. `width`, `height`: of the original, upright. `preview`: RGB, upright, shrunk."""

    width: int
    height: int
    preview: Image.Image
    taken_at: datetime | None = None
    content_id: str = ""


def open_picture(path: Path, *, pixels: int = DEFAULT_LIMITS.pixels, longest_side: int = PREVIEW_SIDE) -> Picture:
    """Decodes `path`. Raises LimitExceeded beyond `pixels`; OSError, SyntaxError, ValueError when broken."""
    with _open(path, pixels) as image:
        width, height = image.size
        try:
            preview = _decode(image, longest_side)
        except OSError:
            if image.format not in _JPEG_FORMATS:
                raise
            preview = _decode_truncated_jpeg(path, pixels, longest_side)
        orientation, taken_at, content_id = _exif_facts(image)
    if orientation in _SIDEWAYS:
        width, height = height, width
    if orientation in _TURNS:
        preview = preview.transpose(_TURNS[orientation])
    return Picture(width=width, height=height, preview=preview, taken_at=taken_at, content_id=content_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """Those of a TIFF that are whole. `is_cut`: there are more, of which nothing can be seen."""

    files: tuple[EmbeddedFile, ...]
    is_cut: bool = False


def tiff_pages(path: Path, scratch: Path, limits: Limits) -> Pages:
    """The pages of a TIFF of several, each as a PNG in `scratch`; none for one page. Raises as `open_picture` does."""
    with warnings.catch_warnings(), _open(path, limits.pixels) as image:
        warnings.simplefilter("ignore")  # of what is broken more is known below
        frames, is_cut = _frames(image, limits)
        if len(frames) < 2 and not is_cut:
            return Pages(files=())
        files: list[EmbeddedFile] = []
        try:
            files.extend(_page(image, frame, scratch, limits) for frame in frames)
        except _BROKEN:
            is_cut = True
    return Pages(files=tuple(files), is_cut=is_cut)


def _frames(image: Image.Image, limits: Limits) -> tuple[list[int], bool]:
    """The numbers of the pages, and whether what follows them is broken."""
    frames: list[int] = []
    for number in range(limits.pages + 1):
        try:
            if not _is_thumbnail(image, number):
                frames.append(number)
        except EOFError:
            return frames, False
        except _BROKEN:
            return frames, True
    raise LimitExceeded(f"more than {limits.pages} pages")


def _is_thumbnail(image: Image.Image, frame: int) -> bool:
    image.seek(frame)
    return bool(image.getexif().get(ExifTags.Base.NewSubfileType, 0) & 1)


def _page(image: Image.Image, frame: int, scratch: Path, limits: Limits) -> EmbeddedFile:
    image.seek(frame)
    if image.width * image.height > limits.pixels:
        raise LimitExceeded(f"{image.width}×{image.height} pixels")
    path = scratch / f"page-{frame + 1}.png"
    shown = image if image.mode in _PNG_MODES else image.convert("RGB")
    shown.save(path, compress_level=1)
    return EmbeddedFile(name=f"第{frame + 1}页.png", path=path)


def _open(source: Path | io.BytesIO, pixels: int) -> ImageFile.ImageFile:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow only warns of sizes that `pixels` decides, and of odd metadata
        try:
            image = Image.open(source)
        except Image.DecompressionBombError as bomb:
            raise LimitExceeded(str(bomb)) from bomb
    if image.width * image.height > pixels:
        image.close()
        raise LimitExceeded(f"{image.width}×{image.height} pixels")
    return image


def _decode(image: Image.Image, longest_side: int) -> Image.Image:
    image.draft(None, (longest_side, longest_side))
    if isinstance(image, Jpeg2KImageFile):
        image.reduce = _halvings(image, longest_side)
    image.load()
    return _to_rgb(_shrink(image, longest_side))


def _halvings(image: Jpeg2KImageFile, longest_side: int) -> int:
    """How often JPEG 2000 may leave out the finest level: not more often than it has levels."""
    if not image.filename:
        return 0
    with Path(os.fsdecode(image.filename)).open("rb") as file:
        head = file.read(_HEAD_BYTES)
    at = head.find(_CODING_STYLE)
    levels = head[at + 9] if 0 <= at < len(head) - 9 else 0
    wanted = (max(image.size) // longest_side).bit_length() - 1
    return max(0, min(wanted, levels))


def _decode_truncated_jpeg(path: Path, pixels: int, longest_side: int) -> Image.Image:
    """libjpeg fills what it was not given with one grey once it is told that the file ends here."""
    data = path.read_bytes()
    scans, is_exact = scans_of(data)
    with _open(io.BytesIO(data + _JPEG_END), pixels) as image:
        is_exact = is_exact and image.width * image.height <= _WHOLE_PIXELS
        preview = _decode(image, longest_side)
    if scans > 1:
        share = _share_of_last_scan(data) if is_exact else 0.0
    else:
        share = _last_row(np.ptp(np.asarray(preview.convert("L")), axis=1) > 1)
    if share < MIN_DECODED_SHARE:
        raise OSError("the JPEG file is truncated")
    return preview


def _share_of_last_scan(data: bytes) -> float:
    """Down to which row it came: where the picture changes when it comes a little less far."""
    decoded = []
    for end in (len(data), max(0, len(data) - _LITTLE_BYTES)):
        with _open(io.BytesIO(data[:end] + _JPEG_END), _WHOLE_PIXELS) as image:
            image.load()
            decoded.append(np.asarray(image))
    changed = decoded[0] != decoded[1]
    return _last_row(changed.reshape(len(changed), -1).any(axis=1))


def _last_row(rows: NDArray[np.bool_]) -> float:
    """As a share of all rows."""
    found = np.flatnonzero(rows)
    return (int(found[-1]) + 1) / len(rows) if len(found) else 0.0


def _shrink(image: Image.Image, longest_side: int) -> Image.Image:
    """Shrinks before `_to_rgb`: converting at full size would multiply the memory."""
    scale = longest_side / max(image.size)
    if scale >= 1:
        return image
    averaged = image.convert("RGBA") if image.mode in ("P", "PA") else image  # palette indices have no average
    averaged = averaged.convert("L") if averaged.mode == "1" else averaged
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return averaged.resize(size, Image.Resampling.BOX)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_deep_grey(image).convert("RGB")
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _from_deep_grey(image: Image.Image) -> Image.Image:
    """16 or 32 bits a pixel, stretched to what is in use: `convert` would clip everything above 255 to white."""
    values = np.asarray(image, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    return Image.fromarray(((values - low) * (255.0 / max(high - low, 1e-9))).astype(np.uint8))


def _exif_facts(image: Image.Image) -> tuple[int, datetime | None, str]:
    """Orientation (1: upright), DateTimeOriginal, and a live photo's identifier. Odd metadata costs those only."""
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        taken, note = camera.get(ExifTags.Base.DateTimeOriginal), camera.get(ExifTags.Base.MakerNote)
    except Exception:  # noqa: BLE001 - Pillow raises anything on broken EXIF, and the picture itself is fine
        return 1, None, ""
    content_id = apple_content_id(note) if isinstance(note, bytes) else ""
    return (orientation if isinstance(orientation, int) else 1), _exif_time(taken), content_id


def _exif_time(text: object) -> datetime | None:
    """The camera's local time; EXIF knows no zone. Cameras whose clock was never set write zeros."""
    try:
        return datetime.strptime(str(text).strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - EXIF has no zone
    except ValueError:
        return None
