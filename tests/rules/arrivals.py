"""Makers for received mail that is to be answered, and the receipts that went out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rules.answering import Arrival, Receipt
from rules.claims import Claim, Placement
from rules.messages import Address, Envelope, Item, ReceivedMessage
from rules.outgoing import Letter, MailKind, MailState, OutgoingMail
from tests.rules.cases import claim

BOX = "box@example.org"
OWN = frozenset({BOX})
TEACHER = "zhixi@example.org"


def arrival(
    received_at: datetime,
    *,
    kind: str | None = "plan",
    unit: str = "直溪中学",
    sender: str = TEACHER,
    files: tuple[str, ...] | None = None,
    **envelope: object,
) -> Arrival:
    """A mail with one claim for each file; `files` are names, equal names have equal content."""
    names = files if files is not None else (f"{received_at:%d%H%M%S}.docx",)
    claims = [claim(kind, received_at, name=name, unit=unit, path=f"2.{n}") for n, name in enumerate(names)]
    facts = Envelope(
        message_id=f"<{received_at.timestamp()}@example.org>",
        header_from=Address(address=sender, name="王老师"),
        subject="活动周方案",
        to=(Address(address=BOX),),
    )
    message = ReceivedMessage(
        sha256=claims[0].message_sha256 if claims else f"{received_at.timestamp():064.0f}",
        received_at=received_at,
        envelope=replace(facts, **envelope),  # type: ignore[arg-type] - the test names the fields
        items=tuple(Item(path=one.path, extraction=one.extraction) for one in claims),
    )
    return Arrival(message=message, placement=Placement(claims=tuple(claims)))


def unplaced(received_at: datetime) -> Arrival:
    return replace(arrival(received_at), placement=Placement(note="没有报送材料"))


def put_to(one: Arrival, *claims: Claim) -> Arrival:
    return replace(one, placement=Placement(claims=claims))


def answered(receipt: Receipt, at: datetime, number: int = 1, state: MailState = MailState.SENT) -> OutgoingMail:
    letter = Letter(
        kind=MailKind.RECEIPT,
        campaign="2023",
        to=(receipt.to,),
        subject="【回执】",
        text="",
        dedupe_key=receipt.dedupe_key,
        answers=tuple(one.message.sha256 for one in receipt.arrivals),
    )
    return OutgoingMail(
        id=number, letter=letter, state=state, message_id=f"<r.{number}@example.org>", created_at=at, sent_at=at
    )
