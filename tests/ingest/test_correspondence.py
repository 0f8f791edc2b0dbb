"""What mail an installation owes whom, with a real store: what came is put there as the pipeline does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest.application import Application, open_application
from ingest.check import _calendar, _guarded, _letters
from ingest.config import load_config
from ingest.correspondence import Correspondence
from rules.answering import TOGETHER, Arrival
from rules.calendar import LAST_KNOWN_YEAR
from rules.errors import ConfigError
from rules.outgoing import Letter, MailKind, MailState, OutgoingMail
from rules.reconsidering import FRESH, Verdict
from store import claims, contacts, decisions, extractions, messages, outbox, passes, replies, sending
from store.contacts import Bounce, BounceKind
from store.messages import StoredPart
from tests.rules.arrivals import arrival
from tests.rules.cases import moment

ROSTER = """单位名称,类别,上级单位,邮箱,联系人,电话
直溪镇社区教育中心,镇街,,town@example.org,王主任,
直溪中学,学校,直溪镇社区教育中心,zhixi@example.org,李晓,0000-1
薛埠小学,学校,,,张华,0000-2
"""
CONFIG = """
[mailbox]
host = "127.0.0.1"
tls = "none"
username = "box@example.org"
[smtp]
host = "127.0.0.1"
tls = "none"
address = "box@example.org"
[[campaign]]
key = "2023"
title = "某区2023年全民终身学习活动"
opens = 2023-10-12
closes = 2023-12-31
roster = "roster.csv"
[[campaign.deliverable]]
key = "plan"
kind = "plan"
due = 2023-10-30
[[campaign.deliverable]]
key = "summary"
kind = "summary"
due = 2023-11-20
[reminders]
coordinator = "boss@example.org"
"""
ACCOUNT = "box@example.org@127.0.0.1"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    yield from opened(tmp_path)


def opened(folder: Path, more: str = "") -> Iterator[Office]:
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (folder / "config.toml").write_text(CONFIG + more, encoding="utf-8")
    with open_application(load_config(folder / "config.toml")) as application:
        yield Office(application)


class Office:
    """An installation in which time passes."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.post = Correspondence(application)
        self.uid = 0

    def read_mailbox(self, at: datetime, *arrivals: Arrival) -> None:
        with self.application.store.writing() as session:
            number = passes.begin_pass(session, began_at=at, source=self.application.accounts[0])
            for one in arrivals:
                self._keep(session, one)
            passes.end_pass(session, number, ended_at=at, is_complete=True)

    def _keep(self, session, one: Arrival) -> None:
        self.uid += 1
        message = one.message
        facts = {"account": ACCOUNT, "folder": "INBOX", "uidvalidity": 1, "uid": self.uid}
        messages.keep_message(session, **facts, internaldate=message.received_at, sha256=message.sha256, size_bytes=1)
        parts = [
            StoredPart(
                path=item.path,
                filename=item.filename,
                declared_type="application/msword",
                sha256=item.extraction.sha256,
                size_bytes=1,
            )
            for item in message.items
        ]
        messages.save_decoded(session, message.sha256, message.envelope, "", parts)
        for item in message.items:
            extractions.save(session, item.extraction.sha256, item.filename, 1, item.extraction)
        claims.replace_placement(session, message.sha256, one.placement)
        messages.mark_read(session, message.sha256, parser_version=1, received_at=message.received_at)

    def switch_on(self, at: datetime) -> None:
        with self.application.store.writing() as session:
            sending.set_switch(session, is_on=True, at=at, by="coordinator")

    def decide(self, action: str, unit: str, at: datetime, until: datetime | None = None) -> None:
        with self.application.store.writing() as session:
            facts = {"author": "coordinator", "reason": "经电话核实", "decided_at": at}
            decisions.append(session, action=action, unit=unit, until=until, **facts)

    def approve_drafts(self, at: datetime) -> None:
        with self.application.store.writing() as session:
            waiting = outbox.mails(session, states={MailState.DRAFT})
            outbox.approve(session, {mail.id: mail.version for mail in waiting}, at=at, by="coordinator")

    def send_everything(self, at: datetime) -> None:
        self.approve_drafts(at)
        with self.application.store.writing() as session:
            for mail in outbox.mails(session, states={MailState.APPROVED}):
                claim = sending.claim(session, mail, at=at)
                assert claim is not None
                sending.mark_sent(session, claim, at=at)

    def letters(self, *kinds: MailKind, states: tuple[MailState, ...] = ()) -> list[Letter]:
        return [mail.letter for mail in self.mails(*kinds, states=states)]

    def mails(self, *kinds: MailKind, states: tuple[MailState, ...] = ()) -> tuple[OutgoingMail, ...]:
        with self.application.store.reading() as session:
            return outbox.mails(session, kinds=kinds, states=states)

    def verdict(self, mail: OutgoingMail, at: datetime) -> Verdict:
        with self.application.store.reading() as session:
            return self.post.reconsider(session, mail, at=at).verdict


