"""One conversation: whatever the server does, it is known whether the mail surely went, surely did not, or may have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ingest.posting.server import Fate, hand_over, log_in
from tests.servers.rude_smtp import CLOSE, TAKE_AND_CLOSE, RudeSmtp, running_rude_smtp

DATA = b"Subject: x\r\n\r\n.\r\n..\r\nbody"
TO = ("unit@example.org", "head@example.org")


@pytest.fixture
def server() -> Iterator[RudeSmtp]:
    with running_rude_smtp() as rude:
        yield rude


def test_a_mail_arrives_with_its_dots(server: RudeSmtp) -> None:
    outcome = hand_over(server.settings(), recipients=TO, data=DATA)

    assert outcome.fate is Fate.ACCEPTED
    (taken,) = server.taken
    assert taken.recipients == TO
    assert taken.data == DATA + b"\r\n"


@pytest.mark.parametrize(
    ("step", "answer", "fate"),
    [
        ("CONNECT", "554 HL:IPB", Fate.REFUSED),
        ("CONNECT", CLOSE, Fate.NOT_GONE),
        ("AUTH", "535 Error: authentication failed", Fate.REFUSED),
        ("MAIL", "553 Mail from must equal authorized user", Fate.REFUSED),
        ("MAIL", CLOSE, Fate.NOT_GONE),
        ("RCPT", "550 User unknown", Fate.REFUSED),
        ("DATA", "554 DT:SPM", Fate.REFUSED),
        ("DATA", CLOSE, Fate.NOT_GONE),
        ("DOT", "554 DT:SPM", Fate.REFUSED),
        ("DOT", CLOSE, Fate.DOUBTFUL),
        ("DOT", TAKE_AND_CLOSE, Fate.DOUBTFUL),
        ("QUIT", CLOSE, Fate.ACCEPTED),
        ("QUIT", "500 what", Fate.ACCEPTED),
    ],
)
def test_every_step_can_be_refused_or_broken_off(server: RudeSmtp, step: str, answer: str, fate: Fate) -> None:
    server.answers[step] = answer

    outcome = hand_over(server.settings(), recipients=TO, data=DATA)

    assert outcome.fate is fate
    if fate is Fate.REFUSED:
        assert str(outcome.reply) == answer
    assert len(server.taken) == (answer == TAKE_AND_CLOSE or fate is Fate.ACCEPTED)


def test_a_line_that_breaks_within_the_mail_has_surely_not_delivered_it(server: RudeSmtp) -> None:
    def hang_up(_: bytes) -> None:
        raise ConnectionResetError

    server.on_body = hang_up
    outcome = hand_over(server.settings(), recipients=TO, data=DATA + b"x" * 20_000_000)

    assert outcome.fate is Fate.NOT_GONE
    assert outcome.was_begun
    assert server.taken == []


def test_a_recipient_who_is_refused_does_not_keep_the_mail_from_the_others(server: RudeSmtp) -> None:
    server.for_recipient[TO[0]] = "550 User unknown"

    outcome = hand_over(server.settings(), recipients=TO, data=DATA)

    assert outcome.fate is Fate.ACCEPTED
    assert [(address, reply.code) for address, reply in outcome.refused] == [(TO[0], 550)]
    assert server.taken[0].recipients == (TO[1],)


def test_nobody_there_means_not_gone() -> None:
    with running_rude_smtp() as gone:
        settings = gone.settings()
    assert hand_over(settings, recipients=TO, data=DATA).fate is Fate.NOT_GONE


def test_a_password_never_crosses_the_network_readably_and_is_never_shown(server: RudeSmtp) -> None:
    outcome = hand_over(replace(server.settings(), host="smtp.example.org"), recipients=TO, data=DATA)
    assert outcome.fate is Fate.NOT_GONE
    assert "readably" in outcome.error

    server.answers["AUTH"] = "535 bad password Qm7xAuthorisation"
    refused = log_in(server.settings())
    assert str(refused.reply) == "535 bad password ***"
    assert "Qm7x" not in repr(server.settings())


def test_an_answer_in_chinese_is_readable_in_either_charset(server: RudeSmtp) -> None:
    server.answers["DOT"] = "554 内容被拒绝"
    assert str(hand_over(server.settings(), recipients=TO, data=DATA).reply) == "554 内容被拒绝"
