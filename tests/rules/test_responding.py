from __future__ import annotations

from datetime import timedelta

from rules.assessment import Status
from rules.outgoing import Letter, LetterItem, MailKind, MailState, OutgoingMail
from rules.responding import responses
from tests.rules.cases import AFTER_ALL, PLAN_DUE, SCHOOL, TOWN, claim, moment, report


def reminded(stage, at, *units, kind=MailKind.REMINDER, key="2023"):
    items = tuple(
        LetterItem(unit=unit.name, deliverable="plan", status=Status.PENDING, due_at=PLAN_DUE) for unit in units
    )
    letter = Letter(
        kind=kind, campaign=key, to=("a@example.org",), subject="", text="", stage=stage, items=items, dedupe_key=stage
    )
    return OutgoingMail(id=1, letter=letter, state=MailState.SENT, message_id="", created_at=at, sent_at=at)


def judged(*claims):
    return report(list(claims), at=AFTER_ALL)


def found(sent, judged_report):
    return [
        (str(one.stage), one.asked, one.came, one.in_time, one.median_wait) for one in responses(sent, judged_report)
    ]


def test_an_arrival_counts_for_the_last_reminder_before_it():
    sent = [reminded("+1d", moment(10, 31), SCHOOL), reminded("-3d", moment(10, 27), SCHOOL, TOWN)]
    came = [claim("plan", moment(10, 28), unit=TOWN.name), claim("plan", moment(10, 31, 12), unit=SCHOOL.name)]
    assert found(sent, judged(*came)) == [
        ("-3d", 2, 1, 1, timedelta(days=1)),
        ("+1d", 1, 1, 0, timedelta(hours=3)),
    ]


def test_what_never_came_and_what_came_before_the_mail_brought_nothing():
    sent = [reminded("-1d", moment(10, 29), SCHOOL, TOWN)]
    came = claim("plan", moment(10, 29, 8, 59), unit=TOWN.name)
    assert found(sent, judged(came)) == [("-1d", 2, 0, 0, None)]


def test_other_mails_and_other_campaigns_are_left_out():
    sent = [
        reminded("", moment(10, 29), SCHOOL, kind=MailKind.RECEIPT),
        reminded("-1d", moment(10, 29), SCHOOL, key="2022"),
    ]
    assert found(sent, judged()) == []
