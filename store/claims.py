"""What placing made of each message. Derived: replaced as a whole whenever the message is placed again.

A claim carries the extraction of the file at its path without text and members, which is all that judging looks at: a
hundred thousand claims are loaded without touching the texts of the files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, Text, bindparam, delete, insert, select, type_coerce
from sqlalchemy.orm import Session

from rules.claims import Claim, Evidence, Placement, Unattributed
from rules.codec import extraction_as_json, extraction_from_json
from rules.extraction import Extraction
from rules.findings import Code, Finding
from store import changes
from store.models import ClaimRow, MessageRow, PlacementRow, UnattributedRow, table_of

_PAGE: Final = 500

AnyRow = Row[*tuple[Any, ...]]

_CLAIMS: Final = (
    select(
        ClaimRow.unit,
        ClaimRow.kind,
        ClaimRow.message_sha256,
        ClaimRow.message_id,
        MessageRow.received_at,
        ClaimRow.path,
        ClaimRow.extraction,
        ClaimRow.form_index,
        ClaimRow.evidence,
        ClaimRow.findings,
    )
    .join(MessageRow, MessageRow.sha256 == ClaimRow.message_sha256)
    .order_by(MessageRow.received_at, ClaimRow.message_sha256, ClaimRow.id)
)
_UNATTRIBUTED: Final = (
    select(
        UnattributedRow.message_sha256,
        UnattributedRow.message_id,
        UnattributedRow.sender,
        UnattributedRow.subject,
        MessageRow.received_at,
        UnattributedRow.reason,
        UnattributedRow.candidates,
        UnattributedRow.paths,
        UnattributedRow.kinds,
    )
    .join(MessageRow, MessageRow.sha256 == UnattributedRow.message_sha256)
    .order_by(MessageRow.received_at, UnattributedRow.message_sha256)
)

# Without the lock two machines that place the same message would both insert their claims.
_LOCK: Final = select(MessageRow.sha256).where(MessageRow.sha256 == bindparam("message")).with_for_update()
_FORGET: Final = tuple(
    delete(table).where(table.c.message_sha256 == bindparam("message"))
    for table in map(table_of, (ClaimRow, UnattributedRow, PlacementRow))
)


def replace_placement(session: Session, message_sha256: str, placement: Placement) -> None:
    """Forgets what was made of the message before."""
    for statement in (_LOCK, *_FORGET):
        session.execute(statement, {"message": message_sha256})
    row = {"message_sha256": message_sha256, "note": placement.note, "version": changes.UNNUMBERED}
    session.execute(insert(table_of(PlacementRow)), row)
    changes.note(session)
    if placement.claims:
        values = [_claim_values(message_sha256, claim) for claim in placement.claims]
        session.execute(insert(table_of(ClaimRow)), values)
    if placement.unattributed:
        values = [_unattributed_values(message_sha256, placement.unattributed)]
        session.execute(insert(table_of(UnattributedRow)), values)


def claims(session: Session) -> list[Claim]:
    """Every claim, in the order in which the mail came."""
    return [_claim(row) for row in session.execute(_CLAIMS)]


def claims_of_unit(session: Session, unit: str) -> list[Claim]:
    """What was put to one unit, in the order in which the mail came."""
    return [_claim(row) for row in _rows(session, _CLAIMS.where(ClaimRow.unit == unit))]


def messages_with_finding(session: Session, code: Code) -> frozenset[str]:
    """The messages of which placing found this wrong."""
    is_found = type_coerce(ClaimRow.findings, Text).contains(f'"{code.value}"', autoescape=True)
    return frozenset(session.scalars(select(ClaimRow.message_sha256).where(is_found)))


def claims_of(session: Session, digests: Collection[str]) -> list[Claim]:
    """The claims of these messages, in the order in which the mail came."""
    return [
        _claim(row)
        for some in _pages(digests)
        for row in _rows(session, _CLAIMS.where(ClaimRow.message_sha256.in_(some)))
    ]


def messages_with_claims(session: Session, *, since: datetime) -> list[str]:
    """The messages received since then of which something was put to a unit, the oldest first."""
    is_claimed = select(ClaimRow.id).where(ClaimRow.message_sha256 == MessageRow.sha256).exists()
    query = select(MessageRow.sha256).where(MessageRow.received_at >= since, is_claimed)
    return list(session.scalars(query.order_by(MessageRow.received_at, MessageRow.sha256)))


def unattributed_of(session: Session, digests: Collection[str]) -> list[Unattributed]:
    """Those of these messages that wait for a person."""
    return [
        _unattributed(row)
        for some in _pages(digests)
        for row in _rows(session, _UNATTRIBUTED.where(UnattributedRow.message_sha256.in_(some)))
    ]


def unattributed(session: Session) -> list[Unattributed]:
    """Every message that waits for a person, in the order in which the mail came."""
    return [_unattributed(row) for row in session.execute(_UNATTRIBUTED)]


def placement_of(session: Session, message_sha256: str) -> Placement | None:
    """What was made of one message; None if it has not been placed yet."""
    note = session.scalar(select(PlacementRow.note).where(PlacementRow.message_sha256 == message_sha256))
    if note is None:
        return None
    waiting = _rows(session, _UNATTRIBUTED.where(UnattributedRow.message_sha256 == message_sha256))
    return Placement(
        claims=tuple(_claim(row) for row in _rows(session, _CLAIMS.where(ClaimRow.message_sha256 == message_sha256))),
        unattributed=next((_unattributed(row) for row in waiting), None),
        note=note,
    )


def is_placed_so(session: Session, message_sha256: str, placement: Placement) -> bool:
    """True where `replace_placement` would change nothing."""
    lean = tuple(replace(claim, extraction=_lean(claim.extraction)) for claim in placement.claims)
    return placement_of(session, message_sha256) == replace(placement, claims=lean)


def _lean(extraction: Extraction) -> Extraction:
    return replace(extraction, text="", members=())


def _pages(digests: Collection[str]) -> Iterator[list[str]]:
    """A database takes only so many parameters in one statement."""
    ordered = sorted(digests)
    return (ordered[start : start + _PAGE] for start in range(0, len(ordered), _PAGE))


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> Iterable[AnyRow]:
    return session.execute(query)


def _claim_values(message_sha256: str, claim: Claim) -> dict[str, object]:
    return {
        "message_sha256": message_sha256,
        "message_id": claim.message_id,
        "path": claim.path,
        "unit": claim.unit,
        "kind": claim.kind,
        "form_index": claim.form_index,
        "evidence": [asdict(evidence) for evidence in claim.evidence],
        "findings": [{"code": finding.code.value, "detail": finding.detail} for finding in claim.findings],
        "extraction": extraction_as_json(_lean(claim.extraction)),
    }


def _claim(row: AnyRow) -> Claim:
    return Claim(
        unit=row.unit,
        kind=row.kind,
        message_sha256=row.message_sha256,
        message_id=row.message_id,
        received_at=row.received_at,
        path=row.path,
        extraction=extraction_from_json(row.extraction),
        form_index=row.form_index,
        evidence=tuple(Evidence(**evidence) for evidence in row.evidence),
        findings=tuple(Finding(code=Code(one["code"]), detail=one["detail"]) for one in row.findings),
    )


def _unattributed_values(message_sha256: str, entry: Unattributed) -> dict[str, object]:
    return {
        "message_sha256": message_sha256,
        "message_id": entry.message_id,
        "sender": entry.sender,
        "subject": entry.subject,
        "reason": entry.reason,
        "candidates": list(entry.candidates),
        "paths": list(entry.paths),
        "kinds": list(entry.kinds),
    }


def _unattributed(row: AnyRow) -> Unattributed:
    facts = dict(row._mapping)
    return Unattributed(**facts | {name: tuple(facts[name]) for name in ("candidates", "paths", "kinds")})
