"""What mail this installation owes whom: gathers what is known, lets the rules plan, has the letters written.

    reminders(session, at)     receipts(session, at)     digest(session, at)     alarms(session, at)

Each is asked inside the transaction in which its letters are put into the outbox, so that two programs that plan at
once write each letter once. `reconsider` is the same knowledge at the moment of sending. Nothing here sends.

Receipts answer only mail that came after a person switched sending on, and nothing goes to the coordinator before: a
first start on an old mailbox is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from ingest.application import Application, Judged
from ingest.config import Config
from report.letters.digests import alarm_letter, digest_letter, loop_alarm, mailbox_alarm, outbox_alarm
from report.letters.phrases import Bureau, letter_item
from report.letters.receipts import receipt_letter
from report.letters.reminding import reminder_letter
from report.letters.samples import letter_samples
from report.letters.texts import LetterTexts
from rules.answering import Arrival, Receipt, ReceiptPlan, plan_receipts, receipt_of
from rules.assessment import CampaignReport
from rules.calendar import Hours, is_sending_moment
from rules.calling import Call, calls
from rules.campaign import AFTER_CLOSE, Campaign
from rules.digesting import Attention, changes_between, is_digest_due
from rules.errors import ConfigError
from rules.outgoing import Letter, MailKind, MailState, OutgoingMail
from rules.overruling import muted_units, standing
from rules.reconsidering import FRESH, Judgement, Verdict, reconsider
from rules.reminding import Post, Reason, ReminderPlan, ReminderPolicy, Withheld, plan_reminders
from rules.stages import Stage
from store import claims, contacts, decisions, messages, outbox, passes, replies, sending
from store.engine import Session

BY_CONFIGURATION: Final = "auto"
"""Who approved a mail that no person looked at, since `mode = "auto"` says so."""

_TO_UNITS: Final = frozenset({MailKind.REMINDER, MailKind.RECEIPT})
_LOOK_BACK: Final = timedelta(days=30)
_REPLACED: Final = "已由最新一次催报代替"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedReminders:
    """The plan, and the letter of each of its reminders in the same order."""

    report: CampaignReport
    plan: ReminderPlan
    letters: tuple[Letter, ...]


def letter_texts(config: Config) -> LetterTexts:
    """The templates in force. Raises ConfigError with everything that is wrong with the bureau's own."""
    texts = LetterTexts(config.folder / config.letters.folder if config.letters.folder else None)
    problems = texts.problems(letter_samples())
    if problems:
        raise ConfigError(problems)
    return texts


