"""Answers what the desk asks (`report.desk.port.Desk`) from an opened installation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ingest.application import Application, Clock
from ingest.deciding import decide
from ingest.views import Views
from report.desk.port import Heartbeat, Member, NewDecision, View
from rules.campaign import Campaign
from rules.claims import Decision
from rules.previews import Preview, PreviewKey
from rules.roster import Roster
from store import messages, passes
from store.blobs import Blobs
from store.engine import Store

_BLIND_AFTER: Final = timedelta(minutes=30)
_MISSED_POLLS: Final = 3


class ApplicationDesk:
    """`Desk` over an `Application`. `clock` is the one clock of every page."""

    def __init__(self, application: Application, *, clock: Clock) -> None:
        self._application = application
        self._clock = clock
        self._views = Views(application)

    @property
    def store(self) -> Store:
        return self._application.store

    @property
    def blobs(self) -> Blobs:
        return self._application.blobs

    @property
    def zone(self) -> ZoneInfo:
        return self._application.config.zone

    def now(self) -> datetime:
        return self._clock()

    def campaigns(self) -> Sequence[Campaign]:
        campaigns = (collection.campaign for collection in self._application.collections)
        return sorted(campaigns, key=lambda campaign: campaign.opens, reverse=True)

    def roster(self, campaign_key: str) -> Roster:
        return self._application.collection(campaign_key, at=self._clock()).roster

    def view(self, *, at: datetime | None = None, campaign_key: str | None = None) -> View:
        return self._views.view(at=at or self._clock(), campaign_key=campaign_key, is_now=at is None)

    def decide(self, wanted: NewDecision, *, seen: int | None = None) -> Decision:
        return decide(self._application, wanted, now=self._clock(), seen=seen)

    def preview(self, key: PreviewKey, *, inside: str, filename: str) -> Preview | None:
        return self._application.preview(key, inside=inside, filename=filename)

    def member(self, message_sha256: str, path: str) -> Member:
        return self._application.member(message_sha256, path)

    def heartbeat(self) -> Heartbeat:
        with self.store.reading() as session:
            return Heartbeat(
                read_at=passes.newest_complete_end(session),
                blind_after=self._blind_after(),
                waiting=messages.count_waiting(session),
                failed=messages.count_failed(session),
            )

    def _blind_after(self) -> timedelta:
        """A mailbox that is read once an hour is not blind after 31 minutes."""
        slowest = max((table.poll_every for table in self._application.config.mailboxes), default=timedelta(0))
        return max(_BLIND_AFTER, _MISSED_POLLS * slowest)
