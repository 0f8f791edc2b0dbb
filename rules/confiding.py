"""Of which units a sender may be told how they stand: never of another unit's business.

an address of the unit in the roster                 told
an address of its parent unit                        told: a town submits for its schools
an address that the roster does not know             told of the one unit that its mail is for, of none when several
an address of some other unit                        not told, though the mail was put to the unit
"""

from __future__ import annotations

from collections.abc import Iterable

from rules.roster import Roster, Unit


def units_told(address: str, claimed: Iterable[str], roster: Roster) -> tuple[Unit, ...]:
    """Of the units that mail of this address was put to, those that its sender may be told about; in roster order."""
    names = set(claimed)
    owners = roster.units_of_address(address)
    if not owners:
        return tuple(unit for unit in roster.units if unit.name in names) if len(names) == 1 else ()
    own_names = {name for owner in owners for name in (owner.name, *owner.aliases)}
    return tuple(
        unit for unit in roster.units if unit.name in names and (unit in owners or (unit.parent or "") in own_names)
    )
