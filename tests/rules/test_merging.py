"""Which version of a unit's form stands in the merged table, and what is said of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.claims import Claim, Decision
from rules.extraction import Extraction, Form, FormRow, Kind
from rules.findings import Code, Finding
from rules.merging import MergedUnit, activity_counts, is_doubtful, merged_forms, with_deliverable
from tests.rules.cases import PLAN, SCHOOL, STATISTICS, campaign, claim, decision, moment, report

Row = tuple[str, str, int | None]
READING: Row = ("11月13日", "全民阅读", 120)
LECTURE: Row = ("11月14日", "健康讲座", 80)
SKILLS: Row = ("11月15日", "技能培训", 45)


def form(*rows: Row, kind: Kind = Kind.STATISTICS, certainties: dict[str, float] | None = None, **fields: str) -> Form:
    what = "activity" if kind is Kind.STATISTICS else "theme"
    return Form(
        form=kind,
        fields={"unit_name": "儒林镇", **fields},
        rows=tuple(
            FormRow(cells={"time": time, what: activity, "attendance": f"{people}人"}, attendance=people)
            for time, activity, people in rows
        ),
        certainties=certainties or {},
    )


def sent(
    day: int, *forms: Form, name: str = "附件2.docx", read_by: str = "structure", path: str = "2", unit: str = "儒林镇"
) -> Claim:
    """A file that came on that day of November and holds the forms; the claim is on the first."""
    seen = Extraction(
        file=name,
        media_type="x",
        kind=forms[0].form,
        sha256=name,
        forms=forms,
        read_by=read_by,
        stamped=True if read_by == "ocr" else None,
    )
    return claim(forms[0].form.value, moment(11, day), extraction=seen, form_index=0, path=path, unit=unit)


def town(claims: list[Claim], *words: Decision) -> MergedUnit:
    judged = report(claims, *words, deliverables=(STATISTICS,))
    return merged_forms(judged, claims, Kind.STATISTICS).units[0]


def activities(merged: MergedUnit) -> list[tuple[str, int | None]]:
    return [(one.row.cells["activity"], one.row.attendance) for one in merged.rows]


def test_units_stand_in_roster_order_and_who_has_sent_nothing_among_them():
    claims = [sent(15, form(READING), unit=SCHOOL.name)]
    merged = merged_forms(report(claims), claims, Kind.STATISTICS)
    assert [(one.unit.name, one.row_count) for one in merged.units] == [("儒林镇", 0), ("儒林小学", 1)]
    assert merged.row_count == 1
    assert activity_counts(merged) == {"儒林小学": 1}


def test_the_newest_good_version_is_taken_and_the_difference_to_an_older_one_told():
    older, newer = sent(10, form(READING, leader_phone="82800001")), sent(12, form(READING, LECTURE, leader_phone="1"))
    merged = town([older, newer])
    assert activities(merged) == [("全民阅读", 120), ("健康讲座", 80)]
    (difference,) = merged.differences
    assert (difference.claim, difference.rows, difference.attendance) == (older, (2, 1), (200, 120))
    assert difference.fields == ("leader_phone",)


def test_an_older_version_that_says_the_same_is_not_spoken_of():
    merged = town([sent(10, form(READING)), sent(12, form(READING), name="再次报送.docx")])
    assert merged.row_count == 1
    assert not merged.differences


def test_a_stamped_photograph_beside_its_file_is_not_added_up():
    page = sent(15, form(("11月13日", "全民阅读.", 120)), name="IMG_1.jpg", read_by="ocr", path="3")
    merged = town([sent(15, form(READING)), page])
    assert [one.extraction.file for one in merged.taken] == ["附件2.docx"]
    assert not merged.differences


def test_of_a_photograph_that_came_after_its_file_the_files_text_is_taken():
    page = sent(16, form(READING, ("11月14日", "健庚讲座", 80)), name="IMG_1.jpg", read_by="ocr")
    merged = town([sent(15, form(READING, LECTURE)), page])
    assert activities(merged) == [("全民阅读", 120), ("健康讲座", 80)]
    assert not merged.differences


@pytest.mark.parametrize(
    "rows", [[("11月13日", "全民阅读", 150)], [("11月13日", "广场舞展演", 120)], [READING, LECTURE]]
)
def test_a_later_photograph_that_says_something_else_is_taken_as_it_is(rows):
    page = sent(16, form(*rows), name="IMG_1.jpg", read_by="ocr")
    merged = town([sent(15, form(READING)), page])
    assert [one.extraction.file for one in merged.taken] == ["IMG_1.jpg"]
    assert activities(merged) == [(activity, people) for _, activity, people in rows]


def test_two_pages_of_one_form_are_both_taken_and_a_page_photographed_twice_once():
    first = sent(16, form(READING, LECTURE), name="1.jpg", read_by="ocr", path="2")
    again = sent(16, form(READING, ("11月14日", "建康讲座", 80)), name="1b.jpg", read_by="ocr", path="3")
    second = sent(16, form(SKILLS), name="2.jpg", read_by="ocr", path="4")
    merged = town([first, again, second])
    assert [activity for activity, _ in activities(merged)] == ["全民阅读", "建康讲座", "技能培训"]


def test_what_a_person_sent_back_is_not_in_the_table():
    wrong, right = sent(12, form(LECTURE), name="错.docx"), sent(10, form(READING))
    merged = town([wrong, right], decision(1, "reject", message_sha256=wrong.message_sha256, path=wrong.path))
    assert activities(merged) == [("全民阅读", 120)]


def test_an_unfilled_template_is_no_version():
    blank = Form(form=Kind.STATISTICS, fields={"unit_name": "儒林镇"})
    template = sent(12, blank, name="空表.docx")
    unfilled = replace(template.extraction, findings=(Finding(code=Code.FORM_EMPTY),))
    merged = town([sent(10, form(READING)), replace(template, extraction=unfilled)])
    assert activities(merged) == [("全民阅读", 120)]
    assert not merged.differences


def test_what_came_after_the_moment_does_not_count():
    claims = [sent(10, form(READING)), sent(18, form(LECTURE))]
    judged = report(claims, at=moment(11, 15), read=moment(11, 15))
    assert activities(merged_forms(judged, claims, Kind.STATISTICS).units[0]) == [("全民阅读", 120)]


def test_an_uncertain_value_is_no_difference():
    blurred = form(READING, leader_name="王老帅", certainties={"leader_name": 0.4})
    photographed = sent(10, blurred, name="IMG_1.jpg", read_by="ocr")
    doubted = replace(photographed.extraction, findings=(Finding(code=Code.LOW_CONFIDENCE),))
    page = replace(photographed, extraction=doubted)
    assert is_doubtful(page, "leader_name")
    merged = town([page, sent(12, form(READING, leader_name="王老师"))])
    assert not merged.differences


def test_a_campaign_that_asks_for_plans_only_has_their_schedules_merged():
    asking = campaign(PLAN)
    assert with_deliverable(campaign(), Kind.SCHEDULE) == campaign()
    schedules = with_deliverable(asking, Kind.SCHEDULE)
    claims = [sent(3, form(READING, kind=Kind.SCHEDULE))]
    judged = report(claims, deliverables=schedules.deliverables)
    merged = merged_forms(judged, claims, Kind.SCHEDULE, is_asked=False)
    assert [(one.unit.name, one.row_count) for one in merged.units] == [("儒林镇", 1)], "nobody else owes it"


def test_a_unit_shows_the_deliverable_of_the_form_that_is_asked_of_it():
    """Towns and schools may have days of their own."""
    of_towns = replace(STATISTICS, required_of=("镇街",), is_stamp_required=False)
    of_schools = replace(of_towns, key="statistics_of_schools", required_of=("学校",))
    claims = [sent(10, form(READING)), sent(11, form(LECTURE), unit=SCHOOL.name)]
    judged = report(claims, deliverables=(of_towns, of_schools))
    merged = merged_forms(judged, claims, Kind.STATISTICS)
    assert [activities(one) for one in merged.units] == [[("全民阅读", 120)], [("健康讲座", 80)]]


def test_the_form_of_another_kind_is_left_out():
    claims = [sent(3, form(READING, kind=Kind.SCHEDULE))]
    assert merged_forms(report(claims), claims, Kind.SCHEDULE).row_count == 1
    assert merged_forms(report(claims), claims, Kind.STATISTICS).row_count == 0


def shared(*rows: FormRow) -> list[MergedUnit]:
    """The town's form, which a person has let count for the school, too."""
    listed = Form(form=Kind.STATISTICS, fields={"unit_name": "儒林镇"}, rows=rows)
    theirs = sent(15, listed)
    claims = [theirs, replace(theirs, unit=SCHOOL.name)]
    return list(merged_forms(report(claims), claims, Kind.STATISTICS).units)


