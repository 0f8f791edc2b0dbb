"""What people decided, append-only: taken back by a further decision, never changed."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from rules.claims import Decision
from store.models import DecisionRow

_LOCK: Final = 0x6465636973696F6E  # "decision"
_COLUMNS: Final = tuple(getattr(DecisionRow, field.name) for field in fields(Decision))


def append(
    session: Session,
    *,
    action: str,
    author: str,
    reason: str,
    decided_at: datetime,
    campaign: str = "",
    unit: str = "",
    deliverable: str = "",
    message_sha256: str = "",
    path: str = "",
    until: datetime | None = None,
    undoes: int | None = None,
    form_index: int | None = None,
    field: str = "",
    value: str = "",
) -> Decision:
    """Records a decision and gives it its id."""
    values: dict[str, Any] = {
        "action": action,
        "author": author,
        "reason": reason,
        "decided_at": decided_at,
        "campaign": campaign,
        "unit": unit,
        "deliverable": deliverable,
        "message_sha256": message_sha256,
        "path": path,
        "until": until,
        "undoes": undoes,
        "form_index": form_index,
        "field": field,
        "value": value,
    }
    row = session.execute(insert(DecisionRow).values(values).returning(*_COLUMNS)).one()
    return Decision(**row._mapping)


def lock(session: Session) -> None:
    """Nobody else decides until this transaction ends: what is read after it is the newest word.

    SQLite's writer is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def count(session: Session) -> int:
    """Rises with every decision, for none is ever taken away."""
    return session.scalar(select(func.count()).select_from(DecisionRow)) or 0


def all_decisions(session: Session) -> tuple[Decision, ...]:
    """Every decision, those taken back too, in the order in which they were made."""
    rows = session.execute(select(*_COLUMNS).order_by(DecisionRow.id))
    return tuple(Decision(**row._mapping) for row in rows)
