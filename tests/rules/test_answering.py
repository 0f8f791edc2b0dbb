from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from rules.answering import LOOP_AFTER, MOST_A_DAY, TOGETHER, Arrival, plan_receipts, why_unanswered
from rules.messages import Address
from rules.outgoing import MailState, OutgoingMail
from tests.rules.arrivals import BOX, OWN, TEACHER, answered, arrival, unplaced
from tests.rules.cases import TICK, moment

AT = moment(10, 28, 9)
DAY = timedelta(days=1)


def due(arrivals: list[Arrival], at: datetime, *outbox: OutgoingMail) -> list[list[str]]:
    """The moments of the mails that each receipt answers."""
    plan = plan_receipts(arrivals, outbox, own=OWN, at=at)
    return [[f"{one.message.received_at:%H:%M}" for one in receipt.arrivals] for receipt in plan.receipts]


def test_a_mail_with_material_is_answered_ten_minutes_after_it_came():
    assert due([arrival(AT)], AT + TOGETHER - TICK) == []
    assert due([arrival(AT)], AT + TOGETHER) == [["09:00"]]


def test_mails_within_ten_minutes_get_one_receipt():
    mails = [arrival(AT + timedelta(minutes=minutes)) for minutes in (6, 0, 3)]
    assert due(mails, AT + TOGETHER) == [["09:00", "09:03", "09:06"]]


def test_each_sender_gets_a_receipt_of_his_own():
    mails = [arrival(AT), arrival(AT + TICK, sender="other@example.org")]
    assert due(mails, AT + TOGETHER + TICK) == [["09:00"], ["09:00"]]


def test_what_was_answered_is_not_answered_again():
    receipt = plan_receipts([arrival(AT)], (), own=OWN, at=AT + TOGETHER).receipts[0]
    for state in set(MailState) - {MailState.SKIPPED}:
        assert due([arrival(AT)], AT + DAY, answered(receipt, AT, state=state)) == []


def test_a_receipt_that_was_dropped_before_it_went_is_written_anew():
    (first,) = plan_receipts([arrival(AT)], (), own=OWN, at=AT + TOGETHER).receipts
    dropped = answered(first, AT, state=MailState.SKIPPED)
    (again,) = plan_receipts([arrival(AT)], [dropped], own=OWN, at=AT + TOGETHER).receipts
    assert again.arrivals == first.arrivals
    assert again.dedupe_key != first.dedupe_key


def test_the_same_mails_make_the_same_key_and_a_number_to_look_them_up_by():
    one, other = (plan_receipts([arrival(AT)], (), own=OWN, at=AT + TOGETHER * n).receipts[0] for n in (1, 2))
    assert one.dedupe_key == other.dedupe_key
    assert one.newest.message.sha256.startswith(one.number.lower())


@pytest.mark.parametrize(
    ("received", "reason"),
    [
        (arrival(AT, is_automatic=True, automatic_reason="自动回复"), "自动回复"),
        (arrival(AT, header_from=None), "没有发件人"),
        (arrival(AT, sender=BOX), "本邮箱自己发出的邮件"),
        (arrival(AT, reply_to=Address(address=BOX)), "本邮箱自己发出的邮件"),
        (arrival(AT, to=(Address(address="all@example.org"),)), "收件人和抄送中没有本邮箱"),
        (unplaced(AT), "没有已认定归属的报送材料"),
        (arrival(AT), ""),
        (arrival(AT, to=(Address(address="head@example.org"),), cc=(Address(address=BOX),)), ""),
        (arrival(AT, to=()), ""),
    ],
)
def test_machines_mass_mail_and_mail_without_material_are_not_answered(received, reason):
    assert why_unanswered(received, OWN) == reason
    assert (due([received], AT + TOGETHER) == []) is bool(reason)


def test_the_answer_goes_where_the_sender_wants_it():
    plan = plan_receipts([arrival(AT, reply_to=Address(address="desk@example.org"))], (), own=OWN, at=AT + TOGETHER)
    assert [receipt.to for receipt in plan.receipts] == ["desk@example.org"]


def conversation(
    answer: Callable[[int, datetime], Arrival], *, minutes: int, rounds: int = 40
) -> tuple[list[OutgoingMail], set[str]]:
    """What goes out when every `minutes` another mail comes from the same address; and who was called a loop."""
    arrivals: list[Arrival] = []
    outbox: list[OutgoingMail] = []
    loops: set[str] = set()
    for number in range(rounds):
        now = AT + number * timedelta(minutes=minutes)
        arrivals.append(answer(number, now))
        plan = plan_receipts(arrivals, outbox, own=OWN, at=now + TOGETHER)
        outbox += [answered(receipt, now + TOGETHER, len(outbox) + 1) for receipt in plan.receipts]
        loops |= {loop.to for loop in plan.loops}
    return outbox, loops


def test_a_machine_that_sends_the_same_again_is_answered_three_times_and_never_more():
    sent, loops = conversation(lambda _, now: arrival(now, files=("同一份.docx",)), minutes=30, rounds=200)
    assert (len(sent), loops) == (LOOP_AFTER, {TEACHER})


def test_a_person_who_has_sent_much_may_send_an_old_file_again():
    def answer(number: int, now: datetime) -> Arrival:
        return arrival(now, files=(f"{number % 20}.docx",))

    sent, loops = conversation(answer, minutes=12 * 60, rounds=22)
    assert (len(sent), loops) == (22, set())


def test_material_pasted_into_the_text_is_as_new_as_a_file():
    sent, loops = conversation(lambda number, now: arrival(now, files=(f"正文{number}.txt",)), minutes=600, rounds=8)
    assert (len(sent), loops) == (8, set())


def test_a_machine_that_answers_our_receipts_with_ever_new_files_is_stopped_for_the_day():
    sent, loops = conversation(lambda _, now: arrival(now, subject="Re: 【回执】活动周方案"), minutes=30)
    assert (len(sent), loops) == (LOOP_AFTER, {TEACHER})


def test_it_is_known_by_the_thread_too():
    sent, _ = conversation(
        lambda number, now: arrival(now, in_reply_to=f"<r.{min(max(1, number), LOOP_AFTER)}@example.org>"), minutes=30
    )
    assert len(sent) == LOOP_AFTER


def test_a_person_who_sends_many_files_one_by_one_gets_four_receipts_a_day_and_all_files_are_answered():
    one_day, loops = conversation(lambda _, now: arrival(now), minutes=20, rounds=60)
    assert (len(one_day), loops) == (MOST_A_DAY, set())
    two_days, _ = conversation(lambda _, now: arrival(now), minutes=60, rounds=49)
    answered_mails = [sha256 for mail in two_days for sha256 in mail.letter.answers]
    assert len(answered_mails) == len(set(answered_mails)) >= 25


def test_two_receipts_to_one_address_are_ten_minutes_apart():
    sent, _ = conversation(lambda _, now: arrival(now), minutes=1, rounds=25)
    moments = [mail.created_at for mail in sent]
    assert all(later - earlier >= TOGETHER for earlier, later in pairwise(moments))
