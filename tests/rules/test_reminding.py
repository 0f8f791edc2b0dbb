from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rules.findings import Code
from rules.outgoing import MailState
from rules.overruling import muted_units, standing
from rules.roster import Roster
from tests.rules.cases import PLAN, PLAN_DUE, claim, decision, moment, photos, report
from tests.rules.posts import (
    CENTRE,
    KINDERGARTEN,
    MIDDLE,
    POLICY,
    PRIMARY,
    SILENT,
    in_state,
    judged,
    plan,
    posted,
    reasons,
    things,
)

BOTH = ("zhixi@example.org", "head@example.org")
REST = ["直溪中学/statistics", "直溪中学/summary", "直溪中学/evidence"]
EVERYTHING = ["直溪中学/plan", "直溪中学/schedule", *REST]


def test_before_a_due_moment_its_things_are_reminded_of_and_no_others():
    assert things(plan(judged(moment(10, 24)))) == [(BOTH, "-7d", ["直溪中学/plan", "直溪中学/schedule"])]


def test_before_the_first_stage_nothing_is_owed():
    early = plan(judged(moment(10, 20)))
    assert (things(early), reasons(early)) == ([], {"直溪中学": "nothing_owed"})


def test_after_it_what_is_missing_and_what_is_incomplete_is_owed():
    empty = claim("plan", moment(10, 29), Code.ENCRYPTED, unit="直溪中学")
    assert things(plan(judged(moment(10, 31), claims=[empty]))) == [
        (BOTH, "+1d", ["直溪中学/plan", "直溪中学/schedule"])
    ]


def test_one_mail_lists_everything_owed_though_only_a_part_is_news():
    first = plan(judged(moment(11, 2)))
    sent = posted(first.reminders[0], moment(11, 2))
    assert things(plan(judged(moment(11, 21)), sent)) == [(BOTH, "+1d", EVERYTHING)]


def test_who_has_sent_everything_is_not_reminded():
    sent = [claim(kind, moment(10, 29), unit="直溪中学") for kind in ("plan", "schedule")]
    done = plan(judged(moment(11, 2), claims=sent))
    assert (things(done), reasons(done)) == ([], {"直溪中学": "nothing_owed"})


def test_what_waits_for_the_bureau_is_not_the_units_fault():
    stray = claim(None, moment(10, 29), unit="直溪中学")
    waiting = plan(judged(moment(11, 2), claims=[stray]))
    assert (things(waiting), reasons(waiting)) == ([], {"直溪中学": "nothing_owed"})
    assert waiting.withheld[0].note == "已收到材料，待人工核对，暂不催报"


def test_who_may_have_written_since_the_mailbox_was_read_is_not_reminded():
    blind = plan(judged(moment(11, 2), read=PLAN_DUE - timedelta(hours=1)))
    assert (things(blind), reasons(blind)) == ([], {"直溪中学": "unknown"})


def test_nor_is_who_may_have_sent_the_missing_part():
    incomplete = claim("plan", moment(10, 29), Code.ENCRYPTED, unit="直溪中学")
    blind = plan(judged(moment(11, 2), claims=[incomplete], read=PLAN_DUE - timedelta(hours=1)))
    assert reasons(blind) == {"直溪中学": "unknown"}


def test_a_stage_is_told_once():
    first = plan(judged(moment(10, 31, 9)))
    sent = posted(first.reminders[0], moment(10, 31, 9))
    again = plan(judged(moment(11, 1, 9)), sent)
    assert (things(again), reasons(again)) == ([], {"直溪中学": "sent"})
    assert things(plan(judged(moment(11, 2, 9)), sent)) == [(BOTH, "+3d", ["直溪中学/plan", "直溪中学/schedule"])]


def test_after_an_outage_only_the_stage_that_holds_is_told():
    after_weeks = plan(judged(moment(11, 20)))
    assert things(after_weeks) == [(BOTH, "+3d", EVERYTHING)]
    told = posted(after_weeks.reminders[0], moment(11, 20))
    assert things(plan(judged(moment(11, 20, 15)), told)) == []


@pytest.mark.parametrize("state", [MailState.DRAFT, MailState.APPROVED, MailState.DISCARDED, MailState.UNKNOWN])
def test_what_waits_was_thrown_away_or_may_have_gone_is_not_written_again(state):
    first = plan(judged(moment(10, 31, 9)))
    kept = in_state(posted(first.reminders[0], moment(10, 31, 9)), state)
    assert reasons(plan(judged(moment(10, 31, 10)), kept)) == {"直溪中学": "sent"}


