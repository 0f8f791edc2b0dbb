"""The daemon's mail: letters are planned after each poll and every few minutes, and sent by a thread of its own.

    plan     receipts, reminders, the morning's digest, alarms; nothing while mail is switched off
    send     one mail after the other at the configured pace; now and then what a crash left open is decided

The thread is a daemon thread: a server that does not answer cannot keep the program from ending. A mail cut off by that
stands in `sending` until the Sent folder or a person has decided about it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

from ingest.application import Application, Clock
from ingest.config import smtp_settings
from ingest.correspondence import Correspondence
from ingest.mailbox import find_sent_mail
from ingest.sender import Rules, Sender, SentFolder, Step
from ingest.settings import MailboxSettings, SmtpSettings
from rules.errors import BaosongError, MailboxError
from rules.outgoing import OutgoingMail
from rules.reconsidering import Judgement
from store import sending
from store.engine import Session

log = logging.getLogger(__name__)

PLAN_EVERY: Final = timedelta(minutes=5)
_RECOVER_EVERY: Final = timedelta(minutes=5)
_LOOK_SECONDS: Final = 2.0
_TROUBLE_SECONDS: Final = 30.0


class MailJobs:
    """What the daemon does about outgoing mail. Use `mail_jobs`."""

    def __init__(
        self,
        application: Application,
        correspondence: Correspondence,
        sender: Sender,
        *,
        sent_folder: SentFolder,
        clock: Clock,
    ) -> None:
        self._application = application
        self._correspondence = correspondence
        self._sender = sender
        self._sent_folder = sent_folder
        self._clock = clock
        self._stopping = threading.Event()
        self._recovered_at: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, seconds: float) -> None:
        """Ends after the mail under way; waits no longer than that."""
        self._stopping.set()
        self._thread.join(seconds)

    def plan(self) -> None:
        """Whatever goes wrong is logged: the next run plans what this one did not."""
        jobs: tuple[tuple[str, Callable[[datetime], Collection[object]]], ...] = (
            ("receipts", lambda at: self._correspondence.put_receipts(at=at)),
            ("reminders", lambda at: self._correspondence.put_reminders(at=at)[1]),
            ("notes", lambda at: self._correspondence.put_to_coordinator(at=at)),
        )
        if self._correspondence.mode == "off":
            jobs = jobs[2:]
        for name, put in jobs:
            if self._stopping.is_set() or not self._is_on():
                return
            try:
                planned = len(put(self._clock()))
            except BaosongError as error:
                log.error("%s", error, extra={"action": "planning_failed", "letters": name})  # noqa: TRY400 - it says all
            except Exception:
                log.exception("planning failed by a defect", extra={"action": "planning_defect", "letters": name})
            else:
                if planned:
                    log.info("%d %s planned", planned, name, extra={"action": "letters_planned", "letters": name})

    def _is_on(self) -> bool:
        try:
            with self._application.store.reading() as session:
                return sending.switch(session).is_on
        except BaosongError as error:
            log.error("%s", error, extra={"action": "planning_failed"})  # noqa: TRY400 - the sentence says it all
            return False

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._turn())

    def _turn(self) -> float:
        """One look at the outbox; how many seconds to wait before the next."""
        try:
            self._recover_now_and_then()
            return _LOOK_SECONDS if self._sender.send_next() is Step.IDLE else 0.0
        except BaosongError as error:
            log.error("%s", error, extra={"action": "sending_failed"})  # noqa: TRY400 - the sentence says it all
        except Exception:
            log.exception("sending failed by a defect", extra={"action": "sending_defect"})
        return _TROUBLE_SECONDS

    def _recover_now_and_then(self) -> None:
        at = self._clock()
        if self._recovered_at is not None and at < self._recovered_at + _RECOVER_EVERY:
            return
        self._recovered_at = at
        try:
            self._sender.recover(self._sent_folder)
        except MailboxError as error:
            log.warning("the Sent folder cannot be read: %s", error, extra={"action": "sent_folder_unread"})


def mail_jobs(application: Application, accounts: tuple[MailboxSettings, ...], *, clock: Clock) -> MailJobs | None:
    """None where no account is configured that sends. Raises ConfigError."""
    correspondence = Correspondence(application)
    settings = smtp_settings(application.config)
    if settings is None:
        return None
    return MailJobs(
        application,
        correspondence,
        sender_of(application, correspondence, settings, clock=clock),
        sent_folder=sent_folder_of(accounts, settings),
        clock=clock,
    )


def sender_of(
    application: Application, correspondence: Correspondence, settings: SmtpSettings, *, clock: Clock
) -> Sender:
    config = application.config

    def judge(session: Session, mail: OutgoingMail, at: datetime) -> Judgement:
        return correspondence.reconsider(session, mail, at=at)

    coordinator = config.reminders.coordinator
    rules = Rules(
        zone=config.zone,
        daily_limit=config.reminders.daily_limit,
        coordinators=(coordinator,) if coordinator else (),
    )
    return Sender(application.store, settings, rules, judge=judge, clock=clock)


def sent_folder_of(accounts: tuple[MailboxSettings, ...], settings: SmtpSettings) -> SentFolder:
    """The Sent folder of the account that sends; of every account where none has that name."""
    own = [account for account in accounts if account.username.lower() == settings.username.lower()] or list(accounts)

    def look(message_ids: Collection[str]) -> frozenset[str]:
        found = (find_sent_mail(account, message_ids) for account in own)
        return frozenset().union(*found)

    return look
