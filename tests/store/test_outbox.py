"""The outbox on both databases: nothing is planned twice, nothing changed behind somebody's back, nothing forgotten."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace

from rules.outgoing import MailKind, MailState
from store import outbox, sending
from store.engine import Store
from tests.store.outgoing import MINUTE, NINE, claimed, item, letter, put


def test_a_letter_comes_back_as_it_was_planned(store: Store) -> None:
    with store.writing() as session:
        put(session)
    with store.reading() as session:
        (mail,) = outbox.mails(session)

    assert mail.letter == letter()
    assert (mail.state, mail.created_at, mail.attempts, mail.version) == (MailState.DRAFT, NINE, 0, 0)
    assert re.fullmatch(r"<reminder\.[0-9a-f]{16}\.[0-9a-f]{16}@126\.example>", mail.message_id)


def test_a_letter_of_the_same_key_is_kept_once_whatever_became_of_the_first(store: Store) -> None:
    with store.writing() as session:
        mail = put(session)
        assert outbox.enqueue(session, letter(subject="另一封"), at=NINE, domain="126.example") is None
        outbox.discard(session, {mail.id: mail.version}, at=NINE, by="王")
        assert outbox.enqueue(session, letter(), at=NINE, domain="126.example") is None
        assert put(session, "two").message_id != mail.message_id


def test_a_letter_planned_in_a_transaction_that_fails_was_never_planned(store: Store) -> None:
    with contextlib.suppress(RuntimeError), store.writing() as session:
        put(session)
        raise RuntimeError
    with store.reading() as session:
        assert outbox.mails(session) == ()


def test_only_those_drafts_are_approved_that_are_still_what_was_seen(store: Store) -> None:
    with store.writing() as session:
        one, two, three = (put(session, key) for key in ("one", "two", "three"))
        outbox.discard(session, {two.id: 0}, at=NINE, by="李")

        done = outbox.approve(session, {one.id: 0, two.id: 0, three.id: 7, 99: 0}, at=NINE + MINUTE, by="王")

        assert done == {one.id}
        approved = outbox.find(session, one.id)
        assert approved is not None
        assert (approved.approved_by, approved.approved_at, approved.version) == ("王", NINE + MINUTE, 1)
        assert outbox.counts(session) == {
            **dict.fromkeys(MailState, 0),
            MailState.APPROVED: 1,
            MailState.DISCARDED: 1,
            MailState.DRAFT: 1,
        }


def test_every_state_is_on_record_with_who_and_why(store: Store) -> None:
    with store.writing() as session:
        mail = put(session)
        outbox.approve(session, {mail.id: 0}, at=NINE, by="王")
        outbox.skip(session, [mail.id], at=NINE + MINUTE, because="所列材料均已报齐")
        changes = outbox.history(session, mail.id)

    assert [(change.state, change.author, change.note) for change in changes] == [
        (MailState.DRAFT, "", ""),
        (MailState.APPROVED, "王", ""),
        (MailState.SKIPPED, "", "所列材料均已报齐"),
    ]


def test_what_is_being_sent_or_was_sent_cannot_be_taken_back(store: Store) -> None:
    with store.writing() as session:
        held, sent = claimed(session, "one"), claimed(session, "two")
        sending.mark_sent(session, sent, at=NINE)
        now = {mail.id: mail.version for mail in outbox.mails(session)}

        assert outbox.discard(session, now, at=NINE, by="王") == frozenset()
        assert outbox.skip(session, now, at=NINE, because="已报") == frozenset()
        assert outbox.approve(session, now, at=NINE, by="王") == frozenset()
        assert outbox.release_again(session, now, at=NINE, by="王") == frozenset()
        assert held.mail.state is MailState.SENDING


def test_an_arrival_takes_back_the_waiting_reminders_that_speak_of_it_and_no_others(store: Store) -> None:
    with store.writing() as session:
        concerned = put(session, "one", is_approved=True)
        put(session, "two", items=(item(deliverable="plan"),))
        put(session, "three", items=(item(unit="薛埠镇"),))
        put(session, "four", campaign="2024")
        put(session, "five", kind=MailKind.RECEIPT)
        claimed(session, "six")

        settled = frozenset({("直溪镇", "summary"), ("直溪镇", "evidence")})
        gone = outbox.skip_concerning(session, settled, campaign="2023", at=NINE, because="已收到")

        assert gone == {concerned.id}
        skipped = outbox.find(session, concerned.id)
        assert skipped is not None
        assert (skipped.state, skipped.skipped_because) == (MailState.SKIPPED, "已收到")

        everything = outbox.skip_concerning(
            session, frozenset({("直溪镇", "")}), campaign=None, at=NINE, because="免报"
        )
        assert len(everything) == 2


def test_a_person_lets_an_unknown_mail_go_again_under_the_same_message_id(store: Store) -> None:
    with store.writing() as session:
        held = claimed(session)
        sending.mark_unknown(session, held, at=NINE, error="连接中断")
        (mail,) = outbox.mails(session, states={MailState.UNKNOWN})

        assert outbox.release_again(session, {mail.id: mail.version}, at=NINE, by="王") == {mail.id}

        again = outbox.find(session, mail.id)
        assert again is not None
        assert (again.state, again.message_id, again.attempts) == (MailState.APPROVED, held.mail.message_id, 0)


def test_mails_are_found_by_state_kind_campaign_and_page(store: Store) -> None:
    with store.writing() as session:
        for number in range(5):
            put(session, str(number), kind=MailKind.RECEIPT if number == 3 else MailKind.REMINDER)
        put(session, "other", campaign="2024", is_approved=True)

        assert len(outbox.mails(session)) == 6
        assert [mail.letter.dedupe_key for mail in outbox.mails(session, kinds={MailKind.RECEIPT})] == ["3"]
        assert [mail.letter.campaign for mail in outbox.mails(session, states={MailState.APPROVED})] == ["2024"]
        assert [mail.letter.dedupe_key for mail in outbox.mails(session, campaign="2023", limit=2, offset=1)] == [
            "1",
            "2",
        ]


def test_our_message_ids_are_known_as_ours_and_nobody_elses(store: Store) -> None:
    with store.writing() as session:
        mail = put(session)

        assert outbox.is_ours(session, mail.message_id)
        assert outbox.find_by_message_id(session, mail.message_id) == mail
        forged = mail.message_id.replace("<reminder.", "<reminder.0")
        for other in (forged, "<a@example.org>", "", "<..@x>", "<é.é@x>"):
            assert not outbox.is_ours(session, other)
            assert outbox.find_by_message_id(session, other) is None


def test_a_letter_may_hold_what_a_stranger_wrote(store: Store) -> None:
    odd = letter(subject="题目\0\ud800", text="x" * 10_000, dedupe_key="k" * 5_000, in_reply_to="<" + "y" * 4_000 + ">")
    with store.writing() as session:
        mail = outbox.enqueue(session, odd, at=NINE, domain="126.example")

    assert mail is not None
    assert mail.letter == replace(odd, subject="题目\ufffd\ufffd")