def test_what_was_dropped_before_it_went_is_written_again_under_another_key():
    first = plan(judged(moment(10, 31, 9)))
    dropped = in_state(posted(first.reminders[0], moment(10, 31, 9)), MailState.SKIPPED)
    again = plan(judged(moment(10, 31, 10)), dropped)
    assert things(again) == things(first)
    assert again.reminders[0].dedupe_key != first.reminders[0].dedupe_key


def test_the_same_plan_made_twice_has_the_same_keys():
    one, other = plan(judged(moment(10, 31, 9))), plan(judged(moment(10, 31, 10)))
    assert one.reminders[0].dedupe_key == other.reminders[0].dedupe_key


def test_an_extension_silences_until_its_own_stages_and_then_arms_them_anew():
    extension = decision(1, "extend", moment(11, 1), unit="直溪中学", until=moment(11, 15, 0))
    overdue = posted(plan(judged(moment(10, 31))).reminders[0], moment(10, 31))
    quiet = plan(judged(moment(11, 2), decisions=(extension,)), overdue)
    assert (things(quiet), reasons(quiet)) == ([], {"直溪中学": "nothing_owed"})
    assert things(plan(judged(moment(11, 8), decisions=(extension,)), overdue)) == [
        (BOTH, "-7d", ["直溪中学/plan", "直溪中学/schedule"])
    ]
    after = plan(judged(moment(11, 15, 9), decisions=(extension,)), overdue)
    assert (things(after)[0][1], things(after)[0][2][:2]) == ("+1d", ["直溪中学/plan", "直溪中学/schedule"])


def test_a_new_stage_replaces_a_draft_that_still_waits():
    draft = in_state(posted(plan(judged(moment(10, 31))).reminders[0], moment(10, 31), number=7), MailState.DRAFT)
    later = plan(judged(moment(11, 2)), draft)
    assert (things(later)[0][1], later.superseded) == ("+3d", (7,))


def test_a_shared_mailbox_gets_one_mail_and_a_units_own_address_hears_of_no_other_unit():
    mails = things(plan(judged(moment(10, 31), units=(CENTRE, PRIMARY, KINDERGARTEN))))
    own = ["儒林小学/plan", "儒林小学/schedule"]
    shared = ["儒林镇社区教育中心/plan", "儒林镇社区教育中心/schedule", *own, "儒林幼儿园/plan", "儒林幼儿园/schedule"]
    assert mails == [(("rulin@example.org",), "+1d", shared), (("primary@example.org",), "+1d", own)]


def test_addresses_that_are_to_hear_the_same_get_one_mail_together():
    sent = [
        claim(kind, moment(10, 29), unit=unit, path=kind)
        for kind in ("plan", "schedule")
        for unit in ("儒林镇社区教育中心", "儒林幼儿园")
    ]
    mails = things(plan(judged(moment(10, 31), claims=sent, units=(CENTRE, PRIMARY, KINDERGARTEN))))
    assert mails == [(("rulin@example.org", "primary@example.org"), "+1d", ["儒林小学/plan", "儒林小学/schedule"])]


def test_an_address_that_was_added_is_told_what_the_others_know():
    before = replace(MIDDLE, emails=("zhixi@example.org",))
    told = posted(plan(judged(moment(10, 31, 9), units=(before,))).reminders[0], moment(10, 31, 9))
    assert [mail[0] for mail in things(plan(judged(moment(10, 31, 15)), told))] == [("head@example.org",)]


def test_the_parent_unit_gets_a_copy_from_the_escalation_stage_on():
    town = replace(CENTRE, emails=("centre@example.org",))
    pupil = replace(KINDERGARTEN, emails=("garten@example.org",))
    done = [claim(kind, moment(10, 29), unit=town.name, path=kind) for kind in ("plan", "schedule")]
    first, third = (plan(judged(day, claims=done, units=(town, pupil))) for day in (moment(10, 31), moment(11, 2)))
    assert (first.reminders[0].cc, third.reminders[0].cc) == ((), ("centre@example.org",))
    never = plan(judged(moment(11, 2), claims=done, units=(town, pupil)), policy=replace(POLICY, escalate_from=None))
    assert never.reminders[0].cc == ()


def test_units_of_two_towns_behind_one_mailbox_are_shown_to_neither_town():
    towns = (
        replace(CENTRE, emails=("a@example.org",)),
        replace(CENTRE, name="直溪镇", aliases=(), emails=("b@example.org",)),
    )
    pupils = (replace(KINDERGARTEN, emails=("c@example.org",)), replace(MIDDLE, emails=("c@example.org",)))
    both = plan(judged(moment(11, 2), units=(*towns, *pupils)))
    assert [one.cc for one in both.reminders if one.to == ("c@example.org",)] == [()]


