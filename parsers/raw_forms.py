"""A form as it was found: what is written where, not yet understood; and whose it is by what stands under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.form_rows import RawRow
from parsers.forms import FormShape


@dataclass(frozen=True, kw_only=True, slots=True)
class RawForm:
    """A form found: what was written, not yet understood. `labels` names the fields that the form has at all."""

    shape: FormShape
    fields: dict[str, str]
    labels: frozenset[str]
    rows: tuple[RawRow, ...]
    columns: frozenset[str]
    totals: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    tables: frozenset[int] = frozenset()  # indexes into the blocks
    sheet: str = ""  # its name, where the rows stand on one
    nothing_held: str = ""  # the words that say so, where there is no activity
    repeated: tuple[str, ...] = ()  # headings that stand again farther right, over what was not read


def named_below(forms: Sequence[RawForm], trailing: dict[str, str]) -> list[RawForm]:
    """A unit line under the last form is of that form, and of all others if they name no other unit; but where each of
    several forms has its line under it, all of them were taken for that of the next one.
    """
    is_named = ["unit_name" in form.labels for form in forms]
    below = [form.fields["unit_name"] for form in forms[1:]] + [trailing.get("unit_name", "")]
    if is_named == [False] + [True] * (len(forms) - 1) and len(forms) > 1 and all(below):
        pairs = zip(forms, below, strict=True)
        return [replace(form, fields=form.fields | {"unit_name": unit}) for form, unit in pairs]
    is_of_all = {form.fields["unit_name"] for form in forms} <= {"", below[-1]}
    return [
        with_fields(form, trailing) if not named and (is_of_all or form is forms[-1]) else form
        for form, named in zip(forms, is_named, strict=True)
    ]


def with_fields(form: RawForm, more: dict[str, str]) -> RawForm:
    """The form with more in the fields that are blank."""
    fields = {name: value or more.get(name, "") for name, value in form.fields.items()}
    return replace(form, fields=fields, labels=form.labels | more.keys())
