"""A mail that baosong wants to send: what it is, to whom, of what it speaks, and how far it has come.

Planning yields a `Letter`; the store keeps it as an `OutgoingMail` and moves its state:

    draft ──► approved ──► sending ──► sent
      │          │            ├──────► failed     the server refused it for good
      │          │            ├──────► unknown    nobody knows whether it went: a person decides, it is never sent again
      └──────────┴──────────► skipped / discarded
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from rules.assessment import Status


class MailKind(StrEnum):
    """Why a mail goes out."""

    RECEIPT = "receipt"  # 回执: what was received, in the thread of the unit's mail
    REMINDER = "reminder"  # 催报: what is owed
    DIGEST = "digest"  # to the coordinator, on working mornings
    ALARM = "alarm"  # to the coordinator, when nobody would notice otherwise


class MailState(StrEnum):
    """How far a mail has come."""

    DRAFT = "draft"  # waits for the coordinator
    APPROVED = "approved"  # may go when its turn comes
    SENDING = "sending"  # claimed by a sender
    SENT = "sent"
    SKIPPED = "skipped"  # its reason was gone before it went, e.g. the unit has submitted meanwhile
    DISCARDED = "discarded"  # by the coordinator
    FAILED = "failed"
    UNKNOWN = "unknown"


WAITING: Final = frozenset({MailState.DRAFT, MailState.APPROVED})
"""A mail in one of these can still be taken back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterItem:
    """One thing that a mail speaks of: a unit's deliverable, its effective due moment, and how it stood when planned.

    `findings` are Chinese sentences for the unit.
    """

    unit: str
    deliverable: str
    status: Status
    due_at: datetime
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A mail as planned. `dedupe_key` is equal for two plans of the same mail: the second is not kept.

    `answers` holds the SHA-256 of the received messages that a receipt answers. It does not go before `not_before`.
    """

    kind: MailKind
    campaign: str
    to: tuple[str, ...]
    subject: str
    text: str
    dedupe_key: str
    html: str = ""
    cc: tuple[str, ...] = ()
    stage: str = ""  # of a reminder, as configured: "-3d"
    items: tuple[LetterItem, ...] = ()
    answers: tuple[str, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingMail:
    """A letter in the outbox. `message_id` is fixed when it enters, so that a bounce or a copy in Sent can be told."""

    id: int
    letter: Letter
    state: MailState
    message_id: str
    created_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None
    attempts: int = 0
    last_error: str = ""
    skipped_because: str = ""
    sent_at: datetime | None = None
    bounce: str = ""  # "", "soft" or "hard"
    version: int = 0  # counts changes: who changes a mail says which version was seen