OVERDUE = moment(10, 31)
AT_END = moment(12, 1).replace(year=LAST_KNOWN_YEAR + 1)


def test_reminders_wait_as_drafts_and_are_planned_once(office):
    office.read_mailbox(OVERDUE)
    planned, put = office.post.put_reminders(at=OVERDUE)
    assert [letter.to for letter in planned.letters] == [("town@example.org",), ("zhixi@example.org",)]
    assert {mail.state for mail in put} == {MailState.DRAFT}
    assert {one.unit: one.reason.value for one in planned.plan.withheld} == {"薛埠小学": "no_address"}
    again, nothing = office.post.put_reminders(at=OVERDUE + timedelta(hours=1))
    assert (again.letters, nothing) == ((), ())
    assert {one.reason.value for one in again.plan.withheld} == {"sent", "no_address"}


def test_a_draft_that_a_newer_letter_replaces_is_taken_back(office):
    office.read_mailbox(OVERDUE)
    office.post.put_reminders(at=OVERDUE)
    later = moment(11, 2)
    office.read_mailbox(later)
    office.post.put_reminders(at=later)
    assert [letter.stage for letter in office.letters(MailKind.REMINDER, states=(MailState.DRAFT,))] == ["+3d", "+3d"]
    assert len(office.letters(states=(MailState.SKIPPED,))) == 2


def test_later_reminders_answer_the_first(office):
    office.read_mailbox(OVERDUE)
    first, _ = office.post.put_reminders(at=OVERDUE)[1]
    office.send_everything(OVERDUE)
    later = moment(11, 2)
    office.read_mailbox(later)
    second, _ = office.post.put_reminders(at=later)[1]
    assert (first.letter.in_reply_to, second.letter.in_reply_to) == ("", first.message_id)
    assert second.letter.references == (first.message_id,)


def test_a_reminder_is_judged_again_when_it_is_to_go(office):
    office.read_mailbox(OVERDUE)
    office.post.put_reminders(at=OVERDUE)
    mail = next(mail for mail in office.mails() if mail.letter.to == ("zhixi@example.org",))
    soon = OVERDUE + timedelta(minutes=30)
    assert office.verdict(mail, soon) is Verdict.SEND
    assert office.verdict(mail, OVERDUE + timedelta(hours=6)) is Verdict.WAIT, "the mailbox was not read lately"
    office.read_mailbox(soon, arrival(soon))
    assert office.verdict(mail, soon + timedelta(minutes=1)) is Verdict.SKIP


def test_a_reminder_approved_after_the_campaign_has_ended_does_not_go(office):
    office.read_mailbox(OVERDUE)
    office.post.put_reminders(at=OVERDUE)
    office.approve_drafts(OVERDUE)
    long_after = moment(12, 20) + timedelta(days=90)
    office.read_mailbox(long_after)
    assert {office.verdict(mail, long_after) for mail in office.mails()} == {Verdict.SKIP}


