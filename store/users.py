"""Who may use the desk: users, their sessions, and the one-time links by which they come in.

Tokens are made and compared by their hash only; the moments are arguments. Roles are words of the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, insert, select, update
from sqlalchemy.orm import Session

from store import upserting
from store.models import InvitationRow, SessionRow, UserRow
from store.types import key_of


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredUser:
    """A user as the store knows it."""

    name: str
    role: str
    password_hash: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSession:
    """A session that has not expired."""

    user: StoredUser
    created_at: datetime
    expires_at: datetime


def add_user(session: Session, *, name: str, role: str, password_hash: str, created_at: datetime) -> bool:
    """False if there is a user of that name."""
    return upserting.insert_if_new(
        session,
        UserRow,
        key=_user_key(name),
        name=name,
        role=role,
        password_hash=password_hash,
        created_at=created_at,
    )


def find_user(session: Session, name: str) -> StoredUser | None:
    row = session.scalar(select(UserRow).where(UserRow.key == _user_key(name)))
    return None if row is None else _user(row)


def all_users(session: Session) -> tuple[StoredUser, ...]:
    """By name."""
    return tuple(_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name)))


def count_users(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(UserRow)) or 0


def set_password(session: Session, name: str, password_hash: str) -> None:
    """Every session of the user ends: whoever knew the old password is out."""
    session.execute(update(UserRow).where(UserRow.key == _user_key(name)).values(password_hash=password_hash))
    session.execute(delete(SessionRow).where(SessionRow.user_key == _user_key(name)))


def remove_user(session: Session, name: str) -> None:
    """With the sessions."""
    session.execute(delete(SessionRow).where(SessionRow.user_key == _user_key(name)))
    session.execute(delete(UserRow).where(UserRow.key == _user_key(name)))


def open_session(session: Session, *, token: str, name: str, created_at: datetime, expires_at: datetime) -> None:
    """Those that have expired are forgotten on the way."""
    session.execute(delete(SessionRow).where(SessionRow.expires_at <= created_at))
    row = {"key": key_of(token), "user_key": _user_key(name), "created_at": created_at, "expires_at": expires_at}
    session.execute(insert(SessionRow).values(row))


def session_of(session: Session, token: str, *, now: datetime) -> StoredSession | None:
    """None for a token that is unknown or has expired."""
    row = session.execute(
        select(SessionRow, UserRow)
        .join(UserRow, UserRow.key == SessionRow.user_key)
        .where(SessionRow.key == key_of(token), SessionRow.expires_at > now)
    ).first()
    if row is None:
        return None
    return StoredSession(user=_user(row[1]), created_at=row[0].created_at, expires_at=row[0].expires_at)


def prolong_session(session: Session, token: str, *, expires_at: datetime) -> None:
    session.execute(update(SessionRow).where(SessionRow.key == key_of(token)).values(expires_at=expires_at))


def close_session(session: Session, token: str) -> None:
    session.execute(delete(SessionRow).where(SessionRow.key == key_of(token)))


def invite(session: Session, *, token: str, role: str, created_at: datetime, expires_at: datetime) -> None:
    """The links made before no longer work."""
    session.execute(delete(InvitationRow))
    row = {"key": key_of(token), "role": role, "created_at": created_at, "expires_at": expires_at}
    session.execute(insert(InvitationRow).values(row))


def invited_role(session: Session, token: str, *, now: datetime) -> str | None:
    """What the link makes of its user; None for one that is unknown, used or expired."""
    wanted = (InvitationRow.key == key_of(token), InvitationRow.expires_at > now)
    return session.scalar(select(InvitationRow.role).where(*wanted))


def use_invitation(session: Session, token: str, *, now: datetime) -> str | None:
    """As `invited_role`, and the link no longer works: of two who use it at once one gets None."""
    role = invited_role(session, token, now=now)
    used = session.execute(delete(InvitationRow).where(InvitationRow.key == key_of(token)))
    assert isinstance(used, CursorResult)  # noqa: S101 - what a delete gives; the signature says less
    return role if used.rowcount == 1 else None


def _user_key(name: str) -> str:
    return key_of(name.casefold())


def _user(row: UserRow) -> StoredUser:
    return StoredUser(name=row.name, role=row.role, password_hash=row.password_hash, created_at=row.created_at)
