"""Copies everything from one store into another, empty one, whatever databases the two are: backup and restoring.

The copy is of one moment, for the source is read in one transaction while others go on writing, and it is there as a
whole or not at all. Rows keep their ids.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Integer, Table, func, insert, select
from sqlalchemy.orm import Session

from rules.errors import StoreError
from store.models import Base

_PAGE: Final = 500


def copy_rows(reading: Session, writing: Session, *, name: str) -> int:
    """How many. `name` is the target's. Raises StoreError for a target that is not empty."""
    tables = Base.metadata.sorted_tables
    for table in tables:
        if writing.execute(select(table).limit(1)).first() is not None:
            raise StoreError(f"{name}: holds something already; restore into a new database")
    copied = sum(_copy_table(reading, writing, table) for table in tables)
    if writing.get_bind().dialect.name == "postgresql":
        for table in tables:
            _go_on_counting(writing, table)
    return copied


def _copy_table(reading: Session, writing: Session, table: Table) -> int:
    """In the order of the keys, so that a row which refers to an earlier one of its table finds it there."""
    rows = reading.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=_PAGE))
    copied = 0
    for page in rows.partitions():
        writing.execute(insert(table), [dict(row._mapping) for row in page])
        copied += len(page)
    return copied


def _go_on_counting(writing: Session, table: Table) -> None:
    """PostgreSQL counts ids in a sequence, which rows that bring their own do not move."""
    for column in table.primary_key:
        if isinstance(column.type, Integer) and column is table.autoincrement_column:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            newest = func.coalesce(func.max(column), 0) + 1
            writing.execute(select(func.setval(sequence, newest, False)))  # noqa: FBT003 - PostgreSQL's is_called