def test_a_muted_unit_and_an_address_that_comes_back_get_nothing(office):
    office.read_mailbox(OVERDUE)
    office.decide("mute", "直溪镇社区教育中心", OVERDUE)
    with office.application.store.writing() as session:
        letter = Letter(kind=MailKind.DIGEST, campaign="2023", to=("x@y.z",), subject="s", text="t", dedupe_key="k")
        mail = outbox.enqueue(session, letter, at=OVERDUE, domain="example.org")
        for number in ("1", "2"):
            facts = {"outgoing_id": mail.id, "at": OVERDUE, "kind": BounceKind.HARD, "reason": "550"}
            contacts.record_bounce(session, Bounce(message_sha256=number, address="zhixi@example.org", **facts))
    planned, _ = office.post.put_reminders(at=OVERDUE)
    assert planned.letters == ()
    assert [one.reason.value for one in planned.plan.withheld] == ["muted", "bounced", "no_address"]


def test_outside_every_campaign_nobody_is_reminded(office):
    long_after = moment(12, 20) + timedelta(days=90)
    office.read_mailbox(long_after)
    planned, put = office.post.put_reminders(at=long_after)
    assert put == ()
    assert {one.reason.value for one in planned.plan.withheld} == {"nothing_owed"}


def test_before_a_person_switches_sending_on_nobody_is_answered(office):
    came = moment(10, 20)
    office.read_mailbox(moment(10, 21), arrival(came))
    assert office.post.put_receipts(at=moment(10, 21)) == ()
    office.switch_on(moment(10, 21))
    assert office.post.put_receipts(at=moment(10, 22)) == (), "what came before is old mail"
    office.read_mailbox(moment(10, 23), arrival(moment(10, 22)))
    assert [mail.letter.to for mail in office.post.put_receipts(at=moment(10, 23))] == [("zhixi@example.org",)]
    assert office.post.put_receipts(at=moment(10, 24)) == ()


def test_a_receipt_tells_what_the_store_knows(office):
    office.switch_on(moment(10, 20))
    came = moment(10, 28)
    office.read_mailbox(came + TOGETHER, arrival(came, files=("方案.docx",)))
    (mail,) = office.post.put_receipts(at=came + TOGETHER)
    assert "方案.docx：工作方案" in mail.letter.text
    assert "已收齐：工作方案（按时）。" in mail.letter.text
    assert "还需报送——11月20日24时前：活动总结。" in mail.letter.text
    assert mail.letter.text.startswith("直溪中学李晓老师：")
    assert mail.message_id.endswith("@example.org>")


def test_a_receipt_that_waited_while_more_came_is_written_anew(office):
    office.switch_on(moment(10, 20))
    first, second = moment(10, 28), moment(10, 28, 11)
    office.read_mailbox(first + TOGETHER, arrival(first, kind="summary"))
    (draft,) = office.post.put_receipts(at=first + TOGETHER)
    assert office.verdict(draft, second) is Verdict.SEND
    office.read_mailbox(second + TOGETHER, arrival(second))
    assert office.verdict(draft, second + TOGETHER) is Verdict.REPLAN
    with office.application.store.writing() as session:
        outbox.skip(session, [draft.id], at=second + TOGETHER, because="已有变化")
    (together,) = office.post.put_receipts(at=second + TOGETHER)
    assert len(together.letter.answers) == 2
    assert "还需报送" not in together.letter.text


def test_what_goes_to_the_coordinator_is_not_judged_again(office):
    office.switch_on(moment(10, 20))
    office.read_mailbox(moment(10, 26, 8), arrival(moment(10, 25, 16)))
    (digest,) = office.post.put_to_coordinator(at=moment(10, 26, 9))
    assert office.verdict(digest, moment(10, 29)) is Verdict.SEND


def test_in_auto_mode_mail_goes_without_a_person_once_sending_is_switched_on(tmp_path):
    for office in opened(tmp_path, 'mode = "auto"\n'):
        office.read_mailbox(OVERDUE)
        _, put = office.post.put_reminders(at=OVERDUE)
        assert {mail.state for mail in put} == {MailState.DRAFT}
        office.switch_on(OVERDUE)
        later = moment(11, 2)
        office.read_mailbox(later)
        _, put = office.post.put_reminders(at=later)
        assert {(mail.state, mail.approved_by) for mail in put} == {(MailState.APPROVED, "auto")}


