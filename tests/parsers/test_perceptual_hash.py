from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from ingest.samples import media
from parsers.perceptual_hash import distance, perceptual_hash


def hash_of(data: bytes) -> str:
    with Image.open(io.BytesIO(data)) as image:
        return perceptual_hash(image.convert("RGB"))


def test_a_hash_is_sixty_four_bits_as_sixteen_hex_digits() -> None:
    found = perceptual_hash(media.scene(1))
    assert len(found) == 16
    assert 0 <= int(found, 16) < 2**64


@pytest.mark.parametrize("quality", [90, 60, 30])
@pytest.mark.parametrize("longest_side", [1080, 640, 320])
def test_a_copy_sent_through_a_messenger_stays_within_four_bits(longest_side: int, quality: int) -> None:
    for seed in range(6):
        original = media.photo(seed, size=(1440, 1080))
        copy = media.recompressed(original, longest_side=longest_side, quality=quality)
        assert distance(hash_of(original), hash_of(copy)) <= 4


def test_a_brighter_copy_stays_close() -> None:
    image = media.scene(7)
    assert distance(perceptual_hash(image), perceptual_hash(image.point(lambda value: min(255, value + 15)))) <= 6


def test_different_photos_are_far_apart() -> None:
    hashes = [perceptual_hash(media.scene(seed, (400, 300))) for seed in range(80)]
    distances = [distance(one, other) for one, other in combinations(hashes, 2)]
    assert min(distances) > 10
    assert 28 <= np.median(distances) <= 36


def test_an_even_picture_has_a_hash_too() -> None:
    assert len(perceptual_hash(Image.new("RGB", (300, 300), "grey"))) == 16


def test_distance_counts_the_differing_bits() -> None:
    assert distance("0000000000000000", "ffffffffffffffff") == 64
    assert distance("00000000000000f0", "0000000000000000") == 4
