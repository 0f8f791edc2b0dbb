"""What a unit owes at a moment, as far as it can be told of it.

    missing                                     owed
    incomplete                                  owed, unless a person at the bureau is to look at it first
    pending                                     owed from the first stage before its due moment on
    unknown · on time · late · exempt           not owed: nobody knows, or there is nothing more to do

What waits for a person at the bureau is not the unit's fault; nor is mail of which a person is still to say whether it
is this unit's and which may be what is missing. Past the due moment an incomplete deliverable is only
owed if the mailbox was read since: the missing part may lie in it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rules.assessment import Assessment, CampaignReport, Status
from rules.campaign import Deliverable
from rules.roster import Unit
from rules.stages import Holding, Stage, holding_stage


class Standing(StrEnum):
    """How one thing stands with a unit, seen by who is to remind."""

    OWED = "owed"
    SETTLED = "settled"  # complete, exempt
    AHEAD = "ahead"  # not due, and no stage has begun
    BUREAU = "bureau"  # waits for a person at the bureau
    BLIND = "blind"  # past due, the mailbox not read since


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """One thing that a unit owes. `holding` is the stage that holds; None while it is only mentioned beside others."""

    unit: Unit
    deliverable: Deliverable
    assessment: Assessment
    holding: Holding | None = None

    @property
    def due_at(self) -> datetime:
        return self.assessment.due_at

    @property
    def is_overdue(self) -> bool:
        return self.assessment.status is Status.MISSING or self.assessment.is_overdue

    @property
    def is_started(self) -> bool:
        """Something has come already: such a unit is told what is wrong, not that nothing is there."""
        return self.assessment.status is Status.INCOMPLETE

    @property
    def key(self) -> tuple[str, str, datetime]:
        """An extension makes it another thing."""
        return (self.unit.name, self.deliverable.key, self.due_at)


def standings_by_unit(
    report: CampaignReport, stages: Iterable[Stage], *, only: Container[str] | None = None
) -> dict[str, list[tuple[Standing, Owed]]]:
    """Every thing that is asked, of all units or `only` of these; in roster order, then in the campaign's."""
    stages = tuple(stages)
    return {
        one.unit.name: [
            _standing(_owed(one.unit, key, assessment, report, stages), report)
            for key, assessment in one.assessments.items()
        ]
        for one in report.units
        if only is None or one.unit.name in only
    }


def owed_in(standings: Iterable[tuple[Standing, Owed]]) -> list[Owed]:
    return [owed for standing, owed in standings if standing is Standing.OWED]


def _owed(unit: Unit, key: str, assessment: Assessment, report: CampaignReport, stages: tuple[Stage, ...]) -> Owed:
    """Within the grace nobody is reminded as if it were over: a stage after the due moment waits for its end."""
    owed = Owed(unit=unit, deliverable=report.campaign.deliverable(key), assessment=assessment)
    holding = holding_stage(stages, assessment.due_at, report.as_of, report.campaign.zone)
    if holding and holding.stage.is_after and not owed.is_overdue:
        return owed
    return replace(owed, holding=holding)


def _standing(owed: Owed, report: CampaignReport) -> tuple[Standing, Owed]:
    match owed.assessment.status:
        case Status.UNKNOWN:
            standing = Standing.BLIND
        case Status.MISSING | Status.PENDING | Status.INCOMPLETE if owed.assessment.may_have_come:
            standing = Standing.BUREAU
        case Status.MISSING:
            standing = Standing.OWED
        case Status.PENDING:
            standing = Standing.OWED if owed.holding else Standing.AHEAD
        case Status.INCOMPLETE if owed.assessment.needs_review:
            standing = Standing.BUREAU
        case Status.INCOMPLETE:
            standing = Standing.BLIND if _is_blind(owed, report) else Standing.OWED
        case _:
            standing = Standing.SETTLED
    return standing, owed


def _is_blind(owed: Owed, report: CampaignReport) -> bool:
    read = report.mail_read_until
    return owed.is_overdue and (read is None or read < owed.due_at + owed.deliverable.grace)
