"""Writes a receipt: what came, as what it was recognised, what counts, what is wrong, what is still owed.

A receipt is the unit's proof. It lists every file of the answered mails that was put to a unit, with size and the first
digits of its SHA-256; and says how the materials stand, but only of units that the sender may be told about
(`rules.confiding`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from report.letters.phrases import Bureau, moment_in_words, title_of, wrongs
from report.letters.phrases import salutation as salutation_of
from report.letters.texts import LetterTexts
from report.plain import plain_line
from report.words import DELIVERABLE_KIND_ZH, days_late_text, due_text, finding_sentence, size_text
from rules.answering import Receipt
from rules.assessment import Assessment, CampaignReport, Status, UnitReport
from rules.campaign import Deliverable, DeliverableKind
from rules.claims import Claim
from rules.completing import READING_DOUBTS
from rules.confiding import units_told
from rules.expiring_links import expires_at_of, expiring
from rules.findings import Code
from rules.messages import ReceivedMessage
from rules.outgoing import Letter, LetterItem, MailKind
from rules.roster import Roster
from rules.submissions import sent_links
from rules.submitted import SubmittedFile, findings_of

_PHOTOS_ON_ONE_LINE: Final = 3
_MAX_NOTES: Final = 3
_TELLING: Final = frozenset(
    {
        Code.FIELD_MISSING,
        Code.NUMBER_UNREADABLE,
        Code.DATE_UNREADABLE,
        Code.TOTAL_MISMATCH,
        Code.NIL_RETURN,
        Code.PHOTO_DUPLICATE,
        Code.PHOTO_BLURRY,
    }
)
"""What a unit may mend although its material counts; the rest concerns the bureau."""

_ANSWER: Final = re.compile(r"^(?:\s*(?:re|回复|答复|转发|fw|fwd)\s*[:：])+\s*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLine:
    """One file, or the photos of one mail together. `digest`: the first eight digits of its SHA-256."""

    name: str
    recognised_as: str
    size: str
    digest: str
    unit: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitState:
    """How one unit's materials stand: sentences that need no further word."""

    name: str
    settled: tuple[str, ...]
    wrong: tuple[str, ...]
    reviewed: tuple[str, ...]
    owed: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CloudFile:
    """A file behind a link that expires. `days_left` None: the provider does not say."""

    name: str
    expires: str
    days_left: int | None


def receipt_letter(
    receipt: Receipt, report: CampaignReport, roster: Roster, bureau: Bureau, texts: LetterTexts
) -> Letter:
    written = texts.write("receipt", receipt_variables(receipt, report, roster, bureau), seed=receipt.dedupe_key)
    newest = receipt.newest.message
    quotable = [arrival.message.envelope.message_id for arrival in receipt.arrivals]
    quotable = [message_id for message_id in quotable if not message_id.endswith("@no-message-id>")]
    return Letter(
        kind=MailKind.RECEIPT,
        campaign=report.campaign.key,
        to=(receipt.to,),
        subject=written.subject,
        text=written.text,
        html=written.html,
        items=tuple(_items(receipt.claims, _told(receipt, report, roster), report)),
        answers=tuple(arrival.message.sha256 for arrival in receipt.arrivals),
        in_reply_to=quotable[-1] if quotable else "",
        references=tuple(dict.fromkeys([*newest.envelope.references, *quotable])),
        dedupe_key=receipt.dedupe_key,
    )


def _told(receipt: Receipt, report: CampaignReport, roster: Roster) -> list[UnitReport]:
    """The units that the sender may be told about, in roster order."""
    told = {unit.name for unit in units_told(receipt.to, (claim.unit for claim in receipt.claims), roster)}
    return [one for one in report.units if one.unit.name in told]


def receipt_variables(receipt: Receipt, report: CampaignReport, roster: Roster, bureau: Bureau) -> dict[str, Any]:
    reports = _told(receipt, report, roster)
    messages = [arrival.message for arrival in receipt.arrivals]
    units = [_unit_state(one, receipt.claims, report) for one in reports]
    lines = [line for arrival in receipt.arrivals for line in file_lines(arrival.placement.claims, arrival.message)]
    named = {plain_line(claim.unit) for claim in receipt.claims}
    return {
        "campaign": plain_line(report.campaign.title or report.campaign.key),
        "salutation": _salutation(receipt.to, reports),
        "subject": _ANSWER.sub("", plain_line(receipt.newest.message.envelope.subject)) or "（无主题）",
        "number": receipt.number,
        "received": [moment_in_words(message.received_at, report.campaign.zone) for message in messages],
        "files": lines,
        "units": units,
        "unit_names": "、".join(sorted(named)[:1]) + (f"等 {len(named)} 个单位" if len(named) > 1 else ""),
        "has_several_units": len(named) > 1,
        "untold": len(named) > len(units),
        "is_all_well": all(not unit.wrong and not unit.owed and not unit.reviewed for unit in units),
        "cloud_files": _cloud_files(messages, report.as_of, report.campaign.zone),
        "bureau": bureau,
    }


