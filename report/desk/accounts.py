"""Users of the desk: made, given a password, removed; each change in the audit log, in the same transaction.

The command line and the desk's own pages come through here.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from report.desk.passwords import password_hash
from report.desk.port import Role
from report.plain import plain_line
from rules.errors import InputError
from store import audit, users
from store.engine import Session, Store

LINK_LASTS: Final = timedelta(hours=24)
ROLE_ZH: Final = {Role.COORDINATOR: "管理员", Role.VIEWER: "只读"}

_LONGEST_NAME: Final = 40
_TOKEN_BYTES: Final = 32


def new_token() -> str:
    """256 bits, safe in a URL and in a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def add_user(store: Store, *, name: str, role: Role, password: str, by: str, now: datetime) -> None:
    """Raises InputError for a name that is taken or cannot be one, and for a bad password."""
    hashed = password_hash(password)
    with store.writing() as session:
        _add(session, name=name, role=role, hashed=hashed, by=by, now=now)


def accept_invitation(store: Store, *, token: str, name: str, password: str, now: datetime) -> None:
    """Makes the user that a one-time link promises; the link is used up only if that succeeds. Raises InputError."""
    hashed = password_hash(password)
    with store.writing() as session:
        role = users.use_invitation(session, token, now=now)
        if role is None:
            raise InputError("链接已经用过或已过期，请联系安装人员重新生成。")
        _add(session, name=name, role=Role(role), hashed=hashed, by=name, now=now)


def change_password(store: Store, *, name: str, password: str, by: str, now: datetime) -> None:
    """Ends every session of the user. Raises InputError."""
    hashed = password_hash(password)
    with store.writing() as session:
        user = _known(session, name)
        users.set_password(session, name, hashed)
        audit.record(session, at=now, author=by, action="password_changed", subject=user.name)


def remove_user(store: Store, *, name: str, by: str, now: datetime) -> None:
    """Raises InputError for a name that is not there, and for the last coordinator: nobody could manage the rest."""
    with store.writing() as session:
        user = _known(session, name)
        coordinators = [one for one in users.all_users(session) if one.role == Role.COORDINATOR]
        if [one.name for one in coordinators] == [user.name]:
            raise InputError(f"{user.name} 是唯一的管理员，请先添加另一位管理员。")
        users.remove_user(session, name)
        words = ROLE_ZH[Role(user.role)]
        audit.record(session, at=now, author=by, action="user_removed", subject=user.name, before=words)


def new_link(store: Store, *, role: Role, now: datetime) -> str:
    """The token of a one-time link; the links made before no longer work."""
    token = new_token()
    with store.writing() as session:
        users.invite(session, token=token, role=role, created_at=now, expires_at=now + LINK_LASTS)
    return token


def has_users(store: Store) -> bool:
    with store.reading() as session:
        return users.count_users(session) > 0


def _add(session: Session, *, name: str, role: Role, hashed: str, by: str, now: datetime) -> None:
    name = checked_name(name)
    if not users.add_user(session, name=name, role=role, password_hash=hashed, created_at=now):
        raise InputError(f"已有名为 {name} 的用户。")
    audit.record(session, at=now, author=by.strip(), action="user_added", subject=name, after=ROLE_ZH[role])


def checked_name(name: str) -> str:
    """Without blanks around it. Raises InputError."""
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or name != plain_line(name):
        raise InputError(f"姓名应为 1 至 {_LONGEST_NAME} 个字符。")
    return name


def _known(session: Session, name: str) -> users.StoredUser:
    user = users.find_user(session, name)
    if user is None:
        raise InputError(f"没有名为 {plain_line(name)} 的用户。")
    return user
