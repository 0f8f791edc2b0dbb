"""A sender in a process of its own that kills itself at a given step of a given mail."""

from __future__ import annotations

import os
import signal
import smtplib
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Pool, event

from ingest.posting.server import Outcome, hand_over
from ingest.sender import Rules, Sender, Step
from ingest.settings import SmtpSettings
from rules.outgoing import OutgoingMail
from rules.reconsidering import Judgement, Verdict
from store import sending
from store.engine import Session, open_store

STEPS = ("before claim", "after claim", "inside data", "after 250", "before commit")


def send(url: str, settings: SmtpSettings, step: str, mails: int) -> None:
    """Sends until nothing is left, or dies at `step` of the mail after so many."""
    sent = [0]

    def die_at(here: str) -> None:
        if here == step and sent[0] >= mails:
            os.kill(os.getpid(), signal.SIGKILL)

    sending.claim = _before(sending.claim, lambda: die_at("before claim"))
    sending.mark_sent = _after(sending.mark_sent, lambda: die_at("before commit"))

    def deliver(settings: SmtpSettings, **what: Any) -> Outcome:
        die_at("after claim")
        if step == "inside data" and sent[0] >= mails:
            _stop_inside_data(settings, **what)
        outcome = hand_over(settings, **what)
        die_at("after 250")
        return outcome

    # A kill loses nothing that the system was given; only a power failure would, and that costs most of the time.
    event.listen(Pool, "checkout", lambda connection, *_: connection.execute("PRAGMA synchronous = OFF"))
    with closing(open_store(url)) as store:
        rules = Rules(zone=ZoneInfo("Asia/Shanghai"), daily_limit=100_000)
        sender = Sender(store, settings, rules, judge=_yes, clock=lambda: datetime.now(UTC), deliver=deliver)
        while sender.send_next() is not Step.IDLE:
            sent[0] += 1


def _yes(_session: Session, _mail: OutgoingMail, _at: datetime) -> Judgement:
    return Judgement(verdict=Verdict.SEND)


def _before(function: Callable[..., Any], hook: Callable[[], None]) -> Callable[..., Any]:
    def hooked(*arguments: Any, **options: Any) -> Any:
        hook()
        return function(*arguments, **options)

    return hooked


def _after(function: Callable[..., Any], hook: Callable[[], None]) -> Callable[..., Any]:
    def hooked(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        hook()
        return result

    return hooked


def _stop_inside_data(settings: SmtpSettings, *, recipients: tuple[str, ...], data: bytes) -> None:
    server = smtplib.SMTP(settings.host, settings.port, timeout=10)
    server.ehlo()
    server.mail(settings.address)
    for recipient in recipients:
        server.rcpt(recipient)
    server.docmd("DATA")
    server.send(data[: len(data) // 2])
    os.kill(os.getpid(), signal.SIGKILL)
