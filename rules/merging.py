"""One form of all units put together: which of a unit's versions counts, and where its others differ (汇总).

    merged_forms(report, claims, kind) → MergedForms

The versions that count are those that the assessment names as its sources, so the table says what the report says. Of
two that tell the same activities the later one is taken, and before it one that has its own text: a photographed page
is mostly the stamped copy of a file that came before. What is not taken is compared with what is: the coordinator is
told where a unit's versions differ, and nothing is added up twice.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final
from unicodedata import normalize

from rapidfuzz import fuzz

from rules.assessment import Assessment, CampaignReport, Status
from rules.campaign import Campaign, Deliverable, DeliverableKind
from rules.claims import Claim
from rules.extraction import FORM_FIELDS, TRUSTED_CERTAINTY, UNIT, Form, FormRow, Kind
from rules.findings import Code
from rules.name_index import NameIndex
from rules.name_reading import read_field
from rules.roster import Roster, Unit
from rules.shared_forms import Whose, numbers_of, owner_of
from rules.submitted import arrival_order

ALIKE: Final = 80
"""Two versions of one row, one of them perhaps read from a picture, are at least so alike (rapidfuzz, 0…100)."""

_SIGNS: Final = re.compile(r"[\W_]+")

NAMING_COLUMN: Final[dict[Kind, str]] = {Kind.SCHEDULE: "theme", Kind.STATISTICS: "activity"}
"""The column in which an activity has its name."""


OTHER_FORM: Final[dict[Kind, Kind]] = {Kind.SCHEDULE: Kind.STATISTICS, Kind.STATISTICS: Kind.SCHEDULE}
"""What was planned beside what was held."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """How a version that is not in the table differs from what is; each pair is (in the table, in that version).

    `fields` are names as in the contract, section 5.
    """

    claim: Claim
    rows: tuple[int, int] | None = None
    attendance: tuple[int, int] | None = None
    fields: tuple[str, ...] = ()

    @property
    def is_any(self) -> bool:
        return bool(self.rows or self.attendance or self.fields)


@dataclass(frozen=True, slots=True)
class MergedRow:
    """One activity. `number`: of its row in the form of the claim, from 1."""

    claim: Claim
    number: int
    row: FormRow


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedUnit:
    """What of one unit stands in the table. `taken`: the claims whose forms do, mostly one; none for an absent unit.
    `own`: those of them whose heads speak of the unit, and not of another one that lists its activities.

    `shared_with`: the other units for whom a form that names nobody counts, too, so that its activities stand there
    again. `also_told_by`: how many of its activities the forms of the units that its form names for them tell, too.
    """

    unit: Unit
    assessment: Assessment
    taken: tuple[Claim, ...] = ()
    own: tuple[Claim, ...] = ()
    rows: tuple[MergedRow, ...] = ()
    shared_with: tuple[str, ...] = ()
    also_told_by: Mapping[str, int] = field(default_factory=dict)
    differences: tuple[Difference, ...] = ()

    @property
    def forms(self) -> tuple[Form, ...]:
        return tuple(claim.form for claim in self.taken if claim.form is not None)

    @property
    def row_count(self) -> int:
        return len(self.rows)

    @property
    def is_exempt(self) -> bool:
        return self.assessment.status is Status.EXEMPT


@dataclass(frozen=True, kw_only=True, slots=True)
class MergedForms:
    """All units of whom the form is asked, in roster order; where it is asked of none, those that have sent it."""

    report: CampaignReport
    kind: Kind
    units: tuple[MergedUnit, ...]
    is_asked: bool = True

    @property
    def campaign(self) -> Campaign:
        return self.report.campaign

    @property
    def row_count(self) -> int:
        return sum(one.row_count for one in self.units)


def asks_for(campaign: Campaign, kind: Kind) -> bool:
    return any(one.kind.value == kind.value for one in campaign.deliverables)


def with_deliverable(campaign: Campaign, kind: Kind) -> Campaign:
    """The campaign where it asks for the form; else one that asks for it, until it closes, and for nothing else."""
    if asks_for(campaign, kind):
        return campaign
    asking = Deliverable(key=kind.value, title="", kind=DeliverableKind(kind.value), due=campaign.closes)
    return replace(campaign, deliverables=(asking,))


def merged_forms(report: CampaignReport, claims: Iterable[Claim], kind: Kind, *, is_asked: bool = True) -> MergedForms:
    """`claims` of all units, in any order; those that came after the report's moment are not among its sources.

    Of several deliverables of the kind the first that is asked of a unit is the one whose state the unit shows.
    `is_asked`: false where the report's campaign is one of `with_deliverable` that the bureau never asked.
    """
    by_unit: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.kind == kind.value and claim.form is not None and claim.received_at <= report.as_of:
            by_unit[claim.unit].append(claim)
    keys = [asked.key for asked in report.campaign.deliverables if asked.kind.value == kind.value]
    units = [
        _merged_unit(one.unit, one.assessments[key], by_unit[one.unit.name])
        for one in report.units
        if (key := next((key for key in keys if key in one.assessments), None)) is not None
    ]
    index = NameIndex(Roster(tuple(one.unit for one in report.units)))
    whose = cache(lambda name: read_field(index, name).unit)  # a town writes the same few names again and again
    units = list(_with_rows(list(_with_listed(units, whose)), whose))
    units = list(_with_told_twice(units, whose))
    shown = tuple(one for one in units if is_asked or one.taken)
    return MergedForms(report=report, kind=kind, units=shown, is_asked=is_asked)


FormKey = tuple[str, str, int | None]


def form_key(claim: Claim) -> FormKey:
    """The form itself, whoever it counts for: message, path and number in its file."""
    return (claim.message_sha256, claim.path, claim.form_index)


def activity_counts(merged: MergedForms) -> dict[str, int]:
    """How many activities each unit tells, by its name; a unit whose form is not there is absent."""
    return {one.unit.name: one.row_count for one in merged.units if one.taken}


def is_doubtful(claim: Claim, key: str) -> bool:
    """True for a value that was read from a picture and that nobody has looked at since; `key` as in `Form.places`."""
    is_open = any(finding.code is Code.LOW_CONFIDENCE for finding in claim.extraction.findings)
    return is_open and claim.form is not None and claim.form.certainties.get(key, 1.0) < TRUSTED_CERTAINTY


def attendance_of(form: Form) -> int:
    """The sum over the rows whose number could be read."""
    return sum(row.attendance or 0 for row in form.rows)


def _merged_unit(unit: Unit, assessment: Assessment, claims: Sequence[Claim]) -> MergedUnit:
    shown = {(source.message_sha256, source.path) for source in assessment.sources}
    ordered = sorted(claims, key=arrival_order)
    filled = [claim for claim in ordered if claim.form is not None and not claim.form.is_empty]
    counting = _taken([claim for claim in filled if (claim.message_sha256, claim.path) in shown])
    taken = [_in_its_own_text(claim, filled) for claim in counting]
    others = [claim for claim in filled if claim not in taken]
    found = (_difference(taken, other) for other in others) if taken else ()
    return MergedUnit(
        unit=unit,
        assessment=assessment,
        taken=tuple(taken),
        differences=tuple(one for one in found if one.is_any),
    )


def _with_listed(units: Sequence[MergedUnit], whose: Whose) -> Iterator[MergedUnit]:
    """Who is complete by a person's word stands with those of its activities that another unit's form names."""
    listing: dict[str, Claim] = {}
    for one in units:
        for claim in one.taken:
            for row in claim.form.rows if claim.form is not None else ():
                if named := whose(row.cells.get(UNIT, "")):
                    listing.setdefault(named, claim)
    for one in units:
        is_by_word = one.assessment.complete_at is not None and not one.taken
        is_listed = is_by_word and one.unit.name in listing
        yield replace(one, taken=(listing[one.unit.name],)) if is_listed else one


def _with_rows(units: Sequence[MergedUnit], whose: Whose) -> Iterator[MergedUnit]:
    """With the activities of each; those of a form that counts for several are divided among them."""
    sharing: dict[FormKey, list[str]] = defaultdict(list)
    for one in units:
        for claim in one.taken:
            sharing[form_key(claim)].append(one.unit.name)
    for one in units:
        rows: list[MergedRow] = []
        shared: dict[str, None] = {}
        own: list[Claim] = []
        for claim in one.taken:
            if claim.form is None:
                continue
            names = sharing[form_key(claim)]
            numbers = numbers_of(one.unit.name, claim.form, names, whose)
            rows += [MergedRow(claim, number, claim.form.rows[number - 1]) for number in numbers]
            if not claim.form.names_units:
                shared |= dict.fromkeys(name for name in names if name != one.unit.name)
            if not claim.form.names_units or owner_of(claim.form, names, whose) == one.unit.name:
                own.append(claim)
        yield replace(one, rows=tuple(rows), shared_with=tuple(shared), own=tuple(own))


def _with_told_twice(units: Sequence[MergedUnit], whose: Whose) -> Iterator[MergedUnit]:
    """A town may list what its school tells, too: each counts it, and only a person knows who should not."""
    rows = {one.unit.name: one.rows for one in units}
    for one in units:
        told: Counter[str] = Counter()
        for mine in one.rows:
            named = whose(mine.row.cells.get(UNIT, ""))
            if named and named != one.unit.name and any(_is_same(mine, theirs) for theirs in rows.get(named, ())):
                told[named] += 1
        yield replace(one, also_told_by=told) if told else one


def _is_same(one: MergedRow, other: MergedRow) -> bool:
    names = [_naming(row.row, row.claim.form.form) for row in (one, other) if row.claim.form is not None]
    return len(names) == 2 and fuzz.ratio(*names) >= ALIKE


def _taken(counting: Sequence[Claim]) -> list[Claim]:
    """In order of arrival, without those whose activities a better or a later one tells."""
    newest_first = list(reversed(counting))
    taken: list[Claim] = []
    for claim in sorted(newest_first, key=lambda claim: claim.extraction.read_by != "structure"):
        if not any(_tells_the_same(one, claim) for one in taken):
            taken.append(claim)
    return sorted(taken, key=arrival_order)


def _in_its_own_text(taken: Claim, filled: Sequence[Claim]) -> Claim:
    """The newest file of which the photographed page is a copy, row by row and number by number; else the page."""
    if taken.extraction.read_by == "structure":
        return taken
    texts = (claim for claim in reversed(filled) if claim.extraction.read_by == "structure")
    return next((text for text in texts if _is_copy(taken, text)), taken)


def _is_copy(page: Claim, text: Claim) -> bool:
    if page.form is None or text.form is None or len(page.form.rows) != len(text.form.rows):
        return False
    pairs = zip(page.form.rows, text.form.rows, strict=True)
    return all(
        fuzz.ratio(_naming(row, page.form.form), _naming(other, text.form.form)) >= ALIKE
        and row.attendance in (None, other.attendance)
        for row, other in pairs
    )


def _tells_the_same(one: Claim, other: Claim) -> bool:
    """A form without rows repeats whichever it stands beside; so do those that share half of the shorter's rows."""
    if one.form is None or other.form is None:
        return False
    longer, shorter = sorted((_namings(one.form), _namings(other.form)), key=len, reverse=True)
    shared = sum(any(fuzz.ratio(name, own) >= ALIKE for own in longer) for name in shorter)
    return shared * 2 >= len(shorter)


