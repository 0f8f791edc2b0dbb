"""The tables of outgoing mail.

outgoing ──< outgoing_changes        every mail that was planned, and every state that it has been in
└─────< bounces                  what came back
contacts                             which addresses a person has written from
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.models import Base, Digest, Json, Word, Written


class OutgoingRow(Base):
    """`rules.outgoing.OutgoingMail`. Claimed by whoever sends it under a token of its own."""

    __tablename__ = "outgoing"
    __table_args__ = (
        CheckConstraint(
            "state in ('draft', 'approved', 'sending', 'sent', 'skipped', 'discarded', 'failed', 'unknown')",
            name="state",
        ),
        Index(None, "state", "not_before"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Word]
    campaign: Mapped[Written]
    stage: Mapped[Word]
    dedupe_key: Mapped[Written]
    dedupe_digest: Mapped[Digest] = mapped_column(unique=True)
    message_id: Mapped[Written]
    message_id_key: Mapped[Digest] = mapped_column(unique=True)
    recipients: Mapped[Json]
    copies: Mapped[Json]
    subject: Mapped[Written]
    text: Mapped[Written]
    html: Mapped[Written]
    items: Mapped[Json]
    answers: Mapped[Json]
    in_reply_to: Mapped[Written]
    references: Mapped[Json]
    not_before: Mapped[datetime | None]
    state: Mapped[Word]
    created_at: Mapped[datetime] = mapped_column(index=True)
    approved_by: Mapped[Written] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    claim: Mapped[Digest | None] = mapped_column(unique=True)
    claimed_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[Written] = mapped_column(default="")
    skipped_because: Mapped[Written] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    bounce: Mapped[Word] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=0)


class OutgoingChangeRow(Base):
    """A state that a mail has come to, when, through whom and why. Only added to."""

    __tablename__ = "outgoing_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing.id"), index=True)
    state: Mapped[Word]
    at: Mapped[datetime]
    author: Mapped[Written]
    note: Mapped[Written]


class BounceRow(Base):
    """A mail of ours that came back from one address, as one received message says."""

    __tablename__ = "bounces"
    __table_args__ = (UniqueConstraint("message_sha256", "address_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_sha256: Mapped[Digest]  # of the message that says so
    address_key: Mapped[Digest] = mapped_column(index=True)
    address: Mapped[Written]
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing.id"), index=True)
    kind: Mapped[Word]
    at: Mapped[datetime]
    reason: Mapped[Written]


class ReplyRow(Base):
    """A received message of a person that answers a letter of ours to a unit."""

    __tablename__ = "replies"

    message_sha256: Mapped[Digest] = mapped_column(primary_key=True)
    outgoing_id: Mapped[int] = mapped_column(ForeignKey("outgoing.id"))
    at: Mapped[datetime] = mapped_column(index=True)


class ContactRow(Base):
    """An address from which a person has written, and when last."""

    __tablename__ = "contacts"

    key: Mapped[Digest] = mapped_column(primary_key=True)  # of the address
    address: Mapped[Written]
    heard_at: Mapped[datetime]
