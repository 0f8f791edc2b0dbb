"""`baosong run`: polls each account by its interval until SIGTERM or SIGINT.

APScheduler keeps the times (memory job store; `coalesce` and no misfire grace: after a sleep exactly one catch-up run).
A failed account backs off by `ingest.imap.backoff` instead of its interval, and is back to the interval after one
success. Where the server asked for patience, or a person must mend something, it is never asked sooner than by the
interval: providers lock accounts that knock too often. Such errors are logged as errors every time: the mailbox is
blind until then.

After each poll, and every few minutes beside it, letters are planned (`ingest.mail_jobs`).

After each poll the small pictures of what came are made, beside all else and by one process. After new parsers have
come, kept mail is read anew between the polls, a number of messages at a time; a poll interrupts it: new mail first.

Rosters are read again before each poll, so that a mended one counts without a restart.

On SIGTERM the jobs' `stop` turns true: a fetch ends after its current batch, the readers after their current message.
What was fetched is durable already, so nothing is lost by going at once.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from types import FrameType
from typing import Final

import sdnotify
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from ingest.application import Application, Clock
from ingest.mail_jobs import PLAN_EVERY, MailJobs
from ingest.mailbox import backoff
from ingest.settings import MailboxSettings
from rules.errors import BaosongError, ConfigError, MailboxError, ThrottledError

log = logging.getLogger(__name__)

_JITTER: Final = 0.1  # of the interval: two daemons started together do not poll together for ever
_GRACE_SECONDS: Final = 4.0  # SIGTERM ends the program within five
_SENDER_GRACE_SECONDS: Final = 2.5  # a server that takes longer for one mail does not answer


class Daemon:
    """The polling loop of one installation."""

    def __init__(
        self,
        application: Application,
        accounts: tuple[MailboxSettings, ...],
        *,
        clock: Clock,
        mail: MailJobs | None = None,
    ) -> None:
        self._application = application
        self._mail = mail
        self._accounts = accounts
        self._clock = clock
        self._stopping = threading.Event()
        self._failures = dict.fromkeys((account.name for account in accounts), 0)
        self._one_at_a_time = threading.Lock()  # one connection at a time is what the providers like
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._chance = Random()  # noqa: S311 - jitter, not a secret
        self._notify = _notifier()

    def run(self) -> None:
        """Runs until a signal; returns when everything has ended."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._scheduler.add_listener(_log_skipped, EVENT_JOB_MAX_INSTANCES)
        for account in self._accounts:
            self._schedule(account, self._clock())
        if self._mail:
            self._scheduler.add_job(
                self._mail.plan, IntervalTrigger(seconds=int(PLAN_EVERY.total_seconds())), id="plan"
            )
            self._mail.start()
        self._scheduler.start()
        self._notify("READY=1")
        log.info("daemon started", extra={"action": "daemon_started", "accounts": len(self._accounts)})
        while not self._stopping.wait(timeout=30):
            self._notify("WATCHDOG=1")
            self._scheduler.wakeup()  # its timer stands still while the machine sleeps
        self._shut_down()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _shut_down(self) -> None:
        self._notify("STOPPING=1")
        ended = threading.Thread(target=self._scheduler.shutdown, kwargs={"wait": True}, daemon=True)
        ended.start()
        deadline = time.monotonic() + _GRACE_SECONDS
        if self._mail:
            self._mail.stop(seconds=_SENDER_GRACE_SECONDS)  # the jobs end meanwhile
        ended.join(max(0.2, deadline - time.monotonic()))
        log.info("daemon stopped", extra={"action": "daemon_stopped", "was_clean": not ended.is_alive()})

    def _schedule(self, account: MailboxSettings, moment: datetime) -> None:
        self._scheduler.add_job(self._poll, DateTrigger(moment), args=[account], id=account.name, replace_existing=True)

    def _poll(self, account: MailboxSettings) -> None:
        wait = timedelta(0)
        try:
            with self._one_at_a_time:
                self._refresh()
                counts = self._application.poll([account], clock=self._clock, stop=self._stopping.is_set)
        except BaosongError as error:
            self._failures[account.name] += 1
            _log_failure(account, error, self._failures[account.name])
            if isinstance(error, ThrottledError) or not error.is_transient:
                wait = account.poll_every
        except Exception:
            self._failures[account.name] += 1
            log.exception("poll failed by a defect", extra={"action": "poll_defect", "account": account.name})
        else:
            self._failures[account.name] = 0
            log.info("poll done", extra={"action": "poll_done", "account": account.name, **counts.as_json()})
        if not self._stopping.is_set():
            if self._mail:
                self._scheduler.modify_job("plan", next_run_time=self._clock())
            self._scheduler.add_job(self._make_previews, id="previews", replace_existing=True)
            self._scheduler.add_job(self._read_anew, id="rereading", replace_existing=True)
            wait = max(wait, pause(account.poll_every, self._failures[account.name], self._chance))
            self._schedule(account, self._clock() + wait)

    def _make_previews(self) -> None:
        try:
            self._application.make_previews(stop=self._stopping.is_set)
        except Exception:
            log.exception("previews failed", extra={"action": "previews_failed"})

    def _read_anew(self) -> None:
        try:
            self._application.read_anew(
                clock=self._clock, stop=self._stopping.is_set, give_way=self._one_at_a_time.locked
            )
        except Exception:
            log.exception("reading anew failed", extra={"action": "reading_anew_failed"})

    def _refresh(self) -> None:
        """A broken roster must not keep mail from being fetched: the one before goes on."""
        try:
            self._application.read_rosters_again()
        except ConfigError as error:
            log.error("%s", error, extra={"action": "roster_unusable"})  # noqa: TRY400 - the sentence says it all


def pause(poll_every: timedelta, failures: int, chance: Random) -> timedelta:
    """How long to wait before the next poll: the interval with jitter, or the back-off after failures."""
    if failures:
        return backoff(failures, chance)
    return poll_every * (1 + chance.uniform(-_JITTER, _JITTER))


def _notifier() -> Callable[[str], object]:
    """Tells systemd how we are; without systemd nobody is told (the library would leave a socket open)."""
    return sdnotify.SystemdNotifier().notify if "NOTIFY_SOCKET" in os.environ else lambda _state: None


def _log_failure(account: MailboxSettings, error: BaosongError, failures: int) -> None:
    level = logging.WARNING if error.is_transient and failures < 3 else logging.ERROR
    kind = type(error).__name__ if isinstance(error, MailboxError) else "store"
    log.log(
        level,
        "%s",
        error,
        extra={"action": "poll_failed", "account": account.name, "kind": kind, "failures_in_a_row": failures},
    )


def _log_skipped(event: JobExecutionEvent) -> None:
    if event.job_id in ("previews", "plan", "rereading"):  # those under way go on until nothing is left
        return
    log.warning("a poll was still running when the next was due", extra={"action": "poll_skipped", "job": event.job_id})
