"""Small pictures of what units sent: which are there, and of which attachments they are still to be made."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from rules.codec import extraction_from_json
from rules.extraction import Extraction
from rules.previews import Preview, PreviewKey, PreviewSize
from store.models import ExtractionRow, PartRow, PreviewedRow, PreviewRow
from store.upserting import insert_if_new, put

_ASKED_TOGETHER: Final = 500  # SQLite takes a bounded number of values in one statement


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpreviewed:
    """An attachment whose previews have not been made."""

    sha256: str
    filename: str
    extraction: Extraction


def load(session: Session, keys: Collection[PreviewKey]) -> dict[PreviewKey, Preview | None]:
    """Of the keys those that are known; None for a preview that cannot be made."""
    wanted = set(keys)
    digests = sorted({key.sha256 for key in wanted})
    found: dict[PreviewKey, Preview | None] = {}
    for start in range(0, len(digests), _ASKED_TOGETHER):
        asked = digests[start : start + _ASKED_TOGETHER]
        for row in session.scalars(select(PreviewRow).where(PreviewRow.sha256.in_(asked))):
            key = PreviewKey(sha256=row.sha256, page=row.page, size=PreviewSize(row.size))
            if key in wanted:
                found[key] = _preview(key, row)
    return found


def _preview(key: PreviewKey, row: PreviewRow) -> Preview | None:
    if not row.blob:
        return None
    return Preview(key=key, blob=row.blob, width=row.width, height=row.height, scale=row.scale)


def save(session: Session, previews: Iterable[Preview], *, impossible: Iterable[PreviewKey] = ()) -> None:
    """Records previews whose blobs are there already, and what cannot be shown, so that it is not tried each time.

    A preview that was lost and made anew may come out in other bytes, by another version of the library.
    """
    for preview in previews:
        key = preview.key
        session.execute(delete(PreviewRow).where(*_is(key), PreviewRow.blob != preview.blob))
        facts = {"blob": preview.blob, "width": preview.width, "height": preview.height, "scale": preview.scale}
        insert_if_new(session, PreviewRow, sha256=key.sha256, page=key.page, size=key.size.value, **facts)
    for key in impossible:
        nothing = {"blob": "", "width": 0, "height": 0, "scale": 1.0}
        insert_if_new(session, PreviewRow, sha256=key.sha256, page=key.page, size=key.size.value, **nothing)


def _is(key: PreviewKey) -> tuple[ColumnElement[bool], ...]:
    return PreviewRow.sha256 == key.sha256, PreviewRow.page == key.page, PreviewRow.size == key.size.value


def unpreviewed(session: Session, *, parser_version: int, limit: int) -> tuple[Unpreviewed, ...]:
    """Attachments that were read by this version and whose previews were not made from that, the oldest first."""
    newest = (
        select(func.min(PartRow.id))
        .join(
            ExtractionRow,
            and_(
                ExtractionRow.sha256 == PartRow.sha256,
                ExtractionRow.filename_key == PartRow.filename_key,
                ExtractionRow.parser_version == parser_version,
            ),
        )
        .outerjoin(
            PreviewedRow,
            and_(PreviewedRow.key == PartRow.sha256, PreviewedRow.parser_version >= parser_version),
        )
        .where(PreviewedRow.key.is_(None))
        .group_by(PartRow.sha256)
        .order_by(func.min(PartRow.id))
        .limit(limit)
    )
    rows = session.execute(
        select(PartRow.sha256, PartRow.filename, ExtractionRow.extraction)
        .join(
            ExtractionRow,
            and_(ExtractionRow.sha256 == PartRow.sha256, ExtractionRow.filename_key == PartRow.filename_key),
        )
        .where(PartRow.id.in_(newest), ExtractionRow.parser_version == parser_version)
        .order_by(PartRow.id)
    )
    return tuple(
        Unpreviewed(sha256=sha256, filename=filename, extraction=extraction_from_json(seen))
        for sha256, filename, seen in rows
    )


def mark_previewed(session: Session, sha256: str, *, parser_version: int) -> None:
    put(session, PreviewedRow, key=sha256, parser_version=parser_version)
