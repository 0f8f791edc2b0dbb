"""Tokens of programs: unique by name, valid until they expire or are revoked, kept by their hash."""

from __future__ import annotations

from store import tokens
from tests.store.builders import HOUR, NOON


def add(session, name, token, *, expires_at=None):
    return tokens.add(session, token=token, name=name, role="viewer", created_at=NOON, expires_at=expires_at)


def test_a_token_is_found_until_it_expires_or_is_revoked(store):
    with store.writing() as session:
        assert add(session, "值守", "secret-1")
        assert add(session, "Briefly", "secret-2", expires_at=NOON + HOUR)
        assert not add(session, "briefly", "secret-3")
    with store.writing() as session:
        assert tokens.find(session, "secret-1", now=NOON).name == "值守"
        assert tokens.find(session, "secret-2", now=NOON).expires_at == NOON + HOUR
        assert tokens.find(session, "secret-2", now=NOON + HOUR) is None
        assert tokens.find(session, "secret-3", now=NOON) is None
        assert {one.name for one in tokens.every(session)} == {"值守", "Briefly"}
        assert tokens.revoke(session, "值守")
        assert not tokens.revoke(session, "值守")
        assert tokens.find(session, "secret-1", now=NOON) is None
