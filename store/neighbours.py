"""The files of other mail from the same sender, around a message in time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, select, type_coerce, update
from sqlalchemy.orm import Session

from rules.codec import envelope_from_json
from store.messages import StoredPart, parts_of_messages
from store.models import MessageRow, State


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """Another message that the sender of one wrote."""

    sha256: str
    received_at: datetime
    parts: tuple[StoredPart, ...]


def from_sender(session: Session, address: str, *, since: datetime, until: datetime) -> tuple[Neighbour, ...]:
    """The messages from that address between the two moments, the oldest first; also what waits to be read again."""
    named = type_coerce(MessageRow.envelope, Text).contains(address, autoescape=True)
    query = select(MessageRow.sha256, MessageRow.received_at, MessageRow.envelope).where(
        MessageRow.message_id_key.is_not(None), MessageRow.received_at.between(since, until), named
    )
    found = {}
    for sha256, received_at, envelope in session.execute(query.order_by(MessageRow.received_at, MessageRow.sha256)):
        sender = envelope_from_json(envelope).header_from
        if sender is not None and sender.address == address:
            found[sha256] = received_at
    parts = parts_of_messages(session, found)
    return tuple(
        Neighbour(sha256=sha256, received_at=received_at, parts=parts.get(sha256, ()))
        for sha256, received_at in found.items()
    )


def let_wait_again(session: Session, digests: Iterable[str]) -> None:
    """The messages are read once more by this run or the next."""
    for sha256 in digests:
        session.execute(update(MessageRow).where(MessageRow.sha256 == sha256).values(state=State.KEPT))
