"""Moves mail out of the outbox: claimed by one sender, re-judged, handed to the server, settled.

    approved ──claim──► sending ──settle──► sent · failed · unknown, or approved again with a later `not_before`

A claim is a compare-and-set under a token of its own, so that of two senders one gets the mail. What a crash leaves in
`sending` is nobody's after `CLAIM_LASTS`, far longer than a server is waited for: then it is `orphaned`.

Claims are made one at a time under a row lock: the pace and the limits hold for all senders together.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select, true, update
from sqlalchemy.orm import Session

from rules.outgoing import MailKind, MailState, OutgoingMail
from store import meta, outbox, upserting
from store.models import CounterRow
from store.outbox_models import OutgoingRow
from store.types import key_of

CLAIM_LASTS: Final = timedelta(minutes=15)

_GONE: Final = frozenset({MailState.SENDING, MailState.SENT, MailState.UNKNOWN})
_LOCK: Final = key_of("outbox_claims")
_SWITCH: Final = "mail_goes_out"
_HALT: Final = "outbox_halted"
_PAUSE: Final = "outbox_paused_until"
_RESUMED: Final = "outbox_resumed_at"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A mail that one sender holds; what settles it must name the token."""

    mail: OutgoingMail
    token: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch:
    """May mail go out of this installation at all? Off until a person says so (`by`, since `at`)."""

    is_on: bool = False
    by: str = ""
    at: datetime | None = None


# The switch, and the breaker


def switch(session: Session) -> Switch:
    found = meta.get(session, _SWITCH)
    if not found:
        return Switch()
    word, at, by = found.split(" ", 2)
    return Switch(is_on=word == "on", at=datetime.fromisoformat(at), by=by)


def set_switch(session: Session, *, is_on: bool, at: datetime, by: str) -> None:
    """Switching on also ends a halt and a pause: whoever does it has seen why mail stopped."""
    if is_on != switch(session).is_on:
        meta.put(session, _SWITCH, f"{'on' if is_on else 'off'} {at.isoformat()} {by}")
    if is_on:
        meta.put(session, _HALT, "")
        meta.put(session, _PAUSE, "")
        meta.put(session, _RESUMED, at.isoformat())


def halt(session: Session, because: str) -> None:
    """Stops all sending until a person switches it on again, e.g. since the server refuses the sending address."""
    meta.put(session, _HALT, because)


def halted_because(session: Session) -> str:
    """Empty while mail may go."""
    return meta.get(session, _HALT) or ""


def pause(session: Session, until: datetime) -> None:
    """The server asked us to come back later, whatever the mail."""
    meta.put(session, _PAUSE, until.isoformat())


def paused_until(session: Session) -> datetime | None:
    found = meta.get(session, _PAUSE)
    return datetime.fromisoformat(found) if found else None


# Claiming


def lock_claims(session: Session) -> None:
    """Other senders wait until this transaction ends: between asking for the limits and claiming nobody claims."""
    upserting.increment(session, CounterRow, key=_LOCK)


def due(session: Session, *, at: datetime, kinds: Collection[MailKind] = (), limit: int = 50) -> Iterator[OutgoingMail]:
    """Approved mail of these kinds (of all where none is given) whose time has come, what waits longest first; each is
    read when it is asked for.
    """
    query = select(OutgoingRow.id).where(
        OutgoingRow.state == MailState.APPROVED, or_(OutgoingRow.not_before.is_(None), OutgoingRow.not_before <= at)
    )
    if kinds:
        query = query.where(OutgoingRow.kind.in_(kinds))
    order = func.coalesce(OutgoingRow.not_before, OutgoingRow.created_at), OutgoingRow.id
    ids = session.scalars(query.order_by(*order).limit(limit)).all()
    return (mail for mail_id in ids if (mail := outbox.find(session, mail_id)) is not None)


def claim(session: Session, mail: OutgoingMail, *, at: datetime) -> Claim | None:
    """None if the mail was changed, or claimed by another, since it was read."""
    token = secrets.token_hex(32)
    values = {"claim": token, "claimed_at": at, "attempts": OutgoingRow.attempts + 1}
    seen = {mail.id: mail.version}
    if not outbox.change(session, seen, {MailState.APPROVED}, MailState.SENDING, at=at, values=values):
        return None
    claimed = outbox.find(session, mail.id)
    return None if claimed is None else Claim(mail=claimed, token=token)


def put_off(session: Session, mail: OutgoingMail, *, until: datetime, because: str) -> None:
    """Not now: it is asked again at `until`. Leaves a mail alone that was changed since it was read."""
    session.execute(
        update(OutgoingRow)
        .where(
            OutgoingRow.id == mail.id,
            OutgoingRow.version == mail.version,
            OutgoingRow.state == MailState.APPROVED,
        )
        .values(not_before=until, last_error=because)
    )


# Settling


def mark_sent(session: Session, claim: Claim, *, at: datetime, note: str = "") -> bool:
    return _settle(session, claim, MailState.SENT, at=at, note=note, sent_at=at, last_error="")


