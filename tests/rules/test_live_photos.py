from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from rules.assessment import Part, Status
from rules.claims import Claim
from rules.extraction import Extraction, Kind, Photo, Video
from tests.rules.cases import EVIDENCE, HASHES, claim, codes, moment, photos, standing_of


def still(name: str, *, content_id: str = "", day: int = 13, number: int = 0) -> Claim:
    picture = Photo(width=4, height=3, perceptual_hash=HASHES[number], content_id=content_id)
    seen = Extraction(file=name, media_type="image/heic", kind=Kind.PHOTO, sha256=name, photo=picture)
    return claim("evidence", moment(11, day), extraction=seen, path=f"2/{name}")


def film(name: str, *, seconds: float = 2.9, content_id: str = "", day: int = 13) -> Claim:
    video = Video(seconds=seconds, content_id=content_id)
    seen = Extraction(file=name, media_type="video/quicktime", kind=Kind.VIDEO, sha256=name, video=video)
    return claim("evidence", moment(11, day), extraction=seen, path=f"2/{name}")


@pytest.mark.parametrize(
    ("photo", "film"),
    [
        (still("IMG_0012.HEIC"), film("IMG_0012.MOV")),
        (still("img_0012.jpg"), film("IMG_0012.MOV")),
        (still("照片/IMG_0012.HEIC"), film("照片/IMG_0012.MOV")),
        (still("IMG_0012.HEIC.heic"), film("IMG_0012.HEIC.mov")),  # out of a .livp
        (still("启动仪式.jpg", content_id="A-1"), film("3.mov", content_id="A-1")),
        (still("启动仪式.jpg", content_id="A-1", day=12), film("3.mov", content_id="A-1")),
    ],
)
def test_a_live_photo_is_one_photo_and_no_video(photo, film):
    assessment = standing_of(EVIDENCE, [photo, film])
    assert (assessment.status, assessment.parts) == (Status.INCOMPLETE, {"photos": Part(have=1, want=5)})
    assert codes(assessment) == ["photo_count"]


def at(second: int) -> datetime:
    return datetime(2023, 11, 13, 9, 30, second)  # noqa: DTZ001 - by the clock of the camera


def timed_still(second: int, *, size: tuple[int, int] = (3024, 4032), day: int = 13) -> Claim:
    of_photo = still("启动仪式.jpg", day=day)
    picture = Photo(width=size[0], height=size[1], perceptual_hash=HASHES[0], taken_at=at(second))
    return replace(of_photo, extraction=replace(of_photo.extraction, photo=picture))


def timed_film(second: int, *, seconds: float = 2.9, media_type: str = "video/quicktime") -> Claim:
    of_film = film("现场.mov", seconds=seconds)
    video = Video(seconds=seconds, width=1440, height=1080, taken_at=at(second))
    return replace(of_film, extraction=replace(of_film.extraction, video=video, media_type=media_type))


@pytest.mark.parametrize("second", [14, 15, 18])
def test_a_film_during_which_a_photo_was_taken_is_that_photos(second):
    assessment = standing_of(EVIDENCE, [timed_still(second), timed_film(15)])
    assert (assessment.status, assessment.parts) == (Status.INCOMPLETE, {"photos": Part(have=1, want=5)})


@pytest.mark.parametrize(
    ("photo", "film"),
    [
        (timed_still(20), timed_film(15)),  # afterwards
        (timed_still(13), timed_film(15)),
        (timed_still(15), timed_film(15, seconds=3.6)),  # longer than telephones make it
        (timed_still(15, size=(1080, 1920)), timed_film(15)),  # of other proportions
        (timed_still(15, day=12), timed_film(15)),  # of another mail
        (timed_still(15), timed_film(15, media_type="video/mp4")),
        (still("启动仪式.jpg"), timed_film(15)),  # that does not say when it was taken
        (timed_still(15), film("现场.mov")),
    ],
)
def test_a_film_is_no_photos_unless_its_time_and_its_shape_say_so(photo, film):
    assert standing_of(EVIDENCE, [photo, film]).status is Status.ON_TIME


@pytest.mark.parametrize(
    ("photo", "film"),
    [
        (still("IMG_0012.HEIC"), film("IMG_0013.MOV")),
        (still("IMG_0012.HEIC"), film("IMG_0012.MOV", seconds=20)),  # a film that was meant
        (still("照片/IMG_0012.HEIC"), film("视频/IMG_0012.MOV")),
        (still("IMG_0012.HEIC", day=12), film("IMG_0012.MOV")),  # of another mail
        (still("启动仪式.jpg", content_id="A-1"), film("3.mov", content_id="A-2")),
    ],
)
def test_a_short_film_of_its_own_is_a_video(photo, film):
    assert standing_of(EVIDENCE, [photo, film]).status is Status.ON_TIME


def test_a_photo_that_comes_after_its_film_takes_nothing_away():
    sent = [film("3.mov", content_id="A-1", day=12), still("1.heic", content_id="A-1", day=13)]
    assert standing_of(EVIDENCE, sent).complete_at == moment(11, 12)


def test_five_live_photos_are_five_photos():
    sent = [still(f"IMG_{number}.HEIC", number=number) for number in range(5)]
    sent += [film(f"IMG_{number}.MOV") for number in range(5)]
    assessment = standing_of(EVIDENCE, sent)
    assert (assessment.status, assessment.parts) == (Status.ON_TIME, {"photos": Part(have=5, want=5)})


def test_only_quicktime_films_go_with_a_photo_by_their_name():
    named_alike = film("启动仪式.mov")
    named_alike = replace(named_alike, extraction=replace(named_alike.extraction, media_type="video/mp4"))
    sent = [*photos(range(1), moment(11, 13)), still("启动仪式.jpg", number=7), named_alike]
    assert standing_of(EVIDENCE, sent).status is Status.ON_TIME
