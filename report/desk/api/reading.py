"""Routes that read."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Path, Query, Response
from fastapi.responses import FileResponse

from report.as_json import deliverable_as_json, report_as_json, unit_as_json
from report.desk.api.answers import as_json
from report.desk.api.shapes import (
    ApiCampaigns,
    ApiContact,
    ApiDecisions,
    ApiMail,
    ApiMessage,
    ApiOutbox,
    ApiReport,
    ApiReview,
    ApiUnits,
)
from report.desk.pages import downloads
from report.desk.port import Desk
from report.desk.web import Shown, TheDesk, Viewer
from report.message_view import message_as_json
from report.outbox_json import mail_as_json
from report.review_json import decision_as_json, waiting_as_json
from rules.assessment import UnitReport
from rules.messages import Envelope, ReceivedMessage
from rules.outgoing import MailState
from store import decisions, kept, messages, outbox
from store.claims import placement_of
from store.engine import Session
from store.kept import KeptMessage

router = APIRouter()

Name = Annotated[str, Path(max_length=400)]
MessageName = Annotated[str, Path(max_length=400, description="A Message-ID, or at least 6 digits of the SHA-256.")]
MailNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


def _file_of(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


_FILE: Final = _file_of("application/octet-stream")
_WORKBOOK: Final = _file_of(downloads.XLSX)
_ZIP: Final = _file_of("application/zip")
_INERT: Final = {"Content-Security-Policy": "sandbox; default-src 'none'"}
"""A stranger's file is never shown as a page of ours, whatever is in it."""


@router.get("/campaigns", response_model=ApiCampaigns)
def campaigns(user: Viewer, desk: TheDesk) -> Response:  # noqa: ARG001 - only for those who may read
    """Every configured campaign, the newest first."""
    found = [
        {
            "key": campaign.key,
            "title": campaign.title,
            "opens": campaign.opens.isoformat(),
            "closes": campaign.closes.isoformat(),
            "deliverables": [deliverable_as_json(one, campaign.zone) for one in campaign.deliverables],
        }
        for campaign in desk.campaigns()
    ]
    return as_json({"campaigns": found})


@router.get("/report", response_model=ApiReport, response_model_by_alias=True)
def report(user: Viewer, view: Shown, *, late_only: bool = False) -> Response:  # noqa: ARG001 - as above
    """The late-unit report, as `baosong report --format json`."""
    return as_json(report_as_json(view.report, view.unattributed, late_only=late_only))


@router.get("/units", response_model=ApiUnits)
def units(user: Viewer, view: Shown) -> Response:  # noqa: ARG001 - as above
    """Every unit of the roster, how it stands and how it is reached."""
    return as_json({"units": [_unit(one, view.campaign.zone) for one in view.report.units]})


@router.get("/units/{name}", response_model=ApiContact)
def unit(user: Viewer, view: Shown, name: Name) -> Response:  # noqa: ARG001 - as above
    """One unit."""
    found = next((one for one in view.report.units if one.unit.name == name), None)
    if found is None:
        raise HTTPException(404, "名册里没有这个单位。")
    return as_json(_unit(found, view.campaign.zone))


@router.get("/messages/{message}", response_model=ApiMessage)
def message(user: Viewer, desk: TheDesk, message: MessageName) -> Response:  # noqa: ARG001 - as above
    """One message, as `baosong show --json`."""
    with desk.store.reading() as session:
        found = _the_message(session, message)
        seen = messages.received_message(session, found.sha256) if found.envelope else _undecoded(found)
        placement = placement_of(session, found.sha256)
    return as_json(message_as_json(seen, placement, found.locations, desk.zone, failure=found.error))


@router.get("/messages/{message}/raw", response_class=FileResponse, responses=_FILE)
def raw(user: Viewer, desk: TheDesk, message: MessageName) -> Response:  # noqa: ARG001 - as above
    """The message as it came, byte by byte."""
    with desk.store.reading() as session:
        found = _the_message(session, message)
    return _file(desk, found.sha256, f"{found.sha256[:12]}.eml")


