"""Users, sessions, one-time links and the audit log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store import audit, users
from store.engine import Store
from tests.store.builders import HOUR, NOON

DAY = timedelta(days=1)


def _add(store: Store, name: str = "Wang") -> bool:
    with store.writing() as session:
        return users.add_user(session, name=name, role="viewer", password_hash="a hash", created_at=NOON)


def test_two_users_never_differ_only_in_case(store: Store) -> None:
    assert _add(store, "Wang")
    assert not _add(store, "wang")
    with store.reading() as session:
        found = users.find_user(session, "WANG")
        assert found is not None
        assert found.name == "Wang"
        assert users.count_users(session) == 1


def test_a_session_lasts_until_it_expires_and_only_its_token_opens_it(store: Store) -> None:
    _add(store)
    with store.writing() as session:
        users.open_session(session, token="t", name="wang", created_at=NOON, expires_at=NOON + HOUR)
    with store.reading() as session:
        opened = users.session_of(session, "t", now=NOON)
        assert opened is not None
        assert opened.user.name == "Wang"
        assert users.session_of(session, "t", now=NOON + HOUR) is None
        assert users.session_of(session, "u", now=NOON) is None
        assert "t" not in session.scalars(text("select key from sessions")).all()


def test_a_new_password_and_a_removal_end_every_session(store: Store) -> None:
    _add(store)
    for end in (lambda session: users.set_password(session, "Wang", "other"), lambda s: users.remove_user(s, "Wang")):
        with store.writing() as session:
            users.open_session(session, token="t", name="Wang", created_at=NOON, expires_at=NOON + DAY)
        with store.writing() as session:
            end(session)
            assert users.session_of(session, "t", now=NOON) is None


def test_a_link_works_once_and_not_after_its_time(store: Store) -> None:
    with store.writing() as session:
        users.invite(session, token="old", role="coordinator", created_at=NOON, expires_at=NOON + HOUR)
        users.invite(session, token="link", role="coordinator", created_at=NOON, expires_at=NOON + HOUR)
        assert users.invited_role(session, "old", now=NOON) is None
        assert users.invited_role(session, "link", now=NOON + HOUR) is None
        assert users.invited_role(session, "link", now=NOON) == "coordinator"
    with store.writing() as session:
        assert users.use_invitation(session, "link", now=NOON) == "coordinator"
        assert users.use_invitation(session, "link", now=NOON) is None


@pytest.mark.parametrize("change", ["UPDATE audit SET author = 'x'", "DELETE FROM audit"])
def test_the_audit_log_cannot_be_changed_even_by_hand(store: Store, change: str) -> None:
    with store.writing() as session:
        audit.record(session, at=NOON, author="Wang", action="user_added", subject="Li", after="viewer")
    with pytest.raises(DBAPIError, match="append-only"), store.writing() as session:
        session.execute(text(change))
    with store.reading() as session:
        assert [entry.subject for entry in audit.newest(session, limit=5)] == ["Li"]
