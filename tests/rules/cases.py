"""Small makers for judging: a campaign as in the notice, claims, photos, decisions. Moments are Beijing time."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.assessment import Assessment, CampaignReport
from rules.campaign import Campaign, Deliverable, DeliverableKind
from rules.claims import Claim, Decision, Evidence
from rules.extraction import Extraction, Form, FormRow, Kind, Photo, Video
from rules.findings import Code, Finding
from rules.judging import judge
from rules.roster import Roster, Unit

ZONE = ZoneInfo("Asia/Shanghai")
TICK = timedelta(microseconds=1)
PLAN_DUE = datetime(2023, 10, 31, tzinfo=ZONE)
REST_DUE = datetime(2023, 11, 21, tzinfo=ZONE)
AFTER_ALL = datetime(2023, 12, 20, tzinfo=ZONE)

TOWN = Unit(name="儒林镇", category="镇街")
SCHOOL = Unit(name="儒林小学", category="学校")
ROSTER = Roster((TOWN, SCHOOL))

PLAN = Deliverable(key="plan", title="工作方案", kind=DeliverableKind.PLAN, due=date(2023, 10, 30))
SCHEDULE = Deliverable(key="schedule", title="附件1", kind=DeliverableKind.SCHEDULE, due=date(2023, 10, 30))
STATISTICS = Deliverable(
    key="statistics", title="附件2", kind=DeliverableKind.STATISTICS, due=date(2023, 11, 20), is_stamp_required=True
)
SUMMARY = Deliverable(key="summary", title="总结", kind=DeliverableKind.SUMMARY, due=date(2023, 11, 20))
EVIDENCE = Deliverable(key="evidence", title="照片或视频", kind=DeliverableKind.EVIDENCE, due=date(2023, 11, 20))

HASHES = tuple(f"{int.from_bytes(hashlib.sha256(bytes([n])).digest()[:8]):016x}" for n in range(40))
"""Far apart, as those of different photos are."""


def campaign(*deliverables: Deliverable) -> Campaign:
    return Campaign(
        key="2023",
        title="金坛区2023-2024年度全民终身学习活动",
        opens=date(2023, 10, 12),
        closes=date(2023, 12, 31),
        zone=ZONE,
        deliverables=deliverables or (PLAN, SCHEDULE, STATISTICS, SUMMARY, EVIDENCE),
    )


def moment(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2023, month, day, hour, minute, tzinfo=ZONE)


def finding(code: Code, detail: str = "") -> Finding:
    return Finding(code=code, detail=detail)


def claim(
    kind: str | None,
    received_at: datetime,
    *findings: Code,
    name: str = "",
    message: str = "",
    path: str = "2",
    unit: str = TOWN.name,
    extraction: Extraction | None = None,
    form_index: int | None = None,
    is_exact: bool = True,
) -> Claim:
    """A claim of a file; one message a moment unless `message` says otherwise."""
    sha256 = message or hashlib.sha256(received_at.isoformat().encode()).hexdigest()
    forms = ()
    if kind in ("schedule", "statistics") and extraction is None:
        forms, form_index = (filled_form(Kind(kind)),), 0
    return Claim(
        unit=unit,
        kind=kind,
        message_sha256=sha256,
        message_id=f"<{sha256[:8]}@example.org>",
        received_at=received_at,
        path=path,
        extraction=extraction or extraction_of(kind, name, findings, forms),
        form_index=form_index,
        evidence=(Evidence(source="sender", quote="x", unit=unit, is_exact=is_exact),),
    )


def extraction_of(
    kind: str | None, name: str, findings: tuple[Code, ...] = (), forms: tuple[Form, ...] = ()
) -> Extraction:
    known = Kind(kind) if kind in set(Kind) else Kind.DOCUMENT
    return Extraction(
        file=name or f"{kind}.docx",
        media_type="application/msword",
        kind=known,
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        forms=forms,
        findings=tuple(finding(code, f"{code}的说明") for code in findings),
    )


def filled_form(kind: Kind) -> Form:
    row = FormRow(cells={"time": "11月12日", "place": "社区", "attendance": "30"}, attendance=30)
    return Form(form=kind, fields={"unit_name": TOWN.name}, rows=(row,))


def empty_form(kind: Kind) -> Form:
    return Form(form=kind, fields={"unit_name": ""})


def photo(number: int, received_at: datetime, *findings: Code, bits: str | None = None, unit: str = TOWN.name) -> Claim:
    """A photo; the number says which, `bits` replaces its perceptual hash."""
    name = f"照片{number}.jpg"
    picture = Photo(width=4000, height=3000, perceptual_hash=HASHES[number] if bits is None else bits)
    seen = Extraction(
        file=name,
        media_type="image/jpeg",
        kind=Kind.PHOTO,
        sha256=hashlib.sha256(f"{name}{bits}".encode()).hexdigest(),
        photo=picture,
        findings=tuple(finding(code) for code in findings),
    )
    return claim("evidence", received_at, extraction=seen, path=f"3.{number}", unit=unit)


def photos(numbers: range, received_at: datetime) -> list[Claim]:
    return [photo(number, received_at) for number in numbers]


def video(seconds: float | None, received_at: datetime, path: str = "4") -> Claim:
    seen = Extraction(
        file="活动.mp4", media_type="video/mp4", kind=Kind.VIDEO, sha256="v", video=Video(seconds=seconds)
    )
    return claim("evidence", received_at, extraction=seen, path=path)


def stamped_photo(received_at: datetime, *, stamped: bool | None, findings: tuple[Code, ...] = ()) -> Claim:
    """A photographed 附件2."""
    seen = Extraction(
        file="附件2.jpg",
        media_type="image/jpeg",
        kind=Kind.STATISTICS,
        sha256="s",
        forms=(filled_form(Kind.STATISTICS),),
        stamped=stamped,
        read_by="ocr",
        findings=tuple(finding(code) for code in findings),
    )
    return claim("statistics", received_at, extraction=seen, form_index=0, path="5")


def decision(
    number: int, action: str, decided_at: datetime = AFTER_ALL - timedelta(days=1), **more: object
) -> Decision:
    facts: dict[str, object] = {"unit": TOWN.name, "reason": "经电话核实"} | more
    return Decision(id=number, action=action, author="coordinator", decided_at=decided_at, **facts)  # type: ignore[arg-type] - the test names the fields


def report(
    claims: list[Claim],
    *decisions: Decision,
    at: datetime = AFTER_ALL,
    read: datetime | None = AFTER_ALL,
    deliverables: tuple[Deliverable, ...] = (),
    roster: Roster = ROSTER,
) -> CampaignReport:
    return judge(campaign(*deliverables), roster, claims, decisions, at=at, mail_read_until=read)


def standing_of(
    deliverable: Deliverable, claims: list[Claim], *decisions: Decision, **view: datetime | None
) -> Assessment:
    """How the town stands with one deliverable."""
    at, read = view.get("at") or AFTER_ALL, view.get("read", AFTER_ALL)
    judged = report(claims, *decisions, at=at, read=read, deliverables=(deliverable,))
    return judged.units[0].assessments[deliverable.key]


def codes(assessment: Assessment) -> list[str]:
    return [one.code.value for one in assessment.findings]


def details(assessment: Assessment) -> list[str]:
    return [one.detail for one in assessment.findings]
