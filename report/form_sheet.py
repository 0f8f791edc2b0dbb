"""A form as it was read, value by value: how certain, where on the page, and what a person made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from report.file_view import FileView
from report.form_words import COLUMN_ZH, FIELD_ZH, UNIT_ZH
from report.plain import plain
from report.words import KIND_ZH
from rules.corrections import value_at
from rules.extraction import FORM_COLUMNS, FORM_FIELDS, TRUSTED_CERTAINTY, UNIT, Form, Place


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetValue:
    """One value. `key` as in `Form.places`; `read_as` is what the machine read where a person corrected it."""

    key: str
    label: str
    text: str
    certainty: float | None = None
    place: Place | None = None
    read_as: str | None = None

    @property
    def is_doubtful(self) -> bool:
        return self.certainty is not None and self.certainty < TRUSTED_CERTAINTY

    @property
    def is_corrected(self) -> bool:
        return self.read_as is not None

    @property
    def sure(self) -> str:
        """`可信度 62%`; empty for a file that brought its own text."""
        return "" if self.certainty is None else f"可信度 {self.certainty:.0%}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FormSheet:
    """附件1 or 附件2 of one file. `pages` are those of the picture on which something was read."""

    file: FileView
    form_index: int
    title: str
    columns: tuple[str, ...]
    fields: tuple[SheetValue, ...]
    rows: tuple[tuple[SheetValue, ...], ...]
    pages: tuple[int, ...] = ()

    @property
    def values(self) -> tuple[SheetValue, ...]:
        return (*self.fields, *(value for row in self.rows for value in row))

    @property
    def doubtful(self) -> tuple[SheetValue, ...]:
        return tuple(value for value in self.values if value.is_doubtful)


def sheet_of(
    file: FileView, form_index: int, form: Form, read: Form | None = None, *, is_doubted: bool = True
) -> FormSheet:
    """`form` as it stands, `read` as the machine read it. Without `is_doubted` a person has verified it."""
    columns = (*FORM_COLUMNS.get(form.form, ()), *((UNIT,) if form.names_units else ()))
    fields = FORM_FIELDS.get(form.form, ())
    column_words = COLUMN_ZH.get(form.form, {}) | {UNIT: UNIT_ZH}

    def value(key: str, label: str) -> SheetValue:
        found = _value(form, read, key, label)
        return replace(found, certainty=None) if found.is_doubtful and not is_doubted else found

    return FormSheet(
        file=file,
        form_index=form_index,
        title=KIND_ZH[form.form],
        columns=tuple(column_words.get(name, name) for name in columns),
        fields=tuple(value(name, FIELD_ZH.get(name, name)) for name in fields),
        rows=tuple(
            tuple(value(f"{number}.{name}", f"第{number}行{column_words.get(name, name)}") for name in columns)
            for number in range(1, len(form.rows) + 1)
        ),
        pages=tuple(sorted({place.page for place in form.places.values()})) or ((0,) if file.is_pictured else ()),
    )


def _value(form: Form, read: Form | None, key: str, label: str) -> SheetValue:
    text = value_at(form, key)
    before = value_at(read, key) if read is not None else text
    return SheetValue(
        key=key,
        label=label,
        text=plain(text),
        certainty=form.certainties.get(key),
        place=form.places.get(key),
        read_as=plain(before) if before != text else None,
    )
