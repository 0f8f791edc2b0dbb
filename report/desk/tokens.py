"""Tokens with which programs ask the API: made and revoked, each in the audit log. `token_access` recognises them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from report.desk.accounts import ROLE_ZH, checked_name, new_token
from report.desk.port import Role
from rules.errors import InputError
from store import audit, tokens
from store.engine import Store

_PREFIX: Final = "baosong_"  # so that one that leaked is known for what it is


def add_token(store: Store, *, name: str, role: Role, by: str, now: datetime, expires_at: datetime | None) -> str:
    """The token, which nobody can be shown again. Raises InputError."""
    name, token = checked_name(name), _PREFIX + new_token()
    if expires_at is not None and expires_at <= now:
        raise InputError("the token would have expired already; name a day that is still to come")
    with store.writing() as session:
        if not tokens.add(session, token=token, name=name, role=role, created_at=now, expires_at=expires_at):
            raise InputError(f"there is a token {name} already; revoke it first, or choose another name")
        audit.record(session, at=now, author=by, action="token_added", subject=name, after=ROLE_ZH[role])
    return token


def revoke_token(store: Store, *, name: str, by: str, now: datetime) -> None:
    """It works no more from this moment. Raises InputError."""
    with store.writing() as session:
        if not tokens.revoke(session, name):
            raise InputError(f"there is no token {name}; `baosong token list` shows them")
        audit.record(session, at=now, author=by, action="token_revoked", subject=name)