@pytest.mark.parametrize("mode", ["approve", "off"])
def test_what_the_configuration_let_go_stays_here_once_it_lets_nothing_go_any_more(tmp_path, mode):
    for office in opened(tmp_path, 'mode = "auto"\n'):
        office.switch_on(OVERDUE)
        office.read_mailbox(OVERDUE)
        office.post.put_reminders(at=OVERDUE)
    soon = OVERDUE + timedelta(minutes=10)
    for office in opened(tmp_path, f'mode = "{mode}"\n'):
        waiting = office.mails(states=(MailState.APPROVED,))
        assert waiting
        assert {office.verdict(mail, soon) for mail in waiting} == {Verdict.REPLAN}


def test_receipts_can_be_left_out(tmp_path):
    for office in opened(tmp_path, "receipts = false\n"):
        office.switch_on(moment(10, 20))
        office.read_mailbox(moment(10, 29), arrival(moment(10, 28)))
        assert office.post.put_receipts(at=moment(10, 29)) == ()


def test_a_loop_ends_with_a_word_to_the_coordinator(office):
    office.switch_on(moment(10, 13))
    start = moment(10, 13, 12)
    for number in range(8):
        now = start + timedelta(hours=number)
        office.read_mailbox(now, arrival(now, files=("同一份.docx",)))
        office.post.put_receipts(at=now + TOGETHER)
        office.send_everything(now + TOGETHER)
    assert len(office.letters(MailKind.RECEIPT)) == 3
    (alarm,) = office.letters(MailKind.ALARM)
    assert alarm.to == ("boss@example.org",)
    assert "zhixi@example.org" in alarm.text


def test_the_digest_comes_once_on_a_working_morning_when_something_has_changed(office):
    office.switch_on(moment(10, 20))
    came = moment(10, 25, 16)
    office.read_mailbox(moment(10, 26, 8), arrival(came))
    assert office.post.put_to_coordinator(at=moment(10, 26, 8)) == (), "half an hour early"
    (mail,) = office.post.put_to_coordinator(at=moment(10, 26, 8, 30))
    assert mail.letter.subject == "【报送日报】10月26日：新报齐 1 项"
    assert "新报齐：直溪中学（工作方案）" in mail.letter.text
    assert (mail.letter.to, mail.state) == (("boss@example.org",), MailState.APPROVED)
    office.send_everything(moment(10, 26, 8, 31))
    assert office.post.put_to_coordinator(at=moment(10, 26, 9)) == ()
    office.read_mailbox(moment(10, 27, 9))
    assert office.post.put_to_coordinator(at=moment(10, 27, 9)) == (), "nothing has changed"
    office.read_mailbox(moment(10, 28, 9), arrival(moment(10, 27, 20), unit="直溪镇社区教育中心"))
    assert office.post.put_to_coordinator(at=moment(10, 28, 9)) == (), "a Saturday"
    office.read_mailbox(moment(10, 30, 9))
    (monday,) = office.post.put_to_coordinator(at=moment(10, 30, 9))
    assert "直溪镇社区教育中心（工作方案）" in monday.letter.text


def test_the_digest_tells_of_answers_that_bring_no_material(office):
    office.switch_on(moment(10, 25, 8))
    office.read_mailbox(moment(10, 26, 8), arrival(moment(10, 25, 16)))
    (receipt,) = office.post.put_receipts(at=moment(10, 26, 8))
    assert office.post.put_to_coordinator(at=moment(10, 26, 9)) != ()
    with office.application.store.writing() as session:
        replies.record_reply(session, "d" * 64, [receipt.message_id], at=moment(10, 26, 15))
    office.read_mailbox(moment(10, 27, 8))
    put = office.post.put_to_coordinator(at=moment(10, 27, 9))
    (digest,) = (mail for mail in put if mail.letter.kind is MailKind.DIGEST)
    assert "单位答复来信 1 封" in digest.letter.text
    assert "单位答复来信 1 封" in digest.letter.html


