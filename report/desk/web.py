"""What every page uses: who is asking, which view is in force, and how a template becomes an answer.

    @router.get("/units/{name}")
    def unit_page(request: Request, user: Viewer, view: Shown, name: str) -> Response:
        return page(request, "unit.html.j2", user=user, view=view, unit=…)

Endpoints are plain functions, not coroutines: each runs in a thread, and the store blocks. A page for a coordinator
only takes `user: Coordinator`. Every POST is checked for its CSRF token before the endpoint runs (`security`); a form
carries it by `{{ csrf_field() }}`, htmx by a header that base.html.j2 sets for the whole page.

In templates: `url("/units/x", show=…)` keeps `at` and `campaign` of the page that is open; `moment(…)`,
`full_moment(…)`, `day(…)` show an instant in the campaign's zone; the filter `plain` takes control characters out of
strangers' text, `size` shows bytes. Everything is escaped. There is neither an inline script nor an inline style: the
Content-Security-Policy forbids both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, Any, Final, cast
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from report.desk.port import Desk, User, View
from report.plain import plain_line
from report.words import day_text, full_moment_text, moment_text, size_text
from rules.errors import UserError

KEPT_PARAMETERS: Final = ("at", "campaign")
_MOST_DIGITS: Final = 9
YEARS: Final = range(1990, 2200)  # beyond them the arithmetic of time zones overflows


def desk_of(request: Request) -> Desk:
    return cast("Desk", request.app.state.desk)


TheDesk = Annotated[Desk, Depends(desk_of)]


def current_user(request: Request) -> User:
    """Whoever is logged in. Anybody else is sent to the log-in page by `app`."""
    authenticate = cast("Callable[[Request], User | None]", request.app.state.authenticate)
    user = authenticate(request)
    if user is None:
        raise HTTPException(401, "请先登录。")
    return user


Viewer = Annotated[User, Depends(current_user)]


def coordinator(user: Viewer) -> User:
    if not user.may_decide:
        raise HTTPException(403, "您的账号只能查看，不能办理。")
    return user


Coordinator = Annotated[User, Depends(coordinator)]


def moment_asked(text: str, zone: ZoneInfo) -> datetime | None:
    """`at` of a query: a date means its end. Raises HTTPException 422."""
    if not text:
        return None
    try:
        if len(text) == len("2023-10-30"):
            moment = datetime.combine(date.fromisoformat(text), time.max)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise HTTPException(422, f"“{text}”不是一个时刻，请写成 2023-10-31 或 2023-10-31T08:00。")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def number_in(text: str) -> int | None:
    """A number that a page of ours wrote into a form or an address; None for what is none, or fits no column."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def shown_view(
    desk: TheDesk,
    at: Annotated[str, Query(max_length=40)] = "",
    campaign: Annotated[str, Query(max_length=60)] = "",
) -> View:
    """The view that `?at=…&campaign=…` asks for."""
    try:
        return desk.view(at=moment_asked(at, desk.zone), campaign_key=campaign or None)
    except UserError as error:
        raise HTTPException(404, "没有这项报送任务。") from error


Shown = Annotated[View, Depends(shown_view)]


Done = Annotated[str, Query(max_length=400, pattern=r"^[0-9,]*$")]
"""`done` of a query: the decisions that led back to the page, which says so and offers to take them back."""


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("report", "desk/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain_line, "size": size_text}
    return environment


_ENVIRONMENT: Final = _environment()


def fragment(template: str, **facts: Any) -> Markup:  # noqa: ANN401 - a template takes anything
    """A piece of a page."""
    return Markup(_ENVIRONMENT.get_template(template).render(**facts))  # noqa: S704 - the template escapes


def page(request: Request, template: str, *, user: User | None, status: int = 200, **facts: Any) -> HTMLResponse:  # noqa: ANN401 - a template takes anything
    """The answer made of a template; `facts` are its names. A `view` among them sets the zone of the moments shown."""
    view = cast("View | None", facts.get("view"))
    zone = view.campaign.zone if view else desk_of(request).zone
    token = request.app.state.csrf_token(request)
    text = _ENVIRONMENT.get_template(template).render(
        request=request,
        user=user,
        now=desk_of(request).now(),
        live_seconds=request.app.state.live_seconds,
        csrf_token=token,
        csrf_field=lambda: Markup('<input type="hidden" name="csrf" value="{}">').format(token),
        url=lambda path, **query: url(request, path, **query),
        moment=lambda moment: moment_text(moment, zone),
        full_moment=lambda moment: full_moment_text(moment, zone),
        day=lambda moment: day_text(moment, zone),
        local_minute=lambda moment: f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}",
        **facts,
    )
    return HTMLResponse(text.encode("utf-8", "replace"), status_code=status)


def url(request: Request, path: str, **query: object) -> str:
    """A path of the desk with `query`; `at` and `campaign` of the page that is open go along; None drops one."""
    kept = {name: request.query_params[name] for name in KEPT_PARAMETERS if request.query_params.get(name)}
    together = {name: str(value) for name, value in {**kept, **query}.items() if value is not None and value != ""}
    encoded = urlencode(together, quote_via=quote)
    return f"{quote(path)}?{encoded}" if encoded else quote(path)