def _salutation(address: str, reports: Sequence[UnitReport]) -> str:
    """The contact's name only to an address that the roster knows; a stranger to it is not called by it."""
    if not reports:
        return "您好"
    units = [one.unit for one in reports]
    is_known = len(units) > 1 or address in units[0].emails
    return salutation_of(units if is_known else [replace(units[0], contact="老师")])


def file_lines(claims: Iterable[Claim], message: ReceivedMessage) -> list[FileLine]:
    """One line a file in the order of the mail; more than three photos of a unit share one."""
    by_file: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        by_file.setdefault((claim.unit, claim.path), []).append(claim)
    bodies = {item.path for item in message.items if item.is_body}
    lines, photos = [], dict[str, list[Claim]]()
    for group in by_file.values():
        if group[0].kind == DeliverableKind.EVIDENCE and group[0].extraction.photo:
            photos.setdefault(group[0].unit, []).append(group[0])
        else:
            lines.append(_file_line(group, is_body=group[0].path in bodies))
    for shots in photos.values():
        if len(shots) > _PHOTOS_ON_ONE_LINE:
            lines.append(_photo_line(shots))
        else:
            lines += [_file_line([shot], is_body=False) for shot in shots]
    return lines


def _file_line(claims: Sequence[Claim], *, is_body: bool) -> FileLine:
    extraction = claims[0].extraction
    kinds = dict.fromkeys(_kind_text(claim) for claim in claims)
    return FileLine(
        name="邮件正文" if is_body else plain_line(extraction.file),
        recognised_as="、".join(kinds),
        size=size_text(extraction.size_bytes) if extraction.sha256 else "仅有链接，未收到文件",
        digest=extraction.sha256[:8],
        unit=plain_line(claims[0].unit),
    )


def _kind_text(claim: Claim) -> str:
    if claim.kind is None:
        return "有密码，无法打开" if _is_locked(claim) else "待人工辨认"
    if claim.kind == DeliverableKind.EVIDENCE and claim.extraction.photo:
        return "照片"
    if claim.kind == DeliverableKind.EVIDENCE and claim.extraction.video:
        return "视频"
    return DELIVERABLE_KIND_ZH[DeliverableKind(claim.kind)]


def _is_locked(claim: Claim) -> bool:
    return any(finding.code is Code.ENCRYPTED for finding in claim.extraction.findings)


def _photo_line(shots: Sequence[Claim]) -> FileLine:
    return FileLine(
        name="、".join(plain_line(shot.extraction.file) for shot in shots),
        recognised_as=f"照片 {len(shots)} 张",
        size=f"合计 {size_text(sum(shot.extraction.size_bytes for shot in shots))}",
        digest="、".join(shot.extraction.sha256[:8] for shot in shots),
        unit=plain_line(shots[0].unit),
    )


def _unit_state(one: UnitReport, claims: Sequence[Claim], report: CampaignReport) -> UnitState:
    """What this mail settled or left wrong, and what is owed beside it."""
    mine = [claim for claim in claims if claim.unit == one.unit.name]
    kinds = {claim.kind for claim in mine}
    settled, wrong, reviewed, notes = list[str](), list[str](), list[str](), list[str]()
    for key, assessment in one.assessments.items():
        asked = report.campaign.deliverable(key)
        if asked.kind.value not in kinds:
            continue
        title = title_of(asked)
        if assessment.complete_at:
            settled.append(_settled(title, assessment))
            notes += [f"{title}：{sentence}" for sentence in _telling(assessment)]
        elif assessment.needs_review:
            reviewed.append(title)
        elif assessment.status is Status.INCOMPLETE:
            wrong.append(f"{title}：{''.join(wrongs(assessment.findings))}")
    return UnitState(
        name=plain_line(one.unit.name),
        settled=tuple(settled),
        wrong=(*wrong, *_locked_strays(mine)),
        reviewed=(*reviewed, *_strays(mine, reviewed)),
        owed=tuple(_owed(one, kinds, report)),
        notes=tuple(dict.fromkeys(notes))[:_MAX_NOTES],
    )