def _namings(form: Form) -> list[str]:
    return [_naming(row, form.form) for row in form.rows]


def _naming(row: FormRow, kind: Kind) -> str:
    return _plain(row.cells.get(NAMING_COLUMN[kind], "") + row.cells.get("time", ""))


def _plain(text: str) -> str:
    """The text without what writers and readers of pictures vary: width, blanks, punctuation."""
    return _SIGNS.sub("", normalize("NFKC", text)).casefold()


def _difference(taken: Sequence[Claim], other: Claim) -> Difference:
    """Only what the other version says: of several forms in the table the one that tells the same is compared."""
    beside = next((claim for claim in taken if _tells_the_same(claim, other)), taken[0])
    if beside.form is None or other.form is None:
        return Difference(claim=other)
    rows = (len(beside.form.rows), len(other.form.rows))
    people = (attendance_of(beside.form), attendance_of(other.form))
    return Difference(
        claim=other,
        rows=rows if rows[0] != rows[1] else None,
        attendance=people if people[0] != people[1] else None,
        fields=tuple(name for name in FORM_FIELDS[other.form.form] if _differs(beside, other, name)),
    )


def _differs(one: Claim, other: Claim, name: str) -> bool:
    """A value that is not certain is no other version, only another reading."""
    if one.form is None or other.form is None or is_doubtful(one, name) or is_doubtful(other, name):
        return False
    values = _plain(one.form.fields.get(name, "")), _plain(other.form.fields.get(name, ""))
    return all(values) and values[0] != values[1]
