"""Photos that were sent before: by another unit, or by the same one in an earlier campaign. A hint for the coordinator.

A town may well pass on a school's photo, and two bodies may hold one event together, so nothing is held against anyone.
Copies within one unit's own submission are another matter, and counted in `rules.evidence`.

Algorithm: two hashes of 64 bits that differ in up to n bits agree on at least one of n + 1 pieces of theirs. So each
photo is kept under every piece of its hash and compared only with those that share one: the time grows with the number
of photos, not with its square.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from rules.campaign import Campaign, DeliverableKind
from rules.claims import Claim
from rules.findings import Code, Finding
from rules.flatten import base_name
from rules.likeness import SAME_PHOTO_BITS
from rules.submitted import arrival_order

NAMED: Final = 5
"""A finding names so many photos and counts the rest."""

_HASH_BITS: Final = 64
_PIECES: Final = SAME_PHOTO_BITS + 1
_WIDTH: Final = -(-_HASH_BITS // _PIECES)
_MASK: Final = (1 << _WIDTH) - 1
_COMPARED: Final = 100  # of one piece: pictures made to agree on it must not make a report slow


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sent:
    unit: str
    filename: str
    received_at: datetime
    message_sha256: str
    bits: int


def reused_photos(claims: Iterable[Claim], campaign: Campaign, *, at: datetime) -> Mapping[str, Finding]:
    """By unit, what of its photos for this campaign had been sent before by others, or by itself for an earlier one.

    `claims`: of all campaigns and units. What came after `at` is not looked at.
    """
    shown: dict[str, list[tuple[_Sent, _Sent]]] = defaultdict(list)
    opens_at = datetime.combine(campaign.opens, time.min, tzinfo=campaign.zone)
    before = _Before()
    for sent in _photos(claims, at):
        if opens_at <= sent.received_at:
            other = before.first_elsewhere(sent, opens_at)
            if other is not None:
                shown[sent.unit].append((sent, other))
        before.add(sent)
    return {unit: _finding(unit, pairs, campaign) for unit, pairs in shown.items()}


def _photos(claims: Iterable[Claim], at: datetime) -> Iterator[_Sent]:
    evidence = (one for one in claims if one.kind == DeliverableKind.EVIDENCE and one.received_at <= at)
    with_hash = [one for one in evidence if one.extraction.photo and one.extraction.photo.perceptual_hash]
    for claim in sorted(with_hash, key=lambda claim: (arrival_order(claim), claim.unit)):
        assert claim.extraction.photo is not None  # noqa: S101 - for the type checker
        yield _Sent(
            unit=claim.unit,
            filename=base_name(claim.extraction.file),
            received_at=claim.received_at,
            message_sha256=claim.message_sha256,
            bits=int(claim.extraction.photo.perceptual_hash, 16),
        )


class _Before:
    """What had come so far, found by pieces of its hash."""

    def __init__(self) -> None:
        self._by_hash: dict[int, list[_Sent]] = {}
        self._hashes: dict[int, list[int]] = defaultdict(list)

    def add(self, sent: _Sent) -> None:
        """Of the same picture the first of each unit will do: it is the one that is named."""
        same = self._by_hash.get(sent.bits)
        if same is None:
            self._by_hash[sent.bits] = [sent]
            for piece in _pieces(sent.bits):
                self._hashes[piece].append(sent.bits)
        elif all(other.unit != sent.unit for other in same):
            same.append(sent)

    def first_elsewhere(self, sent: _Sent, opens_at: datetime) -> _Sent | None:
        """The earliest photo that is alike and not of this unit's submission for this campaign.

        One mail may bring what is several units' together.
        """
        alike = (other for bits in self._alike(sent.bits) for other in self._by_hash[bits])
        elsewhere = (other for other in alike if other.unit != sent.unit or other.received_at < opens_at)
        apart = (other for other in elsewhere if other.message_sha256 != sent.message_sha256)
        return min(apart, key=lambda other: (other.received_at, other.unit, other.filename), default=None)

    def _alike(self, bits: int) -> set[int]:
        near = (other for piece in _pieces(bits) for other in self._hashes.get(piece, ())[:_COMPARED])
        return {other for other in near if (other ^ bits).bit_count() <= SAME_PHOTO_BITS}


def _pieces(bits: int) -> list[int]:
    """The pieces of a hash, each with its place, so that pieces of different places never agree."""
    return [(bits >> shift & _MASK) | shift << _WIDTH for shift in range(0, _HASH_BITS, _WIDTH)]


def _finding(unit: str, pairs: Sequence[tuple[_Sent, _Sent]], campaign: Campaign) -> Finding:
    named = "；".join(_named(unit, sent, other, campaign) for sent, other in pairs[:NAMED])
    more = f"等 {len(pairs)} 张" if len(pairs) > NAMED else ""
    return Finding(code=Code.PHOTO_REUSED, detail=f"{named}{more}，请核对是否为本次活动的照片")


def _named(unit: str, sent: _Sent, other: _Sent, campaign: Campaign) -> str:
    day = other.received_at.astimezone(campaign.zone)
    whose = "本单位" if other.unit == unit else f"“{other.unit}”"
    return f"“{sent.filename}”与{whose}{day.year}年{day.month}月{day.day}日报送的“{other.filename}”相同"
