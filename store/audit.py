"""Who changed what: append-only, written in the transaction of the change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from store.models import AuditRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One change. `action` is a stable word; `before` and `after` are for people, empty where there was nothing."""

    id: int
    at: datetime
    author: str
    action: str
    subject: str
    before: str
    after: str


def record(
    session: Session, *, at: datetime, author: str, action: str, subject: str, before: str = "", after: str = ""
) -> None:
    values = {"at": at, "author": author, "action": action, "subject": subject, "before": before, "after": after}
    session.execute(insert(AuditRow).values(values))


def newest(session: Session, *, limit: int, offset: int = 0) -> tuple[Entry, ...]:
    """The newest first."""
    rows = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit).offset(offset))
    return tuple(
        Entry(
            id=row.id,
            at=row.at,
            author=row.author,
            action=row.action,
            subject=row.subject,
            before=row.before,
            after=row.after,
        )
        for row in rows
    )


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditRow)) or 0
