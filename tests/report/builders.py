"""Judged campaigns built by hand, with every status and hostile text, so that their truth is known."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.assessment import Assessment, CampaignReport, Part, Source, Status, Totals, UnitReport
from rules.campaign import Campaign, Deliverable, DeliverableKind
from rules.claims import Decision, Unattributed
from rules.findings import Code, Finding
from rules.roster import Unit

ZONE = ZoneInfo("Asia/Shanghai")
AS_OF = datetime(2023, 11, 23, 0, 0, tzinfo=UTC)
MAIL_READ_UNTIL = AS_OF - timedelta(minutes=2)

CAMPAIGN = Campaign(
    key="2023",
    title="金坛区2023-2024年度全民终身学习活动",
    opens=date(2023, 10, 12),
    closes=date(2023, 12, 31),
    zone=ZONE,
    deliverables=(
        Deliverable(
            key="plan", title="活动周工作方案（含启动仪式方案）", kind=DeliverableKind.PLAN, due=date(2023, 10, 30)
        ),
        Deliverable(
            key="schedule", title="活动周主要活动安排表", kind=DeliverableKind.SCHEDULE, due=date(2023, 10, 30)
        ),
        Deliverable(
            key="statistics", title="活动周活动情况统计表", kind=DeliverableKind.STATISTICS, due=date(2023, 11, 20)
        ),
        Deliverable(key="summary", title="活动总结", kind=DeliverableKind.SUMMARY, due=date(2023, 11, 20)),
        Deliverable(key="evidence", title="照片或视频", kind=DeliverableKind.EVIDENCE, due=date(2023, 11, 20)),
    ),
)

HOSTILE = '<script>alert(1)</script>=HYPERLINK("http://evil.example")\x1b[31m[red]\u202e'


def due_at(key: str) -> datetime:
    return CAMPAIGN.deliverable(key).due_at(ZONE)


def local(text: str) -> datetime:
    """`11-02 10:00` of 2023 in the campaign's zone, kept in UTC as the store does."""
    return datetime.strptime(f"2023-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE).astimezone(UTC)


def source(filename: str) -> Source:
    return Source(message_id="<one@example.org>", filename=filename, sha256="ab" * 32)


def on_time(key: str, at: str) -> Assessment:
    moment = local(at)
    return Assessment(
        status=Status.ON_TIME,
        due_at=due_at(key),
        received_at=moment,
        complete_at=moment,
        parts={"photos": Part(have=5, want=5)} if key == "evidence" else {},
        sources=(source("材料.docx"),),
    )


def late(key: str, at: str, days: int) -> Assessment:
    moment = local(at)
    return Assessment(
        status=Status.LATE,
        due_at=due_at(key),
        days_late=days,
        received_at=moment,
        complete_at=moment,
        sources=(source("材料.docx"),),
    )


def incomplete(key: str, at: str, *findings: Finding, parts: dict[str, Part] | None = None) -> Assessment:
    return Assessment(
        status=Status.INCOMPLETE,
        due_at=due_at(key),
        is_overdue=due_at(key) < AS_OF,
        received_at=local(at),
        parts=parts or {},
        findings=findings,
        sources=(source("扫描件.jpg"),),
    )


def bare(key: str, status: Status) -> Assessment:
    return Assessment(status=status, due_at=due_at(key), is_overdue=status is Status.MISSING)


def few_photos(have: int) -> Assessment:
    return incomplete(
        "evidence",
        "11-19 16:20",
        Finding(code=Code.PHOTO_COUNT, detail=f"收到 {have} 张不同的照片，要求 5 张，还差 {5 - have} 张。"),
        Finding(code=Code.PHOTO_DUPLICATE, detail="“照片2.jpg”与“照片1.jpg”内容相同，只计一张。"),
        parts={"photos": Part(have=have, want=5)},
    )


NO_STAMP = Finding(code=Code.NOT_STAMPED, detail="统计表上没有看到单位公章。")
MISSING_FIELD = Finding(code=Code.FIELD_MISSING, detail="统计表第 3 行没有填写参加人数。")
CONFLICT = Finding(
    code=Code.UNIT_CONFLICT, detail="附件所写单位为“直溪镇中心小学”，发件邮箱登记在“直溪镇社区教育中心”名下。"
)
EXEMPTION = Decision(
    id=7, action="exempt", author="王科", reason="本年度停办", decided_at=local("10-20 09:00"), campaign="2023"
)


def every_status() -> dict[str, dict[str, Assessment]]:
    """Assessments by unit, in roster order: each status stands at least once."""
    good = {
        "plan": on_time("plan", "10-28 09:12"),
        "schedule": on_time("schedule", "10-28 09:12"),
        "statistics": on_time("statistics", "11-17 15:40"),
        "summary": on_time("summary", "11-18 10:05"),
        "evidence": on_time("evidence", "11-18 10:05"),
    }
    gone = {key: bare(key, Status.MISSING) for key in good}
    return {
        "金城镇社区教育中心": good,
        "儒林镇社区教育中心": {
            **good,
            "plan": late("plan", "11-02 10:00", 3),
            "schedule": late("schedule", "11-02 10:00", 3),
        },
        "尧塘街道社区教育中心": {**good, "evidence": few_photos(3)},
        "直溪镇社区教育中心": {
            **good,
            "statistics": incomplete("statistics", "11-16 08:31", NO_STAMP, MISSING_FIELD),
            "summary": late("summary", "11-21 14:18", 1),
        },
        "薛埠镇社区教育中心": gone,
        "金坛区第一中学": {
            **good,
            "schedule": incomplete("schedule", "10-29 11:02", Finding(code=Code.FORM_EMPTY)),
            "evidence": bare("evidence", Status.UNKNOWN),
        },
        "直溪镇中心小学": {
            **good,
            "plan": Assessment(
                status=Status.ON_TIME,
                due_at=due_at("plan") + timedelta(days=6),
                received_at=local("11-04 17:58"),
                complete_at=local("11-04 17:58"),
                needs_review=True,
                findings=(CONFLICT,),
            ),
            "summary": bare("summary", Status.PENDING),
        },
        "华罗庚实验学校附属幼儿园（新城校区）": {
            key: Assessment(status=Status.EXEMPT, due_at=due_at(key), decision=EXEMPTION) for key in good
        },
        "金坛区社区培训学院": {key: good[key] for key in ("statistics", "summary")},
    }


CATEGORIES = ("镇街",) * 5 + ("学校",) * 3 + ("局属单位",)


def units_of(names: list[str]) -> list[Unit]:
    return [
        Unit(
            name=name,
            category=category,
            parent="直溪镇" if name == "直溪镇中心小学" else None,
            emails=(f"unit{number}@example.org",),
            contact=f"联系人{number}",
            phone=f"0519-0000{number:04d}",
        )
        for number, (name, category) in enumerate(zip(names, CATEGORIES, strict=True), start=1)
    ]


def totals_of(assessments: list[Assessment]) -> Totals:
    counts = Counter(assessment.status for assessment in assessments)
    return Totals(
        expected=len(assessments) - counts[Status.EXEMPT],
        received=counts[Status.ON_TIME] + counts[Status.LATE] + counts[Status.INCOMPLETE],
        complete=counts[Status.ON_TIME] + counts[Status.LATE],
        on_time=counts[Status.ON_TIME],
        late=counts[Status.LATE],
        incomplete=counts[Status.INCOMPLETE],
        missing=counts[Status.MISSING],
        unknown=counts[Status.UNKNOWN],
        pending=counts[Status.PENDING],
        exempt=counts[Status.EXEMPT],
    )


def report_of(units: list[UnitReport], *, campaign: Campaign = CAMPAIGN) -> CampaignReport:
    return CampaignReport(
        campaign=campaign,
        as_of=AS_OF,
        mail_read_until=MAIL_READ_UNTIL,
        units=tuple(units),
        totals={
            deliverable.key: totals_of(
                [unit.assessments[deliverable.key] for unit in units if deliverable.key in unit.assessments]
            )
            for deliverable in campaign.deliverables
        },
    )


def sample_report() -> CampaignReport:
    statuses = every_status()
    return report_of(
        [
            UnitReport(unit=unit, assessments=assessments)
            for unit, assessments in zip(units_of(list(statuses)), statuses.values(), strict=True)
        ]
    )


def hostile_report() -> CampaignReport:
    """One unit whose every text comes from somebody who wishes us ill."""
    finding = Finding(code=Code.UNREADABLE, detail=HOSTILE)
    assessment = Assessment(
        status=Status.INCOMPLETE,
        due_at=due_at("plan"),
        is_overdue=True,
        received_at=local("10-28 09:12"),
        findings=(finding,),
        sources=(source("=HYPERLINK(1).docx"), source(HOSTILE), source("\ud800.docx")),
    )
    unit = Unit(name=f"=1+1{HOSTILE}", category="@SUM(A1)", contact="+86 1", phone="-1")
    return report_of([UnitReport(unit=unit, assessments={"plan": assessment})])


def stray(**changes: object) -> Unattributed:
    facts: dict[str, object] = {
        "message_sha256": "cd" * 32,
        "message_id": "<stray@example.org>",
        "sender": "somebody@example.org",
        "subject": "活动周材料",
        "received_at": local("11-19 20:31"),
        "reason": "发件邮箱不在名册中，附件里写有两个单位。",
        "candidates": ("儒林镇社区教育中心", "直溪镇中心小学"),
        "paths": ("2", "3"),
    }
    return Unattributed(**{**facts, **changes})  # type: ignore[arg-type]  # the facts above have the right types
