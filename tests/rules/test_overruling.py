from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.assessment import Part, Status
from rules.extraction import Extraction, Kind
from rules.findings import Code
from rules.overruling import rulings_on, standing
from tests.rules.cases import (
    AFTER_ALL,
    EVIDENCE,
    PLAN,
    PLAN_DUE,
    SCHOOL,
    STATISTICS,
    SUMMARY,
    TICK,
    TOWN,
    claim,
    codes,
    decision,
    details,
    moment,
    photo,
    photos,
    report,
    standing_of,
    video,
)

DECIDED = moment(12, 1)
LATE_PLAN = claim("plan", moment(11, 3), name="方案.docx")
LOCKED_PLAN = claim("plan", moment(10, 20), Code.ENCRYPTED, name="方案.docx")
STRAY = claim(None, moment(10, 20), name="材料.docx")


def about(file, number: int, action: str, **more):
    """A decision about one file."""
    return decision(number, action, DECIDED, **{"message_sha256": file.message_sha256, "path": file.path} | more)


# -- which decisions stand


def test_a_decision_counts_from_the_moment_it_was_taken():
    exempt = decision(1, "exempt", DECIDED)
    assert standing([exempt], campaign_key="2023", at=DECIDED) == (exempt,)
    assert standing([exempt], campaign_key="2023", at=DECIDED - TICK) == ()
    assert standing_of(PLAN, [], exempt, at=DECIDED - TICK).status is Status.MISSING


def test_an_undo_takes_back_and_an_undo_of_it_restores():
    exempt, undo = decision(1, "exempt"), decision(2, "undo", undoes=1)
    restore = decision(3, "undo", undoes=2)
    assert standing([exempt, undo], campaign_key="2023", at=AFTER_ALL) == ()
    assert standing([restore, undo, exempt], campaign_key="2023", at=AFTER_ALL) == (exempt,)
    again = decision(4, "undo", undoes=3)
    assert standing([exempt, undo, restore, again], campaign_key="2023", at=AFTER_ALL) == ()


def test_an_undo_that_was_not_yet_given_does_not_take_back():
    exempt, undo = decision(1, "exempt", moment(11, 1)), decision(2, "undo", moment(11, 5), undoes=1)
    assert standing([exempt, undo], campaign_key="2023", at=moment(11, 4)) == (exempt,)
    assert standing([exempt, undo], campaign_key="2023", at=moment(11, 5)) == ()


@pytest.mark.parametrize("undoes", [None, 1, 2, 99])
def test_an_undo_of_nothing_itself_or_the_future_is_harmless(undoes):
    undo, exempt = decision(1, "undo", undoes=undoes), decision(2, "exempt")
    assert standing([undo, exempt], campaign_key="2023", at=AFTER_ALL) == (exempt,)


def test_a_decision_about_another_campaign_is_not_heard():
    other, ours = decision(1, "exempt", campaign="2022"), decision(2, "exempt", campaign="2023")
    assert standing([other, ours], campaign_key="2023", at=AFTER_ALL) == (ours,)


def test_of_several_words_the_newest_stands_and_the_more_exact_one_outranks():
    general = decision(3, "extend", until=moment(11, 5))
    exact, newer = (decision(n, "extend", until=moment(11, n), deliverable="plan") for n in (1, 2))
    found = rulings_on([exact, newer, general], TOWN.name, "plan")
    assert found.extend == newer
    assert rulings_on([exact, newer, general], TOWN.name, "summary").extend == general


def test_what_placing_decides_by_is_not_ours():
    assign = decision(1, "assign", message_sha256=LATE_PLAN.message_sha256)
    assert standing_of(PLAN, [LATE_PLAN], assign) == standing_of(PLAN, [LATE_PLAN])


# -- exempt


def test_an_exempt_unit_leaves_the_denominator():
    judged = report([], decision(1, "exempt", deliverable="plan"), deliverables=(PLAN, SUMMARY))
    plan, summary = judged.totals["plan"], judged.totals["summary"]
    assert (plan.expected, plan.exempt, plan.missing) == (1, 1, 1)
    assert (summary.expected, summary.exempt) == (2, 0)
    assert judged.units[0].assessments["plan"].decision == decision(1, "exempt", deliverable="plan")


