"""Takes a decision from a form: what is decided stands in its fields, `back` says where the person was.

Every form carries `seen`, the newest decision that its page knew: who decides on what somebody else has changed
meanwhile is told so (409), and nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, HTTPException, Response
from fastapi.responses import RedirectResponse

from report.desk.port import Desk, NewDecision, User
from report.desk.web import YEARS, Coordinator, TheDesk
from rules.claims import Decision
from rules.overruling import Action

router = APIRouter()

_LONGEST: Final = 2000
_MOST_FORMS: Final = 10_000
Text = Annotated[str, Form(max_length=_LONGEST)]
NEED_REASON: Final = frozenset({Action.REJECT})


class DecisionForm:
    """The fields of a decision; what an action does not use stays empty."""

    def __init__(
        self,
        *,
        action: Annotated[Action, Form()],
        reason: Text = "",
        unit: Text = "",
        campaign: Text = "",
        deliverable: Text = "",
        message: Text = "",
        path: Text = "",
        until: Text = "",
        form_index: Annotated[int | None, Form(ge=0, le=_MOST_FORMS)] = None,
        field: Text = "",
        value: Text = "",
        q: Text = "",  # a unit's name as written into the search field
    ) -> None:
        self.action, self.reason, self.unit, self.campaign = action, reason.strip(), unit.strip() or q.strip(), campaign
        self.deliverable, self.message, self.path, self.until = deliverable, message, path, until
        self.form_index, self.field, self.value = form_index, field, value.strip()

    def decision(self, desk: Desk, author: User, undoes: int | None = None) -> NewDecision:
        """Raises HTTPException 422 for what a person would have to mend."""
        if self.action in NEED_REASON and not self.reason:
            raise HTTPException(422, "退回材料必须写明理由，单位会看到它。")
        return NewDecision(
            action=self.action,
            author=author.name,
            reason=self.reason,
            campaign="" if self.message or undoes is not None else self.campaign,
            unit=self.unit,
            deliverable=self.deliverable,
            message_sha256=self.message,
            path=self.path,
            until=_until(self.action, self.until, desk),
            undoes=undoes,
            form_index=self.form_index,
            field=self.field,
            value=self.value,
        )


@router.post("/decisions")
def take_decision(  # noqa: PLR0917 - FastAPI calls by name
    user: Coordinator,
    desk: TheDesk,
    form: Annotated[DecisionForm, Depends()],
    seen: Annotated[int, Form(ge=0)],
    undoes: Annotated[list[int] | None, Form(max_length=100)] = None,
    back: Annotated[str, Form(max_length=_LONGEST)] = "/",
) -> Response:
    """Records it and leads back to where it was taken, where the report already follows."""
    taken_back = sorted(undoes, reverse=True) if undoes and form.action is Action.UNDO else [None]
    made = decide_all(desk, [form.decision(desk, user, one) for one in taken_back], seen=seen)
    return RedirectResponse(with_done(back, made), 303)


def decide_all(desk: Desk, wanted: Sequence[NewDecision], *, seen: int) -> list[Decision]:
    """One after another; one's own are no conflict. Raises as `Desk.decide`."""
    made: list[Decision] = []
    for new in wanted:
        decision = desk.decide(new, seen=seen)
        made.append(decision)
        seen = max(seen, decision.id)
    return made


def with_done(back: str, made: Sequence[Decision]) -> str:
    """The local page that `back` names, which shows what was just decided; "/" for anything else."""
    parts = urlsplit(back)
    is_local = not parts.scheme and not parts.netloc and back.startswith("/") and not back.startswith(("//", "/\\"))
    if not is_local:
        return "/"
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "done"]
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{parts.path}?{urlencode([*query, ('done', ','.join(str(one.id) for one in made))])}{fragment}"


def _until(action: Action, text: str, desk: Desk) -> datetime | None:
    """A day for an extension means its end, for what was handed over its working hours at the latest."""
    if not text:
        if action is Action.EXTEND:
            raise HTTPException(422, "没有保存：请写明延期到哪一天。")
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise HTTPException(422, f"没有保存：“{text}”不是可用的日期，请写成 2023-11-05。")
    if action is Action.RECEIVED_OFFLINE:
        return min(datetime.combine(day, time(18), tzinfo=desk.zone), desk.now())
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=desk.zone)
