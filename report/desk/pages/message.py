"""A message: headers, text, attachments, to whom it was put and on what evidence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import HTMLResponse

from report.desk.html_mail import POLICY, harmless_page, inline_picture
from report.desk.mails import load_mails
from report.desk.page_pictures import pictures_of
from report.desk.pages.files import STRANGERS, Digest
from report.desk.pages.unit import just_done
from report.desk.port import Desk
from report.desk.web import Done, Shown, TheDesk, Viewer, page
from report.history import history_of
from report.mail_view import mail_view
from report.unit_view import Mail
from rules.messages import ReceivedMessage
from store import claims, decisions, kept, messages
from store.kept import KeptMessage

router = APIRouter()


@router.get("/messages/{message_sha256}")
def message_page(  # noqa: PLR0917 - FastAPI calls by name
    request: Request,
    user: Viewer,
    desk: TheDesk,
    view: Shown,
    message_sha256: Digest,
    done: Done = "",
) -> Response:
    """One message with its whole story."""
    known = _kept(desk, message_sha256)
    with desk.store.reading() as session:
        mail = next(iter(load_mails(session, [message_sha256])), None) or _undecoded(known)
        placement = claims.placement_of(session, message_sha256)
        made = decisions.all_decisions(session)
    shown = mail_view(mail, known, placement.unattributed if placement else None, view.campaign)
    about = {decision.id for decision in made if decision.message_sha256 == message_sha256}
    wanted = [decision for decision in made if decision.id in about or decision.undoes in about]
    history = history_of(made, view.campaign, at=view.report.as_of, wanted=wanted)
    return page(
        request,
        "message.html.j2",
        user=user,
        view=view,
        shown=shown,
        pictures={
            (sheet.file.message_sha256, sheet.file.path, sheet.form_index): pictures_of(desk, sheet, mail.parts)
            for one in shown.files
            for sheet in one.sheets
        },
        history=history,
        failure=known.error,
        is_placed=placement is not None,
        done=just_done(desk, view, done),
        may_decide=user.may_decide and view.is_now,
    )


def _kept(desk: Desk, sha256: str) -> KeptMessage:
    with desk.store.reading() as session:
        if not messages.is_kept(session, sha256):
            raise HTTPException(404, "没有这封邮件。")
        return next(one for one in kept.find_messages(session, sha256) if one.sha256 == sha256)


def _undecoded(known: KeptMessage) -> Mail:
    """A message that is still to be read, or that could not be: its headers may not be known."""
    if known.envelope is None:
        raise HTTPException(404, "这封邮件还没有读完，请稍后再看；它的原文已经妥善保存。")
    received = ReceivedMessage(
        sha256=known.sha256, received_at=known.received_at, envelope=known.envelope, body_text=known.body_text
    )
    return Mail(message=received, parts=known.parts)


@router.get("/messages/{message_sha256}/body/{number}")
def html_body(_user: Viewer, desk: TheDesk, message_sha256: Digest, number: Annotated[int, Path(ge=0)]) -> Response:
    """The mail's own HTML, made harmless, for a frame."""
    with desk.store.reading() as session:
        parts = messages.parts_of(session, message_sha256)
    part = parts[number] if number < len(parts) else None
    if part is None or not part.is_body or not desk.blobs.exists(part.sha256):
        raise HTTPException(404)
    html = desk.blobs.path(part.sha256).read_text("utf-8", "replace")
    return HTMLResponse(
        harmless_page(html, message_sha256).encode("utf-8", "replace"),
        headers=STRANGERS | {"Content-Security-Policy": POLICY},
    )


@router.get("/messages/{message_sha256}/inline/{content_id:path}")
def inline(_user: Viewer, desk: TheDesk, message_sha256: Digest, content_id: str) -> Response:
    """A picture that came with the mail and that its HTML names."""
    with desk.store.reading() as session:
        is_kept = messages.is_kept(session, message_sha256)
    found = inline_picture(desk.blobs.path(message_sha256), content_id) if is_kept else None
    if found is None:
        raise HTTPException(404)
    return Response(found[0], media_type=found[1], headers=STRANGERS)
