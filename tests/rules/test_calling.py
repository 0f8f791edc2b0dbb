from __future__ import annotations

from dataclasses import replace

import pytest

from rules.calling import Call, Cause, calls
from rules.outgoing import MailState, OutgoingMail
from rules.reminding import Post
from tests.rules.cases import claim, moment
from tests.rules.posts import MIDDLE, POLICY, SILENT, in_state, judged, plan, posted

LAST = moment(11, 2)
NEXT_DAY = moment(11, 3)


@pytest.fixture
def reminded() -> OutgoingMail:
    return posted(plan(judged(LAST)).reminders[0], LAST)


def called(at, *outbox, units=(MIDDLE,), **post) -> tuple[Call, ...]:
    return calls(judged(at, units=units), POLICY, Post(outbox=outbox, **post))


def causes(found: tuple[Call, ...]) -> dict[str, Cause]:
    return {call.unit.name: call.cause for call in found}


def test_whom_mail_cannot_reach_is_called_as_soon_as_something_is_overdue():
    assert causes(called(moment(10, 31), units=(SILENT,))) == {SILENT.name: Cause.NO_ADDRESS}
    assert causes(called(moment(10, 31), unreachable=frozenset(MIDDLE.emails))) == {MIDDLE.name: Cause.BOUNCED}
    assert called(moment(10, 29), units=(SILENT,)) == ()


def test_who_did_not_move_after_the_last_stage_is_called_the_next_day(reminded):
    assert called(LAST.replace(hour=16), reminded) == ()
    found = called(NEXT_DAY, reminded)
    assert causes(found) == {MIDDLE.name: Cause.UNMOVED}
    assert (found[0].reminders, found[0].last_at) == (1, reminded.sent_at)


def test_who_was_told_only_an_earlier_stage_is_not_called_yet():
    first = posted(plan(judged(moment(10, 31))).reminders[0], moment(10, 31))
    assert called(NEXT_DAY, first) == ()


@pytest.mark.parametrize("state", [MailState.FAILED, MailState.UNKNOWN])
def test_a_mail_that_may_not_have_gone_is_made_good_by_a_call(reminded, state):
    assert causes(called(LAST.replace(hour=16), in_state(reminded, state))) == {MIDDLE.name: Cause.FAILED}


def test_who_has_delivered_or_is_muted_is_not_called(reminded):
    assert called(NEXT_DAY, reminded, muted=frozenset({MIDDLE.name})) == ()
    done = [claim(kind, LAST, unit=MIDDLE.name, path=kind) for kind in ("plan", "schedule")]
    assert calls(judged(NEXT_DAY, claims=done), POLICY, Post(outbox=[reminded])) == ()


def test_what_fell_due_again_after_an_extension_is_another_thing(reminded):
    moved = tuple(replace(item, due_at=moment(11, 1)) for item in reminded.letter.items)
    other = replace(reminded, letter=replace(reminded.letter, items=moved))
    assert called(NEXT_DAY, other) == ()
