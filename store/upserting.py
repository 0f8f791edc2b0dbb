"""`insert … on conflict` for both databases: SQLAlchemy has it on each dialect, not in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from store.models import Base, table_of

_INSERTS: Final[dict[str, Callable[..., postgresql.Insert | sqlite.Insert]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def insert_if_new(session: Session, model: type[Base], **values: Any) -> bool:  # noqa: ANN401 - a column may hold anything
    """Adds the row unless its key is there already; True if it was added. Waits for another writer of the same key."""
    return session.execute(_insert_if_new(session.get_bind().dialect.name, model), values).first() is not None


@cache  # building it anew for each message costs more than running it
def _insert_if_new(dialect: str, model: type[Base]) -> ReturningInsert[*tuple[Any, ...]]:
    table = table_of(model)
    return _INSERTS[dialect](table).on_conflict_do_nothing().returning(*table.primary_key)


def put(session: Session, model: type[Base], *, key: str, **values: Any) -> None:  # noqa: ANN401 - as above
    """Adds the row of that `key`, or overwrites its values."""
    statement = _INSERTS[session.get_bind().dialect.name](model).values(key=key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def increment(session: Session, model: type[Base], *, key: str) -> int:
    """Adds one to the `value` of that key, from nothing; the new value. Others wait until this transaction ends."""
    table = table_of(model)
    statement = _INSERTS[session.get_bind().dialect.name](model).values(key=key, value=1)
    raised = statement.on_conflict_do_update(index_elements=["key"], set_={"value": table.c.value + 1})
    value: int = session.execute(raised.returning(table.c.value)).scalar_one()
    return value
