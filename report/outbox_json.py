"""A mail of the outbox as JSON, for `outbox list --json` and the API."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from report.as_json import instant
from rules.outgoing import OutgoingMail


def mail_as_json(mail: OutgoingMail, zone: ZoneInfo) -> dict[str, Any]:
    """`text` is what goes out word for word."""
    letter = mail.letter
    return {
        "id": mail.id,
        "version": mail.version,
        "kind": letter.kind.value,
        "state": mail.state.value,
        "campaign": letter.campaign,
        "stage": letter.stage,
        "to": list(letter.to),
        "cc": list(letter.cc),
        "subject": letter.subject,
        "text": letter.text,
        "items": [
            {
                "unit": item.unit,
                "deliverable": item.deliverable,
                "status": item.status.value,
                "due_at": instant(item.due_at, zone),
                "findings": list(item.findings),
            }
            for item in letter.items
        ],
        "message_id": mail.message_id,
        "created_at": instant(mail.created_at, zone),
        "approved_by": mail.approved_by,
        "sent_at": instant(mail.sent_at, zone),
        "not_before": instant(letter.not_before, zone),
        "attempts": mail.attempts,
        "bounce": mail.bounce,
        "error": mail.last_error,
        "skipped_because": mail.skipped_because,
    }
