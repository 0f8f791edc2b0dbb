"""A unit is not told that nothing came while mail waits that may be its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.assessment import CampaignReport
from rules.awaiting import with_waiting
from rules.claims import Unattributed
from rules.extraction import UNIT, Form, FormRow, Kind
from rules.findings import Finding
from rules.name_index import NameIndex
from rules.named_in_rows import others_in_rows
from rules.roster import Roster
from tests.rules.cases import claim, moment
from tests.rules.confusable import MESSAGE_SHA256, file
from tests.rules.posts import MIDDLE, PRIMARY, judged, plan, reasons, things
from tests.rules.test_placing import OTHER, OTHER_MAIL, placed
from tests.rules.test_placing import PRIMARY as ONE

EVERYTHING = ("plan", "schedule", "statistics", "summary", "evidence")


def waiting(*kinds: str, units: tuple[str, ...] = (MIDDLE.name,)) -> Unattributed:
    return Unattributed(
        message_sha256=MESSAGE_SHA256,
        message_id="<1@example.org>",
        sender="a@example.org",
        subject="",
        received_at=moment(10, 29),
        reason="",
        candidates=units,
        kinds=kinds,
    )


def marked(report: CampaignReport) -> dict[str, list[str]]:
    return {
        one.unit.name: [key for key, assessment in one.assessments.items() if assessment.may_have_come]
        for one in report.units
    }


def test_what_waits_may_be_any_open_deliverable_of_its_kind_of_every_unit_that_it_may_be_of():
    done = claim("plan", moment(10, 20), unit=MIDDLE.name)
    report = judged(moment(11, 2), claims=[done], units=(MIDDLE, PRIMARY))
    mails = [waiting("plan", "schedule", units=(MIDDLE.name, PRIMARY.name)), waiting("evidence")]
    assert marked(with_waiting(report, mails)) == {
        MIDDLE.name: ["schedule", "evidence"],
        PRIMARY.name: ["plan", "schedule"],
    }


def test_nothing_changes_where_nobody_knows_whose_it_may_be():
    report = judged(moment(11, 2))
    assert with_waiting(report, [waiting("plan", units=())]) is report


def test_a_unit_whose_activities_stand_in_another_units_form_is_not_reminded_of_its_own_before_a_person_has_decided():
    form = Form(form=Kind.SCHEDULE, fields={"unit_name": MIDDLE.name}, rows=(FormRow(cells={UNIT: PRIMARY.name}),))
    index = NameIndex(Roster((MIDDLE, PRIMARY)))
    listed = replace(claim("schedule", moment(10, 20), unit=MIDDLE.name), findings=(told_of(index, form),))
    report = with_waiting(judged(moment(11, 2), claims=[listed], units=(MIDDLE, PRIMARY)), ())
    assert marked(report) == {MIDDLE.name: [], PRIMARY.name: ["schedule"]}


def told_of(index: NameIndex, form: Form) -> Finding:
    found = others_in_rows(index, form, MIDDLE.name)
    assert found is not None
    return found


def test_a_mail_that_many_may_have_sent_holds_back_nobodys_reminder():
    report = judged(moment(11, 2), units=(MIDDLE, PRIMARY))
    assert with_waiting(report, [waiting("plan", units=(MIDDLE.name, PRIMARY.name, "第三小学"))]) is report


@pytest.mark.parametrize("at", [moment(10, 24), moment(10, 31)], ids=["before the due day", "after it"])
def test_a_unit_is_reminded_of_the_rest_only(at):
    told = plan(with_waiting(judged(at), [waiting("plan")]))
    assert [owed for _, _, owed in things(told)] == [[f"{MIDDLE.name}/schedule"]]


def test_a_unit_of_which_everything_may_wait_is_not_reminded_and_it_is_said_why():
    quiet = plan(with_waiting(judged(moment(10, 31)), [waiting(*EVERYTHING)]))
    assert (things(quiet), reasons(quiet)) == ([], {MIDDLE.name: "nothing_owed"})
    assert [one.note for one in quiet.withheld] == ["已收到材料，待人工核对，暂不催报"]


def test_a_mail_tells_what_may_lie_in_it_and_one_file_that_was_not_told_as_anything_may_be_all():
    schedule = placed(file(f"附件1 {OTHER}.docx", Kind.SCHEDULE, unit_name=ONE), sender=OTHER_MAIL)
    assert schedule.unattributed is not None
    assert schedule.unattributed.kinds == ("schedule",)
    strange = placed(file("1.rar", Kind.UNREADABLE), sender="somebody@example.net")
    assert strange.unattributed is not None
    assert strange.unattributed.kinds == EVERYTHING
