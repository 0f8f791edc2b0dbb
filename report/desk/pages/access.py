"""Coming in and going out: the log-in, the one-time link of the first start, one's own password."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from report.desk import accounts
from report.desk.access import Access, LoginRefusedError
from report.desk.passwords import SHORTEST
from report.desk.web import TheDesk, Viewer, page
from rules.errors import InputError
from store import users

router = APIRouter()

Field = Annotated[str, Form(max_length=400)]


def _access(request: Request) -> Access:
    return cast("Access", request.app.state.access)


@router.get("/login")
def login_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - the parameter's name in the address
    return _login_form(request, next_path=next)


@router.post("/login")
def log_in(
    request: Request,
    name: Field,
    password: Field,
    next: Field = "/",  # noqa: A002 - as above
) -> Response:
    try:
        name = _access(request).check_password(request, name=name, password=password)
    except LoginRefusedError as error:
        return _login_form(request, next_path=next, name=name, problem=str(error), status=error.status)
    return _logged_in(request, name=name, path=_own_path(next))


@router.post("/logout")
def log_out(request: Request, user: Viewer) -> Response:  # noqa: ARG001 - only somebody logged in can log out
    answer = RedirectResponse("/login", status_code=303)
    _access(request).log_out(request, answer)
    return answer


@router.get("/welcome")
def welcome_page(request: Request, desk: TheDesk, token: str = "") -> Response:
    with desk.store.reading() as session:
        is_good = users.invited_role(session, token, now=desk.now()) is not None
    return _welcome_form(request, token=token, is_good=is_good)


@router.post("/welcome")
def accept_invitation(
    request: Request, desk: TheDesk, *, token: Field, name: Field, password: Field, again: Field
) -> Response:
    try:
        _check_same(password, again)
        accounts.accept_invitation(desk.store, token=token, name=name, password=password, now=desk.now())
    except InputError as error:
        return _welcome_form(request, token=token, is_good=True, name=name, problem=str(error), status=422)
    return _logged_in(request, name=name.strip(), path="/")


@router.get("/account")
def account_page(request: Request, user: Viewer) -> Response:
    return page(request, "account.html.j2", user=user, shortest=SHORTEST, problem="")


@router.post("/account")
def change_password(
    request: Request, user: Viewer, desk: TheDesk, *, current: Field, password: Field, again: Field
) -> Response:
    try:
        _check_same(password, again)
        _access(request).check_password(request, name=user.name, password=current)
        accounts.change_password(desk.store, name=user.name, password=password, by=user.name, now=desk.now())
    except InputError as error:
        return page(request, "account.html.j2", user=user, status=422, shortest=SHORTEST, problem=str(error))
    return _logged_in(request, name=user.name, path="/")


def _check_same(password: str, again: str) -> None:
    if password != again:
        raise InputError("两次输入的密码不一样。")


def _logged_in(request: Request, *, name: str, path: str) -> Response:
    answer = RedirectResponse(path, status_code=303)
    _access(request).open_session(request, answer, name=name)
    return answer


def _login_form(request: Request, *, next_path: str, name: str = "", problem: str = "", status: int = 200) -> Response:
    return page(
        request,
        "login.html.j2",
        user=None,
        status=status,
        next_path=_own_path(next_path),
        name=name,
        problem=problem,
    )


def _welcome_form(
    request: Request, *, token: str, is_good: bool, name: str = "", problem: str = "", status: int = 200
) -> Response:
    status = status if is_good else 410
    return page(
        request,
        "welcome.html.j2",
        user=None,
        status=status,
        token=token,
        is_good=is_good,
        name=name,
        problem=problem,
        shortest=SHORTEST,
    )


def _own_path(path: str) -> str:
    """Only a path of our own: a log-in must not lead to a stranger's page."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path and path.isprintable()
    return path if is_own else "/"
