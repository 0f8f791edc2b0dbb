"""The regions that official names begin with: 江苏省常州市金坛区实验小学 is the 实验小学 of 金坛区.

The region next to the name decides. `Regions.home` are the districts that the roster itself speaks of (and those that
the caller names): 金坛区实验小学 is ours, 武进区实验小学 and 常州市实验小学 are other schools. When the roster names no
region at all, any district is taken for ours (but no city: 常州市实验小学 is another school).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rules.names import HAN, normalise_name

_PROVINCE: Final = rf"[{HAN}]{{2,3}}(?:省(?!级)|自治区)"
_CITY: Final = rf"[{HAN}]{{2,4}}?市(?![民场政容级区])"
_DISTRICT: Final = rf"[{HAN}]{{2,4}}?(?<![社校园片地辖发新景])(?:区|县(?!级))"
_CHAIN: Final = re.compile(rf"(?P<province>{_PROVINCE})?(?P<city>{_CITY})?(?P<district>{_DISTRICT})?")
_TAIL: Final = re.compile(rf"(?:{_PROVINCE}|{_CITY}|{_DISTRICT})$")
_COMMON_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class RegionalName:
    """A name taken apart: `region` is the innermost region before it or empty, `level` 0 none, 1 省, 2 市, 3 区县."""

    region: str
    level: int
    core: str


@dataclass(frozen=True, slots=True)
class Regions:
    """The districts that are ours; empty when nobody named any."""

    home: frozenset[str] = frozenset()
    level: int = 0

    @property
    def short_forms(self) -> frozenset[str]:
        """金坛 for 金坛区."""
        return frozenset(region[:-1] for region in self.home if len(region) > 2)

    def is_home(self, region: str) -> bool:
        """True for 金坛区, for its former names 金坛市 and 金坛县, and for any district when none is known."""
        if not self.home:
            return region.endswith(("区", "县"))
        return region in self.home or region[:-1] in self.short_forms


def take_apart(name: str) -> RegionalName:
    """Splits the regions off a normalised name; a name that is nothing but regions keeps its last one."""
    found = _CHAIN.match(name)
    parts = [part or "" for part in found.groups()] if found else ["", "", ""]
    level = max((number for number, part in enumerate(parts, start=1) if part), default=0)
    core = name[sum(map(len, parts)) :]
    if not core or not level:
        return RegionalName("", 0, name)
    return RegionalName(parts[level - 1], level, core)


def regions_of(names: Iterable[str], given: Sequence[str] = ()) -> Regions:
    """The home districts: those given, else the innermost regions that many names of the roster begin with."""
    apart = [take_apart(name) for name in names]
    level = max((name.level for name in apart), default=0)
    counts = Counter(name.region for name in apart if name.level == level and level)
    common = {region for region, count in counts.items() if count >= _COMMON_SHARE * counts.total()}
    named = {normalise_name(region) for region in given} - {""}
    return Regions(frozenset(common | named), level or (3 if named else 0))


def region_in(title: str) -> str:
    """The region that a campaign's title begins with, e.g. 金坛区 of 金坛区2023-2024年度…; empty when it has none."""
    return take_apart(normalise_name(title)).region


def region_before(text: str) -> str:
    """The region that this text ends with, or empty."""
    shortest = ""
    for start in range(max(0, len(text) - 7), len(text)):
        found = _TAIL.match(text, start)
        if found:
            shortest = found.group()
    return shortest
