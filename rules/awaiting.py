"""Mail that waits for a person to say whose it is: no unit that has probably sent it is told that nothing came.

A mail that one or two units may have sent holds their reminders back. One of a name that many bear (中心小学) does not:
all but one of them owe what they owe, and would be told too late. The same holds for units whose activities stand in
another unit's form, until a person has said whether it counts for them, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from typing import Final

from rules.assessment import CampaignReport, Status, UnitReport
from rules.claims import Unattributed
from rules.findings import Code
from rules.named_in_rows import units_told

_MOST_CANDIDATES: Final = 2
_OPEN: Final = frozenset({Status.PENDING, Status.UNKNOWN, Status.MISSING, Status.INCOMPLETE})


def with_waiting(report: CampaignReport, waiting: Iterable[Unattributed]) -> CampaignReport:
    """The report with every deliverable marked that is open and probably lies in one of these mails."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for mail in waiting:
        if len(mail.candidates) <= _MOST_CANDIDATES:
            for unit in mail.candidates:
                kinds[unit].update(mail.kinds)
    for unit, kind in _listed_elsewhere(report):
        kinds[unit].add(kind)
    if not kinds:
        return report
    units = (_marked(one, kinds[one.unit.name], report) if one.unit.name in kinds else one for one in report.units)
    return replace(report, units=tuple(units))


def _listed_elsewhere(report: CampaignReport) -> Iterator[tuple[str, str]]:
    """Each unit and kind of form for which somebody else's form may count."""
    for one in report.units:
        for key, assessment in one.assessments.items():
            for finding in assessment.findings:
                if finding.code is Code.OTHER_UNITS:
                    yield from ((unit, report.campaign.deliverable(key).kind) for unit in units_told(finding))


def _marked(one: UnitReport, kinds: Container[str], report: CampaignReport) -> UnitReport:
    assessments = {
        key: replace(assessment, may_have_come=True)
        if assessment.status in _OPEN and report.campaign.deliverable(key).kind in kinds
        else assessment
        for key, assessment in one.assessments.items()
    }
    return replace(one, assessments=assessments)
