"""Small pictures of what units sent: which ones are worth making, and what is known of one that was made.

A preview shows one page of one file, named by the SHA-256 of that very file: a photo that came in ten archives has one.
Photos, pictures and videos are a single page 0; pages of a PDF count from 0, as `Place.page` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.extraction import Extraction, Place

MAX_PREVIEWS: Final = 300
"""Of one attachment; what is beyond it is made when somebody looks at it."""


class PreviewSize(StrEnum):
    """`thumb`: for contact sheets. `page`: large enough to read a form beside what was read from it."""

    THUMB = "thumb"
    PAGE = "page"

    @property
    def longest_side(self) -> int:
        """In pixels; nothing is enlarged."""
        return 320 if self is PreviewSize.THUMB else 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewKey:
    """Names a preview. `sha256` is that of the file that it shows, which may lie inside an attachment."""

    sha256: str
    page: int = 0
    size: PreviewSize = PreviewSize.THUMB


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """A preview that was made: a WebP picture of `width` × `height` pixels in the blob `blob`.

    `scale`: pixels of the preview for one pixel in which `Form.places` are measured, so a cell's box is drawn at
    `place.left * scale` and so on (`box`).
    """

    key: PreviewKey
    blob: str
    width: int
    height: int
    scale: float

    media_type: Final = "image/webp"

    def box(self, place: Place) -> tuple[float, float, float, float]:
        """Left, top, width and height of a place, in pixels of the preview."""
        scale = self.scale
        left, top = place.left * scale, place.top * scale
        return left, top, (place.right - place.left) * scale, (place.bottom - place.top) * scale


def previews_of(extraction: Extraction) -> tuple[PreviewKey, ...]:
    """What is worth having ready for a file and all that is inside it, each once, at most `MAX_PREVIEWS`."""
    return tuple(dict.fromkeys(_wanted(extraction)))[:MAX_PREVIEWS]


def _wanted(extraction: Extraction) -> Iterator[PreviewKey]:
    if extraction.photo or (extraction.video and extraction.video.width):
        yield PreviewKey(sha256=extraction.sha256)
    if extraction.read_by == "ocr":
        for page in sorted({place.page for form in extraction.forms for place in form.places.values()} or {0}):
            yield PreviewKey(sha256=extraction.sha256, page=page)
            yield PreviewKey(sha256=extraction.sha256, page=page, size=PreviewSize.PAGE)
    for member in extraction.members:
        yield from _wanted(member)
