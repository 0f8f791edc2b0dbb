"""Applies the pure placing rules with what this installation knows: campaigns, rosters, what a person decided.

A message belongs to the campaign that is open when it comes. On what it was placed is remembered in the store
(`ingest.placing_basis`); when that changes, what it concerns is placed anew, so that a mended roster mends the report
of the mail that is already here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from ingest.placing_basis import PlacingBasis
from rules.campaign import Campaign, campaign_at
from rules.claims import Claim, Decision, Placement, Unattributed
from rules.findings import Code, Finding
from rules.messages import ReceivedMessage
from rules.overruling import Action, standing
from rules.placing import Placer
from rules.regions import region_in
from rules.roster import Roster
from rules.years import names_other_year

PLACING_VERSION: Final = 1
"""Raise it with every change of the placing rules: everything kept is then placed anew."""

_EVER: Final = datetime.max.replace(tzinfo=UTC)  # what a person says of a mail holds for every moment of the report


@dataclass(frozen=True, kw_only=True, slots=True)
class Collection:
    """A campaign with the roster of its units."""

    campaign: Campaign
    roster: Roster


class PlacingRules:
    """Puts messages to units by the campaign that is open when they come."""

    def __init__(
        self,
        collections: Sequence[Collection],
        *,
        decisions: Sequence[Decision] = (),
        remembered: Mapping[str, str] | None = None,
    ) -> None:
        self._assignments = tuple(
            decision for decision in standing(decisions, campaign_key="", at=_EVER) if decision.action == Action.ASSIGN
        )
        self._remembered = dict(remembered or {})
        self._collections = tuple(collections)
        self._placers = {
            collection.campaign.key: Placer(
                collection.roster, remembered=self._remembered, regions=[region_in(collection.campaign.title)]
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
        for assignment in self._assignments:
            of_message.setdefault(assignment.message_sha256, []).append(assignment)
        return PlacingBasis(
            rules=_fingerprint((PLACING_VERSION, units)),
            assignments={sha256: _fingerprint(assignments) for sha256, assignments in of_message.items()},
            remembered=self._remembered,
        )

    def place(self, message: ReceivedMessage) -> Placement:
        campaign = campaign_at([collection.campaign for collection in self._collections], message.received_at)
        if campaign is None:
            return Placement(note="收到时没有正在进行的报送任务")
        placement = self._placers[campaign.key].place(message, decisions=self._assignments)
        return replace(placement, claims=tuple(_checked(claim, campaign) for claim in placement.claims))


def _fingerprint(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "backslashreplace")).hexdigest()


def _checked(claim: Claim, campaign: Campaign) -> Claim:
    """Marks the form, plan or summary of another year's campaign."""
    if claim.kind in (None, "evidence") or not names_other_year(claim.extraction.title, campaign):
        return claim
    finding = Finding(code=Code.FORM_WRONG, detail=f"材料标题为“{claim.extraction.title}”，不是本次活动的材料")
    return replace(claim, findings=(*claim.findings, finding))


def quarantined(sha256: str, received_at: datetime, error: str) -> Placement:
    """What the report shows for a message that could not be taken apart: never silence."""
    return Placement(
        unattributed=Unattributed(
            message_sha256=sha256,
            message_id=f"<{sha256[:32]}@quarantine>",
            sender="",
            subject="",
            received_at=received_at,
            reason=f"邮件无法解析，已隔离保存，请人工查看（{error}）",
        )
    )
