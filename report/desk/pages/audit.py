"""The audit log, for coordinators: who changed what, when, from what to what."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from report.desk.web import Coordinator, TheDesk, page
from report.words import ACTION_ZH
from store import audit

router = APIRouter()

PER_PAGE: Final = 100
AUDIT_ACTION_ZH: Final = {
    "user_added": "添加用户",
    "user_removed": "删除用户",
    "password_changed": "更改密码",
    "token_added": "新增接口令牌",
    "token_revoked": "收回接口令牌",
    "sender_forgotten": "取消记住发件人",
    "mail_approved": "批准发送邮件",
    "mail_discarded": "作废邮件",
    "mail_sent_again": "再次发送邮件",
    "mail_switched": "开启或关闭发信",
    **ACTION_ZH,
}


@router.get("/audit")
def audit_page(
    request: Request, user: Coordinator, desk: TheDesk, number: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1
) -> Response:
    with desk.store.reading() as session:
        total = audit.count(session)
        entries = audit.newest(session, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    pages = max(1, -(-total // PER_PAGE))
    return page(
        request,
        "audit.html.j2",
        user=user,
        entries=entries,
        total=total,
        number=number,
        pages=pages,
        words=AUDIT_ACTION_ZH,
    )
