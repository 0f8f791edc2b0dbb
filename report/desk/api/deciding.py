"""Routes that decide about submissions, and let mail go or take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response

from report.desk.api.answers import as_json
from report.desk.api.shapes import ApiDecision, ApiMail, Reason, Seen, Wanted
from report.desk.port import Desk, NewDecision
from report.desk.web import YEARS, Coordinator, TheDesk
from report.outbox_json import mail_as_json
from report.review_json import decision_as_json
from rules.overruling import Action
from store import outbox, releasing

router = APIRouter()

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.post("/decisions", response_model=ApiDecision, status_code=201)
def decide(user: Coordinator, desk: TheDesk, wanted: Wanted) -> Response:
    """Takes a decision; the next report shows it."""
    decision = desk.decide(
        NewDecision(
            author=user.name,
            until=_in_zone(wanted.until, desk),
            **wanted.model_dump(exclude={"seen", "until"}),
        ),
        seen=wanted.seen,
    )
    return as_json(decision_as_json(decision, desk.zone), status=201)


@router.post("/decisions/{number}/undo", response_model=ApiDecision, status_code=201)
def undo(user: Coordinator, desk: TheDesk, number: Number, why: Reason) -> Response:
    """Takes a decision back; undoing that restores it."""
    undoing = NewDecision(action=Action.UNDO, author=user.name, reason=why.reason, undoes=number)
    decision = desk.decide(undoing, seen=why.seen)
    return as_json(decision_as_json(decision, desk.zone), status=201)


@router.post("/outbox/{number}/approve", response_model=ApiMail)
def approve(user: Coordinator, desk: TheDesk, number: Number, seen: Seen) -> Response:
    """Lets a draft go."""
    with desk.store.writing() as session:
        changed = releasing.approve(session, {number: seen.version}, at=desk.now(), by=user.name)
    return _changed(desk, number, is_changed=bool(changed))


@router.post("/outbox/{number}/discard", response_model=ApiMail)
def discard(user: Coordinator, desk: TheDesk, number: Number, seen: Seen) -> Response:
    """Takes a mail back that has not gone yet."""
    with desk.store.writing() as session:
        changed = releasing.discard(session, {number: seen.version}, at=desk.now(), by=user.name)
    return _changed(desk, number, is_changed=bool(changed))


def _changed(desk: Desk, number: int, *, is_changed: bool) -> Response:
    with desk.store.reading() as session:
        mail = outbox.find(session, number)
    if mail is None:
        raise HTTPException(404, "发件箱中没有这封邮件。")
    if not is_changed:
        raise HTTPException(409, f"邮件已有变化（{mail.state}），请重新查看后再办理。")
    return as_json(mail_as_json(mail, desk.zone))


def _in_zone(moment: datetime | None, desk: Desk) -> datetime | None:
    if moment is None:
        return None
    if moment.year not in YEARS:
        raise HTTPException(422, f"until: {moment.isoformat()} is no moment of a campaign")
    return moment if moment.tzinfo else moment.replace(tzinfo=desk.zone)
