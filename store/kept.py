"""One message as a person asks for it: where it was found, how far it has come, which files are in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from rules.codec import envelope_from_json
from rules.messages import Envelope
from store.messages import StoredPart, bare_message_id, parts_of
from store.models import FolderRow, LocationRow, MessageRow, PartRow, PreviewRow, State, UnpackedRow
from store.types import key_of

_SHA256_START: Final = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """A place where the message was found. Imported files have UIDVALIDITY 0."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    internaldate: datetime
    is_imported: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptMessage:
    """What the store knows of a message. `envelope` is None until it has been decoded."""

    sha256: str
    size_bytes: int
    message_id: str
    received_at: datetime
    state: State
    envelope: Envelope | None
    body_text: str
    parts: tuple[StoredPart, ...]
    locations: tuple[Location, ...]
    parser_version: int | None
    attempts: int
    failed_stage: str
    error: str


def find_messages(session: Session, wanted: str) -> tuple[KeptMessage, ...]:
    """The messages of that Message-ID, with or without <>, or of that start of a SHA-256; the oldest first.

    A Message-ID may name several: copies that reached the mailbox on different ways differ in their headers.
    """
    is_wanted = [MessageRow.message_id_key == key_of(bare_message_id(wanted))]
    if _SHA256_START.fullmatch(wanted.lower()):
        is_wanted.append(MessageRow.sha256.startswith(wanted.lower()))
    rows = session.scalars(
        select(MessageRow).where(or_(*is_wanted)).order_by(MessageRow.received_at, MessageRow.sha256)
    )
    return tuple(_kept(session, row) for row in rows.all())


def failed_messages(session: Session) -> tuple[KeptMessage, ...]:
    """The quarantine, the oldest first."""
    failed = select(MessageRow).where(MessageRow.state == State.FAILED)
    rows = session.scalars(failed.order_by(MessageRow.received_at, MessageRow.sha256))
    return tuple(_kept(session, row) for row in rows.all())


def count_messages(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(MessageRow)) or 0


def newest_received_at(session: Session) -> datetime | None:
    """The mail servers' clocks at the newest message."""
    return session.scalar(select(func.max(MessageRow.received_at)))


def blob_digests(session: Session) -> set[str]:
    """The name of every blob that the store knows of: what came, and what was made from that."""
    return _original_digests(session) | derived_digests(session)


def derived_digests(session: Session) -> set[str]:
    """Of those the blobs that can be made again when they are lost: previews, and files unpacked from attachments."""
    return _named(session, PreviewRow.blob, UnpackedRow.sha256) - _original_digests(session)


def _original_digests(session: Session) -> set[str]:
    """Raw messages and their files: a photo may have come by itself too, not only in an archive."""
    return _named(session, MessageRow.sha256, PartRow.sha256)


def _named(session: Session, *columns: InstrumentedAttribute[str]) -> set[str]:
    return {sha256 for column in columns for sha256 in session.scalars(select(column)) if sha256}


def _kept(session: Session, row: MessageRow) -> KeptMessage:
    return KeptMessage(
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        message_id=row.message_id,
        received_at=row.received_at,
        state=State(row.state),
        envelope=None if row.envelope is None else envelope_from_json(row.envelope),
        body_text=row.body_text,
        parts=parts_of(session, row.sha256),
        locations=_locations(session, row.sha256),
        parser_version=row.parser_version,
        attempts=row.attempts,
        failed_stage=row.failed_stage,
        error=row.error,
    )


def _locations(session: Session, sha256: str) -> tuple[Location, ...]:
    rows = session.execute(
        select(
            FolderRow.account,
            FolderRow.folder,
            LocationRow.uidvalidity,
            LocationRow.uid,
            LocationRow.internaldate,
            LocationRow.is_imported,
        )
        .join(FolderRow, FolderRow.id == LocationRow.folder_id)
        .where(LocationRow.message_sha256 == sha256)
        .order_by(LocationRow.is_imported, LocationRow.internaldate, LocationRow.id)
    )
    return tuple(Location(**row._mapping) for row in rows)
