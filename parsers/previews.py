"""Makes small pictures of photos, videos and pages, also of those inside archives and documents.

    make_previews(path, name, wanted)  →  a WebP for each of `wanted` that can be shown

A file is known by its SHA-256; what lies inside another file is taken out once more until all that is wanted was met.
Nothing is recognised here: that was done when the file was read. Like the reading, this is strangers' files and belongs
into the sandbox.
"""

from __future__ import annotations

import hashlib
import io
import logging
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import av
from PIL import Image

from parsers.content import EmbeddedFile, SourceFile
from parsers.formats import pdf
from parsers.limits import DEFAULT_LIMITS, Limits
from parsers.paper.scans import page_pictured
from parsers.pictures import open_picture
from parsers.registry import registry
from parsers.sniff import sniff
from rules.previews import PreviewKey

log = logging.getLogger(__name__)

_QUALITY: Final = 80
_PDF: Final = "application/pdf"
_DARK: Final = 24  # mean grey of a faded-in or covered picture, which shows nothing
_TRIED_PICTURES: Final = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class MadePreview:
    """A preview as WebP. `scale` as in `rules.previews.Preview`."""

    key: PreviewKey
    webp: bytes
    width: int
    height: int
    scale: float


def make_previews(
    path: Path, name: str, wanted: Collection[PreviewKey], *, limits: Limits = DEFAULT_LIMITS
) -> tuple[MadePreview, ...]:
    """The previews of the file at `path` and of what is inside it; fewer than wanted where some cannot be made."""
    missing = set(wanted)
    made: list[MadePreview] = []
    for file, media_type, sha256 in _files(path, name, limits, missing):
        for key in sorted((key for key in missing if key.sha256 == sha256), key=lambda key: (key.page, key.size)):
            missing.discard(key)
            preview = _preview(file, media_type, key, limits)
            if preview is not None:
                made.append(preview)
    return tuple(made)


def _files(path: Path, name: str, left: Limits, missing: set[PreviewKey]) -> Iterator[tuple[Path, str, str]]:
    """The file and all that is inside it, as long as something is missing: where it lies, its type, its SHA-256."""
    media_type = sniff(path, name)
    yield path, media_type, _digest(path)
    if not missing or left.depth <= 0:
        return
    with tempfile.TemporaryDirectory(prefix="baosong-", ignore_cleanup_errors=True) as scratch:
        below = replace(left, depth=left.depth - 1)
        source = SourceFile(path=path, name=name, media_type=media_type, scratch=Path(scratch), limits=below)
        for inner in _inside(source):
            if missing:
                yield from _files(inner.path, inner.name, below, missing)


def _inside(source: SourceFile) -> tuple[EmbeddedFile, ...]:
    """Nothing for a file that cannot be opened: that was said when it was read."""
    parser = registry().get(source.media_type)
    if parser is None or source.media_type.startswith(("image/", "video/", "audio/")):
        return ()
    try:
        return pdf.pictures(source) if source.media_type == _PDF else parser.read(source).embedded
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - parsers of strangers' files raise of all kinds
        log.info(
            "nothing to show", extra={"action": "preview_unreadable", "reason": f"{type(error).__name__}: {error}"}
        )
        return ()


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


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
