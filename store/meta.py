"""What the installation knows about itself, by key: e.g. under which roster and rules its mail was placed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from store import upserting
from store.models import FactRow


def get(session: Session, key: str) -> str | None:
    return session.scalar(select(FactRow.value).where(FactRow.key == key))


def put(session: Session, key: str, value: str) -> None:
    upserting.put(session, FactRow, key=key, value=value)
