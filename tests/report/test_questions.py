"""The review queue, purely: what is asked, in which order, and what the answers decide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from report.answers import Answer, answer_from
from report.questions import Doubt, questions_of
from rules.claims import Decision, Evidence
from rules.findings import Code, Finding
from rules.judging import judge
from rules.messages import Address, Envelope
from rules.overruling import Action
from rules.roster import Roster, Unit
from tests.report.builders import CAMPAIGN, ZONE, local, stray
from tests.rules.cases import claim as a_claim

SCHOOL, CENTRE = "直溪镇中心小学", "直溪镇社区教育中心"
ROSTER = Roster(
    (
        Unit(name=SCHOOL, category="学校", emails=("school@example.org",)),
        Unit(name=CENTRE, category="镇街", emails=("centre@example.org",)),
    )
)
AT = local("11-23 09:00")
FIRM = (Evidence(source="form", quote=SCHOOL, unit=SCHOOL, is_exact=True),)
NEAR = (Evidence(source="filename", quote="直溪小学", unit=SCHOOL, is_exact=False),)


def came(kind, *codes, evidence=FIRM, at="10-28 09:00", name="方案.docx", **more):
    found = a_claim(kind, local(at), name=name)
    findings = tuple(Finding(code=code) for code in codes)
    return replace(found, unit=SCHOOL, evidence=evidence, findings=findings, **more)


def asked(*claims, unattributed=(), decisions=(), sender="school@example.org"):
    report = judge(CAMPAIGN, ROSTER, claims, decisions, at=AT, mail_read_until=AT)
    envelopes = {
        one.message_sha256: Envelope(message_id="<x>", subject="材料", header_from=Address(address=sender))
        for one in claims
    }
    return questions_of(report, unattributed, claims, decisions, roster=ROSTER, envelopes=envelopes)


def test_nothing_is_asked_about_what_is_certain():
    assert asked(came("plan")) == ()


def test_what_hurts_most_is_asked_first():
    claims = [
        came("plan", Code.UNVERIFIED_SENDER, at="10-20 09:00", name="一.docx"),
        came("summary", Code.LOW_CONFIDENCE, at="10-21 09:00", name="二.docx"),
        came("schedule", evidence=NEAR, at="10-22 09:00", name="三.docx"),
        came("statistics", Code.UNIT_CONFLICT, at="10-23 09:00", name="四.docx"),
        came(None, at="10-24 09:00", name="五.docx"),
    ]
    claims = [replace(one, message_sha256=f"{n}" * 64) for n, one in enumerate(claims)]
    doubts = [question.doubt for question in asked(*claims, unattributed=[stray()])]
    assert doubts == [
        Doubt.NOBODY,
        Doubt.UNKNOWN_KIND,
        Doubt.TWO_UNITS,
        Doubt.NEAR_MATCH,
        Doubt.READING,
        Doubt.NEW_SENDER,
    ]


def test_a_form_that_says_that_nothing_was_held_is_accepted_or_sent_back_and_then_asked_about_no_more():
    nothing = came("schedule", Code.NIL_RETURN, name="附件1.docx")
    (question,) = asked(nothing)
    assert (question.doubt, question.text) == (Doubt.NIL_RETURN, "“附件1.docx”报的是没有活动，属实吗？")
    assert [answer.action for answer in question.answers] == [Action.ACCEPT, Action.REJECT]
    accepted = Decision(
        id=1,
        action=Action.ACCEPT,
        author="陈老师",
        reason=question.answers[0].reason,
        decided_at=local("11-01 09:00"),
        unit=SCHOOL,
        deliverable=question.answers[0].deliverable,
        message_sha256=nothing.message_sha256,
        path=nothing.path,
    )
    assert asked(nothing, decisions=[accepted]) == ()


def test_mail_of_nobody_offers_its_candidates_and_to_be_sent_away():
    (question,) = asked(unattributed=[stray()])
    units = [answer.unit for answer in question.answers if answer.action is Action.ASSIGN]
    assert units == list(stray().candidates)
    assert question.answers[-1].action is Action.REJECT
    assert question.answers[-1].paths == ("",)
    assert question.may_remember


def test_of_mail_that_found_its_unit_in_part_only_the_open_files_are_assigned():
    placed = came("plan", message_sha256="cd" * 32)
    (question,) = [one for one in asked(placed, unattributed=[stray()]) if one.doubt is Doubt.NOBODY]
    assert question.pick == Answer(label="", action=Action.ASSIGN, paths=stray().paths)


def test_a_file_that_serves_two_materials_is_asked_about_once():
    one = came("statistics", Code.LOW_CONFIDENCE)
    questions = asked(one, replace(one, kind="summary"))
    assert [question.about for question in questions] == ["统计表、活动总结"]


def test_an_unknown_file_may_be_any_material_that_is_still_owed():
    questions = asked(came("plan", at="10-20 09:00"), came(None, at="10-24 09:00", message_sha256="ef" * 32))
    (question,) = questions
    materials = [answer.deliverable for answer in question.answers if answer.action is Action.ACCEPT]
    assert materials == ["schedule", "statistics", "summary", "evidence"]


def test_of_two_units_the_senders_is_offered_too():
    (question,) = asked(came("plan", Code.UNIT_CONFLICT), sender="centre@example.org")
    assert [answer.unit for answer in question.answers] == [SCHOOL, CENTRE]


def test_of_a_form_with_others_activities_each_that_owes_the_same_may_count_too():
    detail = f"表中还列有其他单位的活动（{SCHOOL} 2 项），只计为“{CENTRE}”的材料，其他单位是否也算已报，请人工认定"
    listed = replace(
        came("schedule", name="附件1.xlsx"), unit=CENTRE, findings=(Finding(code=Code.OTHER_UNITS, detail=detail),)
    )
    (question,) = asked(listed, sender="centre@example.org")
    too, only = question.answers
    assert (question.doubt, question.unit) == (Doubt.OTHERS_LISTED, CENTRE)
    assert (too.action, too.unit, too.deliverable) == (Action.RECEIVED_OFFLINE, SCHOOL, "schedule")
    assert (too.until, too.reason) == (listed.received_at, f"列在“{CENTRE}”报送的“附件1.xlsx”中")
    assert (only.action, only.unit, only.paths) == (Action.ASSIGN, CENTRE, (listed.path,))

    has_come = came("schedule", message_sha256="ef" * 32)
    (question,) = asked(listed, has_come, sender="centre@example.org")
    assert [answer.action for answer in question.answers] == [Action.ASSIGN]


def test_a_new_sender_is_asked_about_once_however_often_he_writes():
    first = came("plan", Code.UNVERIFIED_SENDER)
    again = came("summary", Code.UNVERIFIED_SENDER, at="11-01 09:00", message_sha256="ef" * 32)
    (question,) = asked(first, again, sender="new@example.org")
    assert question.message_sha256 == first.message_sha256
    assert question.answers[0].action is Action.REMEMBER_SENDER
    assert (question.answers[0].value, question.answers[0].unit) == ("new@example.org", SCHOOL)


def test_a_question_keeps_its_name_while_the_queue_changes():
    (alone,) = asked(came("plan", Code.LOW_CONFIDENCE))
    beside = asked(came("plan", Code.LOW_CONFIDENCE), unattributed=[stray()])
    assert alone.id in {question.id for question in beside}


def test_an_answer_survives_its_way_through_a_form():
    answer = Answer(label="", action=Action.ASSIGN, unit="甲&乙=丙", paths=("2/照片 1.jpg", "3"), reason="理由")
    assert answer_from(answer.encoded()) == answer
    offline = Answer(label="", action=Action.RECEIVED_OFFLINE, unit="甲", deliverable="plan", until=AT)
    assert answer_from(offline.encoded()) == offline


@pytest.mark.parametrize("text", ["", "action=nothing", "nonsense", "unit=x"])
def test_what_is_no_answer_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        answer_from(text)


def test_every_question_is_named_in_the_campaigns_zone():
    (question,) = asked(came("plan", Code.LOW_CONFIDENCE))
    assert question.received_at.astimezone(ZONE).hour == 9
