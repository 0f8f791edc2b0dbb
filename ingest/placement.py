"""Applies the pure placing rules with what this installation knows: campaigns, rosters, what a person decided.

A message belongs to the campaign that is open when it comes. On what it was placed is remembered in the store
(`ingest.placing_basis`); when that changes, what it concerns is placed anew, so that a mended roster mends the report
of the mail that is already here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from ingest.placing_basis import PlacingBasis
from parsers.correcting import corrected
from rules.campaign import Campaign, campaign_at
from rules.claims import Claim, Decision, Placement
from rules.corrections import corrections_of
from rules.findings import Code, Finding
from rules.messages import ReceivedMessage
from rules.overruling import Action, remembered_senders, standing
from rules.placing import Placer
from rules.regions import region_in
from rules.roster import Roster
from rules.years import names_other_year

PLACING_VERSION: Final = 2
"""Raise it with every change of the placing rules: everything kept is then placed anew."""

_OBEYED_HERE: Final = frozenset({Action.ASSIGN, Action.CORRECT, Action.VERIFY, Action.REJECT})
_EVER: Final = datetime.max.replace(tzinfo=UTC)  # what a person says of a mail holds for every moment of the report


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """A campaign with the roster of its units."""

    campaign: Campaign
    roster: Roster


def settled_paths(decisions: Iterable[Decision], sha256: str) -> frozenset[str]:
    """The files of a message whose forms a person corrected or verified."""
    words = standing(decisions, campaign_key=None, at=_EVER)
    return frozenset(corrections_of(word for word in words if word.message_sha256 == sha256))


class PlacingRules:
    """Puts messages to units by the campaign that is open when they come."""

    def __init__(
        self,
        collections: Sequence[Collection],
        *,
        decisions: Sequence[Decision] = (),
    ) -> None:
        words = standing(decisions, campaign_key=None, at=_EVER)
        self._words = tuple(word for word in words if word.action in _OBEYED_HERE and word.message_sha256)
        self._remembered = remembered_senders(words)
        self._collections = tuple(collections)
        self._placers = {
            collection.campaign.key: Placer(
                collection.roster,
                remembered=self._remembered,
                regions=[region_in(collection.campaign.title)],
                zone=collection.campaign.zone,
            )
            for collection in collections
        }

    @property
    def basis(self) -> PlacingBasis:
        """Differs whenever some message might be placed differently."""
        units = [
            (collection.campaign, unit.name, unit.parent, unit.aliases, unit.emails)
            for collection in self._collections
            for unit in collection.roster.units
        ]
        of_message: dict[str, list[Decision]] = {}
        for word in self._words:
            of_message.setdefault(word.message_sha256, []).append(word)
        return PlacingBasis(
            rules=_fingerprint((PLACING_VERSION, units)),
            assignments={sha256: _fingerprint(words) for sha256, words in of_message.items()},
            remembered=self._remembered,
        )

    def place(self, message: ReceivedMessage) -> Placement:
        campaign = campaign_at([collection.campaign for collection in self._collections], message.received_at)
        if campaign is None:
            return Placement(note="收到时没有正在进行的报送任务")
        words = [word for word in self._words if word.message_sha256 == message.sha256]
        assigned = [word for word in words if word.action == Action.ASSIGN]
        placement = self._placers[campaign.key].place(as_people_read_it(message, words), decisions=assigned)
        claims = tuple(_checked(claim, campaign) for claim in placement.claims)
        return _without_dismissed(replace(placement, claims=claims), words)

    def spoken_of(self, placement: Placement, received_at: datetime) -> tuple[str, frozenset[tuple[str, str]]]:
        """The campaign, and each (unit, deliverable) of it that the message brings something for."""
        campaign = campaign_at([collection.campaign for collection in self._collections], received_at)
        if campaign is None:
            return "", frozenset()
        return campaign.key, frozenset(
            (claim.unit, deliverable.key)
            for claim in placement.claims
            for deliverable in campaign.deliverables
            if claim.kind in (None, deliverable.kind)
        )


def as_people_read_it(message: ReceivedMessage, words: Sequence[Decision]) -> ReceivedMessage:
    """The message with its forms as people corrected them; `words` are the standing decisions about it."""
    corrections = corrections_of(words)
    if not corrections:
        return message
    items = (
        replace(item, extraction=corrected(item.extraction, corrections[item.path]))
        if item.path in corrections
        else item
        for item in message.items
    )
    return replace(message, items=tuple(items))


def _without_dismissed(placement: Placement, words: Sequence[Decision]) -> Placement:
    """Mail that nobody could be found for and that a person sent away no longer waits."""
    waiting = placement.unattributed
    rejects = [word for word in words if word.action == Action.REJECT]
    if waiting is None or not rejects:
        return placement
    paths = tuple(path for path in waiting.paths if not any(_covers(word, path) for word in rejects))
    if paths:
        return replace(placement, unattributed=replace(waiting, paths=paths))
    return replace(placement, unattributed=None, note=f"{rejects[-1].author}认定不是报送材料")


def _covers(word: Decision, path: str) -> bool:
    return word.path in ("", path) or path.startswith(f"{word.path}/")


def _fingerprint(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "backslashreplace")).hexdigest()


def _checked(claim: Claim, campaign: Campaign) -> Claim:
    """Marks the form, plan or summary of another year's campaign."""
    if claim.kind in (None, "evidence") or not names_other_year(claim.extraction.title, campaign):
        return claim
    finding = Finding(code=Code.FORM_WRONG, detail=f"材料标题为“{claim.extraction.title}”，不是本次活动的材料")
    return replace(claim, findings=(*claim.findings, finding))
