from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rules.assessment import STATUS_ZH, Part, Status
from rules.campaign import AFTER_CLOSE
from rules.findings import Code
from rules.judging import judge, label
from rules.roster import Roster, Unit
from tests.rules.cases import (
    AFTER_ALL,
    EVIDENCE,
    PLAN,
    PLAN_DUE,
    ROSTER,
    SCHEDULE,
    SCHOOL,
    STATISTICS,
    SUMMARY,
    TICK,
    TOWN,
    ZONE,
    campaign,
    claim,
    codes,
    details,
    moment,
    photos,
    report,
    standing_of,
)

BEFORE, AFTER = PLAN_DUE - TICK, PLAN_DUE + TICK


@pytest.mark.parametrize(
    ("complete_at", "status", "days"),
    [(BEFORE, Status.ON_TIME, None), (PLAN_DUE, Status.ON_TIME, None), (AFTER, Status.LATE, 1)],
)
def test_the_due_moment_itself_is_on_time(complete_at, status, days):
    assessment = standing_of(PLAN, [claim("plan", complete_at)])
    assert (assessment.status, assessment.days_late, assessment.complete_at) == (status, days, complete_at)
    assert assessment.due_at == PLAN_DUE


@pytest.mark.parametrize(
    ("at", "status"), [(BEFORE, Status.PENDING), (PLAN_DUE, Status.PENDING), (AFTER, Status.MISSING)]
)
def test_nothing_arrived_is_pending_until_the_due_moment_and_missing_after_it(at, status):
    assessment = standing_of(PLAN, [], at=at)
    assert (assessment.status, assessment.received_at, assessment.is_overdue) == (status, None, False)


@pytest.mark.parametrize(
    ("read", "status"),
    [(None, Status.UNKNOWN), (BEFORE, Status.UNKNOWN), (PLAN_DUE, Status.MISSING), (AFTER, Status.MISSING)],
)
def test_nobody_is_missing_while_the_mailbox_was_not_read_since_the_due_moment(read, status):
    assert standing_of(PLAN, [], read=read).status is status


@pytest.mark.parametrize(("at", "overdue"), [(BEFORE, False), (PLAN_DUE, False), (AFTER, True)])
def test_what_is_incomplete_is_overdue_once_the_due_moment_has_passed(at, overdue):
    assessment = standing_of(PLAN, [claim("plan", moment(10, 20), Code.ENCRYPTED)], at=at)
    assert (assessment.status, assessment.is_overdue) == (Status.INCOMPLETE, overdue)


@pytest.mark.parametrize(
    ("complete_at", "days"),
    [(moment(10, 31, 0, 1), 1), (moment(10, 31, 23), 1), (moment(11, 1, 0, 1), 2), (moment(11, 3), 4)],
)
def test_lateness_is_counted_in_natural_days(complete_at, days):
    assert standing_of(PLAN, [claim("plan", complete_at)]).days_late == days


def test_grace_makes_on_time_what_comes_within_it_and_does_not_move_the_due_moment():
    lenient = replace(PLAN, grace=timedelta(hours=2))
    end = PLAN_DUE + timedelta(hours=2)
    assert standing_of(lenient, [claim("plan", end)]).status is Status.ON_TIME
    late = standing_of(lenient, [claim("plan", end + TICK)])
    assert (late.status, late.days_late, late.due_at) == (Status.LATE, 1, PLAN_DUE)
    assert standing_of(lenient, [], at=end).status is Status.PENDING
    assert standing_of(lenient, [], read=end - TICK).status is Status.UNKNOWN


def test_a_due_day_that_is_excluded_makes_the_named_day_too_late():
    strict = replace(PLAN, due_day_included=False)
    assert standing_of(strict, [claim("plan", moment(10, 30, 0))]).status is Status.ON_TIME
    assert standing_of(strict, [claim("plan", moment(10, 30, 0, 1))]).status is Status.LATE


