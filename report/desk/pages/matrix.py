"""The home page: units × deliverables, and what to look at first."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from report.desk.web import Shown, TheDesk, Viewer, page
from report.matrix import matrix_of

router = APIRouter()


@router.get("/")
def matrix_page(request: Request, user: Viewer, desk: TheDesk, view: Shown) -> Response:
    matrix = matrix_of(view.report, view.unattributed)
    return page(request, "matrix.html.j2", user=user, view=view, matrix=matrix, heartbeat=desk.heartbeat())
