from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import DateTime, bindparam, create_engine, text

from rules.errors import StoreError
from store import decisions, meta
from store.engine import Store, open_store
from store.models import Base
from store.outbox_models import OutgoingRow  # noqa: F401 - its tables belong to the schema
from store.schema import HEAD, SCRIPTS


def test_migrations_lead_to_what_the_models_say(store: Store) -> None:
    with store.reading() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_program_knows_its_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_constraints_and_indexes_have_the_names_that_the_models_give_them(store: Store) -> None:
    kind = "type in ('table', 'index') and name not like 'sqlite_%'"
    with store.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            found = "\n".join(session.scalars(text(f"select sql from sqlite_master where {kind}")))
        else:
            names = "select conname from pg_constraint union select indexname from pg_indexes"
            found = "\n".join(session.scalars(text(names)))
    for table in Base.metadata.tables.values():
        for named in (*table.constraints, *table.indexes):
            assert str(named.name) in found


def test_an_empty_database_and_one_without_a_revision_are_brought_up_to_date(url: str) -> None:
    """As a run leaves it that was stopped before its first migration."""
    first = open_store(url)
    first.close()
    for _ in range(2):
        store = open_store(url)
        with store.writing() as session:
            meta.put(session, "key", "value")
        store.close()


def test_an_older_database_is_brought_up_to_date(url: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table alembic_version (version_num varchar(32) not null)"))
    engine.dispose()
    store = open_store(url)
    with store.writing() as session:
        meta.put(session, "key", "value")
        assert session.scalar(text("select version_num from alembic_version")) == HEAD
    store.close()


def test_what_the_first_schema_held_is_there_after_every_migration(url: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    exempted_at = datetime(2023, 10, 20, 1, tzinfo=UTC)
    exempt = text(
        "insert into decisions"
        " (action, author, reason, decided_at, campaign, unit, deliverable, message_sha256, path)"
        " values ('exempt', '王老师', '停办', :at, '2023', '乙校', 'plan', '', '')"
    ).bindparams(bindparam("at", exempted_at, DateTime(timezone=True)))
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", SCRIPTS)
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "0001")
        connection.execute(text("insert into facts values ('key', 'value')"))
        connection.execute(text("insert into remembered_senders values ('k', 'office@example.org', '甲校')"))
        connection.execute(exempt)
    engine.dispose()

    store = open_store(url)
    with store.reading() as session:
        old, remembered = decisions.all_decisions(session)
        assert (old.action, old.unit, old.value, old.form_index) == ("exempt", "乙校", "", None)
        assert old.decided_at == exempted_at
        assert (remembered.action, remembered.unit, remembered.value) == (
            "remember_sender",
            "甲校",
            "office@example.org",
        )
        assert remembered.decided_at > exempted_at
        assert meta.get(session, "key") == "value"
    store.close()


def test_a_migration_that_fails_leaves_the_old_schema(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alembic.op.create_index", _out_of_power)
    with pytest.raises(RuntimeError, match="power"):
        open_store(url)
    monkeypatch.undo()
    open_store(url).close()


def _out_of_power(*_: object, **__: object) -> None:
    raise RuntimeError("power")


def test_a_store_of_a_newer_program_is_left_alone(url: str) -> None:
    store = open_store(url)
    with store.writing() as session:
        session.execute(text("update alembic_version set version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match=r"newer baosong \(schema 9999\); update this program"):
        open_store(url)


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("create table theirs (id integer)")
    other.close()
    with pytest.raises(StoreError, match="another program"):
        open_store(f"sqlite:///{tmp_path}/other.db")


def test_opening_a_store_that_is_up_to_date_does_not_load_the_migrations(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_store(url).close()
    monkeypatch.setattr("store.schema._migrate", _out_of_power)
    open_store(url).close()
