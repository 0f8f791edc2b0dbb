"""Evidence: enough distinct photos over all messages, or one video that is short enough.

Photos add up; a photo that was sent twice, also re-compressed, counts once. A video whose length cannot be told is not
taken on trust, and that of a live photo is none (`rules.live_photos`). A person who accepts a video, or a file that no
parser could read as a picture (a cloud link that was looked at), has accepted the evidence; an accepted picture is one
more photo.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rules.assessment import Part
from rules.campaign import Deliverable
from rules.completing import Completion
from rules.extraction import Extraction, Kind
from rules.findings import Code, Finding
from rules.likeness import Picture, distinct_by_moment, group_alike
from rules.live_photos import Stills
from rules.submitted import SubmittedFile

NAMED_DUPLICATES: Final = 5
"""A finding names so many groups of the same photo and counts the rest: it must fit into a mail."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Film:
    """A video, and whether a person accepted the file that it came in."""

    filename: str
    seconds: float | None
    received_at: datetime
    is_accepted: bool


def complete_evidence(deliverable: Deliverable, files: Sequence[SubmittedFile]) -> Completion:
    """`files` stand in order of arrival."""
    pictures = [picture for file in files if file.is_good for picture in _pictures(file)]
    stills = Stills(still for file in files if file.is_good for still in _stills(file))
    films = [film for file in files if file.is_good for film in _films(file, stills)]
    good_films = [film for film in films if _is_good(film, deliverable)]
    counted = distinct_by_moment(pictures)
    have = counted[-1][1] if counted else 0
    enough = [moment for moment, count in counted if count >= deliverable.photos > 0]
    complete_at = min([*enough[:1], *(film.received_at for film in good_films[:1])], default=None)
    findings = [*_remarks(deliverable, pictures, have)]
    if complete_at is None:
        says_itself = not files or any(not file.is_good for file in files)
        findings += _what_is_wrong(deliverable, films, have, has_other=says_itself)
    return Completion(
        complete_at=complete_at,
        shown=tuple(file for file in files if complete_at is None or file.is_good),
        findings=tuple(findings),
        parts=_parts(deliverable, have, has_film=bool(good_films)),
    )


def _parts(deliverable: Deliverable, have: int, *, has_film: bool) -> dict[str, Part]:
    photos = {"photos": Part(have=have, want=deliverable.photos)} if deliverable.photos else {}
    return photos | ({"video": Part(have=1, want=1)} if has_film else {})


def _is_good(film: _Film, deliverable: Deliverable) -> bool:
    longest = deliverable.video_max_seconds + deliverable.video_tolerance_seconds
    return film.is_accepted or (film.seconds is not None and film.seconds <= longest)


def _pictures(file: SubmittedFile) -> Iterator[Picture]:
    for seen in _media(file.claim.extraction):
        if seen.photo or (file.is_accepted and _is_image(seen)):
            digits = seen.photo.perceptual_hash if seen.photo else ""
            bits = int(digits, 16) if digits else None
            yield Picture(bits=bits, sha256=seen.sha256, filename=seen.file, received_at=file.received_at)


def _stills(file: SubmittedFile) -> Iterator[tuple[Extraction, str, datetime]]:
    return ((seen, file.claim.message_sha256, file.received_at) for seen in _media(file.claim.extraction) if seen.photo)


def _films(file: SubmittedFile, stills: Stills) -> Iterator[_Film]:
    for seen in _media(file.claim.extraction):
        if stills.has_film(seen, file.claim.message_sha256, file.received_at):
            continue
        is_taken_on_word = file.is_accepted and not seen.photo and not _is_image(seen)
        if (seen.video and seen.kind is not Kind.OTHER) or is_taken_on_word:  # other: only sound
            yield _Film(
                filename=seen.file,
                seconds=seen.video.seconds if seen.video else None,
                received_at=file.received_at,
                is_accepted=is_taken_on_word,
            )


def _media(extraction: Extraction) -> Iterator[Extraction]:
    """The pictures and videos in a file: itself, or what is inside it; itself again when there is nothing."""
    if extraction.photo or extraction.video or not extraction.members:
        yield extraction
        return
    for member in extraction.members:
        if not any(finding.is_blocking for finding in member.findings):
            yield from _media(member)


def _is_image(extraction: Extraction) -> bool:
    return extraction.kind is Kind.PHOTO or extraction.media_type.startswith("image/")


def _remarks(deliverable: Deliverable, pictures: Sequence[Picture], have: int) -> Iterator[Finding]:
    if have > deliverable.photos > 0:
        yield Finding(code=Code.PHOTO_EXTRA, detail=f"收到 {have} 张，要求 {deliverable.photos} 张")
    same = [group for group in group_alike(pictures) if len(group) > 1]
    if same:
        named = "；".join("、".join(picture.filename for picture in group) for group in same[:NAMED_DUPLICATES])
        more = f"等 {len(same)} 组" if len(same) > NAMED_DUPLICATES else ""
        yield Finding(code=Code.PHOTO_DUPLICATE, detail=f"内容相同的照片只计一张：{named}{more}")


def _what_is_wrong(
    deliverable: Deliverable, films: Sequence[_Film], have: int, *, has_other: bool
) -> Iterator[Finding]:
    """Why the evidence is not complete. `has_other`: some file says itself what is wrong with it, if only a stray."""
    for film in films:
        yield from _film_problems(film, deliverable)
    if not deliverable.photos:
        if have:
            yield Finding(code=Code.FORM_WRONG, detail=f"收到照片 {have} 张，本项要求报送视频")
    elif have or not (films or has_other):
        yield Finding(code=Code.PHOTO_COUNT, detail=f"收到 {have} 张，要求 {deliverable.photos} 张")


def _film_problems(film: _Film, deliverable: Deliverable) -> Iterator[Finding]:
    if film.seconds is None:
        yield Finding(code=Code.UNREADABLE, detail=f"视频“{film.filename}”读不出时长，请核对后重新报送")
        yield Finding(code=Code.LOW_CONFIDENCE, detail=f"视频“{film.filename}”的时长需人工核对")
    else:
        longest = _duration(deliverable.video_max_seconds)
        detail = f"视频“{film.filename}”时长 {_duration(film.seconds)}，要求不超过 {longest}"
        yield Finding(code=Code.VIDEO_TOO_LONG, detail=detail)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(math.ceil(seconds), 60)
    return " ".join([f"{minutes} 分钟" if not rest else f"{minutes} 分"] * bool(minutes) + [f"{rest} 秒"] * bool(rest))
