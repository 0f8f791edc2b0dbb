"""How one unit stands with one deliverable at one moment (contract, 2 and 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from rules.claims import Decision
from rules.findings import Finding


class Status(StrEnum):
    """The one label of a unit's deliverable (contract, 2)."""

    EXEMPT = "exempt"
    UNKNOWN = "unknown"
    PENDING = "pending"
    ON_TIME = "on_time"
    LATE = "late"
    INCOMPLETE = "incomplete"
    MISSING = "missing"


STATUS_ZH: Final[dict[Status, str]] = {
    Status.EXEMPT: "免报",
    Status.UNKNOWN: "待收信",
    Status.PENDING: "未到期",
    Status.ON_TIME: "按时",
    Status.LATE: "迟报",
    Status.INCOMPLETE: "待补正",
    Status.MISSING: "未报",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A file that counts towards a deliverable."""

    message_id: str
    filename: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A counted part of a deliverable, e.g. photos 3 of 5."""

    have: int
    want: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """How one unit stands with one deliverable at one moment (contract, 4)."""

    status: Status
    due_at: datetime
    is_overdue: bool = False
    days_late: int | None = None
    received_at: datetime | None = None
    complete_at: datetime | None = None
    needs_review: bool = False
    parts: dict[str, Part] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    sources: tuple[Source, ...] = ()
    decision: Decision | None = None