def test_outside_the_hours_everything_is_held_back():
    evening = plan(judged(moment(10, 31, 18)))
    assert (things(evening), reasons(evening)) == ([], {"直溪中学": "quiet_hours"})


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        ({"muted": frozenset({"直溪中学"})}, "muted"),
        ({"unreachable": frozenset(BOTH)}, "bounced"),
    ],
)
def test_who_is_muted_or_cannot_be_reached_gets_no_mail(post, reason):
    held = plan(judged(moment(10, 31)), **post)
    assert (things(held), reasons(held)) == ([], {"直溪中学": reason})


def test_an_address_that_comes_back_is_left_out_and_the_other_written_to():
    one = plan(judged(moment(10, 31)), unreachable=frozenset({"zhixi@example.org"}))
    assert [mail[0] for mail in things(one)] == [("head@example.org",)]


def test_a_unit_without_an_address_is_named():
    assert reasons(plan(judged(moment(10, 31), units=(SILENT,)))) == {"薛埠小学": "no_address"}


def test_beyond_the_daily_limit_units_wait_for_the_next_day():
    units = (MIDDLE, replace(PRIMARY, emails=("primary@example.org",)))
    tight = replace(POLICY, daily_limit=1)
    first = plan(judged(moment(10, 31), units=units), policy=tight)
    assert (len(first.reminders), reasons(first)) == (1, {"儒林小学": "limit"})
    sent = posted(first.reminders[0], moment(10, 31))
    same_day = plan(judged(moment(10, 31, 15), units=units), sent, policy=tight)
    assert reasons(same_day) == {"直溪中学": "sent", "儒林小学": "limit"}
    next_day = plan(judged(moment(11, 1), units=units), sent, policy=tight)
    assert [mail[0] for mail in things(next_day)] == [("primary@example.org",)]


def test_an_address_gets_no_second_reminder_on_one_day():
    sent = posted(plan(judged(moment(10, 31))).reminders[0], moment(10, 31))
    granted = decision(1, "extend", moment(10, 31, 10), unit="直溪中学", until=moment(11, 2, 0))
    assert reasons(plan(judged(moment(10, 31, 15), decisions=(granted,)), sent)) == {"直溪中学": "limit"}
    assert things(plan(judged(moment(11, 1), decisions=(granted,)), sent)) != []


def test_within_the_grace_nobody_is_reminded_as_if_it_were_over():
    lenient = replace(PLAN, grace=timedelta(days=2))
    few = report([], at=moment(10, 31), read=moment(10, 31), deliverables=(lenient,), roster=Roster((MIDDLE,)))
    assert reasons(plan(few)) == {"直溪中学": "nothing_owed"}
    over = report([], at=moment(11, 2), read=moment(11, 2), deliverables=(lenient,), roster=Roster((MIDDLE,)))
    assert things(plan(over)) == [(BOTH, "+3d", ["直溪中学/plan"])]


def test_a_started_thing_is_told_apart_from_a_silent_one():
    sent = [replace(one, unit="直溪中学") for one in photos(range(3), moment(11, 19))]
    owed = {one.deliverable.key: one for one in plan(judged(moment(11, 21), claims=sent)).reminders[0].owed}
    assert (owed["evidence"].is_started, owed["statistics"].is_started) == (True, False)


def test_the_newest_word_decides_how_long_a_unit_is_muted():
    first = decision(1, "mute", moment(11, 1), unit="直溪中学", until=moment(11, 5))
    longer = decision(2, "mute", moment(11, 2), unit="直溪中学")
    undone = decision(3, "undo", moment(11, 8), undoes=2)

    def muted(at: datetime) -> frozenset[str]:
        return muted_units(standing([first, longer, undone], campaign_key="2023", at=at), at)

    assert muted(moment(11, 6)) == {"直溪中学"}
    assert muted(moment(11, 9)) == frozenset()
    assert muted(moment(10, 31)) == frozenset()


def test_a_reminder_before_the_due_moment_is_not_copied_to_the_parent():
    pupil = replace(KINDERGARTEN, emails=("garten@example.org",))
    done = [claim(kind, moment(10, 20), unit=pupil.name, path=kind) for kind in ("plan", "schedule")]
    before = plan(judged(moment(11, 17), claims=done, units=(CENTRE, pupil)))
    mine = [one for one in before.reminders if one.to == pupil.emails]
    assert [(str(one.stage), one.cc) for one in mine] == [("-1d", ())]
