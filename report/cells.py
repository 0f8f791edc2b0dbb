"""One assessment as one cell of the ledger: shape and word first, so that no reader depends on colour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from report.plain import plain_line
from report.words import (
    FINDING_ZH,
    NOTHING,
    PART_ZH,
    SHAPES,
    day_text,
    days_late_text,
    decision_text,
    due_day_text,
    due_text,
    finding_sentence,
    full_moment_text,
    mending,
)
from rules.assessment import STATUS_ZH, Assessment, Status
from rules.findings import Code, Finding

NOT_ASKED: Final = "不要求"
WAITS_TO_BE_CLAIMED: Final = "有来件待认领"
MAY_HAVE_COME: Final = "有来件待认领，其中可能就有这项材料"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A finding in words: `sentence` says what is wrong, `mend` what to do about it."""

    code: str
    label: str
    sentence: str
    mend: str
    is_blocking: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """How one unit stands with one deliverable. `status` is None where the deliverable is not asked of the unit.

    `text` is the shortest true statement (`10-28`, `迟3天`, `照片 3/5`); `notes` are what else a reader must not miss.
    """

    status: Status | None
    shape: str = ""
    word: str = NOT_ASKED
    text: str = NOTHING
    notes: tuple[str, ...] = ()
    received: str = ""
    complete: str = ""
    due: str = ""
    received_at: datetime | None = None
    complete_at: datetime | None = None
    days_late: int | None = None
    is_overdue: bool = False
    is_behind: bool = False
    needs_review: bool = False
    parts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    filenames: tuple[str, ...] = ()
    decision: str = ""

    @property
    def line(self) -> str:
        """Shape and text: `✓ 10-28`."""
        return f"{self.shape} {self.text}".strip()

    @property
    def short_text(self) -> str:
        """`text` without the status word, which the shape stands for: `未盖章` for `待补正：未盖章`."""
        return self.text.removeprefix(f"{self.word}：")

    @property
    def outcome(self) -> str:
        """The label with its measure, in words for a column of its own: `迟报 3 天`, `待补正（已逾期）`."""
        if self.status is Status.LATE:
            return days_late_text(self.days_late)
        return f"{self.word}（已逾期）" if self.status is Status.INCOMPLETE and self.is_overdue else self.word


def shortfall_text(cell: Cell) -> str:
    """What a unit still has to do, or did too late, in full sentences; empty when there is nothing to say."""
    match cell.status:
        case Status.MISSING:
            what = MAY_HAVE_COME if WAITS_TO_BE_CLAIMED in cell.notes else "尚未收到任何材料"
            return f"{what}，截止时间为{cell.due}。"
        case Status.LATE:
            return f"已于 {cell.complete} 报齐，{cell.outcome}，无须再报。" if cell.complete else f"{cell.outcome}。"
        case Status.INCOMPLETE:
            blocking = [problem for problem in cell.problems if problem.is_blocking]
            return "".join(f"{problem.sentence}{problem.mend}" for problem in blocking) or f"{cell.text}。"
        case _:
            return ""


def is_behind(assessment: Assessment) -> bool:
    """What a late-unit report lists: late, missing, or past due and still to be mended."""
    return assessment.status in (Status.LATE, Status.MISSING) or (
        assessment.status is Status.INCOMPLETE and assessment.is_overdue
    )


def cell_of(assessment: Assessment | None, *, campaign_due_at: datetime, zone: ZoneInfo) -> Cell:
    """`assessment` is None where the deliverable is not asked of the unit."""
    if assessment is None:
        return Cell(status=None)
    return Cell(
        status=assessment.status,
        shape=SHAPES[assessment.status],
        word=STATUS_ZH[assessment.status],
        text=_text(assessment, zone),
        notes=_notes(assessment, campaign_due_at, zone),
        received=full_moment_text(assessment.received_at, zone) if assessment.received_at else "",
        complete=full_moment_text(assessment.complete_at, zone) if assessment.complete_at else "",
        due=due_text(assessment.due_at, zone),
        received_at=assessment.received_at,
        complete_at=assessment.complete_at,
        days_late=assessment.days_late,
        is_overdue=assessment.is_overdue,
        is_behind=is_behind(assessment),
        needs_review=assessment.needs_review,
        parts=_parts(assessment),
        problems=tuple(problem_of(finding) for finding in _blocking_first(assessment.findings)),
        filenames=tuple(dict.fromkeys(plain_line(source.filename) for source in assessment.sources)),
        decision=plain_line(decision_text(assessment.decision, zone)) if assessment.decision else "",
    )


def problem_of(finding: Finding) -> Problem:
    words = FINDING_ZH[finding.code]
    return Problem(
        code=finding.code,
        label=words.label,
        sentence=plain_line(finding_sentence(finding)),
        mend=mending(finding),
        is_blocking=finding.is_blocking,
    )


def _blocking_first(findings: tuple[Finding, ...]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda finding: not finding.is_blocking)


def _parts(assessment: Assessment) -> tuple[str, ...]:
    return tuple(f"{PART_ZH.get(name, name)} {part.have}/{part.want}" for name, part in assessment.parts.items())


def _text(assessment: Assessment, zone: ZoneInfo) -> str:
    match assessment.status:
        case Status.ON_TIME if assessment.complete_at:
            return day_text(assessment.complete_at, zone)
        case Status.LATE if assessment.days_late:
            return f"迟{assessment.days_late}天"
        case Status.INCOMPLETE:
            return _incomplete_text(assessment)
        case status:
            return STATUS_ZH[status]


def _incomplete_text(assessment: Assessment) -> str:
    """What is wanting, counted where it can be counted; the first blocking finding names it otherwise."""
    blocking = [finding for finding in assessment.findings if finding.is_blocking]
    is_counted = all(finding.code is Code.PHOTO_COUNT for finding in blocking)
    counted = zip(_parts(assessment), assessment.parts.values(), strict=True)
    short = [text for text, part in counted if part.have < part.want]
    if is_counted and short:
        return "，".join(short)
    word = STATUS_ZH[Status.INCOMPLETE]
    return f"{word}：{FINDING_ZH[blocking[0].code].label}" if blocking else word


def _expiry_notes(assessment: Assessment) -> list[str]:
    """The link that is gone first: `链接还有3天到期`."""
    expiring = [link for link in assessment.links if link.days_left is not None]
    first = min(expiring, key=lambda link: (link.days_left or 0, link.link.url), default=None)
    return [first.text.removeprefix("云附件").replace(" ", "")] if first else []


def _notes(assessment: Assessment, campaign_due_at: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    notes: list[str] = []
    if assessment.status is Status.INCOMPLETE and assessment.is_overdue:
        notes.append("已逾期")
    notes.extend(_expiry_notes(assessment))
    if assessment.needs_review:
        notes.append("待核对")
    if assessment.may_have_come:
        notes.append(WAITS_TO_BE_CLAIMED)
    if assessment.due_at != campaign_due_at and assessment.status is not Status.EXEMPT:
        notes.append(f"延期至{due_day_text(assessment.due_at, zone)}")
    if assessment.decision and assessment.decision.action in ("accept", "received_offline", "on_time", "reject"):
        notes.append("人工认定")
    return tuple(notes)
