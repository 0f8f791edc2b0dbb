"""Which files from inside attachments have been unpacked into blobs of their own."""

from __future__ import annotations

from sqlalchemy.orm import Session

from store.models import UnpackedRow
from store.upserting import insert_if_new


def is_unpacked(session: Session, sha256: str) -> bool:
    return session.get(UnpackedRow, sha256) is not None


def mark_unpacked(session: Session, sha256: str) -> None:
    """Its blob is there already."""
    insert_if_new(session, UnpackedRow, sha256=sha256)
