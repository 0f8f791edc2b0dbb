"""The desk's web application, put together from its pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from report.desk.access import Access
from report.desk.api.app import create_api
from report.desk.api.app import on_http_error as api_error
from report.desk.pages import access as access_pages
from report.desk.pages import (
    audit,
    decisions,
    downloads,
    files,
    matrix,
    message,
    operations,
    outbox,
    rereadings,
    review,
    unit,
)
from report.desk.port import ConflictError, Desk, RefusedError, User
from report.desk.rows import RowCache
from report.desk.security import HEADERS, BodyLimit, SecurityHeaders, check_csrf
from report.desk.token_access import TokenAccess
from report.desk.web import fragment, page
from report.words import ACTION_ZH

_PAGES: Final = (
    matrix,
    unit,
    message,
    review,
    decisions,
    files,
    operations,
    access_pages,
    audit,
    downloads,
    outbox,
    rereadings,
)
STATIC: Final = Path(__file__).parent / "static"
LIVE_SECONDS: Final = 15  # so often an open page asks whether anything is new
_GZIP_FROM_BYTES: Final = 1000
_GZIP_LEVEL: Final = 5  # the highest takes three times as long for a twentieth less


def create_app(
    desk: Desk,
    *,
    authenticate: Callable[[Request], User | None] | None = None,
    csrf_token: Callable[[Request], str] | None = None,
) -> FastAPI:
    """The application over `desk`.

    Who sends a request, and the CSRF token of its session, are told by `access` unless a test says otherwise.
    """
    access = Access(desk)
    app = FastAPI(title="baosong", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(check_csrf)])
    app.state.desk = desk
    app.state.access = access
    app.state.tokens = TokenAccess(desk)
    app.state.rows = RowCache()
    app.state.live_seconds = LIVE_SECONDS
    app.state.authenticate = authenticate or access.authenticate
    app.state.csrf_token = csrf_token or access.csrf_token
    for module in _PAGES:
        app.include_router(module.router)
    app.mount("/api", _api(app, desk))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES, compresslevel=_GZIP_LEVEL)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(ConflictError, _on_conflict)
    app.add_exception_handler(RefusedError, _on_refused)
    app.add_exception_handler(Exception, _on_defect)
    return app


def _api(app: FastAPI, desk: Desk) -> FastAPI:
    state = app.state
    return create_api(desk, tokens=state.tokens, authenticate=state.authenticate, csrf_token=state.csrf_token)


def _sentence(request: Request, status: int, sentence: str) -> Response:
    """An error as a page that says what to do. The API has handlers of its own."""
    user = request.app.state.authenticate(request)
    return page(request, "error.html.j2", user=user, status=status, sentence=sentence, code=status)


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's signature is wider than what it calls us with
    if request.url.path.startswith("/api/"):
        return api_error(request, error)
    if error.status_code == 401:
        return _to_log_in(request)
    detail = {404: "没有这个页面，或者内容已不存在。", 405: "不支持这样的操作。"}.get(error.status_code, error.detail)
    return _sentence(request, error.status_code, error.detail if error.detail.endswith("。") else detail)


def _to_log_in(request: Request) -> Response:
    """Back to where one wanted to go, once logged in. htmx follows no redirect of a fragment to a whole page."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    login = f"/login?next={quote(wanted if request.method == 'GET' else '/', safe='')}"
    if request.headers.get("HX-Request"):
        return Response(status_code=401, headers={"HX-Redirect": login})
    return RedirectResponse(login, status_code=303)


def _on_invalid(request: Request, _error: Exception) -> Response:
    return _sentence(request, 422, "填写的内容不完整或格式不对，请返回检查。")


def _on_conflict(request: Request, error: Exception) -> Response:
    assert isinstance(error, ConflictError)  # noqa: S101 - as above
    what = ACTION_ZH.get(error.other.action, error.other.action)
    sentence = f"{error.other.author}刚刚已就此作出决定（{what}），您的决定没有保存。请刷新页面，看过之后再决定。"
    return _sentence(request, 409, sentence)


def _on_refused(request: Request, error: Exception) -> Response:
    """Only a page that is out of date, or a name written by hand, names what does not exist."""
    assert isinstance(error, RefusedError)  # noqa: S101 - as above
    return _sentence(request, 422, f"没有保存：{error.sentence}")


def _on_defect(_request: Request, _error: Exception) -> Response:
    """What nobody foresaw; the server logs it. No middleware of ours runs any more, so the headers are set here."""
    return HTMLResponse(fragment("broken.html.j2"), status_code=500, headers=HEADERS)
