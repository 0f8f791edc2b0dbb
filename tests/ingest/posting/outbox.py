"""A sender over a real store, with a clock that a test moves and a judge that says what the test wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ingest.posting.server import Outcome, hand_over
from ingest.sender import Rules, Sender
from ingest.settings import SmtpSettings
from rules.outgoing import MailState, OutgoingMail
from rules.reconsidering import Judgement, Verdict
from store import outbox, sending
from store.engine import Session, Store
from tests.store.outgoing import NINE, put

SEND = Judgement(verdict=Verdict.SEND)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True)
class Post:
    """Everything that a test needs around one sender."""

    store: Store
    settings: SmtpSettings
    now: datetime = NINE
    verdicts: dict[str, Judgement] = field(default_factory=dict)
    daily_limit: int = 200
    coordinators: tuple[str, ...] = ("boss@example.org",)
    deliver: Callable[..., Outcome] = hand_over

    def sender(self) -> Sender:
        return Sender(
            self.store,
            self.settings,
            Rules(zone=ZONE, daily_limit=self.daily_limit, coordinators=self.coordinators),
            judge=self.judge,
            clock=lambda: self.now,
            deliver=self.deliver,
        )

    def judge(self, _session: Session, mail: OutgoingMail, _at: datetime) -> Judgement:
        return self.verdicts.get(mail.letter.dedupe_key, SEND)

    def switch_on(self) -> None:
        with self.store.writing() as session:
            sending.set_switch(session, is_on=True, at=self.now, by="王")

    def approve(self, *keys: str, **changes: object) -> None:
        with self.store.writing() as session:
            for key in keys:
                put(session, key, is_approved=True, **changes)

    def send_all(self) -> list[str]:
        """What each call came to, up to the first that had nothing to do."""
        steps: list[str] = []
        while not steps or steps[-1] != "idle":
            steps.append(self.sender().send_next().value)
        return steps[:-1]

    def mails(self) -> dict[str, OutgoingMail]:
        with self.store.reading() as session:
            return {mail.letter.dedupe_key: mail for mail in outbox.mails(session)}

    def states(self) -> dict[str, MailState]:
        return {key: mail.state for key, mail in self.mails().items()}

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)
