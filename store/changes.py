"""Which placements are new since one looked: a number that rises with every transaction that changes some.

A reader that remembers `newest(session)` asks `since(session, number)` for the messages that were placed anew, and
reads only those. It misses none: the number is taken last in a transaction, under a row lock that is held until the
commit, so numbers become visible in their order. Taken earlier it would also make two placing transactions wait for
each other's messages.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store import upserting
from store.models import CounterRow, PlacementRow, table_of
from store.types import key_of

UNNUMBERED: Final = -1
"""The version of a placement until its transaction ends."""

_KEY: Final = key_of("placements")
_NOTED: Final = "baosong_placements_changed"


def note(session: Session) -> None:
    """Says that this transaction has left placements `UNNUMBERED`."""
    session.info[_NOTED] = True


def touch(session: Session, message_sha256: str) -> None:
    """What the message was put to counts as changed, e.g. because the time of its arrival has been corrected."""
    placements = table_of(PlacementRow)
    touched = update(placements).where(placements.c.message_sha256 == message_sha256).values(version=UNNUMBERED)
    session.execute(touched)
    note(session)


def number(session: Session) -> None:
    """The last thing that a writing transaction does."""
    if not session.info.pop(_NOTED, False):
        return
    placements = table_of(PlacementRow)
    value = upserting.increment(session, CounterRow, key=_KEY)
    session.execute(update(placements).where(placements.c.version == UNNUMBERED).values(version=value))


def newest(session: Session) -> int:
    return session.scalar(select(CounterRow.value).where(CounterRow.key == _KEY)) or 0


def since(session: Session, version: int) -> frozenset[str]:
    """The messages whose placement is newer."""
    return frozenset(session.scalars(select(PlacementRow.message_sha256).where(PlacementRow.version > version)))
