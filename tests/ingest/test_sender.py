"""What becomes of a mail, whatever the server says: at most once, and never silently lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.sender import AT_ONCE
from rules.errors import NetworkError
from rules.outgoing import MailKind, MailState, OutgoingMail
from rules.reconsidering import Judgement, Verdict
from store import contacts, sending
from store.engine import open_store
from tests.ingest.posting.outbox import SEND, Post
from tests.servers.rude_smtp import CLOSE, TAKE_AND_CLOSE, RudeSmtp, running_rude_smtp
from tests.store.outgoing import NINE, claimed, put


@pytest.fixture
def server() -> Iterator[RudeSmtp]:
    with running_rude_smtp() as rude:
        yield rude


@pytest.fixture
def post(tmp_path: Path, server: RudeSmtp) -> Iterator[Post]:
    with closing(open_store(f"sqlite:///{tmp_path}/baosong.db")) as store:
        post = Post(store=store, settings=server.settings())
        post.switch_on()
        yield post


def test_nothing_goes_before_somebody_switched_it_on(tmp_path: Path, server: RudeSmtp) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/new.db")) as store:
        post = Post(store=store, settings=server.settings())
        post.approve("one")
        assert post.send_all() == []
        post.switch_on()
        assert post.send_all() == ["sent"]
    assert len(server.taken) == 1


def test_a_mail_goes_once_to_everybody_who_is_named(post: Post, server: RudeSmtp) -> None:
    post.approve("one")

    assert post.send_all() == ["sent"]
    assert post.send_all() == []
    (taken,) = server.taken
    mail = post.mails()["one"]
    assert (mail.state, mail.sent_at, mail.attempts) == (MailState.SENT, NINE, 1)
    assert taken.recipients == ("unit@example.org", "town@example.org")
    assert taken.message_id == mail.message_id


def test_a_draft_never_goes(post: Post, server: RudeSmtp) -> None:
    with post.store.writing() as session:
        put(session, "draft")
    assert post.send_all() == []
    assert server.connections == 0


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.SKIP, MailState.SKIPPED),
        (Verdict.REPLAN, MailState.SKIPPED),
        (Verdict.WAIT, MailState.APPROVED),
        (Verdict.SEND, MailState.SENT),
    ],
)
def test_a_mail_is_judged_again_at_the_moment_of_sending(
    post: Post, server: RudeSmtp, verdict: Verdict, state: MailState
) -> None:
    post.verdicts["one"] = Judgement(verdict=verdict, because="所列材料均已报齐")
    post.approve("one", "two")

    post.send_all()

    assert post.states() == {"one": state, "two": MailState.SENT}
    mail = post.mails()["one"]
    if verdict is not Verdict.SEND:
        assert "所列材料均已报齐" in (mail.skipped_because, mail.last_error)
    if verdict is Verdict.WAIT:
        post.verdicts.clear()
        post.wait(minutes=10)
        assert post.send_all() == ["sent"]


def test_a_mail_that_cannot_be_judged_waits_and_the_next_one_goes(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def judge(_self: Post, _session: object, mail: OutgoingMail, _at: object) -> Judgement:
        if mail.letter.dedupe_key == "one":
            raise KeyError("defect")
        return SEND

    monkeypatch.setattr(Post, "judge", judge)
    post.approve("one", "two")

    assert post.send_all() == ["sent"]
    assert post.states() == {"one": MailState.APPROVED, "two": MailState.SENT}
    assert "could not be judged" in caplog.text


def test_the_pace_holds_for_all_senders_together(post: Post) -> None:
    post.settings = replace(post.settings, pace=timedelta(seconds=25))
    post.approve("one", "two")

    assert post.send_all() == ["sent"]
    post.wait(seconds=24)
    assert post.send_all() == []
    post.wait(seconds=1)
    assert post.send_all() == ["sent"]


def test_the_daily_limit_holds_mail_to_units_until_tomorrow_but_not_notes_to_the_coordinator(post: Post) -> None:
    post.daily_limit = 2
    post.approve("one", "two", "three")
    post.approve("note", kind=MailKind.ALARM)

    assert post.send_all() == ["sent", "sent", "sent"]
    assert post.states()["three"] is MailState.APPROVED
    post.wait(hours=15)
    assert post.send_all() == ["sent"]


def test_one_address_gets_only_so_many_mails_a_day(post: Post) -> None:
    post.settings = replace(post.settings, per_recipient_limit=2)
    post.approve("one", "two", "three")
    post.approve("other", to=("other@example.org",))

    assert post.send_all() == ["sent"] * 3
    assert post.states()["three"] is MailState.APPROVED


@pytest.mark.parametrize(
    ("step", "answer", "state", "wait"),
    [
        ("DOT", "554 DT:SPM 126 smtp", MailState.FAILED, None),
        ("DOT", "451 DT:SPM 126 smtp", MailState.APPROVED, timedelta(minutes=2)),
        ("DATA", "451 MI:SFQ 126 smtp", MailState.APPROVED, timedelta(minutes=15)),
        ("MAIL", "550 MI:STC 126 smtp", MailState.APPROVED, timedelta(hours=16)),
        ("RCPT", "550 Ip frequency limited", MailState.APPROVED, timedelta(hours=1)),
        ("CONNECT", "421 HL:ICC", MailState.APPROVED, timedelta(minutes=30)),
        ("CONNECT", CLOSE, MailState.APPROVED, timedelta(minutes=2)),
        ("DOT", CLOSE, MailState.UNKNOWN, None),
        ("DOT", TAKE_AND_CLOSE, MailState.UNKNOWN, None),
    ],
)
def test_each_answer_has_its_consequence_and_nothing_doubtful_goes_twice(
    post: Post, server: RudeSmtp, step: str, answer: str, state: MailState, wait: timedelta | None
) -> None:
    server.answers[step] = answer
    post.approve("one")
    post.send_all()
    assert post.states()["one"] is state
    assert post.mails()["one"].last_error

    server.answers.clear()
    if wait:
        post.now += wait - timedelta(seconds=1)
        assert post.send_all() == []
        post.wait(seconds=1)
        assert post.send_all() == ["sent"]
    else:
        post.wait(days=2)
        assert post.send_all() == []
    assert len(server.taken) == (wait is not None or answer == TAKE_AND_CLOSE)


def test_what_concerns_the_whole_account_lets_all_mail_wait(post: Post, server: RudeSmtp) -> None:
    server.answers["DOT"] = "451 MI:SFQ 126 smtp"
    post.approve("one", "two")

    assert post.send_all() == ["retry"]
    assert server.connections == 1


def test_a_wrong_account_stops_everything_until_somebody_has_mended_it(post: Post, server: RudeSmtp) -> None:
    server.answers["MAIL"] = "553 Mail from must equal authorized user"
    post.approve("one", "two")

    assert post.send_all() == ["retry", "retry"]  # the mail, and the note about it, which goes the same way

    states = post.states()
    note = next(key for key in states if key.startswith("halt:"))
    assert set(states.values()) == {MailState.APPROVED}
    assert post.mails()[note].letter.to == ("boss@example.org",)
    assert "发件地址须与登录账号一致" in post.mails()[note].letter.text
    server.answers.clear()
    assert post.send_all() == []
    post.wait(hours=1)
    assert post.send_all() == ["sent"]  # the note is tried again, and nothing else
    assert post.states()["one"] is MailState.APPROVED
    post.switch_on()
    assert post.send_all() == ["sent", "sent"]


def test_a_refused_log_in_is_not_tried_for_ever(post: Post, server: RudeSmtp) -> None:
    server.answers["AUTH"] = "535 Error: authentication failed"
    post.approve("one")
    for _ in range(12):
        post.send_all()
        post.wait(hours=2)

    assert server.connections == 1 + 6  # the mail, and the note six times
    assert post.states()["one"] is MailState.APPROVED


def test_five_failures_in_a_row_stop_sending_and_are_told(post: Post, server: RudeSmtp) -> None:
    server.answers["DOT"] = "554 DT:SPM"
    post.approve(*map(str, range(8)))
    post.wait(minutes=1)
    steps = post.send_all()

    assert steps == ["failed"] * 6  # five mails and the note
    states = post.states()
    assert [states[str(number)] for number in range(8)] == [MailState.FAILED] * 5 + [MailState.APPROVED] * 3
    server.answers["DOT"] = "250 OK"
    post.wait(minutes=1)
    post.switch_on()
    assert post.send_all() == ["sent"] * 3


def test_the_note_that_sending_has_stopped_goes_although_many_mails_wait_before_it(
    post: Post, server: RudeSmtp
) -> None:
    post.approve(*(f"mail {number}" for number in range(AT_ONCE + 1)))
    with post.store.writing() as session:
        sending.halt(session, "发件地址须与登录账号一致")
    post.approve("note", kind=MailKind.ALARM)

    assert post.send_all() == ["sent"]
    assert post.states()["note"] is MailState.SENT
    assert len(server.taken) == 1


def test_addresses_that_do_not_exist_are_bounces_and_stop_nobody_elses_mail(post: Post, server: RudeSmtp) -> None:
    server.answers["RCPT"] = "550 5.1.1 User unknown"
    post.approve(*map(str, range(6)), cc=())
    assert post.send_all() == ["failed"] * 6
    server.answers.clear()
    server.for_recipient["town@example.org"] = "550 5.1.1 User unknown"
    post.approve("copy")
    assert post.send_all() == ["sent"]

    with post.store.reading() as session:
        assert contacts.unreachable(session) == {"unit@example.org"}
        assert sending.halted_because(session) == ""


def test_a_server_that_is_away_for_days_costs_no_mail(post: Post, server: RudeSmtp) -> None:
    server.answers["CONNECT"] = CLOSE
    post.approve("one", "two")
    for _ in range(12):
        post.send_all()
        post.wait(hours=6)

    assert set(post.states().values()) == {MailState.APPROVED}
    server.answers.clear()
    post.wait(hours=1)
    assert post.send_all() == ["sent", "sent"]


def test_a_mail_that_breaks_the_line_each_time_is_given_up(post: Post, server: RudeSmtp) -> None:
    server.answers["DATA"] = CLOSE
    post.approve("one")
    server.answers["DATA"] = "451 4.3.0 not this one"
    for _ in range(30):
        post.send_all()
        post.wait(hours=1)

    mail = post.mails()["one"]
    assert (mail.state, mail.attempts) == (MailState.FAILED, 6)


def test_an_address_that_no_header_can_hold_fails_with_a_reason(post: Post, server: RudeSmtp) -> None:
    post.approve("one", to=("学校@example.org",))

    assert post.send_all() == ["failed"]
    assert "学校@example.org" in post.mails()["one"].last_error
    assert server.connections == 0


# After a crash


def leave_claimed(post: Post, *keys: str) -> dict[str, str]:
    """As after a kill between claim and settling. The Message-IDs by key."""
    with post.store.writing() as session:
        return {key: claimed(session, key, at=post.now).mail.message_id for key in keys}


def test_the_sent_folder_decides_what_a_crash_left_open(post: Post, server: RudeSmtp) -> None:
    ids = leave_claimed(post, "there", "not there")
    asked: list[str] = []

    def sent_folder(wanted: object) -> frozenset[str]:
        asked.extend(wanted)  # type: ignore[arg-type,call-overload]  # Message-IDs
        return frozenset({ids["there"]})

    assert post.sender().recover(sent_folder) == 0  # another sender may hold them still
    assert asked == []
    post.wait(minutes=15)
    assert post.sender().recover(sent_folder) == 2

    assert sorted(asked) == sorted(ids.values())
    assert post.states() == {"there": MailState.SENT, "not there": MailState.UNKNOWN}
    assert post.send_all() == []
    assert server.taken == []


def test_an_unknown_mail_that_turns_up_in_the_sent_folder_was_sent(post: Post, server: RudeSmtp) -> None:
    server.answers["DOT"] = TAKE_AND_CLOSE
    post.approve("one")
    post.send_all()
    mail = post.mails()["one"]
    assert mail.state is MailState.UNKNOWN

    assert post.sender().recover(lambda _: frozenset()) == 0
    assert post.sender().recover(frozenset) == 1
    assert post.states()["one"] is MailState.SENT


def test_a_sent_folder_that_cannot_be_read_decides_nothing(post: Post) -> None:
    leave_claimed(post, "one")
    post.wait(hours=1)

    def unreadable(_: object) -> frozenset[str]:
        raise NetworkError

    with pytest.raises(NetworkError):
        post.sender().recover(unreadable)
    assert post.states()["one"] is MailState.SENDING