def test_an_exemption_without_a_deliverable_is_of_all():
    judged = report([], decision(1, "exempt"))
    assert {one.status for one in judged.units[0].assessments.values()} == {Status.EXEMPT}
    assert Status.EXEMPT not in {one.status for one in judged.units[1].assessments.values()}


def test_a_decision_without_a_unit_exempts_nobody():
    assert standing_of(PLAN, [], decision(1, "exempt", unit="")).status is Status.MISSING


# -- extend


@pytest.mark.parametrize(
    ("complete_at", "status"),
    [(moment(11, 5) - TICK, Status.ON_TIME), (moment(11, 5), Status.ON_TIME), (moment(11, 5) + TICK, Status.LATE)],
)
def test_an_extension_moves_the_due_moment(complete_at, status):
    extend = decision(1, "extend", until=moment(11, 5), deliverable="plan")
    assessment = standing_of(PLAN, [claim("plan", complete_at)], extend)
    assert (assessment.status, assessment.due_at, assessment.decision) == (status, moment(11, 5), extend)


def test_who_has_an_extension_is_not_missing_before_it_ends():
    extend = decision(1, "extend", moment(10, 25), until=moment(11, 5))
    assert standing_of(PLAN, [], extend, at=moment(11, 5)).status is Status.PENDING
    assert standing_of(PLAN, [], extend, at=moment(11, 5) + TICK).status is Status.MISSING
    assert standing_of(PLAN, [], extend, read=moment(11, 4)).status is Status.UNKNOWN


def test_grace_comes_on_top_of_an_extension():
    lenient = replace(PLAN, grace=timedelta(hours=1))
    sent = [claim("plan", moment(11, 5, 10))]
    assert standing_of(lenient, sent, decision(1, "extend", until=moment(11, 5))).status is Status.ON_TIME


def test_an_extension_of_everything_shortens_nothing_that_is_due_later():
    judged = report([], decision(1, "extend", until=moment(11, 5)), deliverables=(PLAN, SUMMARY))
    plan, summary = judged.units[0].assessments.values()
    assert plan.due_at == moment(11, 5)
    assert summary.due_at == SUMMARY.due_at(plan.due_at.tzinfo)


def test_an_extension_that_does_not_say_until_when_is_none():
    assert standing_of(PLAN, [], decision(1, "extend")).due_at == PLAN_DUE


# -- accept


def test_an_accepted_file_no_longer_blocks_and_counts_from_its_own_arrival():
    assessment = standing_of(PLAN, [LOCKED_PLAN], about(LOCKED_PLAN, 1, "accept"))
    assert (assessment.status, assessment.complete_at, codes(assessment)) == (Status.ON_TIME, moment(10, 20), [])
    assert assessment.decision == about(LOCKED_PLAN, 1, "accept")


def test_an_accepted_message_accepts_all_its_files():
    accept = about(LOCKED_PLAN, 1, "accept", path="", unit="")
    assert standing_of(PLAN, [LOCKED_PLAN], accept).status is Status.ON_TIME


def test_an_accepted_archive_accepts_what_is_inside():
    inside = replace(LOCKED_PLAN, path="2/方案/方案.docx")
    assert standing_of(PLAN, [inside], about(inside, 1, "accept", path="2")).status is Status.ON_TIME
    beside = replace(LOCKED_PLAN, path="21")
    assert standing_of(PLAN, [beside], about(beside, 1, "accept", path="2")).status is Status.INCOMPLETE


def test_an_accepted_form_needs_no_stamp():
    form = claim("statistics", moment(11, 10))
    assert codes(standing_of(STATISTICS, [form])) == ["not_stamped"]
    assert standing_of(STATISTICS, [form], about(form, 1, "accept")).status is Status.ON_TIME


def test_an_accepted_file_was_looked_at():
    doubtful = claim("plan", moment(10, 20), Code.LOW_CONFIDENCE)
    assert standing_of(PLAN, [doubtful]).needs_review
    assert not standing_of(PLAN, [doubtful], about(doubtful, 1, "accept")).needs_review


