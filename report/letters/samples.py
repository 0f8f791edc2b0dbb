"""A letter of every kind in its variants, made up: what templates are tried with, and what shows their variables.

The variables are made by the code that makes the real ones, from a small campaign that nobody runs; so a template that
can be filled in with these can be filled in with any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from report.letters.digests import digest_variables, loop_alarm, mailbox_alarm, outbox_alarm
from report.letters.phrases import Bureau
from report.letters.receipts import receipt_variables
from report.letters.reminding import letter_name, reminder_variables
from report.letters.texts import Sample
from rules.answering import Arrival, Receipt
from rules.assessment import Assessment, CampaignReport, Status, Totals, UnitReport
from rules.campaign import Campaign, Deliverable, DeliverableKind
from rules.claims import Claim, Placement
from rules.digesting import Attention, changes_between
from rules.extraction import Extraction, Kind, Link, Photo
from rules.findings import Code, Finding
from rules.messages import Address, Envelope, ReceivedMessage
from rules.owing import Owed
from rules.reminding import Reminder
from rules.roster import Roster, Unit
from rules.stages import Stage

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_PLAN: Final = Deliverable(key="plan", title="工作方案", kind=DeliverableKind.PLAN, due=date(2023, 10, 30))
_EVIDENCE: Final = Deliverable(
    key="evidence", title="活动照片或视频", kind=DeliverableKind.EVIDENCE, due=date(2023, 11, 20)
)
_CAMPAIGN: Final = Campaign(
    key="2023",
    title="某区2023年全民终身学习活动周",
    opens=date(2023, 10, 12),
    closes=date(2023, 12, 31),
    zone=_ZONE,
    deliverables=(_PLAN, _EVIDENCE),
)
_UNITS: Final = (
    Unit(name="某镇社区教育中心", category="镇街", emails=("town@example.org",), contact="联系人"),
    Unit(name="某镇中心小学", category="学校", parent="某镇社区教育中心", emails=("school@example.org",)),
)
_BUREAU: Final = Bureau(name="某区教育局职业教育与终身教育科", phone="0000-00000000", mailbox="box@example.org")
_FEW_PHOTOS: Final = Finding(code=Code.PHOTO_COUNT, detail="收到 3 张，要求 5 张")


def letter_samples() -> Iterator[Sample]:
    yield from _reminders()
    yield from _receipts()
    yield from _to_the_coordinator()


def _at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=_ZONE)


def _cell(deliverable: Deliverable, status: Status) -> Assessment:
    is_complete = status in (Status.ON_TIME, Status.LATE)
    return Assessment(
        status=status,
        due_at=deliverable.due_at(_ZONE),
        days_late=2 if status is Status.LATE else None,
        complete_at=_at("2023-10-28T09:12") if is_complete else None,
        findings=(_FEW_PHOTOS,) if status is Status.INCOMPLETE else (),
    )


def _report(at: datetime, plan: Status, evidence: Status) -> CampaignReport:
    cells = {"plan": _cell(_PLAN, plan), "evidence": _cell(_EVIDENCE, evidence)}
    return CampaignReport(
        campaign=_CAMPAIGN,
        as_of=at,
        mail_read_until=at,
        units=tuple(UnitReport(unit=unit, assessments=cells) for unit in _UNITS),
        totals={key: Totals(expected=2, complete=1, missing=1) for key in cells},
    )


def _reminders() -> Iterator[Sample]:
    before, after = _at("2023-10-26T09:00"), _at("2023-11-02T09:00")
    for at, status in ((before, Status.PENDING), (before, Status.INCOMPLETE), (after, Status.MISSING)):
        report = _report(at, status, Status.INCOMPLETE)
        for units in (_UNITS, _UNITS[1:]):
            for deliverables in ((_PLAN,), (_PLAN, _EVIDENCE)):
                owed = tuple(_owed(unit, one, report) for unit in units for one in deliverables)
                for is_again in (False, True):
                    reminder = Reminder(
                        to=units[0].emails,
                        cc=_UNITS[0].emails if is_again else (),
                        stage=Stage.parse("+1d"),
                        owed=owed,
                        dedupe_key="sample",
                        is_repeated=is_again,
                    )
                    yield letter_name(owed), reminder_variables(reminder, report, _BUREAU)


def _owed(unit: Unit, deliverable: Deliverable, report: CampaignReport) -> Owed:
    cell = report.units[0].assessments[deliverable.key]
    return Owed(unit=unit, deliverable=deliverable, assessment=cell)


def _receipts() -> Iterator[Sample]:
    at = _at("2023-11-02T09:00")
    link = Link(
        url="https://example.org/f", provider="网易邮箱云附件", filename="照片.zip", expires_at="2023-11-17T00:49:00"
    )
    for plan, evidence in (
        (Status.ON_TIME, Status.INCOMPLETE),
        (Status.LATE, Status.PENDING),
        (Status.MISSING, Status.ON_TIME),
    ):
        for units in (_UNITS, _UNITS[1:]):
            claims = tuple(_claim(unit.name, kind, at) for unit in units for kind in ("plan", "evidence", None))
            message = ReceivedMessage(
                sha256="ab" * 32,
                received_at=at,
                envelope=Envelope(
                    message_id="<1@example.org>", header_from=Address(address=_UNITS[0].emails[0]), subject="活动周材料"
                ),
                links=(link, replace(link, url="https://example.org/g", expires_at="")),
            )
            arrival = Arrival(message=message, placement=Placement(claims=claims))
            for sender in (_UNITS[0].emails[0], "stranger@example.org"):
                receipt = Receipt(to=sender, arrivals=(arrival,), dedupe_key="sample")
                report = _report(at + timedelta(minutes=10), plan, evidence)
                yield "receipt", receipt_variables(receipt, report, Roster(_UNITS), _BUREAU)


def _claim(unit: str, kind: str | None, at: datetime) -> Claim:
    photo = Photo(width=4000, height=3000) if kind == "evidence" else None
    seen = Extraction(
        file="照片1.jpg" if photo else "方案.docx",
        media_type="image/jpeg" if photo else "application/msword",
        kind=Kind.PHOTO if photo else Kind.PLAN,
        sha256="cd" * 32,
        size_bytes=34567,
        photo=photo,
    )
    return Claim(
        unit=unit,
        kind=kind,
        message_sha256="ab" * 32,
        message_id="<1@example.org>",
        received_at=at,
        path=f"2.{kind}",
        extraction=seen,
    )


def _to_the_coordinator() -> Iterator[Sample]:
    before, now = _at("2023-11-01T08:30"), _at("2023-11-02T08:30")
    was = _report(before, Status.PENDING, Status.PENDING)
    busy = Attention(unattributed=1, to_review=2, drafts=3, unreachable=("某镇中心小学",), unknown_mails=1)
    for plan, evidence in ((Status.ON_TIME, Status.INCOMPLETE), (Status.MISSING, Status.PENDING)):
        report = _report(now, plan, evidence)
        for attention in (Attention(), busy):
            yield "digest", digest_variables(report, changes_between(was, report), attention, before, _BUREAU)
    report = _report(now, Status.MISSING, Status.PENDING)
    silent = replace(report, mail_read_until=None)
    for why in ("", "授权码已失效"):
        for seen in (report, silent):
            yield "alarm_mailbox", {**mailbox_alarm(seen, why=why)[0], "bureau": _BUREAU}
        yield "alarm_outbox", {**outbox_alarm(report, waiting=3, oldest_at=before, why=why)[0], "bureau": _BUREAU}
    yield "alarm_loop", {**loop_alarm(report, address="robot@example.org", mails=2)[0], "bureau": _BUREAU}
