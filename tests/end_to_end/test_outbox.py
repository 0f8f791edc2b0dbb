"""Mail as an operator lets it go: nothing before it is switched on and approved; the daemon sends, and ends at once."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from rules.outgoing import MailKind, MailState
from store import outbox
from store.engine import open_store
from tests.end_to_end.bureau import Bureau, mailbox_table
from tests.patience import SOON
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix, postfix
from tests.servers.rude import rude_server, say_nothing
from tests.store.outgoing import letter, put

__all__ = ["postfix"]

NOTE = {"kind": MailKind.ALARM, "items": (), "cc": ()}


@pytest.fixture
def office(bureau: Bureau, dovecot: Dovecot, postfix: Postfix) -> Bureau:
    configure(bureau, dovecot, postfix.port)
    bureau.json("poll", "--json")
    return bureau


def configure(bureau: Bureau, dovecot: Dovecot, port: int) -> None:
    smtp = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\naddress = "bureau@126.example"\npace = "0s"\n'
    bureau.configure(mailbox_table(dovecot.settings(f"outbox-{time.time_ns()}")) + smtp)


def plan(bureau: Bureau, *addresses: str) -> None:
    with closing(open_store(f"sqlite:///{bureau.folder}/data/baosong.db")) as store, store.writing() as session:
        for address in addresses:
            put(session, address, to=(address,), **NOTE)


def counts(bureau: Bureau) -> dict[MailState, int]:
    with closing(open_store(f"sqlite:///{bureau.folder}/data/baosong.db")) as store, store.reading() as session:
        return outbox.counts(session)


def inbox(dovecot: Dovecot, user: str) -> int:
    with dovecot.client(user) as client:
        client.select_folder("INBOX", readonly=True)
        return len(client.search())


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def test_nothing_goes_before_it_is_switched_on_and_approved(office: Bureau, dovecot: Dovecot) -> None:
    one, two = (f"{name}-{time.time_ns()}@example.org" for name in ("one", "two"))
    plan(office, one, two)
    listed = office.json("outbox", "list", "--json")
    assert (listed["is_on"], listed["counts"]["draft"]) == (False, 2)
    assert listed["mails"][0]["text"] == letter().text

    office.run("outbox", "send", status=1)
    office.run("outbox", "on", "--by", "王")
    assert office.json("outbox", "approve", "1", "--json") == {"changed": [1], "unchanged": []}
    office.run("outbox", "approve", "77", status=1)
    assert office.json("outbox", "send", "--limit", "9", "--json")["sent"] == 1
    assert office.json("outbox", "discard", "--all", "--json")["changed"] == [2]

    wait_until(lambda: inbox(dovecot, one) == 1)
    assert inbox(dovecot, two) == 0
    assert counts(office)[MailState.SENT] == 1


def test_failed_mail_waits_for_a_persons_word_and_nothing_goes_once_it_is_switched_off(office: Bureau) -> None:
    plan(office, "nobody@example.org")
    office.run("outbox", "on")
    office.run("outbox", "approve", "1")
    assert office.json("outbox", "send", "--limit", "9", "--json")["failed"] == 1

    assert office.json("outbox", "again", "1", "--json") == {"changed": [1], "unchanged": []}
    office.run("outbox", "off")
    office.run("outbox", "send", status=1)
    assert counts(office)[MailState.APPROVED] == 1


def test_the_daemon_sends_what_is_approved(office: Bureau, dovecot: Dovecot) -> None:
    address = f"daemon-{time.time_ns()}@example.org"
    office.run("outbox", "on")
    plan(office, address)
    daemon = office.start("run")
    try:
        office.run("outbox", "approve", "--all")
        wait_until(lambda: inbox(dovecot, address) == 1)
        daemon.send_signal(signal.SIGTERM)
        _, log = daemon.communicate(timeout=90)
    finally:
        daemon.kill()
    assert daemon.returncode == 0, log
    assert "Traceback" not in log


def test_a_server_that_says_nothing_does_not_keep_the_daemon_from_ending(bureau: Bureau, dovecot: Dovecot) -> None:
    with rude_server(say_nothing) as port:
        configure(bureau, dovecot, port)
        bureau.json("poll", "--json")
        bureau.run("outbox", "on")
        plan(bureau, "unit@example.org")
        bureau.run("outbox", "approve", "--all")
        daemon = bureau.start("run")
        try:
            wait_until(lambda: counts(bureau)[MailState.SENDING] == 1)
            asked_at = time.monotonic()
            daemon.send_signal(signal.SIGTERM)
            _, log = daemon.communicate(timeout=90)
        finally:
            daemon.kill()
    assert daemon.returncode == 0, log
    assert time.monotonic() - asked_at < SOON, "the sending waits for the server for a minute"
    assert counts(bureau)[MailState.SENDING] == 1
