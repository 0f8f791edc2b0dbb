"""Passes over the mailboxes, and up to when the mail is known.

Only a complete pass tells that something is not there (design, invariant 5). One that was killed never ends and so
never counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from store.messages import oldest_unread
from store.models import PassRow

IMPORT: Final = "import"
"""The source of an import; that of a pass over a mailbox is its account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pass:
    """One pass or import. `ended_at` is None while it runs, and for ever if it was killed."""

    id: int
    source: str
    began_at: datetime
    ended_at: datetime | None
    is_complete: bool
    counts: dict[str, float]
    error: str


def begin_pass(session: Session, *, began_at: datetime, source: str) -> int:
    """The id of the new pass."""
    added = session.execute(insert(PassRow).values(began_at=began_at, source=source).returning(PassRow.id))
    return added.scalar_one()


def end_pass(
    session: Session,
    pass_id: int,
    *,
    ended_at: datetime,
    is_complete: bool,
    error: str = "",
    counts: Mapping[str, float] | None = None,
) -> None:
    ended = {"ended_at": ended_at, "is_complete": is_complete, "error": error, "counts": dict(counts or {})}
    session.execute(update(PassRow).where(PassRow.id == pass_id).values(ended))


def mail_read_until(session: Session, accounts: Collection[str] = ()) -> datetime | None:
    """Mail that came before this moment is here; None if nothing was read to its end yet.

    An import speaks for all mail. Of several accounts the one that was read longest ago decides: what it holds since is
    unknown. Without `accounts` any complete pass counts. A message that is kept but not read yet may be anybody's:
    until it is read, no pass that began after it came tells who sent nothing.
    """
    newest = select(PassRow.source, func.max(PassRow.began_at)).where(PassRow.is_complete).group_by(PassRow.source)
    unread = oldest_unread(session)
    if unread is not None:
        newest = newest.where(PassRow.began_at <= unread)
    began = {source: began_at for source, began_at in session.execute(newest).all()}  # noqa: C416 - a Row is no pair to mypy
    if not accounts:
        return max(began.values(), default=None)
    imported = [began[IMPORT]] if IMPORT in began else []
    polled = [min(began[account] for account in accounts)] if began.keys() >= set(accounts) else []
    return max(polled + imported, default=None)


def newest_complete_end(session: Session) -> datetime | None:
    """When the newest complete pass or import ended; None if there was none."""
    return session.scalar(select(func.max(PassRow.ended_at)).where(PassRow.is_complete))


def complete_ends(session: Session) -> dict[str, datetime]:
    """When the newest complete pass ended, by source."""
    newest = select(PassRow.source, func.max(PassRow.ended_at)).where(PassRow.is_complete).group_by(PassRow.source)
    return {source: ended for source, ended in session.execute(newest).all() if ended is not None}


def newest_passes(session: Session, *, limit: int = 20) -> tuple[Pass, ...]:
    """The newest first."""
    rows = session.scalars(select(PassRow).order_by(PassRow.began_at.desc(), PassRow.id.desc()).limit(limit))
    return tuple(
        Pass(
            id=row.id,
            source=row.source,
            began_at=row.began_at,
            ended_at=row.ended_at,
            is_complete=row.is_complete,
            counts=row.counts or {},
            error=row.error,
        )
        for row in rows
    )
