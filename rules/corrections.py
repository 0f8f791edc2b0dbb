"""A person's reading of a form beside the machine's: which values were corrected, which files verified.

A value is named as in `Form.places`: by its field, or by row from 1 and column, "3.place". Here only the text changes;
what it means (numbers, dates, findings) is read anew by `parsers.correcting`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rules.claims import Decision
from rules.extraction import FORM_COLUMNS, FORM_FIELDS, UNIT, Form, FormRow
from rules.overruling import Action


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrections:
    """What people said of one file's forms. `values`: by form index and key, the newest word for each."""

    values: dict[tuple[int, str], str]
    is_verified: bool = False


def corrections_of(decisions: Iterable[Decision]) -> dict[str, Corrections]:
    """By path, from the standing decisions about one message, oldest first."""
    values: dict[str, dict[tuple[int, str], str]] = {}
    verified: set[str] = set()
    for decision in decisions:
        if decision.action == Action.CORRECT:
            values.setdefault(decision.path, {})[decision.form_index or 0, decision.field] = decision.value
        elif decision.action == Action.VERIFY:
            verified.add(decision.path)
    return {
        path: Corrections(values=values.get(path, {}), is_verified=path in verified)
        for path in values.keys() | verified
    }


def is_correctable(form: Form, key: str) -> bool:
    """True for a field or a cell that the form has a place for."""
    row, _dot, name = key.rpartition(".")
    if not row:
        return name in FORM_FIELDS.get(form.form, ())
    is_row = row.isascii() and row.isdecimal() and 1 <= int(row) <= len(form.rows)
    return is_row and (name in FORM_COLUMNS.get(form.form, ()) or (name == UNIT and form.names_units))


def value_at(form: Form, key: str) -> str:
    """The text that stands there, "" for none."""
    row, _dot, name = key.rpartition(".")
    if not row:
        return form.fields.get(name, "")
    return form.rows[int(row) - 1].cells.get(name, "")


def with_value(form: Form, key: str, value: str) -> Form:
    """The form with this text at a correctable key, as certain as a person is."""
    row, _dot, name = key.rpartition(".")
    certain = form.certainties | {key: 1.0} if form.certainties else form.certainties
    if not row:
        return replace(form, fields=form.fields | {name: value}, certainties=certain)
    number = int(row) - 1
    rows = (*form.rows[:number], _with_cell(form.rows[number], name, value), *form.rows[number + 1 :])
    return replace(form, rows=rows, certainties=certain)


def _with_cell(row: FormRow, name: str, value: str) -> FormRow:
    return replace(row, cells=row.cells | {name: value})
