"""Everything about one unit on one page: what it sent, what of it counts and why, what a person decided.

    unit_view(report, …, mails=…) → UnitView

Pure. `mails` holds every mail that bears on the unit, as it was received; the claims on it say which of its files serve
which deliverable. What counts is what the assessment names as its sources.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from report.cells import MAY_HAVE_COME, Cell, Problem, cell_of, problem_of
from report.file_view import FileView, files_of
from report.form_sheet import FormSheet, sheet_of
from report.history import HistoryEntry, about_unit, history_of
from report.plain import plain_line
from report.words import EVIDENCE_ZH, due_text, full_moment_text, short_titles
from rules.assessment import Assessment, Status, UnitReport
from rules.campaign import Campaign, Deliverable, DeliverableKind
from rules.claims import Claim, Decision, Evidence
from rules.findings import Code
from rules.likeness import Picture, group_alike
from rules.messages import Address, ReceivedMessage
from rules.outgoing import OutgoingMail
from rules.overruling import Action, standing
from rules.roster import Unit
from store.messages import StoredPart

_MOST_RECIPIENTS: Final = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    """A mail that bears on the unit, with its stored parts and the claims on its files, of whichever unit."""

    message: ReceivedMessage
    parts: tuple[StoredPart, ...] = ()
    claims: tuple[Claim, ...] = ()
    note: str = ""  # why nothing in it was put to anybody


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One file that came for one deliverable. `verdict` says in a few characters what became of it."""

    file: FileView
    received_at: datetime
    subject: str
    counts: bool
    verdict: str
    problems: tuple[Problem, ...] = ()
    evidence: tuple[str, ...] = ()
    sheets: tuple[FormSheet, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliverableView:
    """How the unit stands with one deliverable, and all that came for it, the newest first."""

    key: str
    title: str
    label: str
    cell: Cell
    why: str
    arrivals: tuple[Arrival, ...]

    @property
    def photos(self) -> tuple[Arrival, ...]:
        return tuple(arrival for arrival in self.arrivals if arrival.file.is_photo)

    @property
    def others(self) -> tuple[Arrival, ...]:
        return tuple(arrival for arrival in self.arrivals if not arrival.file.is_photo)

    @property
    def sheets(self) -> tuple[FormSheet, ...]:
        """The forms that count; while none does, those of the newest file."""
        counting = [sheet for arrival in self.arrivals if arrival.counts for sheet in arrival.sheets]
        newest = next((arrival.sheets for arrival in self.arrivals if arrival.sheets), ())
        return tuple(counting) or newest


@dataclass(frozen=True, kw_only=True, slots=True)
class MailLine:
    """One mail in the timeline. `brought` names what it was taken for; `note` says why nothing was."""

    sha256: str
    received_at: datetime
    subject: str
    sender: str
    brought: tuple[str, ...]
    note: str
    file_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitView:
    """The page of one unit."""

    unit: Unit
    deliverables: tuple[DeliverableView, ...]
    mails: tuple[MailLine, ...]
    outgoing: tuple[OutgoingMail, ...]
    history: tuple[HistoryEntry, ...]


def unit_view(
    unit_report: UnitReport,
    campaign: Campaign,
    *,
    at: datetime,
    mails: Sequence[Mail],
    decisions: Collection[Decision],
    outgoing: Sequence[OutgoingMail] = (),
) -> UnitView:
    """`mails` in any order; what came after `at` is not shown."""
    unit = unit_report.unit
    come = sorted(
        (mail for mail in mails if mail.message.received_at <= at),
        key=lambda mail: mail.message.received_at,
        reverse=True,
    )
    words = standing(decisions, campaign_key=campaign.key, at=at)
    told = about_unit(decisions, unit.name, {mail.message.sha256 for mail in come})
    return UnitView(
        unit=unit,
        deliverables=tuple(
            _deliverable(unit_report, deliverable, campaign, come, words)
            for deliverable in campaign.deliverables
            if deliverable.key in unit_report.assessments
        ),
        mails=tuple(_line(mail, unit.name, campaign) for mail in come),
        outgoing=tuple(sorted(outgoing, key=lambda mail: mail.created_at, reverse=True)),
        history=history_of(decisions, campaign, at=at, wanted=told),
    )


def _deliverable(
    unit_report: UnitReport,
    deliverable: Deliverable,
    campaign: Campaign,
    mails: Sequence[Mail],
    words: Sequence[Decision],
) -> DeliverableView:
    assessment = unit_report.assessments[deliverable.key]
    due_at = deliverable.due_at(campaign.zone)
    arrivals = (
        arrival for mail in mails for arrival in _arrivals(mail, unit_report.unit.name, deliverable, assessment, words)
    )
    alike = (
        _repeated(mails, unit_report.unit.name, assessment) if deliverable.kind is DeliverableKind.EVIDENCE else set()
    )
    return DeliverableView(
        key=deliverable.key,
        title=plain_line(deliverable.title) or deliverable.key,
        label=plain_line(short_titles(campaign)[deliverable.key]),
        cell=cell_of(assessment, campaign_due_at=due_at, zone=campaign.zone),
        why=why_text(assessment, campaign),
        arrivals=tuple(
            replace(one, counts=False, verdict="重复，不计")
            if (one.file.message_sha256, one.file.path) in alike
            else one
            for one in arrivals
        ),
    )


def _repeated(mails: Sequence[Mail], unit: str, assessment: Assessment) -> set[tuple[str, str]]:
    """Message and path of the photos that show what an earlier one shows."""
    shown = {(source.message_sha256, source.path) for source in assessment.sources}
    pictures = [
        Picture(
            bits=int(photo.perceptual_hash, 16) if photo.perceptual_hash else None,
            sha256=claim.extraction.sha256,
            filename=f"{claim.message_sha256}\n{claim.path}",
            received_at=claim.received_at,
        )
        for mail in sorted(mails, key=lambda mail: mail.message.received_at)
        for claim in mail.claims
        if (photo := claim.extraction.photo) and claim.unit == unit and (claim.message_sha256, claim.path) in shown
    ]
    again = [picture.filename for group in group_alike(pictures) for picture in group[1:]]
    return {(sha256, path) for sha256, _, path in (name.partition("\n") for name in again)}


def why_text(assessment: Assessment, campaign: Campaign) -> str:
    """Why the status is what it is, in one sentence."""
    due = due_text(assessment.due_at, campaign.zone)
    complete = full_moment_text(assessment.complete_at, campaign.zone)
    received = full_moment_text(assessment.received_at, campaign.zone)
    is_by_word = assessment.complete_at is not None and assessment.complete_at > assessment.due_at
    overdue = "，已逾期" if assessment.is_overdue else ""
    return {
        Status.EXEMPT: "不要求报送。",
        Status.UNKNOWN: f"截止时间（{due}）已过，但此后还没有成功收过信，暂不判定。",
        Status.PENDING: f"截止时间为{due}，尚未收到材料。",
        Status.MISSING: f"截止时间（{due}）已过，{MAY_HAVE_COME if assessment.may_have_come else '没有收到任何材料'}。",
        Status.INCOMPLETE: f"{received} 收到材料，但还不符合要求；截止时间为{due}{overdue}。",
        Status.LATE: f"{complete} 报齐，晚于截止时间{due}，迟报 {assessment.days_late} 天。",
        Status.ON_TIME: f"{complete} 报齐，截止时间为{due}，{'经认定计为按时' if is_by_word else '按时'}。",
    }[assessment.status]


def _arrivals(
    mail: Mail, unit: str, deliverable: Deliverable, assessment: Assessment, words: Sequence[Decision]
) -> list[Arrival]:
    """One for each file of the mail, in the mail's order."""
    files = files_of(mail.message, mail.parts)
    claims: dict[str, list[Claim]] = {}
    for claim in mail.claims:
        if claim.unit == unit and claim.kind in (None, deliverable.kind):
            claims.setdefault(claim.path, []).append(claim)
    return [
        _arrival(mail, files.get(path) or _body(mail, path), of_file, assessment, words)
        for path, of_file in claims.items()
    ]


def _body(mail: Mail, path: str) -> FileView:
    """The mail's own text, or a link in it: nothing to download but the mail itself."""
    return FileView(
        message_sha256=mail.message.sha256,
        path=path,
        number=-1,
        name="云附件链接" if "链接" in path else "邮件正文",
        sha256="",
        media_type="",
        kind="",
        facts="",
    )


def _arrival(
    mail: Mail, file: FileView, claims: Sequence[Claim], assessment: Assessment, words: Sequence[Decision]
) -> Arrival:
    claim = claims[0]
    counts = any(
        source.message_sha256 == claim.message_sha256 and source.path == claim.path for source in assessment.sources
    )
    found = dict.fromkeys(finding for one in claims for finding in (*one.extraction.findings, *one.findings))
    return Arrival(
        file=file,
        received_at=mail.message.received_at,
        subject=plain_line(mail.message.envelope.subject) or "（无主题）",
        counts=counts,
        verdict=_verdict(claim, assessment, words, counts=counts),
        problems=tuple(problem_of(finding) for finding in found),
        evidence=tuple(dict.fromkeys(evidence_text(one) for one in claim.evidence)),
        sheets=tuple(sheets_of(mail.message, file, claims)),
    )


def sheets_of(message: ReceivedMessage, file: FileView, claims: Sequence[Claim]) -> list[FormSheet]:
    """The forms of a file that are claimed, beside what the machine read."""
    read = next((item.extraction.forms for item in message.items if item.path == file.path), ())
    return [
        sheet_of(
            file,
            claim.form_index,
            claim.form,
            read[claim.form_index] if claim.form_index < len(read) else None,
            is_doubted=any(finding.code is Code.LOW_CONFIDENCE for finding in claim.extraction.findings),
        )
        for claim in claims
        if claim.form is not None and claim.form_index is not None
    ]


def _verdict(claim: Claim, assessment: Assessment, words: Sequence[Decision], *, counts: bool) -> str:
    about = [
        word
        for word in words
        if word.action in (Action.ACCEPT, Action.REJECT)
        and word.message_sha256 == claim.message_sha256
        and (word.path in ("", claim.path) or claim.path.startswith(f"{word.path}/"))
    ]
    if about and about[-1].action == Action.REJECT:
        return "已退回"
    if counts:
        is_settled = assessment.complete_at is not None
        return "认定合格" if about else "计入" if is_settled else "已收，待补正"
    return "未能识别" if claim.kind is None else "未计入"


def evidence_text(evidence: Evidence) -> str:
    """`文件名“直溪小学方案.docx”`, with 近似 where the name was not exactly the unit's."""
    quote = f"“{plain_line(evidence.quote)}”" if evidence.quote else ""
    return f"{EVIDENCE_ZH.get(evidence.source, evidence.source)}{quote}{'' if evidence.is_exact else '（近似）'}"


def _line(mail: Mail, unit: str, campaign: Campaign) -> MailLine:
    labels = {deliverable.kind.value: label for deliverable, label in _labelled(campaign)}
    kinds = dict.fromkeys(claim.kind for claim in mail.claims if claim.unit == unit)
    others = list(dict.fromkeys(plain_line(claim.unit) for claim in mail.claims))
    envelope = mail.message.envelope
    return MailLine(
        sha256=mail.message.sha256,
        received_at=mail.message.received_at,
        subject=plain_line(envelope.subject) or "（无主题）",
        sender=address_text(envelope.header_from),
        brought=tuple("未能识别的文件" if kind is None else labels.get(kind, kind) for kind in kinds),
        note=plain_line(mail.note) or ("" if unit in others else f"归到{'、'.join(others)}" if others else ""),
        file_count=sum(not item.is_body and "/" not in item.path for item in mail.message.items),
    )


def _labelled(campaign: Campaign) -> list[tuple[Deliverable, str]]:
    """Of two deliverables of one kind the first gives the name."""
    labels = short_titles(campaign)
    return [(deliverable, plain_line(labels[deliverable.key])) for deliverable in reversed(campaign.deliverables)]


def recipients_text(recipients: Sequence[Address]) -> str:
    """The first few, and how many there are."""
    shown = "；".join(address_text(one) for one in recipients[:_MOST_RECIPIENTS])
    return shown if len(recipients) <= _MOST_RECIPIENTS else f"{shown} 等 {len(recipients)} 人"


def address_text(address: Address | None) -> str:
    if address is None:
        return "（无发件人）"
    return plain_line(f"{address.name} <{address.address}>" if address.name else address.address)
