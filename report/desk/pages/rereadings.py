"""What newer parsers read otherwise in mail that was here already: nothing changes behind the coordinator's back."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from report.desk.web import TheDesk, Viewer, page
from report.rereading_words import KEPT_ZH, difference_text
from store import rereadings

router = APIRouter()

PER_PAGE: Final = 50


@router.get("/rereadings")
def rereadings_page(
    request: Request, user: Viewer, desk: TheDesk, before: Annotated[int | None, Query(ge=1, le=2**53)] = None
) -> Response:
    with desk.store.reading() as session:
        found = rereadings.newest(session, limit=PER_PAGE + 1, before=before)
    return page(
        request,
        "rereadings.html.j2",
        user=user,
        changes=[(one, [difference_text(each) for each in one.change.differences]) for one in found[:PER_PAGE]],
        next_before=found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        kept_words=KEPT_ZH,
    )
