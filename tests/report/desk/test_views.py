"""What the desk keeps in memory is at every moment, and after every change, what judging anew would say."""

from __future__ import annotations

import os
import random
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.importing import ReceivedFrom
from report.desk.port import ConflictError, NewDecision
from rules.errors import InputError
from rules.overruling import Action
from rules.turning_points import turning_points
from store import claims, decisions, passes
from tests.report.desk.serving import ServedDesk

A_TICK = timedelta(microseconds=1)


def is_true(desk: ServedDesk, at=None) -> bool:
    moment = at or desk.desk.now()
    view, judged = desk.desk.view(at=at), desk.application.judged(at=moment)
    return view.report == judged.report and view.unattributed == judged.unattributed


def moments(desk: ServedDesk) -> list:
    campaign = desk.desk.view().campaign
    with desk.desk.store.reading() as session:
        points = turning_points(campaign, claims.claims(session), decisions.all_decisions(session))
    around = [moment + offset for moment in points for offset in (-A_TICK, timedelta(0), A_TICK)]
    chance = random.Random(20231120)
    between = [chance.uniform(0, 1) * (points[-1] - points[0] + timedelta(days=40)) + points[0] for _ in range(40)]
    return chance.sample(around + between, k=min(160, len(around) + len(between)))


def decide(desk: ServedDesk, action: Action, **facts):
    return desk.desk.decide(NewDecision(action=action, author="王老师", reason="核实过", **facts))


def test_a_kept_report_is_the_judged_one_at_every_moment(own_desk):
    wrong = [at for at in moments(own_desk) if not is_true(own_desk, at)]
    assert wrong == []


def test_every_decision_shows_in_the_next_view_and_its_undoing_too(own_desk):
    report = own_desk.desk.view().report
    missing = next(
        unit.unit.name for unit in report.units if "missing" in [a.status for a in unit.assessments.values()]
    )
    stray = own_desk.desk.view().unattributed[0]
    made = [
        decide(own_desk, Action.EXEMPT, unit=missing, deliverable="plan"),
        decide(own_desk, Action.EXTEND, unit=missing, until=own_desk.desk.now() + timedelta(days=2)),
        decide(own_desk, Action.ASSIGN, unit=missing, message_sha256=stray.message_sha256),
    ]
    assert is_true(own_desk)
    assert stray not in own_desk.desk.view().unattributed
    assert own_desk.desk.view().report != report
    for decision in reversed(made):
        before = own_desk.desk.view().version
        decide(own_desk, Action.UNDO, undoes=decision.id)
        assert is_true(own_desk)
        assert own_desk.desk.view().version != before
    assert [unit.assessments for unit in own_desk.desk.view().report.units] == [
        unit.assessments for unit in report.units
    ]
    assert [at for at in moments(own_desk)[:30] if not is_true(own_desk, at)] == []


def test_mail_and_a_pass_show_in_the_next_view(own_desk, tmp_path: Path):
    before = own_desk.desk.view()
    letter = tmp_path / "late.eml"
    letter.write_text(
        "From: someone@example.net\r\nTo: desk@example.org\r\nSubject: =?utf-8?b?5rS75Yqo5ZGo5oC757uT?=\r\n"
        "Message-ID: <late@example.net>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "这是我校全民终身学习活动周的活动总结。一、领导重视，精心组织。二、内容丰富，形式多样。三、成效与不足。\r\n",
        encoding="utf-8",
    )
    moment = (own_desk.desk.now() - timedelta(minutes=30)).timestamp()
    os.utime(letter, (moment, moment))
    own_desk.application.import_paths([letter], received=ReceivedFrom.MTIME, clock=own_desk.desk.now)

    after = own_desk.desk.view()
    assert is_true(own_desk)
    assert after.version != before.version
    assert after.report.mail_read_until != before.report.mail_read_until
    with own_desk.desk.store.writing() as session:  # a pass that finds nothing new, and no deadline passes
        number = passes.begin_pass(session, began_at=own_desk.desk.now(), source=passes.IMPORT)
        passes.end_pass(session, number, ended_at=own_desk.desk.now(), is_complete=True)
    assert is_true(own_desk)


def test_of_two_who_decide_about_the_same_unit_the_second_is_told(own_desk):
    seen = own_desk.desk.view().newest_decision
    name = own_desk.desk.view().report.units[0].unit.name
    other = own_desk.desk.view().report.units[1].unit.name
    outcomes: list[str] = []

    def exempt(unit: str) -> None:
        try:
            own_desk.desk.decide(NewDecision(action=Action.EXEMPT, author="x", reason="y", unit=unit), seen=seen)
            outcomes.append("decided")
        except ConflictError:
            outcomes.append("told")

    threads = [threading.Thread(target=exempt, args=[name]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["decided", "told", "told", "told"]
    exempt(other)
    assert outcomes[-1] == "decided", "another unit is another matter"


def test_what_does_not_exist_cannot_be_decided_about(own_desk):
    for facts in ({"unit": "没有这个单位"}, {"message_sha256": "ab" * 32}, {"undoes": 4711}):
        with pytest.raises(InputError):
            decide(own_desk, Action.UNDO if "undoes" in facts else Action.EXEMPT, **facts)
