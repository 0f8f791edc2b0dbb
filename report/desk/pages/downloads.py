"""What can be taken away: the ledger, who is behind, the units' tables in one, and everything that units sent."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import StreamingResponse

from report.archive import LIST_NAME, Entry, list_csv, plan_archive, stream_zip
from report.desk.port import Desk, View
from report.desk.web import Shown, TheDesk, Viewer
from report.filenames import sane_name
from report.ics import calendar_bytes
from report.matrix import matrix_of
from report.merging.workbook import merged_workbook
from report.words import DELIVERABLE_KIND_ZH
from report.workbook import behind_workbook, ledger_workbook
from rules.campaign import DeliverableKind
from rules.extraction import Kind
from rules.merging import OTHER_FORM, MergedForms, activity_counts, asks_for, merged_forms
from rules.roster import Unit
from store import claims, messages

router = APIRouter()

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/download/台账.xlsx")
def ledger(user: Viewer, view: Shown) -> Response:  # noqa: ARG001 - only somebody logged in
    matrix = matrix_of(view.report, view.unattributed)
    return _attachment(ledger_workbook(matrix, as_of=view.report.as_of), _named(view, "报送台账", "xlsx"))


@router.get("/download/未报迟报名单.xlsx")
def behind(user: Viewer, view: Shown) -> Response:  # noqa: ARG001 - as above
    matrix = matrix_of(view.report, view.unattributed)
    return _attachment(behind_workbook(matrix, as_of=view.report.as_of), _named(view, "未报迟报名单", "xlsx"))


@router.get("/download/安排表汇总.xlsx")
def schedules(user: Viewer, desk: TheDesk, view: Shown) -> Response:  # noqa: ARG001 - as above
    return _merged(desk, view, Kind.SCHEDULE)


@router.get("/download/统计表汇总.xlsx")
def statistics(user: Viewer, desk: TheDesk, view: Shown) -> Response:  # noqa: ARG001 - as above
    return _merged(desk, view, Kind.STATISTICS)


def _merged(desk: Desk, view: View, kind: Kind) -> Response:
    merged, *others = _forms(desk, view, kind, OTHER_FORM[kind])
    counts = activity_counts(others[0]) if others else {}
    what = f"{DELIVERABLE_KIND_ZH[DeliverableKind(kind.value)]}汇总"
    return _attachment(merged_workbook(merged, others=counts), _named(view, what, "xlsx"))


def _forms(desk: Desk, view: View, wanted: Kind, *others: Kind) -> list[MergedForms]:
    """Of all units, as the view shows them; those of the `others` that are asked for, too."""
    kinds = [kind for kind in (wanted, *others) if asks_for(view.campaign, kind)]
    if wanted not in kinds:
        raise HTTPException(404, "本次报送没有要求这张表。")
    with desk.store.reading() as session:
        every = claims.claims(session)
    return [merged_forms(view.report, every, kind) for kind in kinds]


@router.get("/download/活动日历.ics")
def planned(user: Viewer, desk: TheDesk, view: Shown) -> Response:  # noqa: ARG001 - as above
    (merged,) = _forms(desk, view, Kind.SCHEDULE)
    return _attachment(calendar_bytes(merged), _named(view, "活动日历", "ics"), media_type="text/calendar")


@router.get("/download/全部材料.zip")
def everything(user: Viewer, desk: TheDesk, view: Shown) -> Response:  # noqa: ARG001 - as above
    return _zip(desk, view, [one.unit for one in view.report.units], _named(view, "全部材料", "zip"))


@router.get("/download/units/{name}.zip")
def one_unit(user: Viewer, desk: TheDesk, view: Shown, name: str) -> Response:  # noqa: ARG001 - as above
    units = [one.unit for one in view.report.units if one.unit.name == name]
    if not units:
        raise HTTPException(404, "名册里没有这个单位。")
    return _zip(desk, view, units, _named(view, name, "zip"))


def _zip(desk: Desk, view: View, units: list[Unit], filename: str) -> Response:
    entries = _entries(desk, view, units)
    kept = [(entry, desk.blobs.path(entry.sha256)) for entry in entries if desk.blobs.exists(entry.sha256)]
    lists = {LIST_NAME: list_csv((entry for entry, _ in kept), view.campaign.zone)}
    pieces = stream_zip(kept, lists, view.campaign.zone, at=view.report.as_of)
    return StreamingResponse(_not_empty(pieces), media_type="application/zip", headers=disposition(filename))


def _entries(desk: Desk, view: View, units: list[Unit]) -> tuple[Entry, ...]:
    names = {unit.name for unit in units}
    with desk.store.reading() as session:
        found = [claim for claim in claims.claims(session) if claim.unit in names]
        parts = messages.parts_of_messages(session, {claim.message_sha256 for claim in found})
    return plan_archive(view.campaign, units, found, parts, at=view.report.as_of)


def _not_empty(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """An empty piece would end a chunked answer."""
    return (piece for piece in pieces if piece)


def _attachment(content: bytes, filename: str, *, media_type: str = XLSX) -> Response:
    return Response(content, media_type=media_type, headers=disposition(filename))


def _named(view: View, what: str, ending: str) -> str:
    day = f"{view.report.as_of.astimezone(view.campaign.zone):%Y%m%d}"
    return f"{sane_name(f'{what} {view.campaign.title}'[:60])} {day}.{ending}"


def disposition(filename: str) -> dict[str, str]:
    """Saved, never shown; any name of a stranger goes into the header safely."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}"}
