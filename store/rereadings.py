"""Reading kept mail anew with newer parsers: which messages wait for it, and what it came to, file by file.

The old reading is served until the new one is written, in one transaction with what follows from it. Two programs may
read the same message anew; who comes second finds nothing to take over and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlalchemy.orm import Session

from rules.codec import envelope_from_json
from rules.rereading import Difference, FileChange, Kept, Rereading
from store.models import MessageRow, RereadingRow, State


@dataclass(frozen=True, kw_only=True, slots=True)
class Outdated:
    """A message that older parsers read, or failed at; then with the reason."""

    sha256: str
    parser_version: int
    has_failed: bool = False
    error: str = ""


def outdated(session: Session, *, parser_version: int, limit: int) -> tuple[Outdated, ...]:
    """The newest first: what the running campaign rests on."""
    query = select(MessageRow).where(_is_outdated(parser_version))
    rows = session.scalars(query.order_by(MessageRow.received_at.desc(), MessageRow.sha256).limit(limit))
    return tuple(
        Outdated(
            sha256=row.sha256,
            parser_version=row.parser_version or 0,
            has_failed=row.state == State.FAILED,
            error=row.error,
        )
        for row in rows
    )


def count_outdated(session: Session, *, parser_version: int) -> int:
    return session.scalar(select(func.count()).select_from(MessageRow).where(_is_outdated(parser_version))) or 0


def _is_outdated(parser_version: int) -> ColumnElement[bool]:
    """Not those that failed once: they are read by the next run anyway (`messages.waiting`)."""
    is_old = MessageRow.parser_version < parser_version
    return and_(MessageRow.state.in_((State.READ, State.FAILED)), is_old, MessageRow.attempts != 1)


def take_over(session: Session, message: Outdated, *, parser_version: int) -> bool:
    """False if another program has read the message anew meanwhile, or must read it for another reason."""
    taken = session.execute(
        update(MessageRow)
        .where(
            MessageRow.sha256 == message.sha256,
            MessageRow.state.in_((State.READ, State.FAILED)),
            MessageRow.parser_version == message.parser_version,
        )
        .values(parser_version=parser_version)
        .returning(MessageRow.sha256)
    )
    return taken.first() is not None


def record(
    session: Session, message: Outdated, changes: Iterable[FileChange], *, parser_version: int, read_at: datetime
) -> None:
    """Keeps what the newer parsers saw otherwise in the message."""
    rows = [
        {
            "message_sha256": message.sha256,
            "path": change.path,
            "filename": change.filename,
            "old_version": message.parser_version,
            "new_version": parser_version,
            "read_at": read_at,
            "kept": change.kept.value,
            "differences": [asdict(difference) for difference in change.differences],
        }
        for change in changes
    ]
    if rows:
        session.execute(insert(RereadingRow), rows)


def newest(session: Session, *, limit: int, before: int | None = None) -> tuple[Rereading, ...]:
    """The newest first; `before`: the `id` of the last one on the page before."""
    return _found(session, limit, *([] if before is None else [RereadingRow.id < before]))


def of_message(session: Session, sha256: str) -> tuple[Rereading, ...]:
    """All of one message, the newest first."""
    return _found(session, None, RereadingRow.message_sha256 == sha256)


def _found(session: Session, limit: int | None, *where: ColumnElement[bool]) -> tuple[Rereading, ...]:
    rows = session.execute(
        select(RereadingRow, MessageRow.message_id, MessageRow.envelope, MessageRow.received_at)
        .join(MessageRow, MessageRow.sha256 == RereadingRow.message_sha256)
        .where(*where)
        .order_by(RereadingRow.id.desc())
        .limit(limit)
    )
    return tuple(
        Rereading(
            id=row.id,
            message_sha256=row.message_sha256,
            message_id=message_id,
            subject=envelope_from_json(envelope).subject if envelope else "",
            received_at=received_at,
            old_version=row.old_version,
            new_version=row.new_version,
            read_at=row.read_at,
            change=_change(row),
        )
        for row, message_id, envelope, received_at in rows
    )


def _change(row: RereadingRow) -> FileChange:
    return FileChange(
        path=row.path,
        filename=row.filename,
        differences=tuple(Difference(**difference) for difference in row.differences),
        kept=Kept(row.kept),
    )
