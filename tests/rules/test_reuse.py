from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.findings import Code
from rules.likeness import SAME_PHOTO_BITS
from rules.reuse import reused_photos
from tests.rules.cases import AFTER_ALL, EVIDENCE, HASHES, SCHOOL, TOWN, campaign, codes, moment, photo, report


def details_of(*claims, at=AFTER_ALL):
    return {unit: one.detail for unit, one in reused_photos(claims, campaign(), at=at).items()}


def test_who_sends_another_units_photo_later_is_named_to_the_coordinator_with_the_other():
    found = details_of(photo(1, moment(11, 10), unit=SCHOOL.name), photo(1, moment(11, 12)), photo(2, moment(11, 12)))
    assert found == {
        TOWN.name: "“照片1.jpg”与“儒林小学”2023年11月10日报送的“照片1.jpg”相同，请核对是否为本次活动的照片"
    }


def test_last_years_photo_of_the_same_unit_is_told_and_a_copy_within_this_year_is_not():
    last_year = moment(11, 10).replace(year=2022)
    assert "本单位2022年11月10日" in details_of(photo(1, last_year), photo(1, moment(11, 12)))[TOWN.name]
    assert details_of(photo(1, moment(11, 10)), photo(1, moment(11, 12))) == {}


def test_photos_of_years_before_are_not_reported_themselves():
    before, last_year = moment(11, 10).replace(year=2021), moment(11, 10).replace(year=2022)
    assert details_of(photo(1, before, unit=SCHOOL.name), photo(1, last_year)) == {}


def test_one_mail_that_holds_a_photo_for_two_units_is_no_reuse():
    mine, theirs = photo(1, moment(11, 10)), photo(1, moment(11, 10), unit=SCHOOL.name)
    assert mine.message_sha256 == theirs.message_sha256
    assert details_of(mine, theirs) == {}


def test_what_came_after_the_moment_of_the_report_is_not_known_yet():
    sent = photo(1, moment(11, 10), unit=SCHOOL.name), photo(1, moment(11, 12))
    assert details_of(*sent, at=moment(11, 11)) == {}


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=8))
def test_every_copy_is_found_and_nothing_else(bits, turned):
    other = bits ^ sum(1 << place for place in turned)
    found = details_of(
        photo(1, moment(11, 10), bits=f"{bits:016x}", unit=SCHOOL.name), photo(1, moment(11, 12), bits=f"{other:016x}")
    )
    assert bool(found) is (len(turned) <= SAME_PHOTO_BITS)


def test_it_blocks_nothing_and_says_the_other_name_to_the_coordinator_only():
    sent = [photo(1, moment(11, 10), unit=SCHOOL.name), *(photo(number, moment(11, 12)) for number in range(1, 6))]
    town, school = (unit.assessments["evidence"] for unit in report(sent, deliverables=(EVIDENCE,)).units)
    assert (town.complete_at, codes(town)) == (moment(11, 12), ["photo_reused"])
    assert not town.needs_review
    assert "photo_reused" not in codes(school)
    (finding,) = [one for one in town.findings if one.code is Code.PHOTO_REUSED]
    assert not finding.is_for_unit


@pytest.mark.parametrize("low_bits", [64, 13])
def test_thirty_thousand_photos_take_seconds_also_where_their_hashes_agree_in_pieces(low_bits):
    chance = random.Random(1)
    first = photo(1, moment(10, 20))
    assert first.extraction.photo is not None
    sent = []
    for number in range(30_000):
        bits = chance.getrandbits(64) >> (64 - low_bits) | (0 if low_bits == 64 else int(HASHES[0], 16) << 13)
        picture = replace(first.extraction.photo, perceptual_hash=f"{bits & (2**64 - 1):016x}")
        sent.append(
            replace(
                first,
                unit=f"单位{number % 160}",
                received_at=first.received_at + timedelta(seconds=number),
                message_sha256=f"{number}",
                extraction=replace(first.extraction, photo=picture),
            )
        )
    began = process_time()
    reused_photos(sent, campaign(), at=AFTER_ALL)
    assert process_time() - began < 15
