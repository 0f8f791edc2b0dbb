"""Mail of persons that answers a receipt or a reminder. Every letter asks for it where something is wrong, so somebody
has to read it: what brings material is found by that, what only says something is found here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from rules.outgoing import MailKind
from store import outbox
from store.models import ClaimRow, UnattributedRow
from store.outbox_models import ReplyRow
from store.upserting import insert_if_new


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """A received message that answers the mail `outgoing_id` of ours."""

    message_sha256: str
    outgoing_id: int
    at: datetime


def record_reply(session: Session, message_sha256: str, answered: Iterable[str], *, at: datetime) -> bool:
    """`answered`: the Message-IDs that it names, the nearest first. False where none is of a letter to a unit."""
    for message_id in answered:
        mail = outbox.find_by_message_id(session, message_id) if message_id else None
        if mail is not None and mail.letter.kind in (MailKind.RECEIPT, MailKind.REMINDER):
            insert_if_new(session, ReplyRow, message_sha256=message_sha256, outgoing_id=mail.id, at=at)
            return True
    return False


def bare_replies(session: Session, *, since: datetime, limit: int | None = None) -> tuple[Reply, ...]:
    """Those that came after `since` and of which nothing was put to a unit or waits to be, the newest first."""
    rows = session.scalars(
        select(ReplyRow)
        .where(
            ReplyRow.at > since,
            ~exists().where(ClaimRow.message_sha256 == ReplyRow.message_sha256),
            ~exists().where(UnattributedRow.message_sha256 == ReplyRow.message_sha256),
        )
        .order_by(ReplyRow.at.desc(), ReplyRow.message_sha256)
        .limit(limit)
    )
    return tuple(Reply(message_sha256=row.message_sha256, outgoing_id=row.outgoing_id, at=row.at) for row in rows)
