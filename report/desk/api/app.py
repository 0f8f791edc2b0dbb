"""The API's application: its errors as problem details, who may ask, and how often."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException as StarletteHTTPException

from report.desk.api import deciding, reading
from report.desk.api.answers import PROBLEM_SHAPE, PROBLEM_TYPE, PROBLEMS
from report.desk.port import ConflictError, Desk, RefusedError, User
from report.desk.security import check_csrf
from report.desk.token_access import TokenAccess
from report.desk.web import current_user
from rules.errors import UserError

REQUESTS_A_MINUTE: Final = 600
_MINUTE: Final = timedelta(minutes=1)
_MOST_USERS: Final = 1000
_TITLES: Final = {
    400: "请求有误。",
    401: "请出示有效的令牌（Authorization: Bearer …）。",
    403: "您的账号只能查看，不能办理。",
    404: "没有这项内容。",
    405: "不支持这样的操作。",
    409: "已有人就此作出决定，您的决定没有保存。",
    422: "填写的内容不完整或格式不对。",
    429: "请求过于频繁，请稍后再试。",
    500: "系统出错，没有完成。",
}
DESCRIPTION: Final = """\
The same data as on the desk's pages, for programs. Show a token, made by `baosong token add NAME --role viewer`, as
`Authorization: Bearer …`; a viewer's reads, a coordinator's also decides. `at` asks for the report of a past moment.
Every instant is ISO 8601 with an offset. Errors are problem details (RFC 9457). 600 requests a minute.
"""


def create_api(
    desk: Desk,
    *,
    tokens: TokenAccess,
    authenticate: Callable[[Request], User | None],
    csrf_token: Callable[[Request], str],
) -> FastAPI:
    """To be mounted at `/api`. `authenticate` tells who sends a request without a token: the pages' sessions."""
    api = FastAPI(
        title="baosong",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        dependencies=[Depends(check_csrf), Depends(_Pace(desk))],
        responses=PROBLEMS,
    )
    api.state.desk = desk
    api.state.authenticate = lambda request: (
        tokens.user_of(request) if "authorization" in request.headers else authenticate(request)
    )
    api.state.csrf_token = csrf_token
    for module in (reading, deciding):
        api.include_router(module.router, prefix="/v1")
    api.openapi = lambda: _described(api)  # type: ignore[method-assign]
    api.add_exception_handler(StarletteHTTPException, on_http_error)
    api.add_exception_handler(RequestValidationError, _on_invalid)
    api.add_exception_handler(ConflictError, _on_conflict)
    api.add_exception_handler(UserError, _on_user_error)
    api.add_exception_handler(Exception, _on_defect)
    return api


def _described(api: FastAPI) -> dict[str, Any]:
    """The description, with what FastAPI does not know: the shape of errors, and the token."""
    if not api.openapi_schema:
        described = get_openapi(
            title=api.title,
            version=api.version,
            description=api.description,
            routes=api.routes,
            servers=[{"url": "/api"}],
        )
        components = described.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = PROBLEM_SHAPE
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        described["security"] = [{"token": []}]
        api.openapi_schema = described
    return api.openapi_schema


class _Pace:
    """So many requests a minute of each user; in memory."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._minutes: dict[str, tuple[datetime, int]] = {}

    def __call__(self, request: Request) -> None:
        user, now = current_user(request), self._desk.now()
        with self._lock:
            if len(self._minutes) > _MOST_USERS:
                self._minutes.clear()
            began, count = self._minutes.get(user.name, (now, 0))
            if now - began >= _MINUTE:
                began, count = now, 0
            self._minutes[user.name] = (began, count + 1)
        if count >= REQUESTS_A_MINUTE:
            raise HTTPException(429, headers={"Retry-After": "60"})


def _problem(status: int, detail: str, *, title: str = "", headers: Any = None) -> Response:  # noqa: ANN401 - Starlette's
    content = {
        "type": f"urn:baosong:problem:{status}",
        "title": title or _TITLES.get(status, "请求没有成功。"),
        "status": status,
        "detail": detail,
    }
    text = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Response(text, status_code=status, media_type=PROBLEM_TYPE, headers=headers)


def on_http_error(_request: Request, error: Exception) -> Response:
    """Also for an address that looks like ours and reaches no route, e.g. one with a line break in it."""
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - Starlette's signature is wider than its calls
    title = error.detail if error.detail.endswith("。") else ""
    headers = dict(error.headers or {}) | ({"WWW-Authenticate": "Bearer"} if error.status_code == 401 else {})
    if error.status_code == 401:
        title = ""
    return _problem(error.status_code, error.detail, title=title, headers=headers)


def _on_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    wrong = (f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors())
    return _problem(422, "; ".join(wrong))


def _on_conflict(_request: Request, error: Exception) -> Response:
    return _problem(409, str(error))


def _on_user_error(_request: Request, error: Exception) -> Response:
    return _problem(422, str(error), title=f"没有保存：{error.sentence}" if isinstance(error, RefusedError) else "")


def _on_defect(_request: Request, _error: Exception) -> Response:
    """What nobody foresaw; the server logs it."""
    return _problem(500, "the service failed; its log says why")
