"""The benchmark's own arithmetic: a figure that flatters is worse than none."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.form_scoring import scored
from ingest.samples.paper import contents
from ingest.samples.paper.variations import VARIATIONS, Medium, PaperSample
from ingest.samples.people import dice
from rules.extraction import Extraction, Kind
from rules.findings import Code, Finding

FORM = contents.statistics(dice("scoring"), "河滨小学", rows=3)
SAMPLE = PaperSample(
    variation=next(one for one in VARIATIONS if one.medium is Medium.GOOD),
    data=b"",
    suffix="jpg",
    kind=Kind.STATISTICS,
    form=FORM,
    stamped=True,
    seal_text="河滨小学",
    signed=True,
    orientation=0,
    corners=(),
    traits=frozenset(),
)


def seen(form=FORM, **changes):
    kind = form.form if form else Kind.PHOTO
    return Extraction(file="a.jpg", media_type="image/jpeg", kind=kind, forms=(form,) if form else (), **changes)


def wrong(outcome):
    return [value for value in outcome.values if not value.is_exact]


def test_a_perfect_reading_has_eleven_fields_and_all_cells_right():
    outcome = scored(SAMPLE, seen())
    assert len(outcome.values) == 11 + 3 * 5
    assert wrong(outcome) == []
    assert outcome.is_kind_right


def test_a_form_that_was_not_found_has_every_value_wrong():
    outcome = scored(SAMPLE, seen(None))
    assert len(wrong(outcome)) == 11 + 3 * 5
    assert not outcome.is_kind_right


def test_a_lost_row_makes_every_later_row_wrong():
    outcome = scored(SAMPLE, seen(replace(FORM, rows=FORM.rows[1:])))
    assert {value.key.partition(".")[0] for value in wrong(outcome)} == {"1", "2", "3"}
    assert (outcome.rows_expected, outcome.rows_read) == (3, 2)


def test_width_and_blanks_do_not_matter_but_punctuation_does():
    fields = {**FORM.fields, "theme": " ".join(FORM.fields["theme"]), "organizer": "河滨小学。"}
    outcome = scored(SAMPLE, seen(replace(FORM, fields=fields)))
    assert [value.key for value in wrong(outcome)] == ["organizer"]
    assert wrong(outcome)[0].is_near


def test_a_value_that_is_missing_counts_as_flagged_only_when_a_finding_names_it():
    without = replace(FORM, fields={**FORM.fields, "organizer": "", "participants": ""})
    finding = Finding(code=Code.FIELD_MISSING, detail="附件2未填写：组织单位")
    flagged = {value.key: value.is_flagged for value in wrong(scored(SAMPLE, seen(without, findings=(finding,))))}
    assert flagged == {"organizer": True, "participants": False}


def test_a_picture_of_something_else_is_right_as_long_as_no_form_is_seen_in_it():
    crowd = replace(SAMPLE, form=None, kind=Kind.PHOTO)
    assert scored(crowd, seen(None)).is_kind_right
    assert not scored(crowd, seen()).is_kind_right


def test_a_form_inside_a_file_counts_as_found():
    outer = Extraction(file="a.pdf", media_type="application/pdf", kind=Kind.DOCUMENT, members=(seen(stamped=True),))
    outcome = scored(SAMPLE, outer)
    assert wrong(outcome) == []
    assert outcome.stamped_read is True
