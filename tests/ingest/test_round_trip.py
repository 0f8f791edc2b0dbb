"""The whole way of the mail over real servers: in by SMTP, read by IMAP, answered, bounced, reminded, answered late."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path

import pytest

from ingest.application import Application, open_application
from ingest.config import load_config, smtp_settings
from ingest.correspondence import Correspondence
from ingest.mail_jobs import sender_of
from ingest.sender import Step
from rules.calendar import first_working_day
from rules.outgoing import MailKind, MailState, OutgoingMail
from store import contacts, outbox, replies, sending
from tests.parsers.mails import mail, text
from tests.servers.dovecot import PASSWORD, Dovecot, dovecot
from tests.servers.postfix import Postfix, postfix

__all__ = ["dovecot", "postfix"]

ROSTER = """单位名称,类别,邮箱
直溪镇社区教育中心,镇街,zhixi@example.org
薛埠镇社区教育中心,镇街,xuebu@bouncing.example
儒林镇社区教育中心,镇街,rulin@example.org
"""
CONFIG = """
[mailbox]
host = "localhost"
port = {imap_port}
ca_file = "{ca_file}"
username = "{bureau}"
password_file = "password"
[smtp]
host = "127.0.0.1"
port = {smtp_port}
tls = "none"
pace = "0s"
[reminders]
mode = "auto"
stages = ["+1d"]
hours = ["09:00-17:00"]
[[campaign]]
key = "c"
title = "全民终身学习活动"
opens = {opens}
closes = {closes}
roster = "roster.csv"
[[campaign.deliverable]]
key = "plan"
kind = "plan"
due = {due}
"""


class Office:
    """The bureau, with a clock that a test moves; the mail servers' clock is the real one."""

    def __init__(self, application: Application, dovecot: Dovecot, postfix: Postfix) -> None:
        self.application, self._dovecot, self._postfix = application, dovecot, postfix
        self.address = application.config.mailboxes[0].username
        self.post = Correspondence(application)
        self.now = datetime.now(UTC)

    def clock(self) -> datetime:
        return self.now

    def switch_on(self) -> None:
        with self.application.store.writing() as session:
            sending.set_switch(session, is_on=True, at=self.now - timedelta(minutes=1), by="王")

    def unit_sends(self, unit: str, name: str) -> None:
        body = f"{name}全民终身学习活动周工作方案\n" + "一、活动主题：让学习成为一种生活方式。\n" * 20
        raw = mail(text(body), subject=f"{name}工作方案".encode(), sender=unit.encode())
        raw = raw.replace(b"box@example.com", self.address.encode()).replace(b"<1@", f"<{time.time_ns()}@".encode())
        self._deliver(unit, raw)

    def unit_answers(self, unit: str, mail_of_ours: Message, said: str) -> None:
        answer = EmailMessage()
        answer["From"], answer["To"], answer["Subject"] = unit, self.address, f"Re: {mail_of_ours['Subject']}"
        answer["In-Reply-To"], answer["Message-ID"] = mail_of_ours["Message-ID"], f"<{time.time_ns()}@example.com>"
        answer.set_content(said)
        self._deliver(unit, answer.as_bytes())

    def _deliver(self, unit: str, raw: bytes) -> None:
        before = len(self.inbox(self.address))
        with smtplib.SMTP("127.0.0.1", self._postfix.port, timeout=20) as server:
            server.sendmail(unit, [self.address], raw)
        self.wait_for(self.address, before + 1)

    def poll(self) -> None:
        self.application.poll(self.application.config.mailbox_settings(), clock=self.clock)

    def send(self) -> list[Step]:
        settings = smtp_settings(self.application.config)
        assert settings is not None
        sender = sender_of(self.application, self.post, settings, clock=self.clock)
        steps = []
        while (step := sender.send_next()) is not Step.IDLE:
            steps.append(step)
        return steps

    def inbox(self, user: str) -> list[Message]:
        with self._dovecot.client(user) as client:
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
        return [message_from_bytes(one[b"BODY[]"], policy=default) for _, one in sorted(found.items())]

    def wait_for(self, user: str, messages: int) -> list[Message]:
        deadline = time.monotonic() + 60
        while len(found := self.inbox(user)) < messages:
            assert time.monotonic() < deadline, self._postfix.log
            time.sleep(0.2)
        return found

    def mails(self, kind: MailKind) -> dict[str, OutgoingMail]:
        with self.application.store.reading() as session:
            return {one.letter.to[0]: one for one in outbox.mails(session, kinds={kind})}


