"""Judged campaigns for the desk, kept until something changes them.

    Views.view(at, campaign) → View

Judging asks for every claim, and reading those from the store is most of the work. So they stay in memory, and every
look asks the store only what is new: messages placed anew (`store.changes`), the number of decisions, how far the mail
has been read. All of that is read in one transaction, so a view is always of one moment of the store. If nothing is
new and no turning point has passed (`rules.turning_points`), the report judged before is still true; otherwise only
the units are judged again about which something is new (`rules.judging_memory`).
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ingest.application import Application
from ingest.placement import Collection
from report.desk.port import View
from rules.assessment import CampaignReport
from rules.awaiting import with_waiting
from rules.bouncing import with_unreachable
from rules.campaign import Campaign, campaign_at
from rules.claims import Claim, Decision, Unattributed
from rules.judging import judge
from rules.judging_memory import JudgingMemory
from rules.turning_points import position, turning_points
from store import changes, claims, contacts, decisions, passes
from store.engine import Session

_KEPT_REPORTS: Final = 8
_ALL_ANEW: Final = 5000  # so many changed messages are read faster all together


class Views:
    """Safe for threads: one looks at a time, the others wait for what it finds."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._mail = _Mail()
        self._judged: OrderedDict[object, CampaignReport] = OrderedDict()
        self._memories: dict[str, JudgingMemory] = {}
        self._points: dict[str, tuple[object, tuple[datetime, ...]]] = {}
        self._collections: tuple[Collection, ...] = ()
        self._rosters_changed = 0

    def view(self, *, at: datetime, campaign_key: str | None, is_now: bool) -> View:
        """Raises UserError for a campaign that is not configured."""
        with self._lock:
            self._look_at_rosters()
            collection = self._application.collection(campaign_key, at=at)
            with self._application.store.reading() as session:
                self._mail.refresh(session)
                read_until = passes.mail_read_until(session, self._application.accounts)
                unreachable = contacts.unreachable(session)
            return self._view(collection, at=at, read_until=read_until, unreachable=unreachable, is_now=is_now)

    def _view(
        self,
        collection: Collection,
        *,
        at: datetime,
        read_until: datetime | None,
        unreachable: frozenset[str],
        is_now: bool,
    ) -> View:
        campaign, state = collection.campaign, (self._mail.state, self._rosters_changed)
        points = self._turning_points(campaign, state)
        today = at.astimezone(campaign.zone).date()
        key = (
            campaign.key,
            state,
            position(points, at),
            position(points, read_until),
            today,
            tuple(sorted(unreachable)),
        )
        if key not in self._judged:
            judged = self._judge(collection, at=at, read_until=read_until)
            self._judged[key] = with_waiting(with_unreachable(judged, unreachable), self._waiting(campaign, at))
            while len(self._judged) > _KEPT_REPORTS:
                self._judged.popitem(last=False)
        self._judged.move_to_end(key)
        return View(
            report=replace(self._judged[key], as_of=at, mail_read_until=read_until),
            unattributed=tuple(self._waiting(campaign, at)),
            version=hashlib.sha256(repr(key).encode()).hexdigest()[:20],
            newest_decision=max((decision.id for decision in self._mail.decisions), default=0),
            is_now=is_now,
        )

    def _look_at_rosters(self) -> None:
        """They are read again with each poll; mostly they say the same."""
        collections = self._application.collections
        if collections is not self._collections and collections != self._collections:
            self._rosters_changed += 1
        self._collections = collections

    def _judge(self, collection: Collection, *, at: datetime, read_until: datetime | None) -> CampaignReport:
        return judge(
            collection.campaign,
            collection.roster,
            self._mail.claims(),
            self._mail.decisions,
            at=at,
            mail_read_until=read_until,
            memory=self._memories.setdefault(collection.campaign.key, JudgingMemory()),
        )

    def _turning_points(self, campaign: Campaign, state: object) -> tuple[datetime, ...]:
        known = self._points.get(campaign.key)
        if known is None or known[0] != state:
            mail = self._mail
            points = turning_points(campaign, mail.claims(), mail.decisions, mail.waiting.values())
            known = self._points[campaign.key] = (state, points)
        return known[1]

    def _waiting(self, campaign: Campaign, at: datetime) -> Iterator[Unattributed]:
        every = [collection.campaign for collection in self._collections]
        for entry in sorted(self._mail.waiting.values(), key=lambda one: (one.received_at, one.message_sha256)):
            if entry.received_at <= at and campaign_at(every, entry.received_at) == campaign:
                yield entry


@dataclass(frozen=True, slots=True)
class _State:
    """What the mail in memory is of: two equal ones hold the same."""

    placements: int
    decisions: int


class _Mail:
    """Every claim, every waiting message and every decision, as of the last look at the store."""

    def __init__(self) -> None:
        self.state = _State(-1, -1)
        self.decisions: tuple[Decision, ...] = ()
        self.waiting: dict[str, Unattributed] = {}
        self._claims: dict[str, list[Claim]] = {}

    def claims(self) -> list[Claim]:
        return [claim for some in self._claims.values() for claim in some]

    def refresh(self, session: Session) -> None:
        """Reads what is new."""
        now = _State(changes.newest(session), decisions.count(session))
        if now.decisions != self.state.decisions:
            self.decisions = decisions.all_decisions(session)
        if now.placements != self.state.placements:
            self._read_placements(session)
        self.state = now

    def _read_placements(self, session: Session) -> None:
        changed = None if self.state.placements < 0 else changes.since(session, self.state.placements)
        if changed is None or len(changed) > _ALL_ANEW:
            self._claims, self.waiting = {}, {}
            self._add(claims.claims(session), claims.unattributed(session))
            return
        for sha256 in changed:
            self._claims.pop(sha256, None)
            self.waiting.pop(sha256, None)
        self._add(claims.claims_of(session, changed), claims.unattributed_of(session, changed))

    def _add(self, found: list[Claim], waiting: list[Unattributed]) -> None:
        for claim in found:
            self._claims.setdefault(claim.message_sha256, []).append(claim)
        self.waiting |= {one.message_sha256: one for one in waiting}
