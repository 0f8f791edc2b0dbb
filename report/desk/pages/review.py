"""What waits for a person, one question after another, and the answers that settle it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from report.answers import Answer, answer_from
from report.desk.mails import load_mails
from report.desk.page_pictures import PagePicture, pictures_of
from report.desk.pages.decisions import NEED_REASON, decide_all, with_done
from report.desk.pages.unit import just_done
from report.desk.pinyin import matches
from report.desk.port import Desk, NewDecision, User, View
from report.desk.web import Coordinator, Done, Shown, TheDesk, Viewer, number_in, page
from report.file_view import FileView, files_of
from report.form_sheet import FormSheet
from report.history import history_of
from report.plain import plain
from report.questions import Question, questions_of
from report.unit_view import Mail, sheets_of
from rules.findings import Code
from rules.overruling import Action
from store import claims, decisions, messages

router = APIRouter()

_MOST_FIELDS: Final = 3000
_MOST_UNITS: Final = 12
_SHOWN_CHARS: Final = 3000


def queue_of(desk: Desk, view: View) -> tuple[Question, ...]:
    """Everything that waits, what hurts most first."""
    doubtful = {
        source.message_sha256
        for unit in view.report.units
        for cell in unit.assessments.values()
        if cell.needs_review
        for source in cell.sources
    }
    with desk.store.reading() as session:
        wanted = doubtful | claims.messages_with_finding(session, Code.UNVERIFIED_SENDER)
        wanted |= {mail.message_sha256 for mail in view.unattributed}
        known = claims.claims_of(session, wanted)
        return questions_of(
            view.report,
            view.unattributed,
            known,
            decisions.all_decisions(session),
            roster=desk.roster(view.campaign.key),
            envelopes=messages.envelopes(session, wanted),
        )


@router.get("/review")
def review_page(  # noqa: PLR0917 - FastAPI calls by name
    request: Request,
    user: Viewer,
    desk: TheDesk,
    view: Shown,
    item: Annotated[str, Query(max_length=40)] = "",
    done: Done = "",
) -> Response:
    """The queue beside the question that is open."""
    queue = queue_of(desk, view)
    number = next((n for n, question in enumerate(queue) if question.id == item), 0)
    current = queue[number] if queue else None
    with desk.store.reading() as session:
        made = decisions.all_decisions(session)
    history = history_of(made, view.campaign, at=desk.now())
    files, sheets, pictures, mail = _evidence(desk, current)
    return page(
        request,
        "review.html.j2",
        user=user,
        view=view,
        queue=queue,
        number=number,
        current=current,
        before=queue[number - 1] if number > 0 else None,
        after=queue[number + 1] if number + 1 < len(queue) else None,
        mail=mail,
        texts=_texts(mail),
        files=files,
        sheets=sheets,
        pictures=pictures,
        newest=[entry for entry in history if not entry.is_undo][:8],
        done=just_done(desk, view, done),
        may_decide=user.may_decide and view.is_now,
    )


Evidence = tuple[
    Sequence[FileView], Sequence[FormSheet], Mapping[tuple[str, str, int], tuple[PagePicture, ...]], Mail | None
]


def _evidence(desk: Desk, question: Question | None) -> Evidence:
    """What a person needs beside the question: the mail, the files that it is about, the forms as they were read."""
    if question is None:
        return (), (), {}, None
    with desk.store.reading() as session:
        mail = next(iter(load_mails(session, [question.message_sha256])), None)
    if mail is None:
        return (), (), {}, None
    found = files_of(mail.message, mail.parts)
    files = [found[path] for path in question.paths if path in found]
    sheets = [
        sheet
        for file in files
        for sheet in sheets_of(mail.message, file, [claim for claim in mail.claims if claim.path == file.path])
    ]
    pictures = {
        (sheet.file.message_sha256, sheet.file.path, sheet.form_index): pictures_of(desk, sheet, mail.parts)
        for sheet in sheets
    }
    return files, sheets, pictures, mail


def _texts(mail: Mail | None) -> dict[str, str]:
    """What stands in each document of the mail, bounded: enough to see whose it is and what."""
    if mail is None:
        return {}
    return {item.path: plain(item.extraction.text).strip()[:_SHOWN_CHARS] for item in mail.message.items}


@router.get("/review/units")
def units_found(
    request: Request, user: Viewer, desk: TheDesk, view: Shown, q: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """Units by name or pinyin, as buttons of the form around the search field."""
    names = [unit.name for unit in desk.roster(view.campaign.key).units if q.strip() and matches(unit.name, q)]
    return page(
        request, "units_found.html.j2", user=user, names=names[:_MOST_UNITS], more=len(names) - _MOST_UNITS, q=q
    )


async def form_fields(request: Request) -> dict[str, str]:
    """The fields of a form whose names depend on what was read."""
    form = await request.form(max_fields=_MOST_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


@router.post("/review/answer")
def answer_question(
    user: Coordinator, desk: TheDesk, fields: Annotated[dict[str, str], Depends(form_fields)]
) -> Response:
    """Records the decisions of an answer, one after another, and leads to the next question."""
    wanted = _wanted(fields, user)
    if not wanted:
        raise HTTPException(422, "没有可保存的内容：请先选择一个答复，或改动要更正的内容。")
    made = decide_all(desk, wanted, seen=_number(fields.get("seen", "")))
    return RedirectResponse(with_done(fields.get("next") or "/review", made), 303)


def _number(text: str) -> int:
    number = number_in(text)
    if number is None:
        raise HTTPException(422, "没有保存：请求不完整，请刷新页面再试。")
    return number


def _wanted(fields: Mapping[str, str], user: User) -> list[NewDecision]:
    """Raises HTTPException 422 for what no page of ours sends."""
    try:
        answer = _answer(fields)
    except (ValueError, KeyError):
        raise HTTPException(422, "没有保存：请求不完整，请刷新页面再试。") from None
    message, reason = fields.get("message", ""), fields.get("reason", "").strip()
    corrections = _corrections(fields, user, message, reason)
    if answer is None:
        return corrections
    if answer.action in NEED_REASON and not (reason or answer.reason):
        raise HTTPException(422, "退回材料必须写明理由，单位会看到它。")
    is_of_sender = answer.action is Action.REMEMBER_SENDER
    taken = [
        NewDecision(
            action=answer.action,
            author=user.name,
            reason=reason or answer.reason,
            unit=answer.unit,
            deliverable=answer.deliverable,
            message_sha256="" if is_of_sender else message,
            path=path,
            until=answer.until,
            value=answer.value,
        )
        for path in answer.paths
    ]
    if answer.action is Action.ASSIGN and fields.get("remember"):
        taken.append(_remembering(fields["remember"], answer.unit, user, reason))
    # "It was read rightly" beside values that were just changed means the rest of them.
    return [*corrections, *taken] if answer.action is Action.VERIFY else taken


def _remembering(address: str, unit: str, user: User, reason: str) -> NewDecision:
    return NewDecision(action=Action.REMEMBER_SENDER, author=user.name, reason=reason, unit=unit, value=address.lower())


def _answer(fields: Mapping[str, str]) -> Answer | None:
    """A prepared answer, an assignment to a unit that was searched for, or None for corrections."""
    if fields.get("answer"):
        return answer_from(fields["answer"])
    unit = fields.get("unit") or fields.get("q", "").strip()
    return replace(answer_from(fields["pick"]), unit=unit) if unit else None


def _corrections(fields: Mapping[str, str], user: User, message: str, reason: str) -> list[NewDecision]:
    """What was changed in the fields beside the picture: `value:FORM:KEY` against `was:FORM:KEY`."""
    changed = []
    for name, value in fields.items():
        kind, _, place = name.partition(":")
        index, _, key = place.partition(":")
        form_index = number_in(index)
        if kind == "value" and form_index is not None and value.strip() != fields.get(f"was:{place}", "").strip():
            changed.append((form_index, key, value.strip()))
    return [
        NewDecision(
            action=Action.CORRECT,
            author=user.name,
            reason=reason,
            message_sha256=message,
            path=fields.get("path", ""),
            form_index=index,
            field=key,
            value=value,
        )
        for index, key, value in changed
    ]
