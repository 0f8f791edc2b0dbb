"""Tokens of programs that use the desk's API: kept by their hash only; the moments are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, or_, select
from sqlalchemy.orm import Session

from store.models import TokenRow
from store.types import key_of
from store.upserting import insert_if_new


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredToken:
    """Without the token itself. `expires_at` is None for one that lasts until it is revoked."""

    name: str
    role: str
    created_at: datetime
    expires_at: datetime | None


def add(
    session: Session, *, token: str, name: str, role: str, created_at: datetime, expires_at: datetime | None
) -> bool:
    """False if there is a token of that name."""
    return insert_if_new(
        session,
        TokenRow,
        key=key_of(token),
        name_key=_name_key(name),
        name=name,
        role=role,
        created_at=created_at,
        expires_at=expires_at,
    )


def find(session: Session, token: str, *, now: datetime) -> StoredToken | None:
    """None for one that is unknown, revoked or expired."""
    is_valid = or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now)
    row = session.scalar(select(TokenRow).where(TokenRow.key == key_of(token), is_valid))
    return None if row is None else _token(row)


def every(session: Session) -> tuple[StoredToken, ...]:
    """By name, the expired ones too."""
    return tuple(_token(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.name)))


def revoke(session: Session, name: str) -> bool:
    """False if there is none of that name."""
    done = session.execute(delete(TokenRow).where(TokenRow.name_key == _name_key(name)))
    assert isinstance(done, CursorResult)  # noqa: S101 - what a delete gives; the signature says less
    return done.rowcount == 1


def _name_key(name: str) -> str:
    return key_of(name.casefold())


def _token(row: TokenRow) -> StoredToken:
    return StoredToken(name=row.name, role=row.role, created_at=row.created_at, expires_at=row.expires_at)
