"""Claims and what settles them, on both databases: one sender a mail, and the truth wins."""

from __future__ import annotations

import threading
from datetime import timedelta

from rules.outgoing import MailKind, MailState
from store import outbox, sending
from store.engine import Store
from tests.store.outgoing import MINUTE, NINE, claimed, put


def test_a_mail_is_claimed_once_however_many_senders_ask_at_once(store: Store) -> None:
    with store.writing() as session:
        for number in range(20):
            put(session, str(number), is_approved=True)
    claims: list[str] = []
    barrier = threading.Barrier(4, timeout=30)

    def send() -> None:
        barrier.wait()
        while True:
            with store.writing() as session:
                sending.lock_claims(session)
                due = tuple(sending.due(session, at=NINE, limit=1))
                claim = sending.claim(session, due[0], at=NINE) if due else None
            if not due:
                return
            if claim:
                claims.append(claim.mail.letter.dedupe_key)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(claims, key=int) == [str(number) for number in range(20)]


def test_a_claim_on_a_mail_that_has_changed_meanwhile_fails(store: Store) -> None:
    with store.writing() as session:
        mail = put(session, is_approved=True)
        first = sending.claim(session, mail, at=NINE)
        assert first is not None
        assert first.mail.attempts == 1
        assert sending.claim(session, mail, at=NINE) is None


def test_only_approved_mail_whose_time_has_come_is_due_the_longest_waiting_first(store: Store) -> None:
    with store.writing() as session:
        put(session, "draft")
        put(session, "later", is_approved=True, not_before=NINE + MINUTE)
        put(session, "now", is_approved=True)
        put(session, "earlier", is_approved=True, not_before=NINE - MINUTE)

        assert [mail.letter.dedupe_key for mail in sending.due(session, at=NINE)] == ["earlier", "now"]


def test_mail_that_is_put_off_stays_approved_and_comes_later(store: Store) -> None:
    with store.writing() as session:
        mail = put(session, is_approved=True)
        sending.put_off(session, mail, until=NINE + MINUTE, because="不在发信时段")

        assert tuple(sending.due(session, at=NINE)) == ()
        (due,) = sending.due(session, at=NINE + MINUTE)
        assert (due.state, due.attempts, due.last_error) == (MailState.APPROVED, 0, "不在发信时段")


def test_a_claim_is_settled_once_as_sent_failed_or_to_be_tried_again(store: Store) -> None:
    with store.writing() as session:
        sent, failed, again = (claimed(session, key) for key in ("one", "two", "three"))
        assert sending.mark_sent(session, sent, at=NINE)
        assert sending.mark_failed(session, failed, at=NINE, error="550 no such user")
        assert sending.retry(session, again, at=NINE, not_before=NINE + MINUTE, error="451 DT:SPM")

        for claim in (sent, failed, again):
            assert not sending.mark_failed(session, claim, at=NINE, error="x")
            assert not sending.retry(session, claim, at=NINE, not_before=NINE, error="x")
        assert [(mail.state, mail.last_error) for mail in outbox.mails(session)] == [
            (MailState.SENT, ""),
            (MailState.FAILED, "550 no such user"),
            (MailState.APPROVED, "451 DT:SPM"),
        ]
        assert [mail.attempts for mail in sending.due(session, at=NINE + MINUTE)] == [1]


def test_a_claim_that_was_given_up_can_still_turn_out_to_have_been_sent(store: Store) -> None:
    with store.writing() as session:
        slow = claimed(session)
        (orphan,) = sending.orphaned(session, at=NINE + sending.CLAIM_LASTS)
        sending.mark_unknown(session, orphan, at=NINE, error="程序中断")

        assert not sending.retry(session, slow, at=NINE, not_before=NINE, error="x")
        assert sending.mark_sent(session, slow, at=NINE)

        assert outbox.counts(session)[MailState.SENT] == 1


def test_a_claim_is_orphaned_only_after_any_sender_must_have_settled_it(store: Store) -> None:
    with store.writing() as session:
        claimed(session)
        assert sending.orphaned(session, at=NINE + sending.CLAIM_LASTS - timedelta(seconds=1)) == ()
        assert len(sending.orphaned(session, at=NINE + sending.CLAIM_LASTS)) == 1


def test_the_limits_count_what_went_or_may_have_gone(store: Store) -> None:
    with store.writing() as session:
        sending.mark_sent(session, claimed(session, "old", at=NINE - timedelta(days=1)), at=NINE)
        sending.mark_sent(session, claimed(session, "sent"), at=NINE)
        sending.mark_unknown(session, claimed(session, "unknown"), at=NINE, error="")
        sending.mark_failed(session, claimed(session, "failed"), at=NINE, error="")
        claimed(session, "under way", at=NINE + MINUTE)
        put(session, "waiting", is_approved=True)

        assert sending.count_gone(session, since=NINE) == 3
        assert sending.count_gone(session, since=NINE, kinds={MailKind.RECEIPT}) == 0
        assert sending.gone_by_recipient(session, since=NINE) == {"unit@example.org": 3}
        assert sending.last_claimed_at(session) == NINE + MINUTE


def test_mail_goes_out_only_after_somebody_switched_it_on(store: Store) -> None:
    with store.writing() as session:
        assert sending.switch(session) == sending.Switch()
        assert not sending.switch(session).is_on

        sending.set_switch(session, is_on=True, at=NINE, by="王 老师")
        sending.set_switch(session, is_on=True, at=NINE + MINUTE, by="李")  # changes nothing: it is on since nine

        assert sending.switch(session) == sending.Switch(is_on=True, by="王 老师", at=NINE)
        sending.set_switch(session, is_on=False, at=NINE + MINUTE, by="李")
        assert sending.switch(session) == sending.Switch(is_on=False, by="李", at=NINE + MINUTE)


def test_a_halt_lasts_until_somebody_switches_on_again(store: Store) -> None:
    with store.writing() as session:
        sending.set_switch(session, is_on=True, at=NINE, by="王")
        sending.halt(session, "发件地址与登录账号不一致")
        assert sending.halted_because(session) == "发件地址与登录账号不一致"

        sending.set_switch(session, is_on=True, at=NINE + MINUTE, by="王")

        assert sending.halted_because(session) == ""
