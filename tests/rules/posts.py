"""Makers for reminding: a roster with a shared mailbox, plans, and the outbox that comes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rules.assessment import CampaignReport
from rules.calendar import Hours
from rules.claims import Claim, Decision
from rules.outgoing import Letter, LetterItem, MailKind, MailState, OutgoingMail
from rules.owing import Owed
from rules.reminding import Post, Reminder, ReminderPlan, ReminderPolicy, plan_reminders
from rules.roster import Roster, Unit
from rules.stages import Stage
from tests.rules.cases import report

CENTRE = Unit(name="儒林镇社区教育中心", category="镇街", aliases=("儒林镇",), emails=("rulin@example.org",))
PRIMARY = Unit(name="儒林小学", category="学校", parent="儒林镇", emails=("rulin@example.org", "primary@example.org"))
KINDERGARTEN = Unit(name="儒林幼儿园", category="学校", parent="儒林镇", emails=("rulin@example.org",))
MIDDLE = Unit(name="直溪中学", category="学校", parent="直溪镇", emails=("zhixi@example.org", "head@example.org"))
SILENT = Unit(name="薛埠小学", category="学校")

POLICY = ReminderPolicy(
    stages=tuple(Stage.parse(text) for text in ("-7d", "-3d", "-1d", "+1d", "+3d")),
    hours=(Hours.parse("09:00-11:30"), Hours.parse("14:00-17:00")),
    escalate_from=Stage.parse("+3d"),
)


def judged(
    at: datetime,
    *,
    claims: list[Claim] | None = None,
    decisions: tuple[Decision, ...] = (),
    units: tuple[Unit, ...] = (MIDDLE,),
    read: datetime | None = None,
) -> CampaignReport:
    """`read`: when the mailbox was read; default: just now."""
    return report(claims or [], *decisions, at=at, read=read or at, roster=Roster(units))


def plan(
    judged_report: CampaignReport,
    *outbox: OutgoingMail,
    policy: ReminderPolicy = POLICY,
    unreachable: frozenset[str] = frozenset(),
    muted: frozenset[str] = frozenset(),
) -> ReminderPlan:
    return plan_reminders(judged_report, policy, Post(outbox=outbox, unreachable=unreachable, muted=muted))


def item_of(owed: Owed) -> LetterItem:
    findings = tuple(finding.detail for finding in owed.assessment.findings if finding.is_blocking)
    return LetterItem(
        unit=owed.unit.name,
        deliverable=owed.deliverable.key,
        status=owed.assessment.status,
        due_at=owed.due_at,
        findings=findings,
    )


def posted(reminder: Reminder, at: datetime, state: MailState = MailState.SENT, number: int = 1) -> OutgoingMail:
    """The reminder as the outbox holds it, made and sent at `at`."""
    letter = Letter(
        kind=MailKind.REMINDER,
        campaign="2023",
        to=reminder.to,
        cc=reminder.cc,
        subject="",
        text="",
        stage=str(reminder.stage),
        items=tuple(map(item_of, reminder.owed)),
        dedupe_key=reminder.dedupe_key,
    )
    is_gone = state is MailState.SENT
    return OutgoingMail(
        id=number,
        letter=letter,
        state=state,
        message_id=f"<{number}@example.org>",
        created_at=at,
        sent_at=at + timedelta(minutes=1) if is_gone else None,
    )


def in_state(mail: OutgoingMail, state: MailState) -> OutgoingMail:
    return replace(mail, state=state, sent_at=None)


def things(reminder_plan: ReminderPlan) -> list[tuple[tuple[str, ...], str, list[str]]]:
    """Per mail: recipients, stage, what it lists."""
    return [
        (one.to, str(one.stage), [f"{owed.unit.name}/{owed.deliverable.key}" for owed in one.owed])
        for one in reminder_plan.reminders
    ]


def reasons(reminder_plan: ReminderPlan) -> dict[str, str]:
    return {one.unit: one.reason.value for one in reminder_plan.withheld}
