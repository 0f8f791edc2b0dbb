"""What arrived for one unit's deliverable, sorted by what counts: files, strays, what a person sent back.

A file may serve several kinds and carries all its findings to each; here stay those that concern this one. What a
person accepted no longer blocks. A stray is the unit's file that could not be told as any of the materials; a person
who accepts it as this deliverable makes it one of its files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from rules.campaign import Deliverable, DeliverableKind
from rules.claims import Claim, Decision
from rules.extraction import Kind
from rules.findings import Code, Finding
from rules.flatten import base_name
from rules.overruling import Action, Rulings, is_of_whole_deliverable

_MOST_NAMED: Final = 3

FORM_KINDS: Final = frozenset({DeliverableKind.SCHEDULE, DeliverableKind.STATISTICS})

FORM_CODES: Final = frozenset(
    {
        Code.FORM_EMPTY,
        Code.FORM_WRONG,
        Code.FIELD_MISSING,
        Code.NUMBER_UNREADABLE,
        Code.DATE_UNREADABLE,
        Code.TOTAL_MISMATCH,
        Code.NIL_RETURN,
    }
)
"""They speak of the form in a file: a plan with an unfilled 附件1 at its end is a good plan and an empty schedule."""

JUDGED_HERE: Final = frozenset(
    {Code.PHOTO_COUNT, Code.PHOTO_EXTRA, Code.PHOTO_DUPLICATE, Code.VIDEO_TOO_LONG, Code.NOT_STAMPED}
)
"""They depend on what the deliverable asks and on all files together: what one file says of them is not heard."""

DOUBTS: Final = frozenset(
    {Code.LOW_CONFIDENCE, Code.UNIT_CONFLICT, Code.OTHER_UNITS, Code.UNRECOGNISED, Code.NIL_RETURN}
)
"""A person should look at a file with one of these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmittedFile:
    """A claim as it stands for one deliverable. `findings`: those that concern it and were not waived."""

    claim: Claim
    findings: tuple[Finding, ...] = ()
    is_accepted: bool = False

    @property
    def received_at(self) -> datetime:
        return self.claim.received_at

    @property
    def is_good(self) -> bool:
        return not any(finding.is_blocking for finding in self.findings)

    @property
    def needs_review(self) -> bool:
        """True while no person has looked at a stray, a doubtful file, or one put to the unit by near matches only.

        What is locked nobody can look at: its unit has to send it again.
        """
        if self.is_accepted:
            return False
        codes = {finding.code for finding in self.findings}
        is_stray = self.claim.kind is None and Code.ENCRYPTED not in codes
        return is_stray or not codes.isdisjoint(DOUBTS) or _is_guess(self.claim)


