"""Which received mails get a receipt, and when: never a machine's, never twice, never in a loop.

    why_unanswered(arrival, own)  → a Chinese reason, empty for a mail that a person sent with material in it
    plan_receipts(arrivals, …)    → ReceiptPlan(receipts, loops)

Headers tell most machines (`Envelope.is_automatic`); those without such headers are told by counting. For each address:

    mails of ten minutes          one receipt for all of them
    a receipt went lately         the next waits until ten minutes have passed
    four went within a day        the next waits for the next day
    what comes brings nothing     a loop: no more mail, a person is told. A mail brings nothing new when all that was
    new, the third time           found in it came before from the same address
    three went within a day,      a loop as well: for machines that make a new file each time
    and all answers to them

What is not answered is read and counted all the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from rules.claims import Claim, Placement
from rules.messages import Envelope, ReceivedMessage
from rules.outgoing import MailKind, MailState, OutgoingMail

TOGETHER: Final = timedelta(minutes=10)
"""Mails of one address within this time are answered together, and two receipts are at least so far apart."""

MOST_A_DAY: Final = 4
LOOP_AFTER: Final = 3
_DAY: Final = timedelta(days=1)
_SUBJECT_MARK: Final = "【回执】"
_NEVER_WENT: Final = frozenset({MailState.DISCARDED, MailState.FAILED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A received message and what placing made of it."""

    message: ReceivedMessage
    placement: Placement

    @property
    def answer_to(self) -> str:
        """Where its sender wants answers; empty when the mail does not say."""
        envelope = self.message.envelope
        address = envelope.reply_to or envelope.header_from
        return address.address if address else ""

    @property
    def material(self) -> frozenset[str]:
        """The hashes of what was put to a unit."""
        return frozenset(claim.extraction.sha256 for claim in self.placement.claims)


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """One answer to be written to `to`, about `arrivals`, the oldest first."""

    to: str
    arrivals: tuple[Arrival, ...]
    dedupe_key: str

    @property
    def newest(self) -> Arrival:
        return self.arrivals[-1]

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for arrival in self.arrivals for claim in arrival.placement.claims)

    @property
    def number(self) -> str:
        """The first digits of the newest mail's SHA-256: whoever quotes it, the mail can be looked up by it."""
        return self.newest.message.sha256[:8].upper()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptPlan:
    """`loops`: addresses that answer us with nothing new, each with the mails that are left unanswered for it."""

    receipts: tuple[Receipt, ...] = ()
    loops: tuple[Receipt, ...] = ()


def why_unanswered(arrival: Arrival, own: frozenset[str]) -> str:
    """Why no receipt is sent; `own` holds the addresses that are ours, in lower case."""
    envelope = arrival.message.envelope
    if envelope.is_automatic:
        return envelope.automatic_reason or "自动邮件"
    if not arrival.answer_to:
        return "没有发件人"
    if arrival.answer_to in own or (envelope.header_from and envelope.header_from.address in own):
        return "本邮箱自己发出的邮件"
    if not _is_addressed_to(envelope, own):
        return "收件人和抄送中没有本邮箱"
    return "" if arrival.placement.claims else "没有已认定归属的报送材料"


def plan_receipts(
    arrivals: Iterable[Arrival], outbox: Sequence[OutgoingMail], *, own: frozenset[str], at: datetime
) -> ReceiptPlan:
    """`arrivals`: every mail since answering was switched on; `outbox`: receipts in any state."""
    receipts = [mail for mail in outbox if mail.letter.kind is MailKind.RECEIPT and mail.state is not MailState.SKIPPED]
    dropped = {mail.letter.dedupe_key for mail in outbox if mail.state is MailState.SKIPPED}
    answered = {sha256 for mail in receipts for sha256 in mail.letter.answers}
    ours = frozenset(mail.message_id for mail in outbox)
    known = {arrival.message.sha256: arrival for arrival in arrivals}
    waiting: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in sorted(known.values(), key=lambda one: (one.message.received_at, one.message.sha256)):
        if arrival.message.sha256 not in answered and not why_unanswered(arrival, own):
            waiting[arrival.answer_to].append(arrival)
    planned, loops = [], []
    for address, mails in waiting.items():
        sent = [mail for mail in receipts if address in mail.letter.to and mail.state not in _NEVER_WENT]
        if _repeats(mails, sent, known) or _echoes(mails, sent, ours, at):
            loops.append(receipt_of(address, mails))
        elif _is_due(mails, list(map(_moment, sent)), at):
            planned.append(receipt_of(address, mails, dropped))
    return ReceiptPlan(receipts=tuple(planned), loops=tuple(loops))


def _is_addressed_to(envelope: Envelope, own: frozenset[str]) -> bool:
    """False only for a mail that names others: a mass mail by Bcc, or one that only passed through."""
    named = {address.address for address in (*envelope.to, *envelope.cc)}
    return not own or not named or not named.isdisjoint(own)


def _is_due(mails: Sequence[Arrival], sent: Sequence[datetime], at: datetime) -> bool:
    if at < mails[0].message.received_at + TOGETHER:
        return False
    if any(at < moment + TOGETHER for moment in sent):
        return False
    return _since(sent, at - _DAY) < MOST_A_DAY


def _repeats(mails: Sequence[Arrival], sent: Sequence[OutgoingMail], known: Mapping[str, Arrival]) -> bool:
    """The mails bring nothing new, and so did those of all but one of so many receipts as make a loop."""
    seen: set[str] = set()
    repeated = 0
    for receipt in sorted(sent, key=_moment):
        material = {digest for sha256 in receipt.letter.answers if sha256 in known for digest in known[sha256].material}
        repeated += material <= seen
        seen |= material
    return repeated >= LOOP_AFTER - 1 and all(mail.material <= seen for mail in mails)


def _echoes(mails: Sequence[Arrival], sent: Sequence[OutgoingMail], ours: frozenset[str], at: datetime) -> bool:
    """So many receipts as make a loop went within a day, and all that comes answers them."""
    is_many = _since(map(_moment, sent), at - _DAY) >= LOOP_AFTER
    return is_many and all(_answers_us(mail.message.envelope, ours) for mail in mails)


def _answers_us(envelope: Envelope, ours: frozenset[str]) -> bool:
    quoted = {envelope.in_reply_to, *envelope.references}
    return not ours.isdisjoint(quoted) or _SUBJECT_MARK in envelope.subject


def _since(moments: Iterable[datetime], begin: datetime) -> int:
    return sum(moment > begin for moment in moments)


def _moment(mail: OutgoingMail) -> datetime:
    return mail.sent_at or mail.created_at


def receipt_of(address: str, mails: Sequence[Arrival], dropped: Container[str] = ()) -> Receipt:
    """About these mails, the oldest first. One that was dropped before it went is written anew under another key."""
    text = "\n".join([MailKind.RECEIPT, *sorted(mail.message.sha256 for mail in mails)])
    keys = (hashlib.sha256(f"{text}\n{number}".encode()).hexdigest() for number in count())
    return Receipt(to=address, arrivals=tuple(mails), dedupe_key=next(key for key in keys if key not in dropped))
