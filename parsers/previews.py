"""Makes small pictures of photos, videos and pages, also of those inside archives and documents.

    make_previews(path, name, wanted)  →  a WebP for each of `wanted` that can be shown

A file is known by its SHA-256; what lies inside another file is unpacked again until all that is wanted was met
(`parsers.inside`). Like the reading, this is strangers' files and belongs into the sandbox.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Final

import av
from PIL import Image

from parsers.answers import MadePreview
from parsers.inside import files_inside
from parsers.limits import DEFAULT_LIMITS, Limits
from parsers.paper.scans import page_pictured
from parsers.pictures import open_picture
from rules.previews import PreviewKey

log = logging.getLogger(__name__)

_QUALITY: Final = 80
_PDF: Final = "application/pdf"
_DARK: Final = 24  # mean grey of a faded-in or covered picture, which shows nothing
_TRIED_PICTURES: Final = 40


def make_previews(
    path: Path, name: str, wanted: Collection[PreviewKey], *, limits: Limits = DEFAULT_LIMITS
) -> tuple[MadePreview, ...]:
    """The previews of the file at `path` and of what is inside it; fewer than wanted where some cannot be made."""
    missing = set(wanted)
    made: list[MadePreview] = []
    with closing(files_inside(path, name, limits)) as found:
        for file in found:
            wanted_here = (key for key in missing if key.sha256 == file.sha256)
            for key in sorted(wanted_here, key=lambda key: (key.page, key.size)):
                missing.discard(key)
                preview = _preview(file.path, file.media_type, key, limits)
                if preview is not None:
                    made.append(preview)
            if not missing:
                break
    return tuple(made)


def _preview(path: Path, media_type: str, key: PreviewKey, limits: Limits) -> MadePreview | None:
    try:
        shown = _shown(path, media_type, key, limits)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        log.info("no preview", extra={"action": "preview_failed", "reason": f"{type(error).__name__}: {error}"})
        return None
    if shown is None:
        return None
    picture, original_width = shown
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY)
    scale = picture.width / max(original_width, 1)
    return MadePreview(key=key, webp=buffer.getvalue(), width=picture.width, height=picture.height, scale=scale)


def _shown(path: Path, media_type: str, key: PreviewKey, limits: Limits) -> tuple[Image.Image, float] | None:
    """The picture in its size, and how wide it was in the pixels in which places are measured."""
    side = key.size.longest_side
    if media_type.startswith("image/"):
        opened = open_picture(path, pixels=limits.pixels, longest_side=side)
        return opened.preview, opened.width
    if media_type.startswith("video/"):
        frame = _frame(path)
        return (_within(frame, side), frame.width) if frame else None
    if media_type == _PDF:
        return page_pictured(path, key.page, longest_side=side, limits=limits)
    return None


def _within(picture: Image.Image, side: int) -> Image.Image:
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    return smaller


def _frame(path: Path) -> Image.Image | None:
    """A picture of the video that shows something: the first ones are often black, or a hand over the lens."""
    best: Image.Image | None = None
    with av.open(str(path), mode="r", metadata_errors="ignore") as container:
        if not container.streams.video:
            return None
        stream = container.streams.video[0]
        if container.duration:
            container.seek(container.duration // 10)
        for count, frame in enumerate(container.decode(stream)):
            best = picture = _turned(_image(frame), frame.rotation)
            if count >= _TRIED_PICTURES or sum(picture.convert("L").resize((8, 8)).tobytes()) / 64 > _DARK:
                break
    return best


def _image(frame: av.VideoFrame) -> Image.Image:
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # PyAV leaves it untyped
    return picture


def _turned(picture: Image.Image, degrees: float) -> Image.Image:
    """A telephone held upright writes pictures that lie on their side, and says so."""
    return picture.rotate(degrees, expand=True) if degrees % 360 else picture