def in_town(activity: str, people: int, unit: str | None) -> FormRow:
    cells = {"time": "11月13日", "activity": activity, "attendance": str(people)}
    return FormRow(cells=cells | ({"unit": unit} if unit is not None else {}), attendance=people)


def test_the_activities_of_a_form_that_counts_for_several_are_divided_among_them():
    rows = (in_town("全民阅读", 120, "儒林镇"), in_town("健康讲座", 80, "儒林小学"), in_town("技能培训", 45, "某村"))
    mine, schools = shared(*rows)
    assert activities(mine) == [("全民阅读", 120), ("技能培训", 45)]
    assert activities(schools) == [("健康讲座", 80)]
    assert [one.number for one in schools.rows] == [2], "as in the form, by which its values are doubted and found"
    assert mine.shared_with == schools.shared_with == ()


def test_a_form_that_names_nobody_stands_with_each_for_whom_it_counts_and_that_is_told():
    mine, schools = shared(in_town("全民阅读", 120, None))
    assert activities(mine) == activities(schools) == [("全民阅读", 120)]
    assert (mine.shared_with, schools.shared_with) == (("儒林小学",), ("儒林镇",))


def test_what_a_town_lists_of_its_school_and_the_school_tells_too_is_told():
    listed = Form(
        form=Kind.STATISTICS,
        fields={"unit_name": "儒林镇"},
        rows=(
            in_town("全民阅读", 120, "儒林镇"),
            in_town("健康讲座", 80, "儒林小学"),
            in_town("技能培训", 45, "儒林小学"),
        ),
    )
    theirs = sent(14, form(("11月13日", "健康讲座", 80)), unit=SCHOOL.name)
    claims = [sent(15, listed), theirs]
    town, school = merged_forms(report(claims), claims, Kind.STATISTICS).units
    assert (town.row_count, school.row_count) == (3, 1)
    assert town.also_told_by == {"儒林小学": 1}
    assert not school.also_told_by


def test_a_school_for_which_a_person_counts_the_towns_form_stands_with_its_own_activities():
    listed = Form(
        form=Kind.STATISTICS,
        fields={"unit_name": "儒林镇"},
        rows=(in_town("全民阅读", 120, "儒林镇"), in_town("健康讲座", 80, "儒林小学")),
    )
    claims = [sent(15, listed)]
    word = decision(1, "received_offline", unit=SCHOOL.name, deliverable="statistics")
    town, school = merged_forms(report(claims, word), claims, Kind.STATISTICS).units
    assert (activities(town), activities(school)) == ([("全民阅读", 120)], [("健康讲座", 80)])
    assert (town.own, school.own) == (tuple(claims), ()), "the head of the form speaks of the town"
    town, school = merged_forms(report(claims), claims, Kind.STATISTICS).units
    assert (town.row_count, school.row_count) == (2, 0), "before that they are the town's"
