"""What reminders brought: how much of what was asked for came afterwards, how soon, and how much of it in time.

    responses(sent, report) → one Response a stage, in the order of the stages

An arrival is put to the last reminder before it, so that nothing counts twice: what a first reminder did not bring, a
second one did. A unit that has been exempted since leaves the count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from rules.assessment import Assessment, CampaignReport, Status
from rules.outgoing import MailKind, OutgoingMail
from rules.stages import Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """`asked` counts deliverables of units; `came` those that were complete before the next reminder, or at last.

    `median_wait` from the mail to the complete material; None where nothing came.
    """

    stage: Stage
    asked: int
    came: int
    in_time: int
    median_wait: timedelta | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asking:
    """One reminder of one deliverable. `until`: the next reminder of the same."""

    stage: str
    at: datetime
    until: datetime | None
    found: Assessment

    @property
    def came_at(self) -> datetime | None:
        """None also for what had come by then: it was on its way when the mail went."""
        complete = self.found.complete_at
        is_its_own = complete is not None and self.at < complete and (self.until is None or complete <= self.until)
        return complete if is_its_own else None


def responses(sent: Iterable[OutgoingMail], report: CampaignReport) -> tuple[Response, ...]:
    """`sent`: mails that went out, of any kind; those of other campaigns are left out."""
    by_stage: dict[str, list[_Asking]] = defaultdict(list)
    for asking in _askings(sent, report):
        by_stage[asking.stage].append(asking)
    found = [_response(Stage.parse(stage), askings) for stage, askings in by_stage.items()]
    return tuple(sorted(found, key=lambda one: one.stage.offset))


def _askings(sent: Iterable[OutgoingMail], report: CampaignReport) -> Iterable[_Asking]:
    cells = {unit.unit.name: unit.assessments for unit in report.units}
    asked: dict[tuple[str, str], dict[datetime, str]] = defaultdict(dict)
    for mail in sent:
        if mail.letter.kind is MailKind.REMINDER and mail.letter.campaign == report.campaign.key and mail.sent_at:
            for item in mail.letter.items:
                asked[item.unit, item.deliverable][mail.sent_at] = mail.letter.stage
    for (unit, deliverable), stages in asked.items():
        found = cells.get(unit, {}).get(deliverable)
        if found is None or found.status is Status.EXEMPT:
            continue
        moments = sorted(stages)
        for at, until in zip(moments, [*moments[1:], None], strict=True):
            yield _Asking(stage=stages[at], at=at, until=until, found=found)


def _response(stage: Stage, askings: list[_Asking]) -> Response:
    waits = [(one.came_at - one.at, one.found.status) for one in askings if one.came_at is not None]
    return Response(
        stage=stage,
        asked=len(askings),
        came=len(waits),
        in_time=sum(status is Status.ON_TIME for _, status in waits),
        median_wait=timedelta(seconds=median(wait.total_seconds() for wait, _ in waits)) if waits else None,
    )
