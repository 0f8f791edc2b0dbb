"""Which unit's seal is on a photographed form, by what was read around its ring.

    sealed_by(index, extraction, unit)   the units that the seals name, none of them `unit`'s own; empty where they fit

A seal that was read for certain contradicts by a unit's whole name. One of which some sign is not certain, since print
runs through it, contradicts only where it is at most one sign from another unit's name and two signs further from the
form's own: a misread sign alone can turn 第一小学 into 第二小学, but never 北关街道 into 东湖街道.
"""

from __future__ import annotations

import re
from typing import Final

from rapidfuzz.distance import Levenshtein

from rules.extraction import Extraction
from rules.name_index import NameIndex
from rules.name_reading import read_field
from rules.names import normalise_name
from rules.regions import take_apart

# As parsers.paper writes what it read of a seal.
_SEAL: Final = re.compile(r"[（(]印章[）)](?P<name>.+)")
_WORN_SEAL: Final = re.compile(r"[（(]印章[，,]有字不清[）)](?P<name>.+)")
_FROM_ITS_OWNER: Final = 1
_FURTHER_FROM_OURS: Final = 2
_SHORTEST: Final = 6  # signs; a shorter name is near to many


def sealed_by(index: NameIndex, extraction: Extraction, unit: str) -> frozenset[str]:
    """That of a unit above or below is no contradiction: a town seals for its school."""
    texts = [match["name"] for match in _SEAL.finditer(extraction.text)]
    readings = [read_field(index, text) for text in texts if index.is_whole_name(normalise_name(text))]
    named: set[str] = {reading.unit for reading in readings if reading.unit}
    for match in _WORN_SEAL.finditer(extraction.text):
        named |= _nearest(index, match["name"], unit)
    return frozenset() if any(_belong_together(index, name, unit) for name in named) else frozenset(named)


def _belong_together(index: NameIndex, one: str, other: str) -> bool:
    return one == other or one in index.ancestors(other) or other in index.ancestors(one)


def _nearest(index: NameIndex, text: str, unit: str) -> set[str]:
    """The one unit whose seal this must be; none where it may be the form's own unit's."""
    core = take_apart(normalise_name(text)).core
    if len(core) < _SHORTEST:
        return set()
    distances: dict[str, int] = {}
    for spelling, owners in index.surfaces.items():
        distance = Levenshtein.distance(core, take_apart(spelling).core)
        for owner in owners:
            distances[owner] = min(distance, distances.get(owner, distance))
    nearest = min(distances.values(), default=len(core))
    ours = min((distances[name] for name in (unit, *index.ancestors(unit)) if name in distances), default=len(core))
    if nearest > _FROM_ITS_OWNER or ours < nearest + _FURTHER_FROM_OURS:
        return set()
    found = {owner for owner, distance in distances.items() if distance == nearest}
    return found if len(found) == 1 else set()
