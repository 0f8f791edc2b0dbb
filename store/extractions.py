"""What the parsers saw in a file, kept with its text by content, name and parser version, so that it is read once."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from rules.codec import extraction_as_json, extraction_from_json
from rules.extraction import Extraction
from store.models import ExtractionRow
from store.types import key_of
from store.upserting import insert_if_new


def save(
    session: Session,
    sha256: str,
    name: str,
    parser_version: int,
    extraction: Extraction,
    *,
    replaces: bool = False,
) -> None:
    """The first one stays, for the same parser sees the same thing in the same file; unless it `replaces` a failure of
    the machine that did not come again, or a reading that is worse than that of an older parser.
    """
    if replaces:
        session.execute(delete(ExtractionRow).where(*_is(sha256, name, parser_version)))
    insert_if_new(
        session,
        ExtractionRow,
        sha256=sha256,
        filename_key=key_of(name),
        parser_version=parser_version,
        extraction=extraction_as_json(extraction, with_text=True),
    )


def load(session: Session, sha256: str, name: str, parser_version: int) -> Extraction | None:
    seen = session.scalar(select(ExtractionRow.extraction).where(*_is(sha256, name, parser_version)))
    return None if seen is None else extraction_from_json(seen)


def _is(sha256: str, name: str, parser_version: int) -> tuple[ColumnElement[bool], ...]:
    return (
        ExtractionRow.sha256 == sha256,
        ExtractionRow.filename_key == key_of(name),
        ExtractionRow.parser_version == parser_version,
    )
