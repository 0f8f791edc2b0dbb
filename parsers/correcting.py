"""Reads a form anew where a person corrected what was read: numbers, dates, and what is still wrong with it.

The findings that follow from a form's texts are derived twice, from the form as it was read and as it is corrected: the
former go, the latter come. Whatever else was found in the file stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from parsers.dates import Years, parse_dates, years_named
from parsers.doubts import doubts_about
from parsers.form_values import number_in, total_mismatch, what_is_wrong
from parsers.forms import SHAPES, FormShape
from rules.corrections import Corrections, is_correctable, with_value
from rules.extraction import Extraction, Form, FormRow
from rules.findings import Code, Finding

_SHAPE_OF: Final = {shape.form: shape for shape in SHAPES}
_OWN_TOTAL: Final = re.compile(r"合计写的是(\d+)人")


def corrected(extraction: Extraction, corrections: Corrections) -> Extraction:
    """The extraction as a person reads the file. What the file has no place for is left alone."""
    years = years_named((extraction.title, PurePosixPath(extraction.file).name, extraction.text))
    seen = extraction
    for index, form in enumerate(extraction.forms):
        texts = {key: value for (of_form, key), value in corrections.values.items() if of_form == index}
        fitting = {key: value for key, value in texts.items() if is_correctable(form, key)}
        if fitting:
            seen = _with_form(seen, index, _corrected_form(form, fitting, years), years)
    return _verified(seen) if corrections.is_verified else seen


def _corrected_form(form: Form, texts: dict[str, str], years: Years | None) -> Form:
    for key, value in texts.items():
        form = with_value(form, key, value)
        row, _dot, name = key.rpartition(".")
        if row:
            number = int(row) - 1
            meant = _meaning(form.rows[number], name, years)
            form = replace(form, rows=(*form.rows[:number], meant, *form.rows[number + 1 :]))
        elif name == "mobilization_attendance":
            form = replace(form, mobilization_attendance=number_in(value))
    return form


def _meaning(row: FormRow, name: str, years: Years | None) -> FormRow:
    if name == "attendance":
        return replace(row, attendance=number_in(row.cells[name]))
    if name == "time":
        starts_on, ends_on = parse_dates(row.cells[name], years)
        return replace(row, starts_on=starts_on, ends_on=ends_on)
    return row


def _with_form(extraction: Extraction, index: int, form: Form, years: Years | None) -> Extraction:
    before = extraction.forms[index]
    shape = _SHAPE_OF[form.form]
    gone = {*what_is_wrong(shape, before, years), *doubts_about(shape, before)}
    kept = [_with_sum(finding, shape, form) for finding in extraction.findings if finding not in gone]
    come = (*what_is_wrong(shape, form, years), *doubts_about(shape, form))
    forms = (*extraction.forms[:index], form, *extraction.forms[index + 1 :])
    findings = tuple(dict.fromkeys((*(one for one in kept if one is not None), *come)))
    return replace(extraction, forms=forms, findings=findings)


def _with_sum(finding: Finding, shape: FormShape, form: Form) -> Finding | None:
    """The unit's own total against the sum of the corrected rows; None where they agree by now."""
    own_total = _OWN_TOTAL.search(finding.detail)
    if finding.code is not Code.TOTAL_MISMATCH or not finding.detail.startswith(shape.name) or own_total is None:
        return finding
    return total_mismatch(shape, form, int(own_total[1]))


def _verified(extraction: Extraction) -> Extraction:
    """All but the unit's name is certain: a hasty word must not make an illegible name speak against the sender."""
    forms = (
        replace(
            form,
            certainties={key: sure if key == "unit_name" else 1.0 for key, sure in form.certainties.items()},
        )
        for form in extraction.forms
    )
    findings: Iterable[Finding] = (one for one in extraction.findings if one.code is not Code.LOW_CONFIDENCE)
    return replace(extraction, forms=tuple(forms), findings=tuple(findings))
