"""The desk's web application, put together from its pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from report.desk.pages import api, matrix, message, review, unit
from report.desk.port import ConflictError, Desk, User
from report.desk.security import SecurityHeaders, check_csrf
from report.desk.web import page
from report.words import ACTION_ZH
from rules.errors import InputError

STATIC: Final = Path(__file__).parent / "static"
_GZIP_FROM_BYTES: Final = 1000


def create_app(
    desk: Desk, *, authenticate: Callable[[Request], User | None], csrf_token: Callable[[Request], str]
) -> FastAPI:
    """The application over `desk`. `authenticate` tells who sends a request, `csrf_token` the token of its session."""
    app = FastAPI(title="baosong", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(check_csrf)])
    app.state.desk = desk
    app.state.authenticate = authenticate
    app.state.csrf_token = csrf_token
    for module in (matrix, unit, message, review, api):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(SecurityHeaders)
    app.add_middleware(GZipMiddleware, minimum_size=_GZIP_FROM_BYTES)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(ConflictError, _on_conflict)
    app.add_exception_handler(InputError, _on_input_error)
    return app


def _sentence(request: Request, status: int, sentence: str) -> Response:
    """An error as a page that says what to do. The API has handlers of its own."""
    user = request.app.state.authenticate(request)
    return page(request, "error.html.j2", user=user, status=status, sentence=sentence, code=status)


def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette's signature is wider than what it calls us with
    detail = {404: "没有这个页面，或者内容已不存在。", 405: "不支持这样的操作。"}.get(error.status_code, error.detail)
    return _sentence(request, error.status_code, error.detail if error.detail.endswith("。") else detail)


def _on_invalid(request: Request, _error: Exception) -> Response:
    return _sentence(request, 422, "填写的内容不完整或格式不对，请返回检查。")


def _on_conflict(request: Request, error: Exception) -> Response:
    assert isinstance(error, ConflictError)  # noqa: S101 - as above
    what = ACTION_ZH.get(error.other.action, error.other.action)
    sentence = f"{error.other.author}刚刚已就此作出决定（{what}），您的决定没有保存。请刷新页面，看过之后再决定。"
    return _sentence(request, 409, sentence)


def _on_input_error(request: Request, error: Exception) -> Response:
    return _sentence(request, 422, f"没有保存：{error}")
