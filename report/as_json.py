"""The report as JSON: section 4 of the contract, to the letter. Keys beyond it are additions and may grow.

Every instant carries the offset of the campaign's zone. Under `late_only` the units with nothing late, missing or
overdue are left out; the units that stay keep all their deliverables, and the totals stay those of the campaign.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from report.cells import is_behind
from rules.assessment import Assessment, CampaignReport, Totals, UnitReport
from rules.campaign import Deliverable
from rules.claims import Decision, Unattributed
from rules.expiring_links import ExpiringLink
from rules.findings import Finding

SCHEMA = 1


def json_text(report: CampaignReport, unattributed: Iterable[Unattributed], *, late_only: bool = False) -> str:
    """One document, indented, ending with a line break; text that UTF-8 cannot carry is replaced."""
    document = report_as_json(report, unattributed, late_only=late_only)
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"


def report_as_json(
    report: CampaignReport, unattributed: Iterable[Unattributed], *, late_only: bool = False
) -> dict[str, Any]:
    campaign, zone = report.campaign, report.campaign.zone
    return {
        "schema": SCHEMA,
        "campaign": {"key": campaign.key, "title": campaign.title},
        "as_of": instant(report.as_of, zone),
        "mail_read_until": instant(report.mail_read_until, zone),
        "deliverables": [deliverable_as_json(deliverable, zone) for deliverable in campaign.deliverables],
        "units": [
            unit_as_json(unit_report, zone)
            for unit_report in report.units
            if not late_only or any(is_behind(assessment) for assessment in unit_report.assessments.values())
        ],
        "unattributed": [_unattributed(mail, zone) for mail in unattributed],
        "totals": {key: _totals(totals) for key, totals in report.totals.items()},
    }


def deliverable_as_json(deliverable: Deliverable, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "key": deliverable.key,
        "title": deliverable.title,
        "due_at": instant(deliverable.due_at(zone), zone),
        "kind": deliverable.kind.value,
    }


def unit_as_json(unit_report: UnitReport, zone: ZoneInfo) -> dict[str, Any]:
    unit = unit_report.unit
    return {
        "name": unit.name,
        "category": unit.category,
        "parent": unit.parent,
        "unreachable": unit_report.is_unreachable,
        "deliverables": {key: _assessment(assessment, zone) for key, assessment in unit_report.assessments.items()},
    }


def _assessment(assessment: Assessment, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "status": assessment.status.value,
        "overdue": assessment.is_overdue,
        "days_late": assessment.days_late,
        "received_at": instant(assessment.received_at, zone),
        "complete_at": instant(assessment.complete_at, zone),
        "due_at": instant(assessment.due_at, zone),
        "needs_review": assessment.needs_review,
        "parts": {name: {"have": part.have, "want": part.want} for name, part in assessment.parts.items()},
        "findings": findings_as_json(assessment.findings),
        "links": [_link(link) for link in assessment.links],
        "sources": [
            {"message_id": source.message_id, "filename": source.filename, "sha256": source.sha256}
            for source in assessment.sources
        ],
        "decision": _decision(assessment.decision, zone) if assessment.decision else None,
    }


def _link(expiring: ExpiringLink) -> dict[str, Any]:
    link = expiring.link
    return {
        "url": link.url,
        "provider": link.provider,
        "filename": link.filename,
        "access_code": link.access_code,
        "expires_at": link.expires_at,
        "days_left": expiring.days_left,
    }


def _decision(decision: Decision, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": decision.id,
        "action": decision.action,
        "author": decision.author,
        "reason": decision.reason,
        "decided_at": instant(decision.decided_at, zone),
        "until": instant(decision.until, zone),
    }


def _unattributed(mail: Unattributed, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "message_id": mail.message_id,
        "from": mail.sender,
        "subject": mail.subject,
        "received_at": instant(mail.received_at, zone),
        "reason": mail.reason,
        "candidates": list(mail.candidates),
    }


def _totals(totals: Totals) -> dict[str, int]:
    return {
        "expected": totals.expected,
        "received": totals.received,
        "complete": totals.complete,
        "on_time": totals.on_time,
        "late": totals.late,
        "incomplete": totals.incomplete,
        "missing": totals.missing,
        "exempt": totals.exempt,
        "unknown": totals.unknown,
        "pending": totals.pending,
    }


def findings_as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [
        {"code": finding.code.value, "blocking": finding.is_blocking, "detail": finding.detail} for finding in findings
    ]


def instant(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """ISO 8601 with the zone's offset, to the microsecond that was stored."""
    return moment.astimezone(zone).isoformat() if moment else None