class Correspondence:
    """The mail of one opened installation."""

    def __init__(self, application: Application) -> None:
        """Raises ConfigError with everything that is wrong with the bureau's own templates."""
        self._application = application
        self._texts = letter_texts(application.config)

    @property
    def mode(self) -> str:
        return self._application.config.reminders.mode

    @property
    def address(self) -> str:
        """The address that we write from."""
        config = self._application.config
        names = [config.smtp.sending_address, *(mailbox.username for mailbox in config.mailboxes)]
        return next((name for name in names if "@" in name), "")

    @property
    def policy(self) -> ReminderPolicy:
        table = self._application.config.reminders
        return ReminderPolicy(
            stages=tuple(Stage.parse(stage) for stage in table.stages),
            hours=tuple(Hours.parse(hours) for hours in table.hours),
            escalate_from=Stage.parse(table.escalate_from) if table.escalate_from else None,
            daily_limit=table.daily_limit,
            per_recipient_limit=table.per_recipient_limit,
        )

    # Reminders

    def reminders(self, session: Session, *, at: datetime) -> PlannedReminders:
        report = self._application.judged_in(session, at=at).report
        if not _is_current(report.campaign, at):
            return PlannedReminders(report=report, plan=_silence(report), letters=())
        post = self._post(session, report)
        plan = plan_reminders(report, self.policy, post)
        letters = tuple(
            _in_thread(reminder_letter(one, report, self._bureau, self._texts), post.outbox) for one in plan.reminders
        )
        return PlannedReminders(report=report, plan=plan, letters=letters)

    def put_reminders(self, *, at: datetime) -> tuple[PlannedReminders, tuple[OutgoingMail, ...]]:
        """Plans, and puts the letters into the outbox; drafts that a newer letter replaces are taken back.

        Outside the hours nothing is to be put, and nobody who writes is kept waiting.
        """
        if not is_sending_moment(at, self.policy.hours, self._application.config.zone):
            with self._application.store.reading() as session:
                return self.reminders(session, at=at), ()
        with self._application.store.writing() as session:
            planned = self.reminders(session, at=at)
            outbox.skip(session, planned.plan.superseded, at=at, because=_REPLACED)
            return planned, self._put(session, planned.letters, at=at)

    def reconsider(self, session: Session, mail: OutgoingMail, *, at: datetime) -> Judgement:
        """Is a mail still true at the moment of sending? What goes to the coordinator always is."""
        if mail.letter.kind not in _TO_UNITS:
            return Judgement(verdict=Verdict.SEND)
        if mail.approved_by == BY_CONFIGURATION and self.mode != "auto":
            return Judgement(verdict=Verdict.REPLAN, because="配置已不再允许自动发信，须经人工批准")
        report = self._application.judged_in(session, at=at, campaign_key=mail.letter.campaign).report
        if mail.letter.kind is MailKind.RECEIPT:
            return self._reconsider_receipt(session, mail, report)
        if not _is_current(report.campaign, at):
            return Judgement(verdict=Verdict.SKIP, because="报送任务已结束，不再催报")
        return reconsider(mail, report, self.policy, self._post(session, report), written=letter_item)

    def _reconsider_receipt(self, session: Session, mail: OutgoingMail, report: CampaignReport) -> Judgement:
        """A receipt that waited says what was owed then; written now it might say something else."""
        arrivals = [arrival for sha256 in mail.letter.answers for arrival in _arrival(session, sha256)]
        receipt = replace(receipt_of(mail.letter.to[0], arrivals), dedupe_key=mail.letter.dedupe_key)
        if self._receipt_letter(receipt, report).text == mail.letter.text:
            return Judgement(verdict=Verdict.SEND)
        return Judgement(verdict=Verdict.REPLAN, because="报送情况已有变化，按最新情况重拟回执")

    def _receipt_letter(self, receipt: Receipt, report: CampaignReport) -> Letter:
        roster = self._application.collection(report.campaign.key, at=report.as_of).roster
        return receipt_letter(receipt, report, roster, self._bureau, self._texts)

    def calls(self, session: Session, *, at: datetime) -> tuple[CampaignReport, tuple[Call, ...]]:
        """Whom to telephone."""
        report = self._application.judged_in(session, at=at).report
        return report, calls(report, self.policy, self._post(session, report))

    # Receipts

    def receipts(self, session: Session, *, at: datetime) -> tuple[tuple[Letter, ...], ReceiptPlan]:
        """The receipts that are due; none before sending was switched on."""
        since = sending.switch(session).at
        if since is None or not self._application.config.reminders.receipts:
            return (), ReceiptPlan()
        post = outbox.mails(session, kinds={MailKind.RECEIPT})
        arrivals = list(self._arrivals(session, post, since=max(since, at - _LOOK_BACK)))
        plan = plan_receipts(arrivals, post, own=self._own_addresses, at=at)
        if not plan.receipts:
            return (), plan
        report = self._application.judged_in(session, at=at).report
        return tuple(self._receipt_letter(one, report) for one in plan.receipts), plan

    def put_receipts(self, *, at: datetime) -> tuple[OutgoingMail, ...]:
        with self._application.store.writing() as session:
            letters, plan = self.receipts(session, at=at)
            loops = self._loop_alarms(session, plan, at=at)
            return self._put(session, [*letters, *loops], at=at)

    def _arrivals(self, session: Session, post: Sequence[OutgoingMail], *, since: datetime) -> Iterator[Arrival]:
        """Mail with material since then that has no receipt; and of its senders all that has: loops are told by it."""
        answered = {sha256 for mail in post for sha256 in mail.letter.answers}
        new = [sha256 for sha256 in claims.messages_with_claims(session, since=since) if sha256 not in answered]
        waiting = [arrival for sha256 in new for arrival in _arrival(session, sha256)]
        senders = {arrival.answer_to for arrival in waiting}
        yield from waiting
        for mail in post:
            if not senders.isdisjoint(mail.letter.to):
                for sha256 in mail.letter.answers:
                    yield from _arrival(session, sha256)

    def _loop_alarms(self, session: Session, plan: ReceiptPlan, *, at: datetime) -> Iterator[Letter]:
        if not plan.loops:
            return
        report = self._application.judged_in(session, at=at).report
        for loop in plan.loops:
            yield from self._alarm("alarm_loop", report, loop_alarm(report, address=loop.to, mails=len(loop.arrivals)))

    # To the coordinator

    def put_to_coordinator(self, *, at: datetime) -> tuple[OutgoingMail, ...]:
        """The digest when it is due, and the alarms that were not raised yet."""
        with self._application.store.writing() as session:
            return self._put(session, [*self.digest(session, at=at), *self.alarms(session, at=at)], at=at)

    def digest(self, session: Session, *, at: datetime) -> tuple[Letter, ...]:
        """One letter on a working morning when something has changed since the last; else none."""
        table, zone = self._application.config.reminders, self._application.config.zone
        sent = outbox.mails(session, kinds={MailKind.DIGEST})
        last_at = max((mail.created_at for mail in sent), default=None)
        from_minute = Hours.parse(f"{table.digest_at}-24:00").begins_at
        if not self._is_heard(session) or not is_digest_due(at, last_at, from_minute=from_minute, zone=zone):
            return ()
        now = self._application.judged_in(session, at=at)
        since = last_at or at - timedelta(days=1)
        before = self._application.judged_in(session, at=since, campaign_key=now.report.campaign.key).report
        changes = changes_between(before, now.report)
        is_mail_new = any(mail.received_at > since for mail in now.unattributed)
        attention = self._attention(session, now, since=since)
        if not (changes or is_mail_new or attention.replies) or not _is_current(now.report.campaign, at):
            return ()
        letter = digest_letter(
            now.report,
            changes,
            attention,
            since=since,
            to=table.coordinator,
            bureau=self._bureau,
            texts=self._texts,
        )
        return (letter,)

    def alarms(self, session: Session, *, at: datetime) -> Iterator[Letter]:
        """What nobody would notice otherwise: a mailbox not read for two hours, mail that may go and does not. That
        sending was halted the sender has told at once.
        """
        if not self._is_heard(session):
            return
        report = self._application.judged_in(session, at=at).report
        read = report.mail_read_until
        if self._application.accounts and (read is None or read < at - FRESH):
            newest = passes.newest_passes(session, limit=1)
            yield from self._alarm(
                "alarm_mailbox", report, mailbox_alarm(report, why=newest[0].error if newest else "")
            )
        stuck = [] if sending.halted_because(session) else self._stuck(session, at=at)
        if stuck:
            oldest = min(stuck, key=_approved_at)
            why = oldest.last_error
            facts = outbox_alarm(report, waiting=len(stuck), oldest_at=_approved_at(oldest), why=why)
            yield from self._alarm("alarm_outbox", report, facts)

    def _stuck(self, session: Session, *, at: datetime) -> list[OutgoingMail]:
        """Approved for two hours in which mail could have gone, while nothing was handed to the server."""
        table, zone = self._application.config.reminders, self._application.config.zone
        last = sending.last_claimed_at(session)
        midnight = datetime.combine(at.astimezone(zone).date(), time.min, tzinfo=zone)
        is_limit_reached = sending.count_gone(session, since=midnight, kinds=_TO_UNITS) >= table.daily_limit
        if is_limit_reached or (last is not None and last > at - FRESH):
            return []
        is_open = all(is_sending_moment(moment, self.policy.hours, zone) for moment in (at, at - FRESH))
        return [
            mail
            for mail in outbox.mails(session, states={MailState.APPROVED})
            if _approved_at(mail) <= at - FRESH
            and (is_open or mail.letter.kind is not MailKind.REMINDER)
            and mail.letter.kind is not MailKind.ALARM
        ]

    def _alarm(self, name: str, report: CampaignReport, facts: tuple[dict[str, Any], str]) -> Iterator[Letter]:
        variables, key = facts
        to = self._application.config.reminders.coordinator
        if to:
            yield alarm_letter(
                name,
                variables,
                key=key,
                campaign=report.campaign.key,
                to=to,
                bureau=self._bureau,
                texts=self._texts,
            )

    def _attention(self, session: Session, judged: Judged, *, since: datetime) -> Attention:
        counts, unreachable = outbox.counts(session), contacts.unreachable(session)
        units = judged.report.units
        return Attention(
            unattributed=len(judged.unattributed),
            to_review=sum(cell.needs_review for one in units for cell in one.assessments.values()),
            drafts=counts[MailState.DRAFT],
            unreachable=tuple(
                one.unit.name for one in units if one.unit.emails and unreachable.issuperset(one.unit.emails)
            ),
            unknown_mails=counts[MailState.UNKNOWN],
            replies=len(replies.bare_replies(session, since=since)),
        )

    def _is_heard(self, session: Session) -> bool:
        """The coordinator has an address and has switched sending on."""
        return bool(self._application.config.reminders.coordinator) and sending.switch(session).is_on

    # What all of them need

    @property
    def _bureau(self) -> Bureau:
        table = self._application.config.letters
        return Bureau(name=table.signature, phone=table.phone, mailbox=self.address)

    @property
    def _own_addresses(self) -> frozenset[str]:
        config = self._application.config
        names = [config.smtp.sending_address, *(mailbox.username for mailbox in config.mailboxes)]
        return frozenset(name.lower() for name in [*names, *config.letters.own_addresses] if "@" in name)

    def _post(self, session: Session, report: CampaignReport) -> Post:
        campaign = report.campaign
        words = standing(decisions.all_decisions(session), campaign_key=campaign.key, at=report.as_of)
        return Post(
            outbox=outbox.mails(session, kinds=_TO_UNITS, campaign=campaign.key),
            unreachable=contacts.unreachable(session),
            muted=muted_units(words, report.as_of),
        )

    def _put(self, session: Session, letters: Iterable[Letter], *, at: datetime) -> tuple[OutgoingMail, ...]:
        """Mail to units waits for the coordinator unless the configuration lets it go and sending is switched on."""
        is_automatic = self.mode == "auto" and sending.switch(session).is_on
        domain = self.address.rpartition("@")[2] or "localhost"
        put = []
        for letter in letters:
            goes = is_automatic or letter.kind not in _TO_UNITS
            put.append(
                outbox.enqueue(session, letter, at=at, domain=domain, approved_by=BY_CONFIGURATION if goes else "")
            )
        return tuple(mail for mail in put if mail is not None)