@pytest.fixture
def office(tmp_path: Path, dovecot: Dovecot, postfix: Postfix) -> Iterator[Office]:
    today = datetime.now(UTC).date()
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    text = CONFIG.format(
        imap_port=dovecot.tls_port,
        ca_file=dovecot.ca_file,
        smtp_port=postfix.port,
        bureau=f"bureau-{time.time_ns()}@126.example",  # the server is one for all tests
        opens=today - timedelta(days=30),
        closes=today + timedelta(days=30),
        due=today - timedelta(days=9),
    )
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    with open_application(load_config(tmp_path / "config.toml")) as application:
        yield Office(application, dovecot, postfix)


def test_a_mail_is_answered_a_reminder_goes_a_bounce_is_known_and_a_late_answer_ends_it(office: Office) -> None:
    office.switch_on()
    office.unit_sends("rulin@example.org", "儒林镇社区教育中心")
    office.now = datetime.now(UTC) + timedelta(minutes=11)
    office.poll()
    office.post.put_receipts(at=office.now)
    assert office.send() == [Step.SENT]

    (theirs,) = office.inbox(office.address)
    (receipt,) = office.wait_for("rulin@example.org", 1)
    assert "【回执】" in receipt["Subject"]
    assert receipt["In-Reply-To"] == theirs["Message-ID"]
    assert receipt["Auto-Submitted"] == "auto-replied"
    assert receipt["From"] == office.address

    office.now = morning_after(office.now)
    office.poll()
    office.post.put_reminders(at=office.now)
    assert set(office.mails(MailKind.REMINDER)) == {"zhixi@example.org", "xuebu@bouncing.example"}
    assert office.send() == [Step.SENT, Step.SENT]
    (reminder,) = office.wait_for("zhixi@example.org", 1)
    assert "【催报】" in reminder["Subject"]

    office.wait_for(office.address, 2)  # the bounce
    office.poll()
    bounced = office.mails(MailKind.REMINDER)["xuebu@bouncing.example"]
    assert (bounced.state, bounced.bounce) == (MailState.SENT, "hard")
    with office.application.store.reading() as session:
        (bounce,) = contacts.bounces(session)
    assert (bounce.address, bounce.outgoing_id) == ("xuebu@bouncing.example", bounced.id)
    assert office.application.judged(at=office.now).unattributed == ()

    office.unit_answers("zhixi@example.org", reminder, "老师您好，我们上周已经发过，请再查一下。")
    office.poll()
    with office.application.store.reading() as session:
        (answer,) = replies.bare_replies(session, since=office.now - timedelta(days=9))
    assert answer.outgoing_id == office.mails(MailKind.REMINDER)["zhixi@example.org"].id

    office.unit_sends("zhixi@example.org", "直溪镇社区教育中心")
    office.now += timedelta(minutes=30)
    office.poll()
    office.post.put_reminders(at=office.now)
    assert office.send() == []
    assert {one.state for one in office.mails(MailKind.REMINDER).values()} == {MailState.SENT}
    assert len(office.inbox("zhixi@example.org")) == 1


def test_an_arrival_takes_back_the_approved_reminder_that_waits_for_it(office: Office) -> None:
    office.switch_on()
    office.now = morning_after(datetime.now(UTC))
    office.poll()
    office.post.put_reminders(at=office.now)
    assert office.mails(MailKind.REMINDER)["zhixi@example.org"].state is MailState.APPROVED

    office.unit_sends("zhixi@example.org", "直溪镇社区教育中心")
    office.poll()

    taken_back = office.mails(MailKind.REMINDER)["zhixi@example.org"]
    assert (taken_back.state, taken_back.skipped_because) == (
        MailState.SKIPPED,
        "所列材料已有来件，按最新情况重拟",
    )


def morning_after(moment: datetime) -> datetime:
    """Ten in the morning of the next working day, in China."""
    day: date = first_working_day((moment + timedelta(hours=8)).date() + timedelta(days=1))
    return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
