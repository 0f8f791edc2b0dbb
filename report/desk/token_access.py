"""Recognises the token that a request carries; as `access` does a session."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import HTTPException, Request

from report.desk.limiter import FailureLimiter
from report.desk.port import Desk, Role, User
from store import tokens

_WINDOW: Final = timedelta(minutes=15)
_WRONG_ONES: Final = 20


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
