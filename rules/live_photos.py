"""Live photos: a telephone stores a photo, and beside it a film of some three seconds that nobody meant to make.

Sent together they are one photo. The film is known

- by the identifier that the telephone wrote into both;
- by its name: IMG_0012.HEIC and IMG_0012.MOV of one mail;
- by its time: nobody takes a photo while filming three seconds. The photo must have been taken during the film, by the
  clock of the camera, and be of its proportions.

Only a photo that came before the film or with it counts, so that a later mail never takes away what was complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rules.extraction import Extraction, Photo, Video

MAX_SECONDS: Final = 6.0
"""Telephones record up to 1.5 s before and after; what is longer was meant."""

MAX_SECONDS_BY_TIME: Final = 3.5
"""Where nothing but the time tells, the film must be as short as telephones make it."""

_CLOCK_STEP: Final = timedelta(seconds=1)  # both are written in whole seconds
_ALIKE: Final = 0.03  # by so much proportions may differ: films are scaled to even sides
_QUICKTIME: Final = "video/quicktime"
_MEDIA_SUFFIXES: Final = re.compile(r"(?:\.(?:heic|heif|jpe?g|mov))+$", re.IGNORECASE)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a photo of a message was taken, and its proportions."""

    message: str
    taken_at: datetime
    proportions: float
    received_at: datetime


class Stills:
    """The photos that came, to be asked which films belong to one of them."""

    def __init__(self, photos: Iterable[tuple[Extraction, str, datetime]]) -> None:
        """`photos`: what was seen of each, the SHA-256 of its message, and when that was received."""
        self._first: dict[Key, datetime] = {}
        self._moments: list[_Moment] = []
        for seen, message, received_at in photos:
            for key in _keys(seen, message):
                self._first[key] = min(received_at, self._first.get(key, received_at))
            photo = seen.photo
            if photo is not None and photo.taken_at is not None and (proportions := _proportions(photo)):
                self._moments.append(_Moment(message, photo.taken_at, proportions, received_at))

    def has_film(self, film: Extraction, message: str, received_at: datetime) -> bool:
        """True for the film of a live photo."""
        video = film.video
        if film.media_type != _QUICKTIME or video is None or video.seconds is None or video.seconds > MAX_SECONDS:
            return False
        return any(
            self._first[key] <= received_at for key in _keys(film, message) if key in self._first
        ) or self._was_taken_with(video, message, received_at)

    def _was_taken_with(self, film: Video, message: str, received_at: datetime) -> bool:
        proportions = _proportions(film)
        if film.taken_at is None or film.seconds is None or film.seconds > MAX_SECONDS_BY_TIME or not proportions:
            return False
        first, last = film.taken_at - _CLOCK_STEP, film.taken_at + timedelta(seconds=film.seconds) + _CLOCK_STEP
        return any(
            first <= one.taken_at <= last and abs(one.proportions / proportions - 1) <= _ALIKE
            for one in self._moments
            if one.message == message and one.received_at <= received_at
        )


def _proportions(picture: Photo | Video) -> float | None:
    """The longer side by the shorter: a film is stored lying down, however the telephone was held."""
    sides = sorted((picture.width or 0, picture.height or 0))
    return sides[1] / sides[0] if sides[0] > 0 else None


def _keys(seen: Extraction, message: str) -> Iterator[Key]:
    content_id = seen.photo.content_id if seen.photo else seen.video.content_id if seen.video else ""
    if content_id:
        yield "", content_id
    yield message, _MEDIA_SUFFIXES.sub("", seen.file).casefold()