def test_moments_are_judged_in_the_zone_of_the_campaign_whatever_zone_they_carry():
    last = datetime(2023, 10, 30, 16, 0, tzinfo=UTC)  # 24:00 in Beijing
    assert standing_of(PLAN, [claim("plan", last)]).status is Status.ON_TIME
    assert standing_of(PLAN, [claim("plan", last + TICK)]).status is Status.LATE


NO_WORD, EXEMPT, ON_TIME_BY_WORD = {}, {"is_exempt": True}, {"is_on_time_by_word": True}
LABELS = [  # complete_at, received_at, at, mail_read_until, a person's word → status
    (None, None, BEFORE, None, EXEMPT, Status.EXEMPT),
    (AFTER, AFTER, AFTER, AFTER, EXEMPT, Status.EXEMPT),
    (BEFORE, BEFORE, BEFORE, None, NO_WORD, Status.ON_TIME),
    (AFTER, BEFORE, AFTER, None, NO_WORD, Status.LATE),
    (AFTER, BEFORE, AFTER, None, ON_TIME_BY_WORD, Status.ON_TIME),
    (None, BEFORE, BEFORE, None, NO_WORD, Status.INCOMPLETE),
    (None, BEFORE, AFTER, None, NO_WORD, Status.INCOMPLETE),
    (None, None, BEFORE, None, NO_WORD, Status.PENDING),
    (None, None, AFTER, BEFORE, NO_WORD, Status.UNKNOWN),
    (None, None, AFTER, AFTER, NO_WORD, Status.MISSING),
    (None, None, AFTER, AFTER, ON_TIME_BY_WORD, Status.MISSING),
]


@pytest.mark.parametrize(("complete_at", "received_at", "at", "read", "word", "status"), LABELS)
def test_the_label_follows_its_precedence(complete_at, received_at, at, read, word, status):
    found = label(
        complete_at=complete_at, received_at=received_at, deadline=PLAN_DUE, at=at, mail_read_until=read, **word
    )
    assert found is status


def test_every_label_can_be_reached_and_has_its_chinese():
    assert {row[-1] for row in LABELS} == set(Status) == set(STATUS_ZH)


def test_a_mail_counts_from_the_day_the_campaign_opens():
    opening = datetime(2023, 10, 12, tzinfo=ZONE)
    assert standing_of(PLAN, [claim("plan", opening)]).complete_at == opening
    assert standing_of(PLAN, [claim("plan", opening - TICK)]).status is Status.MISSING


def test_a_mail_after_the_close_still_counts_as_late_for_a_while():
    last_day = datetime(2023, 12, 31, tzinfo=ZONE) + AFTER_CLOSE
    end = last_day + timedelta(days=1)
    assert standing_of(PLAN, [claim("plan", end - TICK)], at=end).status is Status.LATE
    assert standing_of(PLAN, [claim("plan", end)], at=end).status is Status.MISSING


def test_what_came_after_the_moment_of_the_report_is_not_known_to_it():
    sent = moment(10, 20)
    assert standing_of(PLAN, [claim("plan", sent)], at=sent).status is Status.ON_TIME
    assert standing_of(PLAN, [claim("plan", sent)], at=sent - TICK).status is Status.PENDING


def test_a_deliverable_that_is_not_asked_of_the_category_is_absent():
    only_towns = replace(SUMMARY, required_of=("镇街",))
    judged = report([claim("summary", moment(11, 10), unit=SCHOOL.name)], deliverables=(PLAN, only_towns))
    assert [list(unit.assessments) for unit in judged.units] == [["plan", "summary"], ["plan"]]
    assert (judged.totals["plan"].expected, judged.totals["summary"].expected) == (2, 1)


def test_units_stand_in_roster_order_and_deliverables_in_that_of_the_campaign():
    judged = report([])
    assert [unit.unit for unit in judged.units] == list(ROSTER.units)
    keys = ["plan", "schedule", "statistics", "summary", "evidence"]
    assert all(list(unit.assessments) == keys for unit in judged.units)
    assert list(judged.totals) == keys


def test_a_claim_of_a_unit_that_is_not_in_the_roster_is_nobodys():
    assert report([claim("plan", moment(10, 20), unit="外区小学")]) == report([])


