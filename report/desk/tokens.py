"""Tokens with which programs ask the API: made, revoked, and recognised in a request."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from fastapi import HTTPException, Request

from report.desk.accounts import ROLE_ZH, checked_name, new_token
from report.desk.limiter import FailureLimiter
from report.desk.port import Desk, Role, User
from rules.errors import InputError
from store import audit, tokens
from store.engine import Store

_PREFIX: Final = "baosong_"  # so that one that leaked is known for what it is
_WINDOW: Final = timedelta(minutes=15)
_WRONG_ONES: Final = 20


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


class TokenAccess:
    """Who sends a request with `Authorization: Bearer …`. Safe for threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._addresses = FailureLimiter(most=_WRONG_ONES, within=_WINDOW)

    def user_of(self, request: Request) -> User | None:
        """None for a token that is not valid. Raises HTTPException 429 where too many were wrong."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        now, address = self._desk.now(), request.client.host if request.client else ""
        if self._addresses.is_blocked(address, now):
            raise HTTPException(429, "无效令牌次数过多，请 15 分钟后再试。", headers={"Retry-After": "900"})
        if scheme.lower() != "bearer":
            return None
        with self._desk.store.reading() as session:
            found = tokens.find(session, token.strip(), now=now)
        if found is None:
            self._addresses.failed(address, now)
            return None
        return User(name=found.name, role=Role(found.role))
