"""Every spelling under which a unit is looked for: its name, its aliases, and the short forms that offices use.

    rank 0  the roster's own names and aliases
    rank 1  names without the region before them      金坛区实验小学 → 实验小学
    rank 2  short forms made by rule                  直溪镇社区教育中心 → 直溪社教中心

A spelling of a better rank is never given away to a worse one: 实验小学 stays the unit of that name even when
开发区实验小学 is in the roster too. A short form that could also mean another unit belongs to both, so that it is
found but never certain: 西城街道实验小学 may be the 实验小学 in 西城街道 or 西城实验小学.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rules.names import HAN, normalise_name
from rules.regions import RegionalName, Regions, take_apart
from rules.roster import Roster, Unit

_TOWN: Final = re.compile(rf"(?P<stem>[{HAN}]{{2,3}}?)(?P<level>镇|街道|乡)(?P<rest>.*)")
_SHORT_WORDS: Final = (
    ("社区教育中心", "社教中心"),
    ("初级中学", "初中"),
    ("中等专业学校", "中专校"),
    ("中等专业学校", "中专"),
    ("特殊教育学校", "特教学校"),
)
_TOWN_OFFICES: Final = (
    *(
        "人民政府",
        "政府",
        "办事处",
        "社区教育中心",
        "社教中心",
        "社区教育委员会",
        "社区教育指导服务中心",
        "党委",
        "党工委",
    ),
)
_GENERIC: Final = re.compile(
    r"小学|中学|学校|大学|学院|幼儿园|初中|高中|中专|中心校|中心小学|中心幼儿园|初级中学|"
    r"高级中学|完全中学|实验学校|教育局|教育中心|社区教育中心|社教中心|社区学院|开放大学|老年大学|"
    r"进修学校|教师发展中心|少年宫|图书馆|文化馆|博物馆|体育馆|人民政府|办事处|政府|职教中心|"
    r"职业学校|教育集团|街道|委员会|办公室"
)
_SHORTEST: Final = 4


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit's name taken apart: region, town (直溪 of 直溪镇…) and the name without region."""

    unit: str
    region: RegionalName
    town: str

    @property
    def core(self) -> str:
        return self.region.core


@dataclass(frozen=True, slots=True)
class Towns:
    """The towns that the roster speaks of: stem → full names (直溪 → 直溪镇)."""

    full_names: Mapping[str, frozenset[str]]

    def of(self, core: str) -> str:
        """The town that a name begins with, or empty. 西城实验小学 is of 西城 because 西城街道 is known."""
        return max((stem for stem in self.full_names if core.startswith(stem)), key=len, default="")


def names_without_region(roster: Roster, regions: Regions) -> dict[str, RegionalName]:
    """Unit → its name taken apart; 金坛实验小学 loses 金坛 when 金坛区 is home."""
    return {unit.name: _without_region(normalise_name(unit.name), regions) for unit in roster.units}


def _without_region(name: str, regions: Regions) -> RegionalName:
    apart = take_apart(name)
    for region in regions.home:
        core = apart.core.removeprefix(region[:-1]) if len(region) > 2 else apart.core
        if core != apart.core and not core.startswith(("区", "市", "县")) and _may_stand_alone(core):
            return RegionalName(region, regions.level, core)
    return apart


def towns_of(roster: Roster, names: Iterable[RegionalName]) -> Towns:
    found: dict[str, set[str]] = {}
    parents = [take_apart(normalise_name(unit.parent)).core for unit in roster.units if unit.parent]
    for core in [*(name.core for name in names), *parents]:
        town = _TOWN.match(core)
        if town:
            found.setdefault(town["stem"], set()).add(town["stem"] + town["level"])
    return Towns({stem: frozenset(full_names) for stem, full_names in found.items()})


def surfaces_of(roster: Roster, unit_names: Mapping[str, UnitName], towns: Towns) -> dict[str, frozenset[str]]:
    """Spelling → the units that it may mean; one unit: it means that unit."""
    owners: dict[str, set[str]] = {}
    own_rank = [(normalise_name(name), unit.name) for unit in roster.units for name in (unit.name, *unit.aliases)]
    cores = [(name.core, name.unit) for name in unit_names.values() if _may_stand_alone(name.core)]
    short = [
        (spelling, name.unit) for name in unit_names.values() for spelling in _short_forms(name.core, name.town, towns)
    ]
    for rank in (own_rank, cores, [*_with_rivals(short, own_rank + cores, unit_names)]):
        taken = set(owners)
        for spelling, unit in rank:
            if len(spelling) >= 2 and spelling not in taken:
                owners.setdefault(spelling, set()).add(unit)
    return {spelling: frozenset(units) for spelling, units in owners.items()}


def is_town_office(core: str, town: str, towns: Towns) -> bool:
    """True for 直溪镇 itself and for what acts for all of it: 直溪镇社区教育中心, 直溪镇人民政府."""
    return any(core in (full, *(full + office for office in _TOWN_OFFICES)) for full in towns.full_names[town])


def _may_stand_alone(core: str) -> bool:
    return len(core) >= _SHORTEST and not _GENERIC.fullmatch(core)


def _short_forms(core: str, town: str, towns: Towns) -> Iterator[str]:
    if not town:
        yield from (short for short in _shortened(core) if len(short) >= _SHORTEST)
        return
    full = _TOWN.fullmatch(core)
    own_full = {core[: len(town) + len(full["level"])]} if full else towns.full_names[town]
    rest = full["rest"] if full else core[len(town) :]
    if not rest:
        yield from (core + office for office in _TOWN_OFFICES)
        return
    for tail in (rest, *_shortened(rest), *(("小学",) if rest == "中心小学" else ())):
        yield from (head + tail for head in (town, *own_full))


def _shortened(name: str) -> Iterator[str]:
    """初级中学 → 初中 and the like; what is left must still be a name."""
    for long, short in _SHORT_WORDS:
        if long in name:
            yield name.replace(long, short)


def _with_rivals(
    short: Iterable[tuple[str, str]], better: Iterable[tuple[str, str]], unit_names: Mapping[str, UnitName]
) -> Iterator[tuple[str, str]]:
    """Each short form with its unit, and again with every other unit that it could mean."""
    known = list(better)
    for spelling, unit in short:
        yield spelling, unit
        for other_spelling, other in known:
            if other != unit and _could_mean(spelling, other_spelling):
                yield spelling, other
        yield from ((spelling, other) for other in _other_primary_schools(spelling, unit, unit_names))


def _could_mean(short: str, name: str) -> bool:
    return short in name or (short.endswith(name) and len(name) >= _SHORTEST)


def _other_primary_schools(spelling: str, unit: str, unit_names: Mapping[str, UnitName]) -> Iterator[str]:
    """直溪小学 means 直溪中心小学 only while it is the town's one primary school."""
    town = unit_names[unit].town
    if not town or spelling.removeprefix(town).removeprefix("镇").removeprefix("街道") != "小学":
        return
    for other in unit_names.values():
        if other.unit != unit and other.town == town and other.core.endswith("小学"):
            yield other.unit


def unit_name(unit: Unit, region: RegionalName, towns: Towns) -> UnitName:
    return UnitName(unit=unit.name, region=region, town=towns.of(region.core))