def test_a_long_video_a_cloud_link_and_a_picture_can_be_accepted():
    long = video(600, moment(11, 13))
    assert standing_of(EVIDENCE, [long], about(long, 1, "accept")).status is Status.ON_TIME
    link = claim("evidence", moment(11, 13), Code.LINK_ONLY)
    assert standing_of(EVIDENCE, [link], about(link, 1, "accept")).status is Status.ON_TIME
    seen = Extraction(file="五.jpg", media_type="image/jpeg", kind=Kind.UNREADABLE, sha256="x")
    picture = claim("evidence", moment(11, 13), extraction=seen, path="9")
    four = photos(range(4), moment(11, 13))
    assert standing_of(EVIDENCE, [*four, picture], about(picture, 1, "accept")).parts["photos"] == Part(have=5, want=5)


def test_an_accepted_photo_does_not_stand_for_the_others():
    three = photos(range(3), moment(11, 13))
    assert codes(standing_of(EVIDENCE, three, about(three[0], 1, "accept"))) == ["photo_count"]


def test_a_deliverable_can_be_accepted_as_it_stands():
    accept = decision(1, "accept", DECIDED, deliverable="evidence")
    three = [*photos(range(2), moment(11, 13)), photo(2, moment(11, 24))]
    assessment = standing_of(EVIDENCE, three, accept)
    assert (assessment.status, assessment.complete_at, codes(assessment)) == (Status.ON_TIME, moment(11, 13), [])
    assert assessment.parts["photos"] == Part(have=3, want=5)


def test_what_came_after_the_acceptance_was_not_accepted():
    accept = decision(1, "accept", moment(11, 10), deliverable="evidence")
    assert standing_of(EVIDENCE, photos(range(3), moment(11, 13)), accept).status is Status.INCOMPLETE


def test_a_stray_accepted_as_something_is_that_and_stands_against_nothing_else():
    accept = about(STRAY, 1, "accept", deliverable="plan")
    judged = report([STRAY], accept, deliverables=(PLAN, SUMMARY))
    plan, summary = judged.units[0].assessments.values()
    assert (plan.status, plan.complete_at, plan.needs_review) == (Status.ON_TIME, moment(10, 20), False)
    assert codes(summary) == ["unrecognised"]


def test_a_deliverable_accepted_as_it_stands_takes_a_stray_for_it():
    for accept in (decision(1, "accept", DECIDED, deliverable="plan"), decision(1, "accept", DECIDED)):
        assessment = standing_of(PLAN, [STRAY], accept)
        assert (assessment.status, assessment.complete_at) == (Status.ON_TIME, moment(10, 20))
        assert [one.filename for one in assessment.sources] == ["材料.docx"]


def test_a_stray_accepted_without_saying_as_what_is_settled():
    assert standing_of(PLAN, [STRAY], about(STRAY, 1, "accept")).status is Status.MISSING


# -- reject


def test_a_rejected_file_does_not_count_and_its_reason_is_shown():
    assessment = standing_of(PLAN, [LATE_PLAN], about(LATE_PLAN, 1, "reject", reason="是去年的方案"))
    assert (assessment.status, assessment.complete_at, assessment.received_at) == (
        Status.INCOMPLETE,
        None,
        moment(11, 3),
    )
    assert (codes(assessment), details(assessment)) == (["form_wrong"], ["已退回：是去年的方案"])
    assert assessment.sources == ()


def test_a_rejection_without_a_reason_asks_to_send_anew():
    assert details(standing_of(PLAN, [LATE_PLAN], about(LATE_PLAN, 1, "reject", reason=" "))) == [
        "已退回：请按要求重新报送"
    ]


def test_after_a_rejection_the_next_good_file_completes():
    first, second = claim("plan", moment(10, 20)), claim("plan", moment(11, 3))
    assessment = standing_of(PLAN, [first, second], about(first, 1, "reject"))
    assert (assessment.status, assessment.complete_at, codes(assessment)) == (Status.LATE, moment(11, 3), [])
    assert assessment.received_at == moment(10, 20)


def test_rejected_photos_are_taken_from_the_count():
    five = photos(range(5), moment(11, 13))
    assessment = standing_of(EVIDENCE, five, about(five[0], 1, "reject", reason="不是本次活动"))
    assert details(assessment) == ["收到 4 张，要求 5 张", "已退回：不是本次活动"]


