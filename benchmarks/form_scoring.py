"""Scoring one reading of a paper form against the truth of the sample."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingest.samples.paper.variations import PaperSample
from report.form_words import FIELD_ZH
from rules.extraction import Extraction, Form, Kind
from rules.findings import Code

TRUSTED = 0.8  # a value read with less certainty is shown to a person
UNSCORED = frozenset({"supervisor"})  # ink, no text


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One field ("theme") or cell ("3.place"): what it is, what was read."""

    key: str
    expected: str
    read: str
    is_flagged: bool

    @property
    def is_cell(self) -> bool:
        return "." in self.key

    @property
    def is_exact(self) -> bool:
        return folded(self.expected) == folded(self.read)

    @property
    def is_near(self) -> bool:
        return bare(self.expected) == bare(self.read)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one sample gave. `is_*_right` is None where the truth leaves it open."""

    name: str
    medium: str
    traits: frozenset[str]
    kind: str
    is_kind_right: bool
    values: tuple[Value, ...] = ()
    rows_expected: int = 0
    rows_read: int = 0
    stamped: bool | None = None
    stamped_read: bool | None = None
    signed: bool | None = None
    signed_read: bool | None = None
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_megabytes: float = 0.0
    bare_seconds: float = 0.0  # of the bare engine on the same page, where it was measured
    worker: int = 0


def folded(text: str) -> str:
    """Compatibility forms unified, no blanks: what "exact" means here."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def bare(text: str) -> str:
    """Without punctuation and case as well."""
    return re.sub(r"[\W_]", "", folded(text)).lower()


def scored(sample: PaperSample, seen: Extraction) -> Outcome:
    """Compares a reading with the truth; a form that was not found has every value wrong."""
    found = _found(seen, sample.kind)
    form = found.form if found else None
    is_form = any(kind in (Kind.STATISTICS, Kind.SCHEDULE) for one in _all(seen) for kind in one.kinds)
    return Outcome(
        name=sample.name,
        medium=sample.variation.medium.value,
        traits=sample.traits,
        kind=(found or seen).kind.value,
        is_kind_right=form is not None and form.form is sample.kind if sample.form else not is_form,
        values=tuple(_values(sample.form, form, found or seen)) if sample.form else (),
        rows_expected=len(sample.form.rows) if sample.form else 0,
        rows_read=len(form.rows) if form else 0,
        stamped=sample.stamped,
        stamped_read=(found or seen).stamped,
        signed=sample.signed,
        signed_read=(found or seen).signed,
    )


def _all(seen: Extraction) -> Iterator[Extraction]:
    yield seen
    for member in seen.members:
        yield from _all(member)


def _found(seen: Extraction, kind: Kind) -> Extraction | None:
    """The reading that holds the form: of a scan's PDF it may be a member. One of the right kind goes first."""
    with_forms = [one for one in _all(seen) if one.form is not None]
    right = [one for one in with_forms if one.form is not None and one.form.form is kind]
    return next(iter(right or with_forms), None)


def _values(truth: Form, form: Form | None, seen: Extraction) -> Iterable[Value]:
    certainties = getattr(form, "certainties", None) or {}
    read = _flat(form) if form is not None and form.form is truth.form else {}
    for key, expected in _flat(truth).items():
        if key in UNSCORED:
            continue
        text = read.get(key, "")
        yield Value(key=key, expected=expected, read=text, is_flagged=_is_flagged(key, certainties, seen))


def _is_flagged(key: str, certainties: Mapping[str, float], seen: Extraction) -> bool:
    """A person is told of it: by its certainty, or, where nothing was read, by a finding that names it."""
    details = [finding.detail for finding in seen.findings if finding.code in (Code.LOW_CONFIDENCE, Code.FIELD_MISSING)]
    if key in certainties:
        return bool(details) and certainties[key] < TRUSTED
    row, dot, _column = key.partition(".")
    names = (f"第{row}行", "一行也没有") if dot else (FIELD_ZH[key],)
    return any(name in detail for detail in details for name in names)


def _flat(form: Form) -> dict[str, str]:
    """Rows count by their place: a lost row makes every later one wrong, as it does for whoever uses them."""
    cells = {
        f"{number}.{name}": text for number, row in enumerate(form.rows, start=1) for name, text in row.cells.items()
    }
    return {**form.fields, **cells}