def test_the_report_says_of_when_it_is_and_how_far_mail_was_read():
    judged = judge(campaign(), ROSTER, [], [], at=AFTER_ALL, mail_read_until=PLAN_DUE)
    assert (judged.as_of, judged.mail_read_until, judged.campaign) == (AFTER_ALL, PLAN_DUE, campaign())


def test_the_roster_exempts_from_one_deliverable_or_from_all():
    roster = Roster((replace(TOWN, exempt=frozenset({"plan"})), replace(SCHOOL, exempt=frozenset({"*"}))))
    judged = report([], roster=roster, deliverables=(PLAN, SUMMARY))
    statuses = [[one.status.value for one in unit.assessments.values()] for unit in judged.units]
    assert statuses == [["exempt", "missing"], ["exempt", "exempt"]]
    assert (judged.totals["plan"].expected, judged.totals["plan"].exempt) == (0, 2)


def test_who_is_exempt_and_sent_something_is_shown_with_it_and_asked_nothing():
    roster = Roster((replace(TOWN, exempt=frozenset({"evidence"})),))
    judged = report(photos(range(2), moment(11, 1)), roster=roster, deliverables=(EVIDENCE,))
    assessment = judged.units[0].assessments["evidence"]
    assert (assessment.status, assessment.findings, assessment.needs_review) == (Status.EXEMPT, (), False)
    assert len(assessment.sources) == 2
    assert assessment.parts == {"photos": Part(have=2, want=5)}
    assert judged.totals["evidence"].received == 0


def test_who_is_exempt_is_asked_for_no_look_and_shown_no_count_of_nothing():
    roster = Roster((replace(TOWN, exempt=frozenset({"*"})),))
    doubtful = claim("plan", moment(10, 20), Code.LOW_CONFIDENCE)
    plan, evidence = report([doubtful], roster=roster, deliverables=(PLAN, EVIDENCE)).units[0].assessments.values()
    assert not plan.needs_review
    assert evidence.parts == {}


def test_a_later_broken_version_neither_undoes_nor_dates_a_good_one():
    good = claim("plan", moment(10, 20), name="方案.docx")
    broken = claim("plan", moment(11, 5), Code.UNREADABLE, name="方案（新）.docx")
    assessment = standing_of(PLAN, [good, broken])
    assert (assessment.status, assessment.complete_at) == (Status.ON_TIME, moment(10, 20))
    assert [one.filename for one in assessment.sources] == ["方案.docx"]
    assert codes(assessment) == []


def test_the_newest_good_version_is_shown_and_the_first_one_dates():
    first = claim("plan", moment(10, 20), Code.DATE_SUSPECT, name="方案.docx")
    second = claim("plan", moment(11, 5), Code.CONVERSION, name="方案2.docx")
    assessment = standing_of(PLAN, [first, second])
    assert (assessment.complete_at, assessment.received_at) == (moment(10, 20), moment(10, 20))
    assert ([one.filename for one in assessment.sources], codes(assessment)) == (["方案2.docx"], ["conversion"])


def test_while_no_version_is_good_the_newest_is_shown_with_what_is_wrong():
    first = claim("plan", moment(10, 20), Code.ENCRYPTED)
    second = claim("plan", moment(10, 22), Code.UNREADABLE, Code.CONVERSION)
    assessment = standing_of(PLAN, [first, second])
    assert (assessment.status, assessment.received_at, assessment.complete_at) == (
        Status.INCOMPLETE,
        moment(10, 20),
        None,
    )
    assert codes(assessment) == ["unreadable", "conversion"]


def test_a_source_names_the_message_and_the_place_in_it():
    sent = claim("plan", moment(10, 20), name="方案.docx", path="2.1/方案.docx")
    source = standing_of(PLAN, [sent]).sources[0]
    assert (source.message_id, source.sha256) == (sent.message_id, sent.extraction.sha256)
    assert (source.message_sha256, source.path) == (sent.message_sha256, sent.path)


STRAY = claim(None, moment(10, 20), name="材料.docx")


