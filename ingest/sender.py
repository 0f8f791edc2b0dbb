"""Sends what the outbox lets go: one mail a call, at most once each.

    1  one transaction: may mail go now (switch, halt, pause, pace, limits)? → the next mail that is due → is what it
       says still true (`Judge`)? → claimed, and committed as `sending`
    2  outside of any transaction: the SMTP server
    3  one transaction: sent, failed, to be tried again later, or unknown

Killed before the end of 1, nothing has happened. Killed in 2 or before the end of 3, the mail stands in `sending` until
its claim has run out; then the Sent folder is asked for its Message-ID (`recover`): there it is sent, else it is
unknown, and no program sends it again. An arrival between 1 and 2 comes too late by seconds, as with any letter.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from ingest.posting.rendering import recipients, render
from ingest.posting.replies import Course, Meaning, Reply, meaning_of
from ingest.posting.server import Fate, Outcome, hand_over
from ingest.settings import SmtpSettings
from rules.bouncing import BounceKind
from rules.errors import StoreError
from rules.outgoing import Letter, MailKind, OutgoingMail
from rules.reconsidering import Judgement, Verdict
from store import contacts, outbox, sending
from store.contacts import Bounce
from store.engine import Session, Store
from store.sending import Claim

log = logging.getLogger(__name__)

TO_COORDINATORS: Final = frozenset({MailKind.DIGEST, MailKind.ALARM})
TO_UNITS: Final = frozenset(MailKind) - TO_COORDINATORS
AT_ONCE: Final = 50
MOST_ATTEMPTS: Final = 6
FAILURES_IN_A_ROW: Final = 5
RETRY_UNREACHED: Final = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1))
RETRY_HALTED: Final = timedelta(hours=1)
LONGEST_WAIT: Final = timedelta(hours=6)
WAIT_FOR_JUDGE: Final = timedelta(minutes=10)
LOOK_BACK: Final = timedelta(days=1)
"""So long a mail whose fate is unknown is looked for in the Sent folder."""


class Judge(Protocol):
    """Says at the moment of sending whether a mail is still true; asked in the transaction that claims it."""

    def __call__(self, session: Session, mail: OutgoingMail, at: datetime) -> Judgement: ...


class Step(StrEnum):
    """What one call came to."""

    SENT = "sent"
    FAILED = "failed"
    RETRY = "retry"
    UNKNOWN = "unknown"
    IDLE = "idle"  # nothing may go, or nothing is due


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Limits of the configuration. `coordinators` get a note when sending stops by itself."""

    zone: ZoneInfo
    daily_limit: int = 200
    coordinators: tuple[str, ...] = ()


SentFolder = Callable[[Collection[str]], frozenset[str]]
"""Of these Message-IDs, those that lie in the Sent folder. Raises MailboxError when it cannot be read."""


