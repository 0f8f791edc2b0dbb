"""Mail that is to go out, and what people say to it; `store.sending` moves it from there on.

Whoever plans a letter puts it here in the transaction of what caused it. A second letter of the same `dedupe_key` is
not kept. Every state that a mail comes to is noted for good, with who and why.

Who changes a mail says which `version` was seen: of two people, or a person and the sender, who change it at once one
finds it changed and does nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import CursorResult, Select, func, insert, select, update
from sqlalchemy.orm import Session

from rules.assessment import Status
from rules.outgoing import WAITING, Letter, LetterItem, MailKind, MailState, OutgoingMail
from store import meta
from store.models import FactRow
from store.outbox_models import OutgoingChangeRow, OutgoingRow
from store.types import key_of
from store.upserting import insert_if_new

_SECRET: Final = "outbox_secret"  # noqa: S105 - the name of a fact
_PAGE: Final = 500  # a database takes only so many parameters in one statement


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A state that a mail came to. `author` is empty where the program did it; `note` says why."""

    state: MailState
    at: datetime
    author: str
    note: str


def enqueue(
    session: Session, letter: Letter, *, at: datetime, domain: str, approved_by: str = ""
) -> OutgoingMail | None:
    """Puts the letter into the outbox: a draft, unless it is `approved_by` somebody already ("auto" by configuration).

    `domain` is that of the sending address. None if a letter of that key is or was there.
    """
    message_id = _new_message_id(session, letter.kind, domain)
    state = MailState.APPROVED if approved_by else MailState.DRAFT
    is_new = insert_if_new(
        session,
        OutgoingRow,
        **_letter_values(letter),
        message_id=message_id,
        message_id_key=key_of(message_id),
        state=state,
        created_at=at,
        approved_by=approved_by,
        approved_at=at if approved_by else None,
    )
    if not is_new:
        return None
    mail = find_by_message_id(session, message_id)
    assert mail is not None  # noqa: S101 - it was put there a moment ago
    _note(session, [mail.id], state, at=at, author=approved_by)
    return mail


