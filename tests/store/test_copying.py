"""A store is copied as a whole from any database into any other, and the copy goes on like the first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from rules.errors import StoreError
from store import audit, decisions
from store.copying import copy_rows
from store.engine import Store, open_store
from store.models import Base
from tests.demo import DemoCampaign, copy_demo, demo, scenario
from tests.store.builders import NOON

__all__ = ["demo", "scenario"]


@pytest.fixture
def original(demo: DemoCampaign, tmp_path: Path) -> Iterator[Store]:
    """The store of a whole campaign."""
    folder = copy_demo(demo, tmp_path / "demo").folder
    store = open_store(f"sqlite:///{folder}/data/baosong.db")
    yield store
    store.close()


def copied(source: Store, target: Store) -> int:
    with source.reading() as reading, target.writing() as writing:
        return copy_rows(reading, writing, name=target.name)


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.reading() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def test_the_copy_holds_every_row(original: Store, store: Store, tmp_path: Path) -> None:
    rows = copied(original, store)
    assert everything(store) == everything(original)
    assert rows == sum(map(len, everything(original).values())) > 300
    back = open_store(f"sqlite:///{tmp_path}/back.db")
    copied(store, back)
    assert everything(back) == everything(original)
    back.close()


def test_the_copy_goes_on_counting_where_the_original_stood(original: Store, store: Store) -> None:
    copied(original, store)
    with store.writing() as session:
        audit.record(session, at=NOON, author="王科", action="token_added", subject="门户")
    assert len(everything(store)["audit"]) == len(everything(original)["audit"]) + 1
    with store.reading() as session:
        assert decisions.count(session) == len(everything(original)["decisions"])


def test_a_store_that_holds_something_is_left_as_it_is(original: Store, store: Store) -> None:
    with store.writing() as session:
        audit.record(session, at=NOON, author="王科", action="token_added", subject="门户")
    before = everything(store)
    with pytest.raises(StoreError, match="holds something already"):
        copied(original, store)
    assert everything(store) == before