def mark_failed(session: Session, claim: Claim, *, at: datetime, error: str) -> bool:
    """The server refused it for good."""
    return _settle(session, claim, MailState.FAILED, at=at, note=error, last_error=error)


def mark_unknown(session: Session, claim: Claim, *, at: datetime, error: str) -> bool:
    """Nobody knows whether it went: it is never sent again unless a person says so."""
    return _settle(session, claim, MailState.UNKNOWN, at=at, note=error, last_error=error)


def retry(session: Session, claim: Claim, *, at: datetime, not_before: datetime, error: str) -> bool:
    """It surely did not go, and may be tried again."""
    return _settle(
        session, claim, MailState.APPROVED, at=at, note=error, last_error=error, not_before=not_before, claim=None
    )


def _settle(session: Session, held: Claim, to: MailState, *, at: datetime, note: str, **values: object) -> bool:
    """False if the claim is no longer held. One that was given up as unknown can still turn out to have been sent."""
    row = session.execute(
        select(OutgoingRow.id, OutgoingRow.version).where(OutgoingRow.claim == held.token)
    ).one_or_none()
    if row is None:
        return False
    states = {MailState.SENDING, MailState.UNKNOWN} if to is not MailState.APPROVED else {MailState.SENDING}
    return bool(outbox.change(session, {row.id: row.version}, states, to, at=at, note=note, values=values))


def orphaned(session: Session, *, at: datetime, lasts: timedelta = CLAIM_LASTS) -> tuple[Claim, ...]:
    """Claims that no sender can be holding any more: it was killed between claiming and settling."""
    return _claims(session, OutgoingRow.state == MailState.SENDING, OutgoingRow.claimed_at <= at - lasts)


def doubtful(session: Session, *, since: datetime) -> tuple[Claim, ...]:
    """Mail handed over since then of which nobody knows whether it went: the Sent folder may still tell."""
    return _claims(session, OutgoingRow.state == MailState.UNKNOWN, OutgoingRow.claimed_at >= since)


def _claims(session: Session, *conditions: ColumnElement[bool]) -> tuple[Claim, ...]:
    rows = session.execute(select(OutgoingRow.id, OutgoingRow.claim).where(*conditions).order_by(OutgoingRow.id)).all()
    found = ((outbox.find(session, row.id), row.claim) for row in rows)
    return tuple(Claim(mail=mail, token=token) for mail, token in found if mail is not None and token)


def doubt_approved(session: Session, *, at: datetime, by: str, because: str) -> frozenset[int]:
    """Of an older copy of the outbox nobody knows what went since: such mail waits for a person, who decides."""
    seen = {row.id: row.version for row in session.execute(select(OutgoingRow.id, OutgoingRow.version))}
    values = {"last_error": because}
    return outbox.change(
        session, seen, {MailState.APPROVED}, MailState.UNKNOWN, at=at, author=by, note=because, values=values
    )


def failures_in_a_row(session: Session, *, limit: int) -> int:
    """How many of the newest mails failed or are unknown, up to the first that went; at most `limit`.

    An address that does not exist is the roster's fault, not the account's: it does not count. What failed before a
    person last switched on was seen by that person.
    """
    resumed = meta.get(session, _RESUMED)
    states = session.scalars(
        select(OutgoingRow.state)
        .where(
            OutgoingRow.state.in_((MailState.SENT, MailState.FAILED, MailState.UNKNOWN)),
            or_(OutgoingRow.state == MailState.SENT, OutgoingRow.bounce == ""),
            OutgoingRow.claimed_at > datetime.fromisoformat(resumed) if resumed else true(),
        )
        .order_by(OutgoingRow.claimed_at.desc(), OutgoingRow.id.desc())
        .limit(limit)
    )
    return sum(1 for _ in takewhile(lambda state: state != MailState.SENT, states))


# Limits


def last_claimed_at(session: Session) -> datetime | None:
    """When a mail was last handed to the server, whatever came of it."""
    return session.scalar(select(func.max(OutgoingRow.claimed_at)))


def count_gone(session: Session, *, since: datetime, kinds: Collection[MailKind] = ()) -> int:
    """Mails that went, or may have gone, since then."""
    query = select(func.count()).where(OutgoingRow.state.in_(_GONE), OutgoingRow.claimed_at >= since)
    return session.scalar(query.where(OutgoingRow.kind.in_(kinds)) if kinds else query) or 0


def gone_by_recipient(session: Session, *, since: datetime, kinds: Collection[MailKind] = ()) -> Counter[str]:
    """Of those, how many to each address."""
    query = select(OutgoingRow.recipients).where(OutgoingRow.state.in_(_GONE), OutgoingRow.claimed_at >= since)
    lists = session.scalars(query.where(OutgoingRow.kind.in_(kinds)) if kinds else query)
    return Counter(address.lower() for recipients in lists for address in recipients)
