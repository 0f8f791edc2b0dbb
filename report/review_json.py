"""What waits for a person, and decisions, as JSON: for `review list --json` and the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from report.as_json import instant
from rules.assessment import CampaignReport
from rules.claims import Decision, Unattributed


def waiting_as_json(report: CampaignReport, unattributed: Iterable[Unattributed]) -> dict[str, Any]:
    """Mail that was put to nobody, and deliverables of which something should be looked at."""
    return {
        "unattributed": [
            {
                "message_id": mail.message_id,
                "sha256": mail.message_sha256,
                "reason": mail.reason,
                "candidates": list(mail.candidates),
                "paths": list(mail.paths),
            }
            for mail in unattributed
        ],
        "doubtful": [
            {
                "unit": unit.unit.name,
                "deliverable": key,
                "why": "；".join(finding.detail or finding.code.value for finding in assessment.findings),
            }
            for unit in report.units
            for key, assessment in unit.assessments.items()
            if assessment.needs_review
        ],
    }


def decision_as_json(decision: Decision, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": decision.id,
        "action": decision.action,
        "campaign": decision.campaign,
        "unit": decision.unit,
        "deliverable": decision.deliverable,
        "message_sha256": decision.message_sha256,
        "path": decision.path,
        "until": instant(decision.until, zone),
        "undoes": decision.undoes,
        "form_index": decision.form_index,
        "field": decision.field,
        "value": decision.value,
        "author": decision.author,
        "reason": decision.reason,
        "decided_at": instant(decision.decided_at, zone),
    }