def test_the_coordinator_hears_nothing_before_sending_is_switched_on(office):
    office.read_mailbox(moment(10, 26, 9), arrival(moment(10, 25)))
    office.send_everything(moment(10, 26, 8, 31))
    assert office.post.put_to_coordinator(at=moment(10, 26, 9)) == ()


def test_a_mailbox_that_is_not_read_for_two_hours_raises_one_alarm_for_each_outage(office):
    office.switch_on(moment(10, 26, 14))
    read = moment(10, 26, 15)
    office.read_mailbox(read)

    def alarms(at: datetime) -> list[str]:
        return [mail.letter.subject for mail in office.post.put_to_coordinator(at=at) if mail.letter.kind == "alarm"]

    assert alarms(read + FRESH) == []
    assert alarms(read + FRESH + timedelta(minutes=5)) == ["【系统告警】报送邮箱已 2 小时 5 分未能读取"]
    assert alarms(read + 2 * FRESH) == []
    office.read_mailbox(moment(10, 26, 20))
    assert len(alarms(moment(10, 26, 23))) == 1


def test_mail_that_may_go_and_does_not_raises_an_alarm(office):
    office.switch_on(moment(10, 31, 8))
    office.read_mailbox(moment(10, 31, 14))
    office.post.put_reminders(at=moment(10, 31, 14))
    office.approve_drafts(moment(10, 31, 14))
    with office.application.store.writing() as session:
        for mail in outbox.mails(session, states={MailState.APPROVED}):
            sending.put_off(session, mail, until=moment(10, 31, 15), because="未能连上发信服务器：timed out")

    def alarms(at: datetime) -> list[Letter]:
        office.read_mailbox(at)
        return [mail.letter for mail in office.post.put_to_coordinator(at=at) if mail.letter.kind == "alarm"]

    assert alarms(moment(10, 31, 15)) == []
    (alarm,) = alarms(moment(10, 31, 16, 30))
    assert "有 2 封邮件未能发出" in alarm.subject
    assert "原因：未能连上发信服务器：timed out" in alarm.text
    assert alarms(moment(10, 31, 16, 45)) == []


def test_a_halt_that_the_sender_has_told_is_not_told_again_as_mail_that_does_not_go(office):
    office.switch_on(moment(10, 31, 8))
    office.read_mailbox(moment(10, 31, 14))
    office.post.put_reminders(at=moment(10, 31, 14))
    office.approve_drafts(moment(10, 31, 14))
    with office.application.store.writing() as session:
        sending.halt(session, "553 发件人与登录账号不一致")
    office.read_mailbox(moment(10, 31, 16, 30))
    put = office.post.put_to_coordinator(at=moment(10, 31, 16, 30))
    assert [mail.letter.kind for mail in put if mail.letter.kind is MailKind.ALARM] == []


def test_the_phone_list_names_whom_mail_does_not_reach(office):
    office.read_mailbox(OVERDUE)
    with office.application.store.reading() as session:
        _, found = office.post.calls(session, at=OVERDUE)
    assert [(call.unit.name, call.cause.value) for call in found] == [("薛埠小学", "no_address")]


def test_broken_templates_are_told_at_start(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "receipt.txt.j2").write_text("{{ nummer }}", encoding="utf-8")
    with pytest.raises(ConfigError, match="'nummer' is undefined"):
        next(opened(tmp_path, '[letters]\nfolder = "own"\n'))


def test_check_tells_of_broken_templates_and_of_the_calendars_end(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "receipt.txt.j2").write_text("{{ nummer }}", encoding="utf-8")
    (tmp_path / "config.toml").write_text(CONFIG + '[letters]\nfolder = "own"\n', encoding="utf-8")
    config = load_config(tmp_path / "config.toml")
    found = [(one.name, one.verdict.value) for look in (_letters, _calendar) for one in _guarded(look, config, AT_END)]
    assert found == [("letters", "failed"), ("calendar", "warning")]
