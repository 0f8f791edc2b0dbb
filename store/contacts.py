"""Which addresses mail reaches. An address is unreachable after two hard bounces, or three bounces of any severity that
count, within seven days; a mail from it, or a person's word, makes it reachable again. A delay is not a bounce.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rules.bouncing import BounceKind
from store.outbox_models import BounceRow, ContactRow, OutgoingRow
from store.types import key_of
from store.upserting import insert_if_new

WINDOW: Final = timedelta(days=7)
HARD_LIMIT: Final = 2
ANY_LIMIT: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounce:
    """A mail of ours that came back from one address. `message_sha256` is the message that says so."""

    message_sha256: str
    outgoing_id: int
    address: str
    kind: BounceKind
    at: datetime
    reason: str


def record_bounce(session: Session, bounce: Bounce) -> bool:
    """False if it is known already. The mail shows the worst that came back of it."""
    is_new = insert_if_new(
        session,
        BounceRow,
        message_sha256=bounce.message_sha256,
        address=bounce.address.lower(),
        address_key=key_of(bounce.address.lower()),
        outgoing_id=bounce.outgoing_id,
        kind=bounce.kind,
        at=bounce.at,
        reason=bounce.reason,
    )
    if is_new and bounce.kind is not BounceKind.DELAYED:
        shown = update(OutgoingRow).where(OutgoingRow.id == bounce.outgoing_id)
        if bounce.kind is BounceKind.SOFT:
            shown = shown.where(OutgoingRow.bounce == "")
        session.execute(shown.values(bounce=bounce.kind))
    return is_new


def bounces(session: Session) -> tuple[Bounce, ...]:
    """Every one, the oldest first."""
    return tuple(_bounce(row) for row in session.scalars(select(BounceRow).order_by(BounceRow.at, BounceRow.id)))


def hear_from(session: Session, address: str, *, at: datetime) -> None:
    """A person has written from the address, or somebody says that it works: what bounced before counts no more."""
    address = address.lower()
    if not insert_if_new(session, ContactRow, key=key_of(address), address=address, heard_at=at):
        newer = update(ContactRow).where(ContactRow.key == key_of(address), ContactRow.heard_at < at)
        session.execute(newer.values(heard_at=at))


def unreachable(session: Session) -> frozenset[str]:
    """The addresses that mail does not reach, in small letters."""
    heard = {row[0]: row[1] for row in session.execute(select(ContactRow.address, ContactRow.heard_at)).all()}
    by_address: dict[str, list[Bounce]] = defaultdict(list)
    for bounce in bounces(session):
        if bounce.address not in heard or bounce.at > heard[bounce.address]:
            by_address[bounce.address].append(bounce)
    return frozenset(address for address, found in by_address.items() if _is_too_much(found))


def _is_too_much(found: Iterable[Bounce]) -> bool:
    counting = [bounce for bounce in found if bounce.kind is not BounceKind.DELAYED]
    hard = [bounce.at for bounce in counting if bounce.kind is BounceKind.HARD]
    return _within_window(hard, HARD_LIMIT) or _within_window([bounce.at for bounce in counting], ANY_LIMIT)


def _within_window(moments: list[datetime], limit: int) -> bool:
    """Are there `limit` of them within the window? `moments` in order."""
    return any(last - first <= WINDOW for first, last in zip(moments, moments[limit - 1 :], strict=False))


def _bounce(row: BounceRow) -> Bounce:
    return Bounce(
        message_sha256=row.message_sha256,
        outgoing_id=row.outgoing_id,
        address=row.address,
        kind=BounceKind(row.kind),
        at=row.at,
        reason=row.reason,
    )
