from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rules.assessment import CampaignReport
from rules.claims import Claim
from rules.findings import Code
from rules.outgoing import MailState, OutgoingMail
from rules.reconsidering import FRESH, Judgement, Verdict, reconsider
from rules.reminding import Post
from tests.rules.cases import TICK, claim, decision, moment
from tests.rules.posts import CENTRE, MIDDLE, POLICY, in_state, item_of, judged, plan, posted

PLANNED_AT = moment(10, 31, 9)
SENDING_AT = moment(10, 31, 10)


def sent(*kinds: str, at: datetime = PLANNED_AT + timedelta(minutes=30)) -> list[Claim]:
    return [claim(kind, at, unit=MIDDLE.name, path=kind) for kind in kinds]


@pytest.fixture
def mail() -> OutgoingMail:
    waiting = posted(plan(judged(PLANNED_AT)).reminders[0], PLANNED_AT)
    return in_state(waiting, MailState.APPROVED)


def verdict(mail: OutgoingMail, report: CampaignReport, post: Post | None = None) -> Verdict:
    judgement: Judgement = reconsider(mail, report, POLICY, post or Post(), written=item_of)
    assert bool(judgement.because) == (judgement.verdict is not Verdict.SEND)
    return judgement.verdict


def test_what_still_holds_is_sent(mail):
    assert verdict(mail, judged(SENDING_AT)) is Verdict.SEND


def test_what_has_arrived_meanwhile_is_not_asked_for(mail):
    assert verdict(mail, judged(SENDING_AT, claims=sent("plan", "schedule"))) is Verdict.SKIP


def test_where_a_part_has_arrived_the_mail_is_written_anew(mail):
    assert verdict(mail, judged(SENDING_AT, claims=sent("plan"))) is Verdict.REPLAN


def test_where_something_else_is_wrong_now_the_mail_is_written_anew(mail):
    locked = claim("plan", PLANNED_AT + TICK, Code.ENCRYPTED, unit=MIDDLE.name)
    assert verdict(mail, judged(SENDING_AT, claims=[locked])) is Verdict.REPLAN


def test_an_extension_takes_it_back(mail):
    granted = decision(1, "extend", PLANNED_AT + TICK, unit=MIDDLE.name, until=moment(11, 20))
    assert verdict(mail, judged(SENDING_AT, decisions=(granted,))) is Verdict.SKIP


def test_a_muted_unit_is_left_alone(mail):
    assert verdict(mail, judged(SENDING_AT), Post(muted=frozenset({MIDDLE.name}))) is Verdict.SKIP


@pytest.mark.parametrize(("age", "expected"), [(FRESH, Verdict.SEND), (FRESH + TICK, Verdict.WAIT)])
def test_it_waits_while_the_mailbox_was_not_read_lately(mail, age, expected):
    assert verdict(mail, judged(moment(10, 31, 11), read=moment(10, 31, 11) - age)) is expected


def test_it_waits_outside_the_hours(mail):
    assert verdict(mail, judged(moment(10, 31, 12))) is Verdict.WAIT


def test_approved_too_late_it_gives_way_to_the_next_stage(mail):
    assert verdict(mail, judged(moment(11, 2))) is Verdict.REPLAN


def test_it_does_not_go_to_an_address_that_comes_back_or_left_the_roster(mail):
    assert verdict(mail, judged(SENDING_AT), Post(unreachable=frozenset({"head@example.org"}))) is Verdict.REPLAN
    moved = MIDDLE.__class__(name=MIDDLE.name, category="学校", emails=("new@example.org",))
    assert verdict(mail, judged(SENDING_AT, units=(CENTRE, moved))) is Verdict.REPLAN