def mails(
    session: Session,
    *,
    states: Collection[MailState] = (),
    kinds: Collection[MailKind] = (),
    campaign: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> tuple[OutgoingMail, ...]:
    """Those of the given states, kinds and campaign (all where none is given), in the order in which they were made."""
    query = select(OutgoingRow).order_by(OutgoingRow.id).limit(limit).offset(offset)
    if states:
        query = query.where(OutgoingRow.state.in_(states))
    if kinds:
        query = query.where(OutgoingRow.kind.in_(kinds))
    if campaign is not None:
        query = query.where(OutgoingRow.campaign == campaign)
    return tuple(_read(session, query))


def newest(session: Session, *, states: Collection[MailState], limit: int) -> tuple[OutgoingMail, ...]:
    """Those in the given states that were handed over or made last, the newest first."""
    order = func.coalesce(OutgoingRow.claimed_at, OutgoingRow.created_at).desc(), OutgoingRow.id.desc()
    return tuple(_read(session, select(OutgoingRow).where(OutgoingRow.state.in_(states)).order_by(*order).limit(limit)))


def find(session: Session, mail_id: int) -> OutgoingMail | None:
    return next(_read(session, select(OutgoingRow).where(OutgoingRow.id == mail_id)), None)


def find_by_message_id(session: Session, message_id: str) -> OutgoingMail | None:
    return next(_read(session, select(OutgoingRow).where(OutgoingRow.message_id_key == key_of(message_id))), None)


def gone_to(session: Session, addresses: Collection[str], *, since: datetime) -> tuple[OutgoingMail, ...]:
    """Mail handed to the server since then for one of the addresses (in small letters), the newest first."""
    query = select(OutgoingRow).where(OutgoingRow.claimed_at >= since).order_by(OutgoingRow.claimed_at.desc())
    return tuple(
        mail
        for mail in _read(session, query)
        if any(address.lower() in addresses for address in (*mail.letter.to, *mail.letter.cc))
    )


def counts(session: Session) -> dict[MailState, int]:
    """How many mails are in each state; every state is there."""
    rows = session.execute(select(OutgoingRow.state, func.count()).group_by(OutgoingRow.state)).all()
    found = {row[0]: row[1] for row in rows}
    return {state: found.get(state.value, 0) for state in MailState}


def history(session: Session, mail_id: int) -> tuple[Change, ...]:
    """Every state that the mail has been in, the oldest first."""
    rows = session.scalars(
        select(OutgoingChangeRow).where(OutgoingChangeRow.outgoing_id == mail_id).order_by(OutgoingChangeRow.id)
    )
    return tuple(Change(state=MailState(row.state), at=row.at, author=row.author, note=row.note) for row in rows)


def approve(session: Session, seen: Mapping[int, int], *, at: datetime, by: str) -> frozenset[int]:
    """Lets drafts go. `seen`: version by id, as they were shown. The ids of those that had not changed since."""
    return change(
        session,
        seen,
        {MailState.DRAFT},
        MailState.APPROVED,
        at=at,
        author=by,
        values={"approved_by": by, "approved_at": at},
    )


def discard(session: Session, seen: Mapping[int, int], *, at: datetime, by: str, note: str = "") -> frozenset[int]:
    """Takes waiting mail back for good, and sets aside what has failed or is unknown. As `approve`."""
    states = {*WAITING, MailState.FAILED, MailState.UNKNOWN}
    return change(session, seen, states, MailState.DISCARDED, at=at, author=by, note=note)


def release_again(session: Session, seen: Mapping[int, int], *, at: datetime, by: str) -> frozenset[int]:
    """A person lets mail go again that failed, or of which nobody knows whether it went. As `approve`."""
    states = {MailState.FAILED, MailState.UNKNOWN}
    values = {"approved_by": by, "approved_at": at, "not_before": None, "attempts": 0}
    return change(session, seen, states, MailState.APPROVED, at=at, author=by, values=values)


def skip(session: Session, mail_ids: Iterable[int], *, at: datetime, because: str) -> frozenset[int]:
    """Takes waiting mail back because its reason is gone. Mail that is not waiting any more stays as it is."""
    versions = select(OutgoingRow.id, OutgoingRow.version)
    pages = (session.execute(versions.where(OutgoingRow.id.in_(page))) for page in _pages(mail_ids))
    seen = {row.id: row.version for page in pages for row in page}
    values = {"skipped_because": because}
    return change(session, seen, WAITING, MailState.SKIPPED, at=at, note=because, values=values)


def skip_concerning(
    session: Session, settled: frozenset[tuple[str, str]], *, campaign: str | None, at: datetime, because: str
) -> frozenset[int]:
    """Takes back the waiting reminders that speak of one of these (unit, deliverable): what they say is true no more.

    An empty deliverable stands for all of the unit's, no campaign for every one. What else such a mail
    listed is planned anew. To be called in the transaction that records the arrival or decision.
    """
    if not settled:
        return frozenset()
    waiting = mails(session, states=WAITING, kinds={MailKind.REMINDER}, campaign=campaign)
    concerned = [
        mail.id
        for mail in waiting
        if any(not settled.isdisjoint({(item.unit, item.deliverable), (item.unit, "")}) for item in mail.letter.items)
    ]
    return skip(session, concerned, at=at, because=because)


def change(
    session: Session,
    seen: Mapping[int, int],
    states: Collection[MailState],
    to: MailState,
    *,
    at: datetime,
    author: str = "",
    note: str = "",
    values: Mapping[str, Any] | None = None,
) -> frozenset[int]:
    """Compare-and-set: mail in one of `states` whose version is the one that was seen. The ids of those changed."""
    changed = []
    for mail_id, version in sorted(seen.items()):  # in one order: two that change the same never wait for each other
        done = session.execute(
            update(OutgoingRow)
            .where(OutgoingRow.id == mail_id, OutgoingRow.version == version, OutgoingRow.state.in_(states))
            .values(state=to, version=OutgoingRow.version + 1, **(values or {}))
        )
        assert isinstance(done, CursorResult)  # noqa: S101 - what an update gives; the signature says less
        if done.rowcount == 1:
            changed.append(mail_id)
    _note(session, changed, to, at=at, author=author, note=note)
    return frozenset(changed)


def is_ours(session: Session, message_id: str) -> bool:
    """Was this Message-ID made here? Also for a mail that the store has lost; nobody else can make one."""
    left = message_id.strip().strip("<>").partition("@")[0]
    named, _, code = left.rpartition(".")
    return bool(named) and hmac.compare_digest(code.encode(), _code(session, named).encode())


def _new_message_id(session: Session, kind: MailKind, domain: str) -> str:
    named = f"{kind.value}.{secrets.token_hex(8)}"
    return f"<{named}.{_code(session, named)}@{domain}>"


def _code(session: Session, named: str) -> str:
    return hmac.new(_secret(session), named.encode(), sha256).hexdigest()[:16]


def _secret(session: Session) -> bytes:
    """Made when it is first needed; of two who need it first at once one waits and finds the other's."""
    found = meta.get(session, _SECRET)
    if found is None:
        insert_if_new(session, FactRow, key=_SECRET, value=secrets.token_hex(32))
        found = meta.get(session, _SECRET)
    return str(found).encode()


def _note(
    session: Session, mail_ids: Iterable[int], state: MailState, *, at: datetime, author: str = "", note: str = ""
) -> None:
    rows = [{"outgoing_id": mail_id, "state": state, "at": at, "author": author, "note": note} for mail_id in mail_ids]
    if rows:
        session.execute(insert(OutgoingChangeRow), rows)


def _pages(mail_ids: Iterable[int]) -> Iterable[list[int]]:
    ordered = sorted(mail_ids)
    return (ordered[start : start + _PAGE] for start in range(0, len(ordered), _PAGE))


def _read(session: Session, query: Select[OutgoingRow]) -> Iterator[OutgoingMail]:
    """As the rows are now: rows that the session has read before are changed past it."""
    return map(_mail, session.scalars(query.execution_options(populate_existing=True)))


def _letter_values(letter: Letter) -> dict[str, Any]:
    return {
        "kind": letter.kind,
        "campaign": letter.campaign,
        "stage": letter.stage,
        "dedupe_key": letter.dedupe_key,
        "dedupe_digest": key_of(letter.dedupe_key),
        "recipients": list(letter.to),
        "copies": list(letter.cc),
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "items": [_item_values(item) for item in letter.items],
        "answers": list(letter.answers),
        "in_reply_to": letter.in_reply_to,
        "references": list(letter.references),
        "not_before": letter.not_before,
    }


def _item_values(item: LetterItem) -> dict[str, Any]:
    return {
        "unit": item.unit,
        "deliverable": item.deliverable,
        "status": item.status.value,
        "due_at": item.due_at.isoformat(),
        "findings": list(item.findings),
    }


def _item(values: Mapping[str, Any]) -> LetterItem:
    return LetterItem(
        unit=values["unit"],
        deliverable=values["deliverable"],
        status=Status(values["status"]),
        due_at=datetime.fromisoformat(values["due_at"]),
        findings=tuple(values["findings"]),
    )


def _mail(row: OutgoingRow) -> OutgoingMail:
    return OutgoingMail(
        id=row.id,
        letter=_letter(row),
        state=MailState(row.state),
        message_id=row.message_id,
        created_at=row.created_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        attempts=row.attempts,
        last_error=row.last_error,
        skipped_because=row.skipped_because,
        sent_at=row.sent_at,
        bounce=row.bounce,
        version=row.version,
    )


def _letter(row: OutgoingRow) -> Letter:
    return Letter(
        kind=MailKind(row.kind),
        campaign=row.campaign,
        to=tuple(row.recipients),
        cc=tuple(row.copies),
        subject=row.subject,
        text=row.text,
        html=row.html,
        dedupe_key=row.dedupe_key,
        stage=row.stage,
        items=tuple(_item(values) for values in row.items),
        answers=tuple(row.answers),
        in_reply_to=row.in_reply_to,
        references=tuple(row.references),
        not_before=row.not_before,
    )