@router.get("/messages/{message}/parts/{number}", response_class=FileResponse, responses=_FILE)
def part(
    user: Viewer,  # noqa: ARG001 - as above
    desk: TheDesk,
    message: MessageName,
    number: Annotated[int, Path(ge=1, le=100_000, description="The place of the file in the message, from 1.")],
) -> Response:
    """One file of a message as it came."""
    with desk.store.reading() as session:
        parts = _the_message(session, message).parts
    if number > len(parts):
        raise HTTPException(404, "邮件中没有这个文件。")
    return _file(desk, parts[number - 1].sha256, parts[number - 1].filename or str(number))


@router.get("/review", response_model=ApiReview)
def review(user: Viewer, view: Shown) -> Response:  # noqa: ARG001 - as above
    """What waits for a person."""
    return as_json({"newest_decision": view.newest_decision, **waiting_as_json(view.report, view.unattributed)})


@router.get("/decisions", response_model=ApiDecisions)
def made(user: Viewer, desk: TheDesk) -> Response:  # noqa: ARG001 - as above
    """Every decision, the oldest first; one that was taken back stands here too, with the `undo` that did it."""
    with desk.store.reading() as session:
        found = decisions.all_decisions(session)
    newest = max((one.id for one in found), default=0)
    return as_json({"newest_decision": newest, "decisions": [decision_as_json(one, desk.zone) for one in found]})


@router.get("/outbox", response_model=ApiOutbox)
def outgoing(
    user: Viewer,  # noqa: ARG001 - as above
    desk: TheDesk,
    *,
    state: MailState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> Response:
    """Mail that is to go out, or went, in the order in which it was made."""
    with desk.store.reading() as session:
        found = outbox.mails(session, states=[state] if state else (), limit=limit, offset=offset)
        counts = outbox.counts(session)
    return as_json(
        {
            "counts": {one.value: count for one, count in counts.items()},
            "mails": [mail_as_json(mail, desk.zone) for mail in found],
        }
    )


@router.get("/outbox/{number}", response_model=ApiMail)
def one_outgoing(user: Viewer, desk: TheDesk, number: MailNumber) -> Response:  # noqa: ARG001 - as above
    """One mail of the outbox."""
    with desk.store.reading() as session:
        mail = outbox.find(session, number)
    if mail is None:
        raise HTTPException(404, "发件箱中没有这封邮件。")
    return as_json(mail_as_json(mail, desk.zone))


@router.get("/downloads/ledger.xlsx", response_class=Response, responses=_WORKBOOK)
def ledger(user: Viewer, view: Shown) -> Response:
    """台账: the whole report as a workbook."""
    return downloads.ledger(user, view)


@router.get("/downloads/behind.xlsx", response_class=Response, responses=_WORKBOOK)
def behind(user: Viewer, view: Shown) -> Response:
    """未报迟报名单: who is behind, as a workbook."""
    return downloads.behind(user, view)


@router.get("/downloads/materials.zip", response_class=Response, responses=_ZIP)
def materials(user: Viewer, desk: TheDesk, view: Shown) -> Response:
    """全部材料: everything that counts, by unit."""
    return downloads.everything(user, desk, view)


def _unit(found: UnitReport, zone: Any) -> dict[str, Any]:  # noqa: ANN401 - a ZoneInfo
    known = found.unit
    return {
        **unit_as_json(found, zone),
        "aliases": list(known.aliases),
        "emails": list(known.emails),
        "contact": known.contact,
        "phone": known.phone,
    }


def _the_message(session: Session, wanted: str) -> KeptMessage:
    """Raises HTTPException 404, and 422 for a name of several."""
    found = kept.find_messages(session, wanted)
    if not found:
        raise HTTPException(404, "没有保存这封邮件。")
    if len(found) > 1:
        names = ", ".join(one.sha256[:12] for one in found[:10])
        raise HTTPException(422, f"it names {len(found)} messages: {names}; name one by its SHA-256")
    return found[0]


def _undecoded(found: KeptMessage) -> ReceivedMessage:
    envelope = Envelope(message_id=found.message_id, header_from=None, subject="")
    return ReceivedMessage(sha256=found.sha256, received_at=found.received_at, envelope=envelope)


def _file(desk: Desk, sha256: str, filename: str) -> Response:
    if not desk.blobs.exists(sha256):
        raise HTTPException(404, "文件不在存储中，请运行 baosong verify 核对。")
    return FileResponse(
        desk.blobs.path(sha256),
        media_type="application/octet-stream",
        headers=_INERT | downloads.disposition(filename),
    )