def _strays(claims: Iterable[Claim], reviewed: Sequence[str]) -> tuple[str, ...]:
    is_any = any(claim.kind is None and not _is_locked(claim) for claim in claims)
    return ("未能辨认的文件",) if is_any and not reviewed else ()


def _locked_strays(claims: Iterable[Claim]) -> tuple[str, ...]:
    """Nobody can tell what is in them: their sender has to send them again."""
    locked = [SubmittedFile(claim=one, findings=one.extraction.findings) for one in claims if one.kind is None]
    return wrongs(finding for finding in findings_of(locked) if finding.code is Code.ENCRYPTED)


def _settled(title: str, assessment: Assessment) -> str:
    if assessment.status is Status.LATE:
        return f"{title}（{days_late_text(assessment.days_late)}）"
    return f"{title}（按时）" if assessment.status is Status.ON_TIME else title


def _telling(assessment: Assessment) -> list[str]:
    """What our reading of a photograph is not sure of is no mistake of the unit's."""
    is_doubted = any(finding.code is Code.LOW_CONFIDENCE for finding in assessment.findings)
    telling = _TELLING - READING_DOUBTS if is_doubted else _TELLING
    return [plain_line(finding_sentence(finding)) for finding in assessment.findings if finding.code in telling]


def _owed(one: UnitReport, kinds: set[str | None], report: CampaignReport) -> list[str]:
    """Per due moment, what has not come with this mail: `11月20日24时前：总结、照片或视频`."""
    by_due: dict[datetime, list[str]] = {}
    overdue: list[str] = []
    for key, assessment in one.assessments.items():
        asked = report.campaign.deliverable(key)
        if asked.kind.value in kinds or not _is_open(assessment):
            continue
        is_overdue = assessment.status is Status.MISSING or assessment.is_overdue
        (overdue if is_overdue else by_due.setdefault(assessment.due_at, [])).append(_open_title(asked, assessment))
    lines = [f"已过截止时间：{'、'.join(overdue)}"] if overdue else []
    return lines + [
        f"{due_text(due, report.campaign.zone)}前：{'、'.join(titles)}" for due, titles in sorted(by_due.items())
    ]


def _is_open(assessment: Assessment) -> bool:
    """What a person at the bureau looks at is not asked for, nor what nobody knows of."""
    if assessment.may_have_come:
        return False
    if assessment.status is Status.INCOMPLETE:
        return not assessment.needs_review
    return assessment.status in (Status.PENDING, Status.MISSING)


def _open_title(asked: Deliverable, assessment: Assessment) -> str:
    return f"{title_of(asked)}（需补正）" if assessment.status is Status.INCOMPLETE else title_of(asked)


def _cloud_files(messages: Iterable[ReceivedMessage], at: datetime, zone: ZoneInfo) -> list[CloudFile]:
    links = {link.url: (link, message) for message in messages for _path, _item, link in sent_links(message)}
    return [
        CloudFile(
            name=plain_line(link.filename) or link.provider,
            expires=_last_day(expires_at_of(link, message.received_at, zone), zone),
            days_left=expiring(link, sent_at=message.received_at, at=at, zone=zone).days_left,
        )
        for link, message in links.values()
    ]


def _last_day(expires_at: datetime | None, zone: ZoneInfo) -> str:
    if expires_at is None:
        return ""
    day = (expires_at - timedelta(microseconds=1)).astimezone(zone)
    return f"{day.month}月{day.day}日"


def _items(claims: Sequence[Claim], reports: Iterable[UnitReport], report: CampaignReport) -> Iterable[LetterItem]:
    for one in reports:
        kinds = {claim.kind for claim in claims if claim.unit == one.unit.name}
        for key, assessment in one.assessments.items():
            if report.campaign.deliverable(key).kind.value in kinds:
                yield LetterItem(
                    unit=one.unit.name,
                    deliverable=key,
                    status=assessment.status,
                    due_at=assessment.due_at,
                    findings=wrongs(assessment.findings) if assessment.status is Status.INCOMPLETE else (),
                )
