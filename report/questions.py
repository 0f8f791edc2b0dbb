"""What waits for a person, as questions: each with its reason and the answers that settle it.

    questions_of(report, unattributed, claims, …) → the queue, what hurts most first

    mail of nobody           it may be what makes a school "missing"
    a file of unknown kind   it stands against everything that its unit still owes
    two units named          it may count for the wrong one
    others' activities       whether it counts for those units, too
    a near match             likewise, less likely
    a nil return             the unit says that it held nothing: is that so?
    a doubtful reading       the unit is in time, a figure may be wrong
    a new sender             nothing depends on it yet

Pure. An answer is a decision that is still to be taken; one question about a file that serves several deliverables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from hashlib import sha256
from typing import Final

from report.answers import Answer
from report.plain import plain_line
from report.words import closed, finding_sentence, short_titles
from rules.assessment import CampaignReport, UnitReport
from rules.campaign import Campaign
from rules.claims import Claim, Decision, Unattributed
from rules.findings import Code
from rules.messages import Envelope
from rules.named_in_rows import units_told
from rules.overruling import Action, rulings_on, standing
from rules.roster import Roster
from rules.submitted import DOUBTS, SubmittedFile, sort_out

MOST_CANDIDATES: Final = 5


class Doubt(IntEnum):
    """What is asked; the smaller, the more it hurts."""

    NOBODY = 0
    UNKNOWN_KIND = 1
    TWO_UNITS = 2
    OTHERS_LISTED = 3
    NEAR_MATCH = 4
    NIL_RETURN = 5
    READING = 6
    NEW_SENDER = 7


_UNIT_IS_SURE: Final = frozenset({Doubt.NIL_RETURN, Doubt.READING})

DOUBT_ZH: Final[dict[Doubt, str]] = {
    Doubt.NOBODY: "待认领",
    Doubt.UNKNOWN_KIND: "未能识别",
    Doubt.TWO_UNITS: "单位不一致",
    Doubt.OTHERS_LISTED: "含其他单位",
    Doubt.NEAR_MATCH: "单位近似",
    Doubt.NIL_RETURN: "报无活动",
    Doubt.READING: "识别存疑",
    Doubt.NEW_SENDER: "新邮箱",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One item of the queue. `pick` is the assignment that a freely chosen unit completes."""

    id: str
    doubt: Doubt
    text: str
    reasons: tuple[str, ...]
    received_at: datetime
    message_sha256: str
    paths: tuple[str, ...]
    unit: str = ""
    about: str = ""  # the deliverables concerned, or the mail's subject
    sender: str = ""
    answers: tuple[Answer, ...] = ()
    pick: Answer | None = None
    may_remember: bool = False

    @property
    def kind(self) -> str:
        return DOUBT_ZH[self.doubt]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Senders:
    """Who sent which mail, and whose mailbox that is."""

    roster: Roster
    envelopes: Mapping[str, Envelope]

    def of(self, message_sha256: str) -> str:
        envelope = self.envelopes.get(message_sha256)
        return envelope.header_from.address if envelope and envelope.header_from else ""


def questions_of(
    report: CampaignReport,
    unattributed: Iterable[Unattributed],
    claims: Iterable[Claim],
    decisions: Iterable[Decision],
    *,
    roster: Roster,
    envelopes: Mapping[str, Envelope],
) -> tuple[Question, ...]:
    """`claims` holds at least those of the files that are doubtful or come from a new sender."""
    known = [claim for claim in claims if claim.received_at <= report.as_of]
    of_message: dict[str, list[Claim]] = {}
    for claim in known:
        of_message.setdefault(claim.message_sha256, []).append(claim)
    words = standing(decisions, campaign_key=report.campaign.key, at=report.as_of)
    senders = _Senders(roster=roster, envelopes=envelopes)
    found = [_of_nobody(mail, is_alone=not of_message.get(mail.message_sha256)) for mail in unattributed]
    found += _of_files(report, known, words, senders)
    found += _of_senders(known, senders, settled={question.message_sha256 for question in found})
    return tuple(sorted(found, key=lambda question: (question.doubt, question.received_at, question.id)))


def _id(*facts: str) -> str:
    """The same for the same question, however the queue around it changes."""
    return sha256("\n".join(facts).encode("utf-8", "backslashreplace")).hexdigest()[:16]


# mail of nobody


def _of_nobody(mail: Unattributed, *, is_alone: bool) -> Question:
    """Where other files of the mail have found their unit, only the open ones are spoken of."""
    paths = ("",) if is_alone else mail.paths
    subject = plain_line(mail.subject) or "（无主题）"
    candidates = [
        Answer(label=f"归“{plain_line(name)}”", action=Action.ASSIGN, unit=name, paths=paths)
        for name in mail.candidates[:MOST_CANDIDATES]
    ]
    return Question(
        id=_id("nobody", mail.message_sha256),
        doubt=Doubt.NOBODY,
        text="这封邮件是哪个单位报送的？" if is_alone else "这封邮件里的这些文件是哪个单位的？",
        reasons=(closed(plain_line(mail.reason)),),
        received_at=mail.received_at,
        message_sha256=mail.message_sha256,
        paths=mail.paths,
        about=subject,
        sender=mail.sender,
        answers=(*candidates, _not_ours(paths)),
        pick=Answer(label="", action=Action.ASSIGN, paths=paths),
        may_remember=bool(mail.sender),
    )


