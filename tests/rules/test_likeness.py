from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from rules.likeness import SAME_PHOTO_BITS, Picture, distinct_by_moment, group_alike
from tests.rules.cases import moment


def _picture(bits: int | None, sha256: str = "", day: int = 1) -> Picture:
    return Picture(bits=bits, sha256=sha256, filename=f"{bits}", received_at=moment(11, day))


def test_few_different_bits_are_the_same_photo_and_more_are_not():
    assert _picture(0).is_like(_picture((1 << SAME_PHOTO_BITS) - 1))
    assert not _picture(0).is_like(_picture((1 << SAME_PHOTO_BITS + 1) - 1))


def test_without_a_hash_only_the_same_bytes_are_the_same_photo():
    assert _picture(None, "a").is_like(_picture(0, "a"))
    assert not _picture(None, "a").is_like(_picture(0, "b"))
    assert not _picture(None).is_like(_picture(None))


def test_the_groups_do_not_depend_on_the_order():
    pictures = [_picture(bits) for bits in (0x0, 0xF, 0xFF, 0xFFFF)]
    grouped = [
        sorted(sorted(one.filename for one in group) for group in group_alike(order))
        for order in permutations(pictures)
    ]
    assert grouped == [grouped[0]] * len(grouped)
    assert len(grouped[0]) == 2


@given(st.lists(st.tuples(st.integers(0, 2**12 - 1), st.integers(1, 5)), max_size=12))
def test_the_number_of_distinct_photos_never_falls(drawn):
    pictures = sorted((_picture(bits, day=day) for bits, day in drawn), key=lambda one: one.received_at)
    counts = [count for _, count in distinct_by_moment(pictures)]
    assert counts == sorted(counts)
    assert len(counts) == len({day for _, day in drawn})
    assert (counts or [0])[-1] >= len(group_alike(pictures))
