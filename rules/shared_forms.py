"""A form that counts for several units, because a person said so: whose each of its activities is.

A town may list the activities of its schools beside its own. Where the table names the unit of each, every activity is
that unit's; what names none of them is whose form it is. Where it names nobody, each unit has all of them, and the
coordinator is told that they are added up more than once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rules.extraction import UNIT, Form

Whose = Callable[[str], str | None]
"""The unit of the roster that a field names for certain."""


def owner_of(form: Form, sharing: Sequence[str], whose: Whose) -> str:
    """Of those for whom the form counts the one whose form it is: what stands above its activities is of that one."""
    named = whose(form.unit_name)
    return named if named is not None and named in sharing else sharing[0]


def numbers_of(unit: str, form: Form, sharing: Sequence[str], whose: Whose) -> tuple[int, ...]:
    """The numbers, from 1, of the form's rows that are this unit's. `sharing`: all that it counts for."""
    every = tuple(range(1, len(form.rows) + 1))
    if len(sharing) < 2 or not form.names_units:
        return every
    owner = owner_of(form, sharing, whose)
    named = [whose(row.cells.get(UNIT, "")) for row in form.rows]
    return tuple(
        number for number, name in zip(every, named, strict=True) if (name if name in sharing else owner) == unit
    )