def _not_ours(paths: tuple[str, ...]) -> Answer:
    return Answer(label="不是报送材料", action=Action.REJECT, paths=paths, reason="不是报送材料")


# files of a unit


def _of_files(
    report: CampaignReport, claims: Sequence[Claim], words: Sequence[Decision], senders: _Senders
) -> list[Question]:
    by_unit: dict[str, list[Claim]] = {}
    for claim in claims:
        by_unit.setdefault(claim.unit, []).append(claim)
    found: dict[str, Question] = {}
    for unit_report in report.units:
        if not any(cell.needs_review for cell in unit_report.assessments.values()):
            continue
        for key, file in _doubtful(unit_report, report.campaign, by_unit.get(unit_report.unit.name, ()), words):
            question = _of_file(unit_report, report, key, file, senders)
            known = found.get(question.id)
            if known is not None and question.about not in known.about.split("、"):
                found[question.id] = replace(known, about=f"{known.about}、{question.about}")
            found.setdefault(question.id, question)
    return list(found.values())


def _doubtful(
    unit_report: UnitReport, campaign: Campaign, claims: Sequence[Claim], words: Sequence[Decision]
) -> Iterable[tuple[str, SubmittedFile]]:
    """The files shown for a deliverable that a person should look at, with the key of the deliverable."""
    for deliverable in campaign.deliverables:
        cell = unit_report.assessments.get(deliverable.key)
        if cell is None or not cell.needs_review:
            continue
        shown = {(source.message_sha256, source.path) for source in cell.sources}
        ordered = sorted(claims, key=lambda claim: (claim.received_at, claim.path))
        arrivals = sort_out(ordered, deliverable, rulings_on(words, unit_report.unit.name, deliverable.key))
        for file in (*arrivals.files, *arrivals.strays):
            if file.needs_review and (file.claim.message_sha256, file.claim.path) in shown:
                yield deliverable.key, file


def _of_file(
    unit_report: UnitReport, report: CampaignReport, key: str, file: SubmittedFile, senders: _Senders
) -> Question:
    claim, unit, campaign = file.claim, unit_report.unit.name, report.campaign
    codes = {finding.code for finding in file.findings}
    doubt = _doubt(file, codes)
    about = plain_line(short_titles(campaign)[key]) if claim.kind is not None else plain_line(claim.extraction.file)
    answers, text = {
        Doubt.UNKNOWN_KIND: lambda: _which_material(unit_report, campaign, claim),
        Doubt.TWO_UNITS: lambda: _which_unit(claim, senders),
        Doubt.OTHERS_LISTED: lambda: _whose_too(file, report, key),
        Doubt.NEAR_MATCH: lambda: _is_it(claim),
        Doubt.NIL_RETURN: lambda: _was_nothing_held(claim, key),
        Doubt.READING: lambda: _is_it_read_rightly(claim, key),
    }[doubt]()
    said = [finding for finding in file.findings if finding.code in DOUBTS or finding.is_blocking]
    reasons = tuple(dict.fromkeys(closed(plain_line(finding_sentence(finding))) for finding in said))
    return Question(
        id=_id(doubt.name, claim.message_sha256, claim.path, unit),
        doubt=doubt,
        text=text,
        reasons=reasons or ("只有近似的名称表明是这个单位。",),
        received_at=claim.received_at,
        message_sha256=claim.message_sha256,
        paths=(claim.path,),
        unit=unit,
        about=about,
        sender=senders.of(claim.message_sha256),
        answers=answers,
        pick=None if doubt in _UNIT_IS_SURE else Answer(label="", action=Action.ASSIGN, paths=(claim.path,)),
    )


def _doubt(file: SubmittedFile, codes: set[Code]) -> Doubt:
    if file.claim.kind is None or Code.UNRECOGNISED in codes:
        return Doubt.UNKNOWN_KIND
    if Code.UNIT_CONFLICT in codes:
        return Doubt.TWO_UNITS
    if Code.OTHER_UNITS in codes:
        return Doubt.OTHERS_LISTED
    if Code.LOW_CONFIDENCE in codes:
        return Doubt.READING
    return Doubt.NIL_RETURN if Code.NIL_RETURN in codes else Doubt.NEAR_MATCH


def _which_material(unit_report: UnitReport, campaign: Campaign, claim: Claim) -> tuple[tuple[Answer, ...], str]:
    labels = short_titles(campaign)
    paths = (claim.path,)
    materials = tuple(
        Answer(label=f"是{plain_line(labels[key])}", action=Action.ACCEPT, deliverable=key, paths=paths)
        for key, cell in unit_report.assessments.items()
        if cell.complete_at is None
    )
    not_ours = Answer(label="与报送无关", action=Action.REJECT, paths=paths, reason="与本次报送无关")
    return (*materials, not_ours), f"“{plain_line(claim.extraction.file)}”是哪一项材料？"


