"""A sender killed at any step sends nothing twice and loses nothing silently; two at once send each mail once."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.sender import Rules, Sender
from ingest.settings import SmtpSettings
from rules.outgoing import MailState
from store import outbox, sending
from store.engine import Store, open_store
from tests.faults.sending_process import STEPS, _yes, send
from tests.servers.rude_smtp import RudeSmtp, running_rude_smtp
from tests.store.outgoing import put

MAILS = 500
BEFORE_EACH_KILL = 30

Start = Callable[[str, int], BaseProcess]


@pytest.fixture
def server() -> Iterator[RudeSmtp]:
    with running_rude_smtp() as rude:
        yield rude


@pytest.fixture
def settings(server: RudeSmtp) -> SmtpSettings:
    return server.settings(username="", password="", per_recipient_limit=100_000, timeout_seconds=30.0)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/baosong.db"


@pytest.fixture
def start(url: str, settings: SmtpSettings) -> Start:
    """Starts a sender; processes are forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.sending_process"])

    def started(step: str, mails: int) -> BaseProcess:
        process = context.Process(target=send, args=(url, settings, step, mails))
        process.start()
        return process

    return started


def fill(store: Store, mails: int) -> None:
    with store.writing() as session:
        for number in range(mails):
            put(session, str(number), is_approved=True)
        sending.set_switch(session, is_on=True, at=datetime.now(UTC), by="王")


def test_killed_at_every_step_five_hundred_mails_go_once_or_are_known_to_be_doubtful(
    url: str, start: Start, server: RudeSmtp, settings: SmtpSettings
) -> None:
    with closing(open_store(url)) as store:
        fill(store, MAILS)
        kills: Counter[str] = Counter()
        while True:
            step = STEPS[kills.total() % len(STEPS)]
            process = start(step, BEFORE_EACH_KILL)
            process.join(120)
            if process.exitcode == 0:
                break
            assert process.exitcode == -9
            kills[step] += 1
            keeps_copies = kills.total() % 2 == 0  # an option of the account
            taken = frozenset(mail.message_id for mail in server.taken) if keeps_copies else frozenset()
            recover(store, settings, taken)
        with store.reading() as session:
            states = {mail.message_id: mail.state for mail in outbox.mails(session)}

    arrived = Counter(mail.message_id for mail in server.taken)
    assert set(kills) == set(STEPS)
    assert max(arrived.values()) == 1, "a mail went twice"
    assert len(states) == MAILS
    assert set(states.values()) == {MailState.SENT, MailState.UNKNOWN}
    assert {one for one, state in states.items() if state is MailState.SENT} <= set(arrived), "sent is never untrue"
    doubtful = [one for one, state in states.items() if state is MailState.UNKNOWN]
    assert len(doubtful) <= kills.total() - kills["before claim"]
    assert set(states) - set(arrived) <= set(doubtful), "what did not arrive is known to be doubtful"


def recover(store: Store, settings: SmtpSettings, in_sent_folder: frozenset[str]) -> None:
    rules = Rules(zone=ZoneInfo("Asia/Shanghai"))
    sender = Sender(store, settings, rules, judge=_yes, clock=lambda: datetime.now(UTC))
    sender.recover(in_sent_folder.intersection, lasts=timedelta(0))


def test_two_senders_at_once_send_each_mail_once(url: str, start: Start, server: RudeSmtp) -> None:
    with closing(open_store(url)) as store:
        fill(store, 100)
        processes = [start("never", 0) for _ in range(2)]
        for process in processes:
            process.join(120)
            assert process.exitcode == 0
        with store.reading() as session:
            assert outbox.counts(session)[MailState.SENT] == 100

    assert Counter(mail.message_id for mail in server.taken).most_common(1)[0][1] == 1
    assert len(server.taken) == 100
