"""How one unit stands with one deliverable at one moment (contract, 2 and 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from rules.campaign import Campaign
from rules.claims import Decision
from rules.expiring_links import ExpiringLink
from rules.findings import Finding
from rules.roster import Unit


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
    """A file that counts towards a deliverable. The message's hash and the path name it for a decision about it."""

    message_id: str
    filename: str
    sha256: str
    message_sha256: str = ""
    path: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A counted part of a deliverable, e.g. photos 3 of 5."""

    have: int
    want: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """How one unit stands with one deliverable at one moment (contract, 4).

    `may_have_come`: it is open, and may lie in mail of which a person is still to say whose it is.
    """

    status: Status
    due_at: datetime
    is_overdue: bool = False
    days_late: int | None = None
    received_at: datetime | None = None
    complete_at: datetime | None = None
    needs_review: bool = False
    may_have_come: bool = False
    parts: dict[str, Part] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    links: tuple[ExpiringLink, ...] = ()  # in place of files that did not come
    sources: tuple[Source, ...] = ()
    decision: Decision | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """How many units stand where with one deliverable (contract, 4).

    The parts add up: expected = on_time + late + incomplete + missing + unknown + pending; complete = on_time + late.
    """

    expected: int = 0
    received: int = 0
    complete: int = 0
    on_time: int = 0
    late: int = 0
    incomplete: int = 0
    missing: int = 0
    unknown: int = 0
    pending: int = 0
    exempt: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitReport:
    """How one unit stands. `assessments` by deliverable key, in the campaign's order; what is not asked is absent.

    `is_unreachable`: mail to every address of the unit comes back (通知未达).
    """

    unit: Unit
    assessments: dict[str, Assessment]
    is_unreachable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignReport:
    """How every unit stands at `as_of`, in roster order; `totals` by deliverable key, in the campaign's order."""

    campaign: Campaign
    as_of: datetime
    mail_read_until: datetime | None
    units: tuple[UnitReport, ...]
    totals: dict[str, Totals]
