"""The roster: the units that are expected, in the order in which they are shown; the denominator of every rate."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One body that must submit. `name` is its identity. `exempt` holds deliverable keys, or `*` for all."""

    name: str
    category: str = ""
    parent: str | None = None
    aliases: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    contact: str = ""
    phone: str = ""
    exempt: frozenset[str] = frozenset()

    def is_exempt_from(self, deliverable_key: str) -> bool:
        return "*" in self.exempt or deliverable_key in self.exempt


@dataclass(frozen=True, slots=True)
class Roster:
    """Units in roster order; names are unique (reading the file proves it)."""

    units: tuple[Unit, ...]
    by_name: dict[str, Unit] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {unit.name: unit for unit in self.units})

    def units_of_address(self, address: str) -> tuple[Unit, ...]:
        """Every unit that lists this mail address; several units may share a town's mailbox."""
        wanted = address.lower()
        return tuple(unit for unit in self.units if wanted in unit.emails)