@dataclass(frozen=True, kw_only=True, slots=True)
class SentBack:
    """A file that a person rejected."""

    claim: Claim
    decision: Decision

    @property
    def finding(self) -> Finding:
        reason = self.decision.reason.strip() or "请按要求重新报送"
        return Finding(code=Code.FORM_WRONG, detail=f"已退回：{reason}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """Everything of a unit that bears on one deliverable, each list in order of arrival."""

    files: tuple[SubmittedFile, ...] = ()
    strays: tuple[SubmittedFile, ...] = ()
    sent_back: tuple[SentBack, ...] = ()


def arrival_order(claim: Claim) -> tuple[datetime, str, str, str, int]:
    """Sorts claims as they came; total, so that the order of the input decides nothing."""
    form_index = -1 if claim.form_index is None else claim.form_index
    return (claim.received_at, claim.message_sha256, claim.path, claim.kind or "", form_index)


def sort_out(claims: Sequence[Claim], deliverable: Deliverable, rulings: Rulings) -> Arrivals:
    """What of a unit's claims (in order of arrival) bears on the deliverable."""
    files, strays, sent_back = [], [], []
    for claim in claims:
        if claim.kind not in (None, deliverable.kind):
            continue
        ruling = rulings.on_file(claim)
        is_accepted = ruling is not None and ruling.action == Action.ACCEPT
        if ruling is not None and not is_accepted:
            if claim.kind is not None:  # a rejected stray was nothing of ours
                sent_back.append(SentBack(claim=claim, decision=ruling))
        elif claim.kind is not None or (ruling is not None and _says_which(ruling)):
            files.append(_file(claim, deliverable.kind, claims, is_accepted=is_accepted))
        elif not is_accepted:  # an accepted stray is settled
            strays.append(_stray(claim))
    return Arrivals(files=tuple(files), strays=tuple(strays), sent_back=tuple(sent_back))


def findings_of(files: Iterable[SubmittedFile]) -> tuple[Finding, ...]:
    """What stands against the files. Of those that could not be opened the names are told: their senders have many."""
    names: dict[Finding, list[str]] = {}
    for file in files:
        for finding in file.findings:
            names.setdefault(finding, []).extend(_unopened(file))
    return tuple(
        replace(finding, detail=f"{_named(unopened)}：{finding.detail}")
        if unopened and finding.is_blocking
        else finding
        for finding, unopened in names.items()
    )


def _unopened(file: SubmittedFile) -> tuple[str, ...]:
    """Its name; none of a mail that could not be taken apart, whose name is ours."""
    seen = file.claim.extraction
    is_unopened = seen.kind is Kind.UNREADABLE and seen.media_type != "message/rfc822"
    return (base_name(seen.file),) if is_unopened else ()


def _named(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    shown = "、".join(f"“{name}”" for name in distinct[:_MOST_NAMED])
    return shown if len(distinct) <= _MOST_NAMED else f"{shown}等 {len(distinct)} 个文件"


def distinct_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, in the order of its first appearance."""
    return tuple(dict.fromkeys(findings))


def _says_which(ruling: Decision) -> bool:
    """True for an accept that says as what a stray is accepted."""
    return bool(ruling.deliverable) or is_of_whole_deliverable(ruling)


def _file(claim: Claim, kind: DeliverableKind, beside: Iterable[Claim], *, is_accepted: bool) -> SubmittedFile:
    found = (*_own_findings(claim, kind, beside), *claim.findings)
    kept = (one for one in found if one.code not in JUDGED_HERE and not (is_accepted and one.is_blocking))
    return SubmittedFile(claim=claim, findings=distinct_findings(kept), is_accepted=is_accepted)


def _stray(claim: Claim) -> SubmittedFile:
    found = [one for one in (*claim.extraction.findings, *claim.findings) if one.code not in JUDGED_HERE]
    if not any(finding.is_blocking for finding in found):
        name = claim.extraction.file
        found.append(Finding(code=Code.UNRECOGNISED, detail=f"收到“{name}”，未能识别是哪项材料，请人工核对"))
    return SubmittedFile(claim=claim, findings=distinct_findings(found))


def _own_findings(claim: Claim, kind: DeliverableKind, beside: Iterable[Claim]) -> list[Finding]:
    """What the parsers found in the file, as far as it concerns this kind of deliverable."""
    found = list(claim.extraction.findings)
    if kind is not DeliverableKind.EVIDENCE:
        found = [one for one in found if one.code is not Code.PHOTO_BLURRY]
    if kind not in FORM_KINDS:
        return [one for one in found if one.code not in FORM_CODES]
    return _about_this_form(claim, found, beside)


def _about_this_form(claim: Claim, found: list[Finding], beside: Iterable[Claim]) -> list[Finding]:
    """A file with a filled 附件1 and an unfilled 附件2 says `form_empty` once: it holds for the unfilled one only.

    Likewise for one that says 无.
    """
    if claim.form is None:
        is_said = any(one.is_blocking or one.code is Code.LOW_CONFIDENCE for one in found)
        is_said = is_said or any(_is_form_in(claim, other) for other in beside)
        doubt = Finding(code=Code.LOW_CONFIDENCE, detail=f"“{claim.extraction.file}”未读出表格内容，请人工核对")
        return found if is_said else [*found, doubt]
    if len(claim.extraction.forms) < 2:
        return found
    others = [
        one
        for one in found
        if one.code is not Code.FORM_EMPTY and (one.code is not Code.NIL_RETURN or claim.form.nothing_held)
    ]
    if not claim.form.is_empty:
        return others
    return [*others, Finding(code=Code.FORM_EMPTY, detail=f"“{claim.extraction.file}”中的表格未填写")]


def _is_form_in(document: Claim, other: Claim) -> bool:
    """True where a document only carries the form as a picture, which is a file of its own."""
    is_inside = other.message_sha256 == document.message_sha256 and other.path.startswith(f"{document.path}/")
    return is_inside and other.kind == document.kind and other.form is not None


def _is_guess(claim: Claim) -> bool:
    """True when nothing but near matches spoke for the unit."""
    speaking = [one for one in claim.evidence if one.unit == claim.unit]
    return bool(speaking) and not any(one.is_exact for one in speaking)