class Sender:
    """Sends for one installation. Any number may run at once."""

    def __init__(
        self,
        store: Store,
        settings: SmtpSettings,
        rules: Rules,
        *,
        judge: Judge,
        clock: Callable[[], datetime],
        deliver: Callable[..., Outcome] = hand_over,
    ) -> None:
        self._store = store
        self._settings = settings
        self._rules = rules
        self._judge = judge
        self._clock = clock
        self._deliver = deliver

    def send_next(self) -> Step:
        """Sends at most one mail. Raises StoreError."""
        claim = self._claim_next()
        if claim is None:
            return Step.IDLE
        try:
            data = render(
                claim.mail,
                address=self._settings.address,
                name=self._settings.name,
                at=self._clock().astimezone(self._rules.zone),
            )
        except ValueError as error:  # an address of the roster that no header can hold
            return self._settle(claim, Outcome(fate=Fate.REFUSED, reply=Reply(code=553, text=str(error))))
        outcome = self._deliver(self._settings, recipients=recipients(claim.mail), data=data)
        return self._settle(claim, outcome)

    def recover(self, sent_folder: SentFolder, *, lasts: timedelta = sending.CLAIM_LASTS) -> int:
        """Decides about mail that a crash left in the middle. How many were decided. Raises MailboxError."""
        at = self._clock()
        with self._store.reading() as session:
            orphans = sending.orphaned(session, at=at, lasts=lasts)
            doubtful = sending.doubtful(session, since=at - LOOK_BACK)
        if not orphans and not doubtful:
            return 0
        there = sent_folder([claim.mail.message_id for claim in (*orphans, *doubtful)])
        decided = 0
        with self._store.writing() as session:
            for claim in (*orphans, *doubtful):
                if claim.mail.message_id in there:
                    decided += sending.mark_sent(session, claim, at=at, note="已在“已发送”文件夹中找到")
                elif claim in orphans:
                    error = "发送过程中程序中断，无法确定是否已发出，请人工核对"
                    decided += sending.mark_unknown(session, claim, at=at, error=error)
        if decided:
            log.warning("mail left by a crash was decided", extra={"action": "outbox_recovered", "mails": decided})
        return decided

    # Claiming

    def _claim_next(self) -> Claim | None:
        at = self._clock()
        with self._store.reading() as session:  # asked every few seconds: mostly there is nothing to be written
            if not sending.switch(session).is_on or next(_due(session, at, limit=1), None) is None:
                return None
        with self._store.writing() as session:
            sending.lock_claims(session)
            if not sending.switch(session).is_on or not self._is_paced(session, at):
                return None
            for mail in _due(session, at):
                if self._may_go(session, mail, at) and self._is_true(session, mail, at):
                    return sending.claim(session, mail, at=at)
        return None

    def _is_paced(self, session: Session, at: datetime) -> bool:
        last = sending.last_claimed_at(session)
        return last is None or last + self._settings.pace <= at

    def _may_go(self, session: Session, mail: OutgoingMail, at: datetime) -> bool:
        """Notes to the coordinator count for no limit: they say why the rest stands still."""
        if mail.letter.kind in TO_COORDINATORS:
            return True
        today = datetime.combine(at.astimezone(self._rules.zone).date(), time.min, tzinfo=self._rules.zone)
        tomorrow = today + timedelta(days=1)
        if sending.count_gone(session, since=today, kinds=TO_UNITS) >= self._rules.daily_limit:
            sending.put_off(session, mail, until=tomorrow, because="已达每日发信上限，次日再发")
            return False
        gone = sending.gone_by_recipient(session, since=today, kinds=TO_UNITS)
        if any(gone[address.lower()] >= self._settings.per_recipient_limit for address in mail.letter.to):
            sending.put_off(session, mail, until=tomorrow, because="当日已向该地址发出多封邮件，次日再发")
            return False
        return True

    def _is_true(self, session: Session, mail: OutgoingMail, at: datetime) -> bool:
        try:
            judgement = self._judge(session, mail, at)
        except StoreError:
            raise
        except Exception:  # one mail that cannot be judged never stops the next
            log.exception("a mail could not be judged", extra={"action": "judge_defect", "outgoing_id": mail.id})
            judgement = Judgement(verdict=Verdict.WAIT, because="发出前核对出错，暂缓发出")
        if judgement.verdict is Verdict.SEND:
            return True
        if judgement.verdict is Verdict.WAIT:
            sending.put_off(session, mail, until=at + WAIT_FOR_JUDGE, because=judgement.because)
        else:
            outbox.skip(session, [mail.id], at=at, because=judgement.because)
        return False

    # Settling

    def _settle(self, claim: Claim, outcome: Outcome) -> Step:
        at = self._clock()
        with self._store.writing() as session:
            step = self._settle_in(session, claim, outcome, at)
            if step in (Step.FAILED, Step.UNKNOWN):
                self._note_failures(session, at)
        said = outcome.reply or outcome.error
        log.log(
            logging.INFO if step is Step.SENT else logging.WARNING,
            "mail %s: %s",
            step.value,
            said,
            extra={"action": f"mail_{step.value}", "outgoing_id": claim.mail.id, "kind": claim.mail.letter.kind.value},
        )
        return step

    def _settle_in(self, session: Session, claim: Claim, outcome: Outcome, at: datetime) -> Step:
        if outcome.fate is Fate.ACCEPTED:
            sending.mark_sent(session, claim, at=at, note=str(outcome.reply))
            _note_refused(session, claim, outcome.refused, at)
            return Step.SENT
        if outcome.fate is Fate.DOUBTFUL:
            error = f"邮件内容已发完，但未收到服务器确认（{outcome.error}）"
            sending.mark_unknown(session, claim, at=at, error=error)
            return Step.UNKNOWN
        if outcome.fate is Fate.NOT_GONE or outcome.reply is None:
            return self._unreached(session, claim, outcome, at)
        _note_refused(session, claim, outcome.refused, at)
        return self._refused(session, claim, outcome.reply, at)

    def _unreached(self, session: Session, claim: Claim, outcome: Outcome, at: datetime) -> Step:
        """A server that cannot be reached is no fault of the mail, which waits for as long as it takes."""
        until = at + RETRY_UNREACHED[min(claim.mail.attempts, len(RETRY_UNREACHED)) - 1]
        if not outcome.was_begun:
            sending.pause(session, until)
        error = f"未能连上发信服务器：{outcome.error}"
        return self._again(session, claim, at, until, error, is_whole=not outcome.was_begun)

    def _refused(self, session: Session, claim: Claim, reply: Reply, at: datetime) -> Step:
        meaning = meaning_of(reply)
        error = f"{meaning.advice}（{reply}）"
        if meaning.course is Course.NEVER:
            sending.mark_failed(session, claim, at=at, error=error)
            return Step.FAILED
        until = self._when(meaning, claim, at)
        if meaning.course is Course.HALT:
            self._halt(session, error, at)
        elif meaning.is_whole_account:
            sending.pause(session, until)
        return self._again(session, claim, at, until, error, is_whole=meaning.is_whole_account)

    def _when(self, meaning: Meaning, claim: Claim, at: datetime) -> datetime:
        """Longer each time. What a halt stops goes as soon as it ends; only a note about the halt is tried before."""
        if meaning.course is Course.TOMORROW:
            tomorrow = at.astimezone(self._rules.zone).date() + timedelta(days=1)
            return datetime.combine(tomorrow, time(hour=1), tzinfo=self._rules.zone)
        if meaning.course is Course.HALT:
            return at + RETRY_HALTED if claim.mail.letter.kind in TO_COORDINATORS else at
        return at + min(meaning.wait * claim.mail.attempts, LONGEST_WAIT)

    def _again(
        self, session: Session, claim: Claim, at: datetime, until: datetime, error: str, *, is_whole: bool
    ) -> Step:
        """A mail that only its own troubles keep here is given up after so many attempts; notes in any case, since
        they are not kept back while the account has troubles.
        """
        has_own_troubles = not is_whole or claim.mail.letter.kind in TO_COORDINATORS
        if claim.mail.attempts >= MOST_ATTEMPTS and has_own_troubles:
            sending.mark_failed(session, claim, at=at, error=error)
            return Step.FAILED
        sending.retry(session, claim, at=at, not_before=until, error=error)
        return Step.RETRY

    def _note_failures(self, session: Session, at: datetime) -> None:
        """The breaker: so many mails in a row that failed are no accident of one of them."""
        failed = sending.failures_in_a_row(session, limit=FAILURES_IN_A_ROW)
        if failed >= FAILURES_IN_A_ROW and not sending.halted_because(session):
            self._halt(session, f"连续{failed}封邮件未能发出，请查看发件箱中的原因", at)

    def _halt(self, session: Session, because: str, at: datetime) -> None:
        sending.halt(session, because)
        log.error("sending has stopped: %s", because, extra={"action": "outbox_halted"})
        if self._rules.coordinators:
            letter = _halt_note(because, self._rules.coordinators, at.astimezone(self._rules.zone))
            outbox.enqueue(session, letter, at=at, domain=self._settings.domain, approved_by="auto")


