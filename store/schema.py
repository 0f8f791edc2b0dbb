"""Brings the database to the schema of this program when it is opened; nobody has to run a command for it.

A store that is up to date costs one query. Otherwise one process migrates while the others wait: on SQLite because it
is the one writer, on PostgreSQL because it holds an advisory lock; who comes second finds the work done. A migration
is one transaction, so a killed one leaves the old schema.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Engine, String, column, func, inspect, select, table

from rules.errors import StoreError

HEAD: Final = "0010"
"""The newest migration. A test proves that it is."""

SCRIPTS: Final = "store:migrations"
_LOCK: Final = 0x62616F736F6E67  # "baosong"
_VERSION_TABLE: Final = "alembic_version"


def bring_up_to_date(*, readers: Engine, writers: Engine, name: str) -> None:
    """Raises StoreError for a newer schema, or for a file that is another program's."""
    with readers.connect() as connection:
        if revision_of(connection) == HEAD:
            return
    with writers.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        found = revision_of(connection)
        if found != HEAD:
            _refuse_foreign(connection, found, name)
            _migrate(connection, found, name)


def revision_of(connection: Connection) -> str | None:
    """The migration that the database stands at; None for an empty one."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    version = column("version_num", String)
    return connection.scalar(select(version).select_from(table(_VERSION_TABLE, version)))


def _refuse_foreign(connection: Connection, found: str | None, name: str) -> None:
    """A PostgreSQL database may hold other things beside ours; a file of somebody else is a mistyped path."""
    if found is None and connection.dialect.name == "sqlite":
        tables = set(inspect(connection).get_table_names()) - {_VERSION_TABLE}
        if tables:
            raise StoreError(f"{name}: is the database of another program; name another file in [store] url")


def _migrate(connection: Connection, found: str | None, name: str) -> None:
    from alembic import command  # noqa: PLC0415 - a fifth of a second, and wanted only when the schema changes
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(f"{name}: was written by a newer baosong (schema {found}); update this program")
    command.upgrade(config, "head")
