from __future__ import annotations

from dataclasses import replace

import pytest

from rules.assessment import Part, Status
from rules.extraction import Extraction, Kind
from rules.findings import Code
from tests.rules.cases import (
    EVIDENCE,
    HASHES,
    claim,
    codes,
    details,
    finding,
    moment,
    photo,
    photos,
    standing_of,
    video,
)


def _nearly(number: int, bits: int) -> str:
    """The hash of a photo with its lowest bits turned over."""
    return f"{int(HASHES[number], 16) ^ ((1 << bits) - 1):016x}"


def test_photos_of_several_mails_add_up():
    monday, tuesday = moment(11, 13), moment(11, 14)
    assessment = standing_of(EVIDENCE, [*photos(range(3), monday), *photos(range(3, 5), tuesday)])
    assert (assessment.status, assessment.received_at, assessment.complete_at) == (Status.ON_TIME, monday, tuesday)
    assert assessment.parts == {"photos": Part(have=5, want=5)}
    assert len(assessment.sources) == 5
    assert codes(assessment) == []


def test_too_few_photos_say_how_many_came():
    assessment = standing_of(EVIDENCE, photos(range(3), moment(11, 13)))
    assert (assessment.status, codes(assessment)) == (Status.INCOMPLETE, ["photo_count"])
    assert details(assessment) == ["收到 3 张，要求 5 张"]
    assert assessment.parts == {"photos": Part(have=3, want=5)}


def test_nothing_yet_is_shown_as_none_of_five():
    assert standing_of(EVIDENCE, []).parts == {"photos": Part(have=0, want=5)}


def test_more_photos_than_asked_are_remarked_and_do_not_harm():
    assessment = standing_of(EVIDENCE, photos(range(7), moment(11, 13)))
    assert (assessment.status, codes(assessment)) == (Status.ON_TIME, ["photo_extra"])
    assert assessment.parts["photos"] == Part(have=7, want=5)


@pytest.mark.parametrize(("bits", "have"), [(0, 4), (4, 4), (5, 5)])
def test_a_photo_that_was_sent_again_counts_once(bits, have):
    sent = [*photos(range(4), moment(11, 13)), photo(9, moment(11, 14), bits=_nearly(3, bits))]
    assessment = standing_of(EVIDENCE, sent)
    assert assessment.parts["photos"].have == have
    assert codes(assessment) == ([] if have == 5 else ["photo_duplicate", "photo_count"])


def test_a_duplicate_is_named_by_its_files():
    assessment = standing_of(EVIDENCE, [*photos(range(5), moment(11, 13)), photo(9, moment(11, 14), bits=HASHES[2])])
    assert (assessment.status, details(assessment)) == (
        Status.ON_TIME,
        ["内容相同的照片只计一张：照片2.jpg、照片9.jpg"],
    )


def test_many_duplicates_are_one_finding():
    first, again = photos(range(8), moment(11, 13)), photos(range(8), moment(11, 14))
    duplicate = [detail for detail in details(standing_of(EVIDENCE, [*first, *again])) if "相同" in detail]
    assert len(duplicate) == 1
    assert duplicate[0].endswith("等 8 组")


def test_photos_without_a_perceptual_hash_are_told_apart_by_their_bytes():
    sent = [photo(number, moment(11, 13), bits="") for number in (0, 1, 2, 2)]
    assert standing_of(EVIDENCE, sent).parts["photos"].have == 3


def test_a_photo_that_cannot_be_opened_does_not_count_and_says_so():
    broken = claim("evidence", moment(11, 13), Code.UNREADABLE, name="坏.jpg")
    alone = standing_of(EVIDENCE, [broken])
    assert (alone.status, codes(alone)) == (Status.INCOMPLETE, ["unreadable"])
    with_others = standing_of(EVIDENCE, [broken, *photos(range(3), moment(11, 13))])
    assert codes(with_others) == ["photo_count", "unreadable"]
    enough = standing_of(EVIDENCE, [broken, *photos(range(5), moment(11, 13))])
    assert (enough.status, codes(enough), len(enough.sources)) == (Status.ON_TIME, [], 5)


def test_a_file_that_shows_nothing_leaves_the_photos_wanting():
    assert codes(standing_of(EVIDENCE, [claim("evidence", moment(11, 13))])) == ["photo_count"]


