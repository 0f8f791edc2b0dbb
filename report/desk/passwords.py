"""Passwords, hashed with Argon2id; the library's defaults are RFC 9106's for little memory."""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rules.errors import InputError

SHORTEST: Final = 10
_LONGEST: Final = 200
_AT_ONCE: Final = 2  # each takes 64 MiB: forty log-ins at once must not take the machine's memory

_HASHER: Final = PasswordHasher()
_TURNS: Final = threading.BoundedSemaphore(_AT_ONCE)


def password_hash(password: str) -> str:
    """Raises InputError for a password that is too short or too long."""
    if not SHORTEST <= len(password) <= _LONGEST:
        raise InputError(f"密码应为 {SHORTEST} 至 {_LONGEST} 个字符。")
    with _TURNS:
        return _HASHER.hash(password)


def is_password(password: str, stored_hash: str | None) -> bool:
    """Without a hash (no such user) as much work is done: the time must not tell which names exist."""
    if len(password) > _LONGEST:
        return False
    with _TURNS:
        nobodys = _nobodys_hash()  # asked for a known name too: the very first log-in must not tell either
        try:
            _HASHER.verify(stored_hash or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
    return stored_hash is not None


@cache
def _nobodys_hash() -> str:
    """Made when first needed: it takes longer than most commands, which know no passwords."""
    return _HASHER.hash("nobody has this password")