def _approved_at(mail: OutgoingMail) -> datetime:
    return mail.approved_at or mail.created_at


def _in_thread(letter: Letter, post: Iterable[OutgoingMail]) -> Letter:
    """Later reminders to the same people answer the first, so that their mail program shows them together."""
    earlier = [
        mail.message_id
        for mail in post
        if mail.state is MailState.SENT and mail.letter.kind is letter.kind and mail.letter.to == letter.to
    ]
    return replace(letter, in_reply_to=earlier[0], references=tuple(earlier)) if earlier else letter


def _arrival(session: Session, sha256: str) -> Iterator[Arrival]:
    placement = claims.placement_of(session, sha256)
    if placement is not None:
        yield Arrival(message=messages.received_message(session, sha256), placement=placement)


def _is_current(campaign: Campaign, at: datetime) -> bool:
    """Mail of that moment still counts for the campaign."""
    return campaign.opens <= at.astimezone(campaign.zone).date() <= campaign.closes + AFTER_CLOSE


def _silence(report: CampaignReport) -> ReminderPlan:
    note = "目前没有进行中的报送任务"
    withheld = (Withheld(unit=one.unit.name, reason=Reason.NOTHING_OWED, note=note) for one in report.units)
    return ReminderPlan(at=report.as_of, reminders=(), withheld=tuple(withheld))