def _due(session: Session, at: datetime, *, limit: int = AT_ONCE) -> Iterator[OutgoingMail]:
    """While sending is halted or paused only notes to the coordinator: behind the rest, which stays, none would go."""
    paused = sending.paused_until(session)
    is_held = bool(sending.halted_because(session)) or (paused is not None and paused > at)
    return sending.due(session, at=at, kinds=TO_COORDINATORS if is_held else (), limit=limit)


def _note_refused(session: Session, claim: Claim, refused: Collection[tuple[str, Reply]], at: datetime) -> None:
    """A recipient that the server would not take is a bounce that came at once."""
    for address, reply in refused:
        meaning = meaning_of(reply)
        if meaning.is_about_recipient:
            seen = f"{claim.token}\0{address}"  # there is no message that says so: the attempt stands for it
            bounce = Bounce(
                message_sha256=hashlib.sha256(seen.encode()).hexdigest(),
                outgoing_id=claim.mail.id,
                address=address,
                kind=BounceKind.HARD,
                at=at,
                reason=f"{meaning.advice}（{reply}）",
            )
            contacts.record_bounce(session, bounce)


def _halt_note(because: str, coordinators: tuple[str, ...], at: datetime) -> Letter:
    text = (
        f"您好：\n\n报送系统已于{at:%m月%d日%H:%M}暂停发信。原因：{because}\n\n"
        "收信、识别和统计不受影响；待发的回执和催报都已保留，不会丢失，也不会重复发出。\n"
        "请在处理后到“发件箱”页面重新开启发信。\n"
    )
    return Letter(
        kind=MailKind.ALARM,
        campaign="",
        to=coordinators,
        subject="【系统提醒】自动发信已暂停，请查看原因",
        text=text,
        dedupe_key=f"halt:{at:%Y-%m-%d}:{because}",
    )
