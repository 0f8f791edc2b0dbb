"""Finds the units of a roster in text: the longest spelling wherever one begins, then its neighbours judged.

Built once for a roster: all spellings become one regular expression in the shape of a trie, so that a long text is
passed over once whatever the size of the roster. What is found is a `Mention`: certain, or only a candidate. A spelling
that belongs to several units, stands in an unknown longer name, or is broken over two lines is never certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from rules.boundaries import Edge, LeftRules, left_edge, right_edge
from rules.names import NormalText
from rules.regions import Regions, region_before, regions_of, take_apart
from rules.roster import Roster
from rules.surfaces import (
    Towns,
    UnitName,
    is_town_office,
    names_without_region,
    surfaces_of,
    towns_of,
    unit_name,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """One place in a text that names a unit, or may. `edge` is the worse of both sides."""

    units: frozenset[str]
    edge: Edge
    start: int
    end: int

    @property
    def unit(self) -> str | None:
        """The unit that is named for certain."""
        return next(iter(self.units)) if len(self.units) == 1 and self.edge is Edge.CLEAR else None


class NameIndex:
    """The names of one roster, ready for searching. A value: nothing changes after it is built."""

    def __init__(self, roster: Roster, *, regions: Sequence[str] = ()) -> None:
        self.roster = roster
        self.regions: Regions = regions_of((unit.name for unit in roster.units), regions)
        apart = names_without_region(roster, self.regions)
        self.towns: Towns = towns_of(roster, apart.values())
        self.names: dict[str, UnitName] = {
            unit.name: unit_name(unit, apart[unit.name], self.towns) for unit in roster.units
        }
        self.surfaces = surfaces_of(roster, self.names, self.towns)
        self._pattern = re.compile(trie_pattern(self.surfaces))
        self._town_pattern = re.compile(trie_pattern(self._town_spellings))
        self._longer = {surface: self._heads_before(surface) for surface in self.surfaces}

    def mentions(self, text: NormalText) -> list[Mention]:
        """Every mention, from left to right; the name of a parent right before its child is only a qualifier."""
        spans = [match.span() for match in self._pattern.finditer(text.text)]
        starts = {start for start, _ in spans}
        ends = {end for _, end in spans}
        mentions = [self._judge(text, match, starts, ends) for match in self._pattern.finditer(text.text)]
        return [
            mention
            for mention, following in zip_longest(mentions, mentions[1:])
            if following is None or mention.end != following.start or not self._is_qualifier(mention, following)
        ]

    def units_of_town_in(self, text: NormalText) -> frozenset[str]:
        """The units of every town that the text names."""
        stems = {self._town_spellings[match.group()] for match in self._town_pattern.finditer(text.text)}
        return frozenset(name.unit for name in self.names.values() if name.town and name.town in stems)

    def ancestors(self, unit: str) -> frozenset[str]:
        """The units above this one, its town's office among them; a roster that goes in circles does no harm."""
        above = set(self._town_offices.get(self.names[unit].town, ())) if unit in self.names else set()
        known, passed = self.roster.by_name.get(unit), {unit}
        while known is not None and known.parent and known.parent not in passed:
            passed.add(known.parent)
            known = self.roster.by_name.get(known.parent)
        above |= passed
        return frozenset(above - {unit})

    def is_whole_name(self, line: str) -> bool:
        """True for a line that is a unit's name, with nothing but its region or town before it."""
        core = take_apart(line).core
        heads = ("", *self.regions.short_forms, *self._town_spellings)
        return any(core.removeprefix(head) in self.surfaces for head in heads if core.startswith(head))

    def ends_like(self, spelling: str) -> frozenset[str]:
        """The units whose name ends with this spelling without being it: 中心小学 may be short for any of them."""
        return frozenset(
            name.unit
            for name in self.names.values()
            if name.core.endswith(spelling) and name.core != spelling and len(spelling) >= 2
        )

    @cached_property
    def characters(self) -> frozenset[str]:
        """Every character of every spelling: one of these in the place of another makes another name."""
        return frozenset(character for spelling in self.surfaces for character in spelling)

    @cached_property
    def _town_offices(self) -> dict[str, frozenset[str]]:
        """Town → the units that speak for the whole town."""
        offices: dict[str, set[str]] = {}
        for name in self.names.values():
            if name.town and is_town_office(name.core, name.town, self.towns):
                offices.setdefault(name.town, set()).add(name.unit)
        return {town: frozenset(units) for town, units in offices.items()}

    @cached_property
    def _town_spellings(self) -> dict[str, str]:
        full_names = {full: stem for stem, fulls in self.towns.full_names.items() for full in fulls}
        return {**{stem: stem for stem in self.towns.full_names}, **full_names}

    def _heads_before(self, surface: str) -> tuple[str, ...]:
        return tuple(
            longer.removesuffix(surface)
            for longer in self.surfaces
            if longer.endswith(surface) and len(longer) > len(surface)
        )

    def _judge(self, text: NormalText, match: re.Match[str], starts: set[int], ends: set[int]) -> Mention:
        (start, end), surface = match.span(), match.group()
        units = self._of_region(self.surfaces[surface], text.text[max(text.line_start(start), start - 8) : start])
        rules = self._left_rules(surface, units)
        left = Edge.CLEAR if start in ends else left_edge(text, start, rules)
        right = right_edge(text, end, surface, starts)
        broken = Edge.UNSURE if text.breaks_inside(start, end) else Edge.CLEAR
        return Mention(units=units, edge=max(left, right, broken), start=start, end=end)

    def _of_region(self, units: frozenset[str], before: str) -> frozenset[str]:
        """Of several units of one spelling, those of the region that stands before it."""
        region = region_before(before) if len(units) > 1 else ""
        return frozenset(unit for unit in units if region and self.names[unit].region.region == region) or units

    def _left_rules(self, surface: str, units: frozenset[str]) -> LeftRules:
        names = [self.names[unit] for unit in units]
        town_stems = {name.town or self._parent_town(name.unit) for name in names} - {""}
        own_towns = {full for stem in town_stems for full in (stem, *self.towns.full_names.get(stem, ()))}
        return LeftRules(
            regions=self._regions_for(names),
            towns=frozenset(own_towns),
            other_towns=frozenset(self._town_spellings.keys() - own_towns),
            longer=self._longer[surface],
            begins_with_town=bool(self.towns.of(surface)),
            begins_with_region=take_apart(surface).level > 0,
        )

    def _regions_for(self, names: Iterable[UnitName]) -> Regions:
        """A unit with its own region at the level of home is not the one of a neighbouring region."""
        own = {name.region for name in names}
        if len(own) == 1:
            region = next(iter(own))
            if region.level and region.level == self.regions.level:
                return Regions(frozenset({region.region}), region.level)
            if region.level and self.regions.home:
                return Regions(self.regions.home | {region.region}, self.regions.level)
        return self.regions

    def _parent_town(self, unit: str) -> str:
        return next((self.names[above].town for above in self.ancestors(unit) if above in self.names), "")

    def _is_qualifier(self, mention: Mention, following: Mention) -> bool:
        return any(mention.units & self.ancestors(unit) for unit in following.units)


def trie_pattern(words: Iterable[str]) -> str:
    """A regular expression that finds the longest of `words` at each place, without trying them one by one."""
    root: dict[str, dict] = {}  # type: ignore[type-arg] # a trie holds tries
    for word in words:
        node = root
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return _branches(root) if root else r"(?!)"


def _branches(node: dict[str, dict]) -> str:  # type: ignore[type-arg] # as above
    branches = [re.escape(character) + _branches(child) for character, child in node.items() if character]
    if not branches:
        return ""
    if len(branches) == 1 and "" not in node:
        return branches[0]
    return f"(?:{'|'.join(branches)}){'?' if '' in node else ''}"