def test_a_stray_stands_against_everything_that_was_not_complete_when_it_came():
    judged = report([claim("plan", moment(10, 19)), STRAY], deliverables=(PLAN, SCHEDULE, SUMMARY))
    plan, schedule, summary = judged.units[0].assessments.values()
    assert (plan.status, plan.findings, plan.needs_review) == (Status.ON_TIME, (), False)
    for owed in (schedule, summary):
        assert (owed.status, codes(owed), owed.needs_review) == (Status.INCOMPLETE, ["unrecognised"], True)
        assert owed.received_at == moment(10, 20)
        assert [one.filename for one in owed.sources] == ["材料.docx"]
    assert details(schedule) == ["收到“材料.docx”，未能识别是哪项材料，请人工核对"]


def test_a_stray_beside_the_completing_file_in_one_message_stands_against_nothing():
    assessment = standing_of(PLAN, [claim("plan", moment(10, 20)), STRAY])
    assert (assessment.status, assessment.needs_review) == (Status.ON_TIME, False)


def test_a_stray_falls_away_when_the_material_comes():
    assessment = standing_of(PLAN, [STRAY, claim("plan", moment(10, 25))])
    assert (assessment.status, codes(assessment), assessment.needs_review) == (Status.ON_TIME, [], False)
    assert (assessment.received_at, assessment.complete_at) == (moment(10, 20), moment(10, 25))


@pytest.mark.parametrize("code", [Code.UNREADABLE, Code.LINK_ONLY, Code.LIMIT_EXCEEDED, Code.FORM_WRONG])
def test_a_stray_with_its_own_blocking_finding_shows_that_one(code):
    assessment = standing_of(PLAN, [claim(None, moment(10, 20), code)])
    assert (codes(assessment), assessment.needs_review) == ([code.value], True)


@pytest.mark.parametrize("code", [Code.LOW_CONFIDENCE, Code.UNIT_CONFLICT])
def test_a_doubtful_file_is_complete_and_waits_for_a_look(code):
    assessment = standing_of(PLAN, [claim("plan", moment(10, 20), code)])
    assert (assessment.status, assessment.needs_review) == (Status.ON_TIME, True)


def test_a_file_put_to_the_unit_by_near_matches_only_waits_for_a_look():
    assert standing_of(PLAN, [claim("plan", moment(10, 20), is_exact=False)]).needs_review
    assert not standing_of(PLAN, [claim("plan", moment(10, 20))]).needs_review


def test_totals_count_by_status_and_leave_the_exempt_out():
    units = tuple(Unit(name=name) for name in "甲乙丙丁戊")
    roster = Roster((*units, Unit(name="己", exempt=frozenset({"plan"}))))
    sent = [
        claim("plan", moment(10, 20), unit="甲"),
        claim("plan", moment(11, 2), unit="乙"),
        claim("plan", moment(10, 20), Code.ENCRYPTED, unit="丙"),
    ]
    totals = report(sent, roster=roster, deliverables=(PLAN,)).totals["plan"]
    assert (totals.expected, totals.received, totals.complete) == (5, 3, 2)
    assert (totals.on_time, totals.late, totals.incomplete, totals.missing, totals.exempt) == (1, 1, 1, 2, 1)
    assert (totals.unknown, totals.pending) == (0, 0)


def test_one_file_may_serve_several_deliverables():
    plan = claim("plan", moment(10, 20), name="方案及附件1.docx")
    table = claim("schedule", moment(10, 20), name="方案及附件1.docx")
    judged = report([plan, table], deliverables=(PLAN, SCHEDULE))
    assert [one.status for one in judged.units[0].assessments.values()] == [Status.ON_TIME, Status.ON_TIME]


def test_a_due_moment_may_be_an_hour_of_a_day():
    noon = replace(STATISTICS, due=datetime(2023, 11, 20, 12, tzinfo=ZONE), is_stamp_required=False)
    late = standing_of(noon, [claim("statistics", moment(11, 20, 13))])
    assert (late.status, late.days_late) == (Status.LATE, 1)
    assert replace(noon, due=date(2023, 11, 20)).due_at(ZONE) == datetime(2023, 11, 21, tzinfo=ZONE)
