"""Live photos: a telephone stores a photo, and beside it a film of some three seconds that nobody meant to make.

Sent together they are one photo. The film is known by the identifier that the telephone wrote into both, or by its
name: IMG_0012.HEIC and IMG_0012.MOV of one mail. Only a photo that came before the film or with it counts, so that a
later mail never takes away what was complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from rules.extraction import Extraction

MAX_SECONDS: Final = 6.0
"""Telephones record up to 1.5 s before and after; what is longer was meant."""

_QUICKTIME: Final = "video/quicktime"
_MEDIA_SUFFIXES: Final = re.compile(r"(?:\.(?:heic|heif|jpe?g|mov))+$", re.IGNORECASE)

Key = tuple[str, str]


class Stills:
    """The photos that came, to be asked which films belong to one of them."""

    def __init__(self, photos: Iterable[tuple[Extraction, str, datetime]]) -> None:
        """`photos`: what was seen of each, the SHA-256 of its message, and when that was received."""
        self._first: dict[Key, datetime] = {}
        for photo, message, received_at in photos:
            for key in _keys(photo, message):
                self._first[key] = min(received_at, self._first.get(key, received_at))

    def has_film(self, film: Extraction, message: str, received_at: datetime) -> bool:
        """True for the film of a live photo."""
        video = film.video
        if film.media_type != _QUICKTIME or video is None or video.seconds is None or video.seconds > MAX_SECONDS:
            return False
        return any(self._first[key] <= received_at for key in _keys(film, message) if key in self._first)


def _keys(seen: Extraction, message: str) -> Iterator[Key]:
    content_id = seen.photo.content_id if seen.photo else seen.video.content_id if seen.video else ""
    if content_id:
        yield "", content_id
    yield message, _MEDIA_SUFFIXES.sub("", seen.file).casefold()
