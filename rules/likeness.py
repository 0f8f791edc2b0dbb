"""Which photos show the same picture.

Two photos are alike when their perceptual hashes differ in few bits; where there is no hash, when their bytes are the
same. Groups are the connected components of likeness, so that they do not depend on the order in which photos are
compared. A new photo that resembles two groups joins them, and the number of groups falls; `distinct_by_moment`
therefore keeps the highest number that was reached: what a unit had sent, it has sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

SAME_PHOTO_BITS: Final = 4
"""The same photo, scaled down or compressed again by a mail client, differs in up to 4 of its 64 bits; two photos of
one scene, taken seconds apart, in more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One photo to be compared. `bits` is its perceptual hash, None when there is none."""

    bits: int | None
    sha256: str
    filename: str
    received_at: datetime

    def is_like(self, other: Picture) -> bool:
        if self.bits is None or other.bits is None:
            return bool(self.sha256) and self.sha256 == other.sha256
        return (self.bits ^ other.bits).bit_count() <= SAME_PHOTO_BITS


Groups = list[list[Picture]]


def group_alike(pictures: Iterable[Picture]) -> Groups:
    """The pictures in groups of the same one."""
    groups: Groups = []
    for picture in pictures:
        groups = _with(groups, picture)
    return groups


def distinct_by_moment(pictures: Sequence[Picture]) -> list[tuple[datetime, int]]:
    """How many distinct pictures had come by each moment at which some came. `pictures` stand in order of arrival."""
    groups: Groups = []
    reached: list[tuple[datetime, int]] = []
    highest = 0
    for moment, arrived in groupby(pictures, key=lambda picture: picture.received_at):
        for picture in arrived:
            groups = _with(groups, picture)
        highest = max(highest, len(groups))
        reached.append((moment, highest))
    return reached


def _with(groups: Groups, picture: Picture) -> Groups:
    """The groups with one more picture: it joins, and thereby unites, every group that holds one like it."""
    apart: Groups = []
    joined: Groups = []
    for group in groups:
        is_alike = any(picture.is_like(other) for other in group)
        (joined if is_alike else apart).append(group)
    return [*apart, [*(other for group in joined for other in group), picture]]
