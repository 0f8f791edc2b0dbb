"""When a deliverable was complete, and what of it is shown.

    plan, schedule, summary, statistics   one good file; where a stamp is asked, also a file that shows it
    evidence                              enough distinct photos, or one good video (`rules.evidence`)

Complete is a first moment, found over the arrivals in their order: once complete, always complete. What is shown is the
newest good version: all good files of the newest message that has one. While there is none, it is the newest version
with all that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from rules.assessment import Part
from rules.campaign import Deliverable
from rules.findings import Code, Finding
from rules.submitted import SubmittedFile

READING_DOUBTS: Final = frozenset(
    {
        Code.LOW_CONFIDENCE,
        Code.NUMBER_UNREADABLE,
        Code.DATE_UNREADABLE,
        Code.FIELD_MISSING,
        Code.TOTAL_MISMATCH,
        Code.CONVERSION,
    }
)
"""What is wrong with the reading of a photographed page, not with the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Completion:
    """How complete a deliverable is. `findings` are those of all files together, beside those of the shown ones."""

    complete_at: datetime | None = None
    shown: tuple[SubmittedFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    parts: dict[str, Part] = field(default_factory=dict)


def complete_document(deliverable: Deliverable, files: Sequence[SubmittedFile]) -> Completion:
    """One good file; with a stamp, where it is asked. `files` stand in order of arrival."""
    good = [file for file in files if file.is_good]
    shown = _newest_message(good or files)
    if not good:
        return Completion(shown=shown)
    if not deliverable.is_stamp_required:
        return Completion(complete_at=good[0].received_at, shown=shown)
    stamped = [file for file in files if file.is_accepted or file.claim.extraction.stamped]
    if not stamped:
        return Completion(shown=shown, findings=(_not_stamped(files),))
    proof = () if any(file in stamped for file in shown) else (replace(stamped[-1], findings=()),)
    return Completion(complete_at=max(good[0].received_at, stamped[0].received_at), shown=(*shown, *proof))


def _newest_message(files: Sequence[SubmittedFile]) -> tuple[SubmittedFile, ...]:
    if not files:
        return ()
    newest = files[-1].claim.message_sha256
    return _without_reading_doubts([file for file in files if file.claim.message_sha256 == newest])


def _without_reading_doubts(files: Sequence[SubmittedFile]) -> tuple[SubmittedFile, ...]:
    """Beside a file that has its own text it does not matter how well a photographed page was read."""
    if not any(file.is_good and file.claim.extraction.read_by == "structure" for file in files):
        return tuple(files)
    return tuple(_without_doubt(file) if file.claim.extraction.read_by == "ocr" else file for file in files)


def _without_doubt(file: SubmittedFile) -> SubmittedFile:
    return replace(file, findings=tuple(one for one in file.findings if one.code not in READING_DOUBTS))


def _not_stamped(files: Sequence[SubmittedFile]) -> Finding:
    if any(file.claim.extraction.stamped is False for file in files):
        detail = "照片中未见公章，请盖章后重新拍照补报"
    else:
        detail = "电子表格看不出公章，请将纸质稿盖章后拍照补报"
    return Finding(code=Code.NOT_STAMPED, detail=detail)
