"""The home page: units × deliverables, and what to look at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from report.desk.board import ORDER_ZH, Order, Show, board_of
from report.desk.heartbeat import heartbeat_line
from report.desk.port import Desk, View
from report.desk.rows import RowCache
from report.desk.web import KEPT_PARAMETERS, Shown, TheDesk, Viewer, fragment, page, url
from report.matrix import Matrix, Row, matrix_of

router = APIRouter()


@router.get("/")
def matrix_page(
    request: Request,
    user: Viewer,
    desk: TheDesk,
    view: Shown,
    *,
    show: Show = Show.ALL,
    order: Order = Order.ROSTER,
    q: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    rows = cast("RowCache", request.app.state.rows)
    matrix = matrix_of(view.report, view.unattributed, make_row=rows.row if view.is_now else None)
    board = board_of(view, matrix, earlier=_campaign_before(desk, view), show=show, order=order, query=q)
    return page(
        request,
        "matrix.html.j2",
        user=user,
        view=view,
        matrix=matrix,
        board=board,
        heartbeat=heartbeat_line(desk.heartbeat(), desk.now()),
        campaigns=desk.campaigns(),
        filters={"show": show, "order": order, "q": q},
        orders=ORDER_ZH,
        row_html=_row_maker(request, view, matrix, rows),
    )


def _row_maker(request: Request, view: View, matrix: Matrix, rows: RowCache) -> Callable[[Row], Markup]:
    """Rows are kept for the page that everybody looks at; the links of others carry their moment and campaign."""

    def make(row: Row) -> Markup:
        return fragment("row.html.j2", row=row, columns=matrix.columns, url=lambda path: url(request, path))

    if not view.is_now or any(request.query_params.get(name) for name in KEPT_PARAMETERS):
        return make
    return lambda row: rows.html(row, view.campaign, make)


@router.get("/heartbeat")
def heartbeat_fragment(
    request: Request, user: Viewer, desk: TheDesk, view: Shown, seen: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Asked every few seconds by an open page; tells it when what it shows has changed."""
    line = heartbeat_line(desk.heartbeat(), desk.now())
    answer = page(request, "heartbeat.html.j2", user=user, view=view, heartbeat=line)
    if seen != view.version:
        answer.headers["HX-Trigger"] = "desk-changed"
    return answer


def _campaign_before(desk: Desk, view: View) -> View | None:
    earlier = [one for one in desk.campaigns() if one.opens < view.campaign.opens]
    return desk.view(campaign_key=earlier[0].key) if earlier else None
