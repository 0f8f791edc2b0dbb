"""Opens the store: one database, SQLite by default, PostgreSQL by the same code; its schema is brought up to date.

A reading session sees one moment of the store and cannot write. A writing session commits at its end and rolls back on
an error. On SQLite a writer says so at its first statement (`BEGIN IMMEDIATE`): a transaction that starts reading and
writes later fails at once with "database is locked" when another process has written meanwhile, and no waiting time
applies to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session as Session  # noqa: PLC0414 - handed on: callers name the type of what they get
from sqlalchemy.pool import ConnectionPoolEntry

from rules.errors import StoreError
from store import changes
from store.schema import bring_up_to_date
from store.troubles import database_troubles, disk_troubles

BUSY_MILLISECONDS: Final = 30_000
CONNECT_SECONDS: Final = 10
WRITES: Final = "baosong_writes"

_READERS: Final[dict[str, dict[str, Any]]] = {
    "sqlite": {WRITES: False},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


class Store:
    """An open store. Safe for threads; a process that forks opens its own."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.name = name
        self._engine = engine
        self._readers = engine.execution_options(**_READERS[engine.dialect.name])
        self._writers = engine.execution_options(**{WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the store and cannot write. Raises StoreError."""
        with database_troubles(self.name), Session(self._readers) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at its end and rolls back on any error. Raises StoreError."""
        with database_troubles(self.name), Session(self._writers) as session, session.begin():
            yield session
            changes.number(session)

    def bring_up_to_date(self) -> None:
        """Makes the schema what this program needs. Raises StoreError for a newer one."""
        with database_troubles(self.name):
            bring_up_to_date(readers=self._readers, writers=self._writers, name=self.name)

    def close(self) -> None:
        self._engine.dispose()


def open_store(url: str) -> Store:
    """The store at `url`, created or migrated as needed. Raises StoreError."""
    parsed = _checked(url)
    if parsed.get_backend_name() == "sqlite":
        engine, name = _sqlite(parsed), str(parsed.database)
    else:
        engine, name = _postgresql(parsed), parsed.render_as_string(hide_password=True)
    store = Store(engine, name)
    try:
        store.bring_up_to_date()
    except BaseException:
        store.close()
        raise
    return store


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise StoreError("[store] url is no URL; write sqlite:///data/baosong.db or postgresql+psycopg://…") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise StoreError("[store] url names no file; mail that is kept in memory only would be lost")
        return parsed
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(f"[store] url: {backend} is not supported; use sqlite:/// or postgresql+psycopg://")


def _postgresql(url: URL) -> Engine:
    # pre_ping: a server that was restarted costs one new connection, not one failed pass.
    return create_engine(
        url, pool_pre_ping=True, pool_size=5, max_overflow=20, connect_args={"connect_timeout": CONNECT_SECONDS}
    )


def _sqlite(url: URL) -> Engine:
    folder = Path(str(url.database)).parent
    with disk_troubles(folder):
        folder.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, max_overflow=-1)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own: `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_MILLISECONDS}",
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL may lose the last commits when the power fails
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = bool(connection.get_execution_options().get(WRITES))
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if writes else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