def test_a_whole_deliverable_sent_back_starts_anew():
    back = decision(1, "reject", moment(11, 1), deliverable="plan", reason="内容过于简单")
    old, new = claim("plan", moment(10, 20)), claim("plan", moment(11, 3))
    assert details(standing_of(PLAN, [old], back)) == ["已退回：内容过于简单"]
    assert standing_of(PLAN, [old, new], back).complete_at == moment(11, 3)


def test_a_rejected_stray_was_nothing_of_ours():
    assert standing_of(PLAN, [STRAY], about(STRAY, 1, "reject")).status is Status.MISSING


def test_of_accept_and_reject_the_newest_stands():
    accept, reject = about(LOCKED_PLAN, 1, "accept"), about(LOCKED_PLAN, 2, "reject")
    assert standing_of(PLAN, [LOCKED_PLAN], accept, reject).status is Status.INCOMPLETE
    assert standing_of(PLAN, [LOCKED_PLAN], replace(accept, id=3), reject).status is Status.ON_TIME


def test_a_decision_about_a_file_may_be_limited_to_a_unit_or_a_deliverable():
    for limit in ({"unit": SCHOOL.name}, {"deliverable": "summary"}):
        assert standing_of(PLAN, [LATE_PLAN], about(LATE_PLAN, 1, "reject", **limit)).status is Status.LATE


# -- received offline, on time


def test_what_was_received_offline_is_complete_at_that_moment():
    offline = decision(1, "received_offline", DECIDED, deliverable="plan", until=moment(10, 30))
    assessment = standing_of(PLAN, [], offline)
    assert (assessment.status, assessment.complete_at, assessment.received_at) == (
        Status.ON_TIME,
        moment(10, 30),
        moment(10, 30),
    )
    assert report([], offline, deliverables=(PLAN,)).totals["plan"].received == 1


def test_what_was_received_offline_counts_from_the_decision_when_it_names_no_moment():
    assessment = standing_of(PLAN, [], decision(1, "received_offline", DECIDED, deliverable="plan"))
    assert (assessment.status, assessment.complete_at) == (Status.LATE, DECIDED)


def test_a_receipt_still_to_come_has_not_come():
    offline = decision(1, "received_offline", moment(11, 1), until=moment(11, 9))
    assert standing_of(PLAN, [], offline, at=moment(11, 8)).status is Status.MISSING


def test_received_offline_takes_the_blocks_from_what_was_mailed():
    offline = decision(1, "received_offline", DECIDED, deliverable="plan", until=moment(10, 30))
    assessment = standing_of(PLAN, [LOCKED_PLAN], offline)
    assert (assessment.status, codes(assessment), assessment.received_at) == (Status.ON_TIME, [], moment(10, 20))


def test_a_person_can_count_something_late_as_on_time():
    assessment = standing_of(PLAN, [LATE_PLAN], decision(1, "on_time", deliverable="plan"))
    assert (assessment.status, assessment.days_late, assessment.complete_at) == (Status.ON_TIME, None, moment(11, 3))


def test_on_time_about_something_incomplete_takes_it_as_it_stands():
    assessment = standing_of(PLAN, [LOCKED_PLAN], decision(1, "on_time"))
    assert (assessment.status, assessment.complete_at, codes(assessment)) == (Status.ON_TIME, moment(10, 20), [])


def test_on_time_needs_something_that_arrived():
    assert standing_of(PLAN, [], decision(1, "on_time")).status is Status.MISSING
    rejected = [decision(1, "on_time"), about(LATE_PLAN, 2, "reject")]
    assert standing_of(PLAN, [LATE_PLAN], *rejected).status is Status.INCOMPLETE


def test_the_newest_decision_that_bears_on_it_is_shown():
    extend, on_time = decision(1, "extend", until=moment(11, 1)), decision(2, "on_time")
    assert standing_of(PLAN, [LATE_PLAN], extend, on_time).decision == on_time
    assert standing_of(PLAN, [LATE_PLAN], decision(3, "extend", until=moment(11, 1)), on_time).decision.id == 3
    assert standing_of(PLAN, [LATE_PLAN]).decision is None
