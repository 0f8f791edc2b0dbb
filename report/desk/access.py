"""Who sends a request: sessions in the store, opened by a password, named by a cookie.

The cookie holds a random token, the store only its hash. A session ends twelve hours after it was last used, and after
a week in any case. The CSRF token is derived from the session's token, so that nothing more has to be kept.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Final

from fastapi import Request, Response

from report.desk.accounts import new_token
from report.desk.limiter import FailureLimiter
from report.desk.passwords import is_password
from report.desk.port import Desk, Role, User
from rules.errors import InputError
from store import users

COOKIE: Final = "baosong_session"
IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=7)
_PROLONGED_EVERY: Final = timedelta(minutes=10)  # each time is a write
_WINDOW: Final = timedelta(minutes=15)
_FAILURES_OF_AN_ADDRESS: Final = 20
_FAILURES_OF_A_NAME: Final = 10


class LoginRefusedError(InputError):
    """The password is wrong (status 401), or was wrong too often (429). The sentence is for the person."""

    def __init__(self, sentence: str, *, status: int) -> None:
        self.status = status
        super().__init__(sentence)


class Access:
    """The log-in of one desk. Safe for threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._addresses = FailureLimiter(most=_FAILURES_OF_AN_ADDRESS, within=_WINDOW)
        self._names = FailureLimiter(most=_FAILURES_OF_A_NAME, within=_WINDOW)

    def authenticate(self, request: Request) -> User | None:
        """The user whose session the request belongs to; looked up once a request."""
        if not hasattr(request.state, "user"):
            request.state.user = self._look_up(request)
        found: User | None = request.state.user
        return found

    def csrf_token(self, request: Request) -> str:
        """Empty without a session."""
        token = request.cookies.get(COOKIE, "")
        if not token or self.authenticate(request) is None:
            return ""
        return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()

    def check_password(self, request: Request, *, name: str, password: str) -> str:
        """The user's name as it is written. Raises LoginRefusedError."""
        now, address = self._desk.now(), request.client.host if request.client else ""
        known_as = name.strip().casefold()
        if self._addresses.is_blocked(address, now) or self._names.is_blocked(known_as, now):
            raise LoginRefusedError("输错次数过多，请 15 分钟后再试。", status=429)
        with self._desk.store.reading() as session:
            user = users.find_user(session, known_as)
        if not is_password(password, user.password_hash if user else None) or user is None:
            self._addresses.failed(address, now)
            self._names.failed(known_as, now)
            raise LoginRefusedError("姓名或密码不对。", status=401)
        self._names.forgive(known_as)
        return user.name

    def open_session(self, request: Request, response: Response, *, name: str) -> None:
        """Gives `response` the cookie of a new session."""
        token, now = new_token(), self._desk.now()
        with self._desk.store.writing() as session:
            users.open_session(session, token=token, name=name, created_at=now, expires_at=now + IDLE)
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(LONGEST.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    def log_out(self, request: Request, response: Response) -> None:
        with self._desk.store.writing() as session:
            users.close_session(session, request.cookies.get(COOKIE, ""))
        response.delete_cookie(COOKIE)

    def _look_up(self, request: Request) -> User | None:
        token = request.cookies.get(COOKIE, "")
        if not token:
            return None
        now = self._desk.now()
        with self._desk.store.reading() as session:
            found = users.session_of(session, token, now=now)
        if found is None:
            return None
        until = min(now + IDLE, found.created_at + LONGEST)
        is_asked_for = request.url.path != "/heartbeat"  # a page that lies open is nobody at work
        if is_asked_for and until - found.expires_at > _PROLONGED_EVERY:
            with self._desk.store.writing() as session:
                users.prolong_session(session, token, expires_at=until)
        return User(name=found.user.name, role=Role(found.user.role))