def _which_unit(claim: Claim, senders: _Senders) -> tuple[tuple[Answer, ...], str]:
    registered = senders.roster.units_of_address(senders.of(claim.message_sha256))
    units = dict.fromkeys((claim.unit, *(unit.name for unit in registered)))
    answers = tuple(
        Answer(label=f"是“{plain_line(name)}”的", action=Action.ASSIGN, unit=name, paths=(claim.path,))
        for name in list(units)[:MOST_CANDIDATES]
    )
    return answers, f"“{plain_line(claim.extraction.file)}”是哪个单位的材料？"


def _whose_too(file: SubmittedFile, report: CampaignReport, key: str) -> tuple[tuple[Answer, ...], str]:
    """A unit that owes the same and of which the form lists activities has handed it in, if a person says so."""
    claim, name = file.claim, plain_line(file.claim.extraction.file)
    listed = {unit for finding in file.findings if finding.code is Code.OTHER_UNITS for unit in units_told(finding)}
    others = [
        one.unit.name
        for one in report.units
        if one.unit.name in listed and key in one.assessments and one.assessments[key].complete_at is None
    ]
    too = tuple(
        Answer(
            label=f"“{plain_line(other)}”也算已报",
            action=Action.RECEIVED_OFFLINE,
            unit=other,
            deliverable=key,
            until=claim.received_at,
            reason=f"列在“{plain_line(claim.unit)}”报送的“{name}”中",
        )
        for other in others[: MOST_CANDIDATES - 1]
    )
    only = Answer(label=f"只算“{plain_line(claim.unit)}”的", action=Action.ASSIGN, unit=claim.unit, paths=(claim.path,))
    return (*too, only), f"“{name}”还列有其他单位的活动，这些单位也算已报吗？"


def _is_it(claim: Claim) -> tuple[tuple[Answer, ...], str]:
    yes = Answer(label="是", action=Action.ASSIGN, unit=claim.unit, paths=(claim.path,))
    return (
        yes,
        _not_ours((claim.path,)),
    ), f"“{plain_line(claim.extraction.file)}”是“{plain_line(claim.unit)}”的材料吗？"


def _is_it_read_rightly(claim: Claim, key: str) -> tuple[tuple[Answer, ...], str]:
    """Where no table was read there is nothing to verify: a person accepts the page as it is."""
    paths = (claim.path,)
    if claim.form is not None:
        right = Answer(label="核对无误", action=Action.VERIFY, paths=paths)
    else:
        right = Answer(label="内容齐全，认定合格", action=Action.ACCEPT, deliverable=key, paths=paths)
    back = Answer(label="退回重报", action=Action.REJECT, unit=claim.unit, paths=paths, needs_reason=True)
    return (right, back), f"“{plain_line(claim.extraction.file)}”识别得对吗？"


def _was_nothing_held(claim: Claim, key: str) -> tuple[tuple[Answer, ...], str]:
    paths = (claim.path,)
    yes = Answer(label="属实，认定合格", action=Action.ACCEPT, deliverable=key, paths=paths, reason="经核实没有活动")
    back = Answer(label="退回重报", action=Action.REJECT, unit=claim.unit, paths=paths, needs_reason=True)
    return (yes, back), f"“{plain_line(claim.extraction.file)}”报的是没有活动，属实吗？"


# new senders


def _of_senders(claims: Sequence[Claim], senders: _Senders, *, settled: set[str]) -> list[Question]:
    """One question an address and unit, about the first mail; none while a weightier one about that mail is open."""
    first: dict[tuple[str, str], Claim] = {}
    for claim in sorted(claims, key=lambda one: one.received_at):
        sender = senders.of(claim.message_sha256)
        is_new = any(finding.code is Code.UNVERIFIED_SENDER for finding in claim.findings)
        if is_new and sender and claim.message_sha256 not in settled:
            first.setdefault((sender, claim.unit), claim)
    return [_of_sender(address, claim) for (address, _unit), claim in first.items()]


def _of_sender(address: str, claim: Claim) -> Question:
    unit = plain_line(claim.unit)
    return Question(
        id=_id("sender", address, claim.unit),
        doubt=Doubt.NEW_SENDER,
        text=f"{plain_line(address)} 是“{unit}”的邮箱吗？",
        reasons=(f"这个邮箱不在名册中，第一次以“{unit}”的名义来信。",),
        received_at=claim.received_at,
        message_sha256=claim.message_sha256,
        paths=(claim.path,),
        unit=claim.unit,
        about=plain_line(address),
        sender=address,
        answers=(
            Answer(label="是，记住这个邮箱", action=Action.REMEMBER_SENDER, unit=claim.unit, value=address),
            Answer(label="材料算数，邮箱不记", action=Action.ASSIGN, unit=claim.unit),
        ),
        pick=Answer(label="", action=Action.ASSIGN),
    )
