"""What a monitoring system asks for: `/healthz` and `/metrics`.

Both answer the machine itself without more; from elsewhere, also through a proxy, a token is asked for.
"""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from report.desk.metrics import metrics_text
from report.desk.token_access import TokenAccess
from report.desk.web import TheDesk
from rules.errors import StoreError

router = APIRouter()

_OF_A_PROXY: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def machine_or_token(request: Request) -> None:
    """Raises HTTPException 403. A proxy on this machine speaks for others: what came through it needs a token."""
    is_near = request.client is not None and _is_loopback(request.client.host)
    if is_near and not any(header in request.headers for header in _OF_A_PROXY):
        return
    tokens = cast("TokenAccess", request.app.state.tokens)
    if "authorization" not in request.headers or tokens.user_of(request) is None:
        raise HTTPException(403, "仅供本机查询，其他机器请出示令牌。")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Monitor = Annotated[None, Depends(machine_or_token)]


@router.get("/healthz")
def health(desk: TheDesk, _: Monitor) -> Response:
    """200 while the service does its work: the store answers and the mailbox is seen. 503 otherwise, saying which."""
    checks = {"store": True, "mailbox": True}
    try:
        heartbeat = desk.heartbeat()
    except StoreError:
        checks = {"store": False, "mailbox": False}
        read_at = None
    else:
        read_at = heartbeat.read_at
        checks["mailbox"] = not heartbeat.is_blind(desk.now())
    content = {
        "status": "ok" if all(checks.values()) else "failing",
        "checks": checks,
        "mail_read_at": read_at.isoformat() if read_at else None,
    }
    status = 200 if all(checks.values()) else 503
    return Response(json.dumps(content), status_code=status, media_type="application/json")


@router.get("/livez")
def alive(_: Monitor) -> Response:
    """200 while the process answers at all: what a supervisor restarts by."""
    return Response('{"status": "ok"}', media_type="application/json")


@router.get("/metrics")
def metrics(desk: TheDesk, _: Monitor) -> Response:
    """Everything that is counted, for Prometheus."""
    return Response(metrics_text(desk), media_type=CONTENT_TYPE_LATEST)
