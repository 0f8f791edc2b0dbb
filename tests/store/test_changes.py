"""A reader that remembers a number learns of every placement made since, and of no other."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from rules.claims import Placement
from store import changes, claims
from store.engine import Store
from tests.store.builders import HOUR, NOON, digest, keep


def _place(store: Store, *names: str) -> None:
    with store.writing() as session:
        for name in names:
            claims.replace_placement(session, digest(name), Placement(note="x"))


def _since(store: Store, version: int) -> tuple[int, frozenset[str]]:
    with store.reading() as session:
        return changes.newest(session), changes.since(session, version)


def test_a_placement_is_new_until_it_has_been_seen(store: Store) -> None:
    with store.writing() as session:
        for number, name in enumerate(("one", "two", "three")):
            keep(session, name, uid=number)
    assert _since(store, 0) == (0, frozenset())

    _place(store, "one", "two")
    first, new = _since(store, 0)
    assert new == {digest("one"), digest("two")}
    assert _since(store, first) == (first, frozenset())

    _place(store, "two", "three")
    second, new = _since(store, first)
    assert second > first
    assert new == {digest("two"), digest("three")}


def test_a_corrected_time_of_arrival_is_a_change(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one", uid=1)
    _place(store, "one")
    seen, _ = _since(store, 0)

    with store.writing() as session:
        keep(session, "one", uid=2, at=NOON - HOUR)

    assert _since(store, seen)[1] == {digest("one")}


def test_a_transaction_that_fails_changes_no_number(store: Store) -> None:
    with store.writing() as session:
        keep(session, "one")
    with pytest.raises(IntegrityError):
        _place(store, "one", "of a message that is not kept")
    assert _since(store, 0) == (0, frozenset())
