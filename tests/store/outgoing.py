"""Letters made by hand, and what a test does with them again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rules.assessment import Status
from rules.outgoing import Letter, LetterItem, MailKind, OutgoingMail
from store import outbox, sending
from store.engine import Session

NINE = datetime.fromisoformat("2023-11-21T09:00:00+08:00")
MINUTE = timedelta(minutes=1)
DUE_AT = datetime.fromisoformat("2023-11-21T00:00:00+08:00")


def item(unit: str = "直溪镇", deliverable: str = "summary") -> LetterItem:
    return LetterItem(
        unit=unit, deliverable=deliverable, status=Status.MISSING, due_at=DUE_AT, findings=("照片只有3张",)
    )


def letter(key: str = "one", **changes: object) -> Letter:
    made = Letter(
        kind=MailKind.REMINDER,
        campaign="2023",
        to=("unit@example.org",),
        cc=("town@example.org",),
        subject="【催报】直溪镇 缺 活动总结",
        text="您好：\n请补交。",
        html="<p>您好</p>",
        dedupe_key=key,
        stage="+1d",
        items=(item(), item(deliverable="statistics")),
        answers=("a" * 64,),
        in_reply_to="<theirs@example.org>",
        references=("<first@example.org>", "<theirs@example.org>"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the caller names fields of Letter


def put(session: Session, key: str = "one", *, is_approved: bool = False, **changes: object) -> OutgoingMail:
    by = "auto" if is_approved else ""
    mail = outbox.enqueue(session, letter(key, **changes), at=NINE, domain="126.example", approved_by=by)
    assert mail is not None
    return mail


def claimed(session: Session, key: str = "one", *, at: datetime = NINE) -> sending.Claim:
    claim = sending.claim(session, put(session, key, is_approved=True), at=at)
    assert claim is not None
    return claim
