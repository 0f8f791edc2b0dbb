"""Whose activities a form lists, where its table says so beside each: a town may list those of its schools.

    units_in_rows(index, form)          {"直溪中心小学": 3, …}: units of the roster and how many activities are theirs
    others_in_rows(index, form, unit)   the finding `other_units`, or None
    units_told(finding)                 the units that it names

Such a form counts for the unit that sent it and for nobody else: whether it counts for the others, too, is for a
person. Villages and whoever else is not in the roster owe nothing, and are not told of.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from rules.extraction import UNIT, Form
from rules.findings import Code, Finding
from rules.name_index import NameIndex
from rules.name_reading import read_field

_BETWEEN_NAMES: Final = re.compile(r"[、,，;；/\s]+")
_MOST_NAMED: Final = 60  # more than a town has: who is not named is reminded as if nothing had come
_NAMED: Final = re.compile(r"其他单位的活动（(.*)），只计为")
_COUNT: Final = re.compile(r" \d+ 项(?:等 \d+ 个单位)?$")


def units_in_rows(index: NameIndex, form: Form) -> Counter[str]:
    """A name that may be one of several units (中心小学) counts for none of them."""
    found: Counter[str] = Counter()
    for row in form.rows:
        names = _BETWEEN_NAMES.split(row.cells.get(UNIT, ""))
        found.update({unit for name in names if (unit := read_field(index, name).unit)})
    return found


def others_in_rows(index: NameIndex, form: Form, unit: str) -> Finding | None:
    """`unit` is the one that the form is put to; those above it are no others."""
    fitting = {unit, *index.ancestors(unit)}
    others = {name: count for name, count in units_in_rows(index, form).items() if name not in fitting}
    if not others:
        return None
    named = "、".join(f"{name} {count} 项" for name, count in list(others.items())[:_MOST_NAMED])
    more = f"等 {len(others)} 个单位" if len(others) > _MOST_NAMED else ""
    detail = f"表中还列有其他单位的活动（{named}{more}），只计为“{unit}”的材料，其他单位是否也算已报，请人工认定"
    return Finding(code=Code.OTHER_UNITS, detail=detail)


def units_told(finding: Finding) -> tuple[str, ...]:
    named = _NAMED.search(finding.detail)
    return tuple(_COUNT.sub("", one) for one in named[1].split("、")) if named else ()
