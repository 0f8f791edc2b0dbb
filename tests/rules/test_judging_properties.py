"""What holds for every mailbox: drawn claims and decisions of two units, all five deliverables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.assessment import Assessment, CampaignReport, Status
from rules.claims import Claim, Decision
from rules.findings import Code
from rules.judging import judge
from rules.judging_memory import JudgingMemory
from rules.overruling import Action
from rules.tallying import rate
from tests.rules.cases import ROSTER, SCHOOL, TOWN, campaign, claim, moment, photo, stamped_photo, video

START = moment(10, 13)
CAMPAIGN = campaign()
DUE = {asked.key: asked.due_at(CAMPAIGN.zone) for asked in CAMPAIGN.deliverables}

hours = st.integers(0, 24 * 60) | st.sampled_from([int((due - START) / timedelta(hours=1)) for due in DUE.values()])
moments = hours.map(lambda passed: START + timedelta(hours=passed))
units = st.sampled_from([TOWN.name, SCHOOL.name])
doubts = st.lists(st.sampled_from(Code), max_size=1)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    at, unit = draw(moments), draw(units)
    which = draw(st.sampled_from(["document", "document", "photo", "photo", "photo", "video", "stamp"]))
    if which == "photo":
        made = photo(draw(st.integers(0, 7)), at)
    elif which == "video":
        made = video(draw(st.none() | st.sampled_from([90.0, 600.0])), at)
    elif which == "stamp":
        made = stamped_photo(at, stamped=draw(st.none() | st.booleans()))
    else:
        kind = draw(st.sampled_from(["plan", "schedule", "statistics", "summary", None]))
        made = claim(kind, at, *draw(doubts), path=f"2.{kind}")
    return replace(made, unit=unit)


@st.composite
def decisions(draw: st.DrawFn, sent: list[Claim]) -> Decision:
    file = draw(st.sampled_from(sent)) if sent and draw(st.booleans()) else None
    return Decision(
        id=draw(st.integers(1, 10**6)),
        action=draw(st.sampled_from(Action)),
        author="coordinator",
        reason="经电话核实",
        decided_at=draw(moments),
        unit=draw(units),
        deliverable=draw(st.sampled_from(["", *DUE])),
        message_sha256=file.message_sha256 if file else "",
        path=file.path if file else "",
        until=draw(st.none() | moments),
        undoes=draw(st.none() | st.integers(1, 10**6)),
    )


mailboxes = st.lists(claims(), max_size=14)
readings = st.lists(st.tuples(moments, st.none() | moments), min_size=2, max_size=5)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Claim], list[Decision]]:
    sent = draw(mailboxes)
    decided = draw(st.lists(decisions(sent), max_size=4, unique_by=lambda one: one.id))
    return sent, decided


def judged(sent: list[Claim], decided: list[Decision] | None = None, *, at=None, read=None) -> CampaignReport:
    end = START + timedelta(days=70)
    return judge(CAMPAIGN, ROSTER, sent, decided or [], at=at or end, mail_read_until=read or at or end)


def cells(report: CampaignReport) -> list[Assessment]:
    return [one for unit in report.units for one in unit.assessments.values()]


@given(mailboxes, claims(), st.data())
def test_a_later_mail_never_takes_back_on_time_nor_moves_the_complete_moment(sent, later, data):
    last = max([START, *(one.received_at for one in sent)])
    later = replace(later, received_at=last + timedelta(hours=data.draw(st.integers(1, 400))), message_sha256="later")
    end = later.received_at + timedelta(days=1)
    for before, after in zip(cells(judged(sent, at=end)), cells(judged([*sent, later], at=end)), strict=True):
        if before.complete_at is not None:
            assert (after.status, after.complete_at) == (before.status, before.complete_at)


@given(worlds(), claims())
def test_a_mail_after_the_due_moment_never_makes_anyone_late_who_was_on_time(world, extra):
    sent, decided = world
    last = max([START, *(one.received_at for one in sent)])
    later = replace(extra, received_at=last + timedelta(minutes=1), message_sha256="later")
    for before, after in zip(cells(judged(sent, decided)), cells(judged([*sent, later], decided)), strict=True):
        if before.status is Status.ON_TIME:
            assert after.status is Status.ON_TIME


@given(worlds(), st.randoms(use_true_random=False), moments)
def test_the_order_of_the_input_decides_nothing(world, random, at):
    sent, decided = world
    shuffled, redecided = list(sent), list(decided)
    random.shuffle(shuffled)
    random.shuffle(redecided)
    unique = {(one.unit, one.message_sha256, one.path, one.kind, one.received_at): one for one in sent}
    kept = list(unique.values())
    again = [one for one in shuffled if any(one is other for other in kept)]
    assert judged(kept, decided, at=at) == judged(again, redecided, at=at)


@given(mailboxes, moments)
def test_complete_is_the_first_moment_at_which_all_that_had_come_was_enough(sent, at):
    """The definition, by looking at every moment one after the other."""
    arrivals = sorted({one.received_at for one in sent if one.received_at <= at})
    views = [cells(judged(sent, at=arrival)) for arrival in arrivals]
    for index, found in enumerate(cells(judged(sent, at=at))):
        enough = (
            arrival
            for arrival, view in zip(arrivals, views, strict=True)
            if view[index].status in (Status.ON_TIME, Status.LATE)
        )
        assert found.complete_at == next(enough, None)


@given(mailboxes, moments, moments)
def test_facts_once_known_stay_at_every_later_view(sent, one, other):
    early, late = sorted((one, other))
    for before, after in zip(cells(judged(sent, at=early)), cells(judged(sent, at=late)), strict=True):
        assert before.received_at in (None, after.received_at)
        assert before.complete_at in (None, after.complete_at)
        assert all(part.have <= after.parts[name].have for name, part in before.parts.items())


@given(worlds(), moments, st.none() | moments)
def test_the_parts_of_the_totals_add_up_and_no_rate_is_over_one(world, at, read):
    report = judge(CAMPAIGN, ROSTER, *world, at=at, mail_read_until=read)
    for totals in report.totals.values():
        by_status = (totals.on_time, totals.late, totals.incomplete, totals.missing, totals.unknown, totals.pending)
        assert totals.expected == sum(by_status)
        assert totals.expected + totals.exempt == len(ROSTER.units)
        assert totals.complete == totals.on_time + totals.late <= totals.received <= totals.expected
        assert (rate(totals.received, totals.expected) or 0) <= 1


@given(worlds(), moments, st.none() | moments)
def test_label_facts_and_findings_never_contradict_each_other(world, at, read):
    report = judge(CAMPAIGN, ROSTER, *world, at=at, mail_read_until=read)
    for found in cells(report):
        is_blocked = any(one.is_blocking for one in found.findings)
        is_complete = found.status in (Status.ON_TIME, Status.LATE)
        assert is_blocked == (found.status is Status.INCOMPLETE)
        assert not is_complete or (found.complete_at is not None and found.received_at is not None)
        assert (found.days_late is not None) == (found.status is Status.LATE)
        assert not found.is_overdue or found.status is Status.INCOMPLETE
        assert found.complete_at is None or found.received_at <= found.complete_at <= at
        if found.status in (Status.PENDING, Status.UNKNOWN, Status.MISSING):
            assert (found.received_at, found.sources) == (None, ())


@given(worlds())
def test_nobody_is_missing_without_a_look_into_the_mailbox(world):
    report = judge(CAMPAIGN, ROSTER, *world, at=START + timedelta(days=70), mail_read_until=None)
    assert Status.MISSING not in {found.status for found in cells(report)}


@given(worlds(), units, st.sampled_from(["", *DUE]))
def test_an_exempt_unit_leaves_the_denominator_whatever_it_sent(world, unit, key):
    sent, decided = world
    decided = [one for one in decided if one.action not in (Action.EXEMPT, Action.UNDO)]
    exempt = Decision(id=10**7, action="exempt", author="x", reason="", decided_at=START, unit=unit, deliverable=key)
    report = judged(sent, [*decided, exempt])
    for asked, totals in report.totals.items():
        assert totals.exempt == (key in ("", asked))
        assert totals.expected == len(ROSTER.units) - totals.exempt


@settings(max_examples=30)
@given(worlds())
def test_an_undone_decision_leaves_no_trace(world):
    sent, decided = world
    undone = [
        Decision(id=10**7 + number, action="undo", author="x", reason="", decided_at=one.decided_at, undoes=one.id)
        for number, one in enumerate(reversed([one for one in decided if one.action != Action.UNDO]))
    ]
    kept = [one for one in decided if one.action != Action.UNDO]
    assert judged(sent, [*kept, *undone]) == judged(sent)


@given(worlds(), worlds(), readings)
def test_what_is_remembered_of_earlier_reports_changes_none(world, later, looks):
    """One memory for reports of different moments, mailboxes and decisions, against none."""
    memory = JudgingMemory()
    (sent, decided), (more, redecided) = world, later
    for number, (at, read) in enumerate(looks):
        mail, words = (
            (sent, decided) if number % 3 == 0 else ([*sent, *more], redecided if number % 3 == 1 else decided)
        )
        fresh = judge(CAMPAIGN, ROSTER, mail, words, at=at, mail_read_until=read)
        assert judge(CAMPAIGN, ROSTER, mail, words, at=at, mail_read_until=read, memory=memory) == fresh


def test_a_unit_of_which_nothing_has_changed_is_not_judged_again():
    memory = JudgingMemory()
    first = [photo(1, moment(10, 20)), replace(claim("plan", moment(10, 20)), unit=SCHOOL.name)]
    at = moment(11, 25)
    before = judge(CAMPAIGN, ROSTER, first, [], at=at, mail_read_until=at, memory=memory)
    more = [*first, replace(claim("summary", moment(10, 21)), unit=SCHOOL.name)]
    after = judge(CAMPAIGN, ROSTER, more, [], at=at + timedelta(minutes=1), mail_read_until=at, memory=memory)
    same = {one.unit.name for one, other in zip(before.units, after.units, strict=True) if one is other}
    assert TOWN.name in same
    assert SCHOOL.name not in same