def test_a_blurry_photo_counts_and_is_remarked():
    sent = [*photos(range(4), moment(11, 13)), photo(4, moment(11, 13), Code.PHOTO_BLURRY)]
    assert codes(standing_of(EVIDENCE, sent)) == ["photo_blurry"]


@pytest.mark.parametrize("seconds", [0.5, 180.0, 181.0])
def test_one_short_video_is_enough(seconds):
    assessment = standing_of(EVIDENCE, [video(seconds, moment(11, 13))])
    assert (assessment.status, codes(assessment)) == (Status.ON_TIME, [])
    assert assessment.parts == {"photos": Part(have=0, want=5), "video": Part(have=1, want=1)}


@pytest.mark.parametrize(("seconds", "said"), [(181.1, "3 分 2 秒"), (250.0, "4 分 10 秒"), (240.0, "4 分钟")])
def test_a_long_video_blocks_and_says_how_long_it_is(seconds, said):
    assessment = standing_of(EVIDENCE, [video(seconds, moment(11, 13))])
    assert (assessment.status, codes(assessment)) == (Status.INCOMPLETE, ["video_too_long"])
    assert details(assessment) == [f"视频“活动.mp4”时长 {said}，要求不超过 3 分钟"]


def test_a_long_video_is_forgiven_when_the_photos_are_enough():
    assessment = standing_of(EVIDENCE, [video(600, moment(11, 12)), *photos(range(5), moment(11, 13))])
    assert (assessment.status, codes(assessment), assessment.complete_at) == (Status.ON_TIME, [], moment(11, 13))


def test_too_few_photos_and_a_long_video_say_both():
    assessment = standing_of(EVIDENCE, [video(600, moment(11, 12)), *photos(range(2), moment(11, 13))])
    assert codes(assessment) == ["video_too_long", "photo_count"]


def test_a_video_of_unknown_length_is_not_taken_on_trust():
    assessment = standing_of(EVIDENCE, [video(None, moment(11, 13))])
    assert (assessment.status, codes(assessment)) == (Status.INCOMPLETE, ["unreadable", "low_confidence"])
    assert assessment.needs_review
    satisfied = standing_of(EVIDENCE, [video(None, moment(11, 13)), video(90, moment(11, 14), path="5")])
    assert (satisfied.status, codes(satisfied), satisfied.needs_review) == (Status.ON_TIME, [], False)


def test_the_first_of_photos_and_video_dates_the_evidence():
    sent = [*photos(range(5), moment(11, 15)), video(90, moment(11, 13))]
    assert standing_of(EVIDENCE, sent).complete_at == moment(11, 13)


def test_where_only_a_video_is_asked_photos_are_the_wrong_thing():
    only_video = replace(EVIDENCE, photos=0)
    assessment = standing_of(only_video, photos(range(2), moment(11, 13)))
    assert (assessment.status, codes(assessment), assessment.parts) == (Status.INCOMPLETE, ["form_wrong"], {})
    assert standing_of(only_video, [video(90, moment(11, 13))]).status is Status.ON_TIME


def test_photos_inside_a_file_count_as_photos():
    inside = tuple(photo(number, moment(11, 13)).extraction for number in range(5))
    broken = replace(inside[4], findings=(finding(Code.UNREADABLE),))
    folder = Extraction(file="照片.zip", media_type="application/zip", kind=Kind.ARCHIVE, members=inside)
    full = claim("evidence", moment(11, 13), extraction=folder)
    assert standing_of(EVIDENCE, [full]).status is Status.ON_TIME
    partly = claim("evidence", moment(11, 13), extraction=replace(folder, members=(*inside[:4], broken)))
    assert standing_of(EVIDENCE, [partly]).parts["photos"].have == 4


def test_a_photo_that_joins_two_others_takes_nothing_back():
    far, between = f"{0xFF:016x}", f"{0x0F:016x}"
    apart = [photo(0, moment(11, 13), bits="0" * 16), photo(1, moment(11, 13), bits=far)]
    want_two = replace(EVIDENCE, photos=2)
    joined = standing_of(want_two, [*apart, photo(2, moment(11, 14), bits=between)])
    assert (joined.status, joined.parts["photos"].have) == (Status.ON_TIME, 2)
    want_three = standing_of(replace(EVIDENCE, photos=3), [*apart, photo(2, moment(11, 14), bits=between)])
    assert want_three.parts["photos"].have == 2
