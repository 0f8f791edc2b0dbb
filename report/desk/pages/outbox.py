"""The outbox: what waits for approval, word for word; what goes, went and came back; whether mail goes out at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from report.desk.html_mail import POLICY
from report.desk.pages.files import STRANGERS
from report.desk.web import Coordinator, Shown, TheDesk, Viewer, number_in, page, url
from rules.outgoing import MailKind, MailState, OutgoingMail
from rules.responding import responses
from rules.stages import Stage
from store import contacts, messages, outbox, releasing, replies, sending
from store.engine import Session

router = APIRouter()

MOST_SENT: Final = 200
MOST_REPLIES: Final = 50
REPLIES_SHOWN: Final = timedelta(days=14)
KIND_ZH: Final[dict[MailKind, str]] = {
    MailKind.RECEIPT: "回执",
    MailKind.REMINDER: "催报",
    MailKind.DIGEST: "晨报",
    MailKind.ALARM: "系统提醒",
}
BOUNCE_ZH: Final = {"hard": "退信：地址无效", "soft": "退信：暂未送达"}

_DOING: Final[dict[str, tuple[Callable[..., frozenset[int]], str]]] = {
    "approve": (releasing.approve, "已批准"),
    "discard": (releasing.discard, "已作废"),
    "again": (releasing.send_again, "将再次发送"),
}

Picked = Annotated[list[str], Form(max_length=5000)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """How much some mails speak of."""

    mails: int
    units: int
    items: int

    @property
    def words(self) -> str:
        if not self.items:
            return f"{self.mails} 封"
        return f"{self.mails} 封，涉及 {self.units} 个单位 {self.items} 项材料"


def extent_of(mails: Sequence[OutgoingMail]) -> Extent:
    items = {(item.unit, item.deliverable) for mail in mails for item in mail.letter.items}
    return Extent(mails=len(mails), units=len({unit for unit, _ in items}), items=len(items))


@router.get("/outbox")
def outbox_page(request: Request, user: Viewer, desk: TheDesk, view: Shown) -> Response:
    with desk.store.reading() as session:
        drafts = outbox.mails(session, states={MailState.DRAFT})
        sent = outbox.newest(session, states={MailState.SENT}, limit=MOST_SENT)
        brought = responses(outbox.mails(session, states={MailState.SENT}), view.report)
        counts = outbox.counts(session)
        answers = replies.bare_replies(session, since=desk.now() - REPLIES_SHOWN, limit=MOST_REPLIES)
        return page(
            request,
            "outbox.html.j2",
            user=user,
            switch=sending.switch(session),
            halted=sending.halted_because(session),
            drafts=drafts,
            extent=extent_of(drafts),
            going=outbox.mails(session, states={MailState.APPROVED, MailState.SENDING}),
            stuck=outbox.mails(session, states={MailState.FAILED, MailState.UNKNOWN}),
            sent=sent,
            responses=[(stage_text(one.stage), one, wait_text(one.median_wait)) for one in brought],
            sent_in_all=counts[MailState.SENT],
            unreachable=sorted(contacts.unreachable(session)),
            reasons=_bounce_reasons(session),
            replies=answers,
            envelopes=messages.envelopes(session, [one.message_sha256 for one in answers]),
            kinds=KIND_ZH,
            bounces=BOUNCE_ZH,
            said=_said(request.query_params),
        )


def stage_text(stage: Stage) -> str:
    if stage.offset == 0:
        return "截止当天"
    return f"逾期{stage.days}天" if stage.is_after else f"截止前{stage.days}天"


def wait_text(wait: timedelta | None) -> str:
    """Roughly: nobody plans by the minute here."""
    if wait is None:
        return "—"
    minutes = round(wait / timedelta(minutes=1))
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes / 60:.0f} 小时" if minutes < 48 * 60 else f"{minutes / 60 / 24:.0f} 天"


@router.get("/outbox/{mail_id}/html")
def html_form(_user: Viewer, desk: TheDesk, mail_id: int) -> Response:
    """The mail as programs show it that prefer HTML, for a frame."""
    with desk.store.reading() as session:
        mail = outbox.find(session, mail_id)
    if mail is None or not mail.letter.html:
        raise HTTPException(404)
    return HTMLResponse(mail.letter.html, headers=STRANGERS | {"Content-Security-Policy": POLICY})


@router.post("/outbox/{what}")
def act(request: Request, user: Coordinator, desk: TheDesk, what: str, mail: Picked = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Approves, discards or sends again what was picked, each mail only as it was shown."""
    if what in ("on", "off"):
        with desk.store.writing() as session:
            releasing.set_switch(session, is_on=what == "on", at=desk.now(), by=user.name)
        return RedirectResponse(url(request, "/outbox"), status_code=303)
    if what not in _DOING:
        raise HTTPException(404, "没有这个页面，或者内容已不存在。")
    seen = dict(map(_seen, mail))
    with desk.store.writing() as session:
        changed = _DOING[what][0](session, seen, at=desk.now(), by=user.name)
    left = len(seen) - len(changed)
    return RedirectResponse(
        url(request, "/outbox", done=what, changed=len(changed), left=left or None), status_code=303
    )


def _seen(picked: str) -> tuple[int, int]:
    """`id:version` of a checkbox."""
    mail_id, _, version = picked.partition(":")
    seen = number_in(mail_id), number_in(version)
    if seen[0] is None or seen[1] is None:
        raise HTTPException(422, "填写的内容不完整或格式不对，请返回检查。")
    return seen[0], seen[1]


def _said(query: Mapping[str, str]) -> str:
    """What the page says after something was done on it."""
    done, changed, left = query.get("done"), *(number_in(query.get(name, "")) for name in ("changed", "left"))
    if done not in _DOING or changed is None:
        return ""
    if changed == 0 and not left:
        return "没有选中任何邮件。"
    sentence = f"{_DOING[done][1]} {changed} 封。"
    if not left:
        return sentence
    return f"{sentence}另有 {left} 封在您打开页面之后已有变化，没有处理，请看过之后再决定。"


def _bounce_reasons(session: Session) -> dict[int, str]:
    """The newest reason by the number of the mail."""
    return {bounce.outgoing_id: f"{bounce.address}：{bounce.reason}" for bounce in contacts.bounces(session)}
