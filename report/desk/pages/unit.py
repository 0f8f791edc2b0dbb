"""A unit: what it sent, what counts and why, what is still wanting."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from report.desk.mails import load_mails
from report.desk.page_pictures import PagePicture, pictures_of
from report.desk.port import Desk, View
from report.desk.web import Done, Shown, TheDesk, Viewer, page
from report.history import HistoryEntry, history_of
from report.unit_view import Mail, UnitView, unit_view
from rules.assessment import UnitReport
from rules.outgoing import MailKind
from store import claims, decisions, messages, outbox

router = APIRouter()


@router.get("/units/{name:path}")
def unit_page(  # noqa: PLR0917 - FastAPI calls by name
    request: Request, user: Viewer, desk: TheDesk, view: Shown, name: str, done: Done = ""
) -> Response:
    """Everything about one unit on one page."""
    found = next((one for one in view.report.units if one.unit.name == name), None)
    if found is None:
        raise HTTPException(404, "名册中没有这个单位。")
    shown, mails = _shown(desk, view, found)
    return page(
        request,
        "unit.html.j2",
        user=user,
        view=view,
        shown=shown,
        pictures=_pictures(desk, shown, mails),
        done=just_done(desk, view, done),
        may_decide=user.may_decide and view.is_now,
    )


def just_done(desk: Desk, view: View, done: str) -> tuple[HistoryEntry, ...]:
    """The decisions that led to this page, to be told and taken back."""
    ids = {int(one) for one in done.split(",") if one}
    if not ids:
        return ()
    with desk.store.reading() as session:
        made = decisions.all_decisions(session)
    return history_of(made, view.campaign, at=desk.now(), wanted=[one for one in made if one.id in ids])[::-1]


def _shown(desk: Desk, view: View, unit_report: UnitReport) -> tuple[UnitView, dict[str, Mail]]:
    """Mail with something for the unit, and whatever else came from its addresses."""
    unit = unit_report.unit
    with desk.store.reading() as session:
        digests = {claim.message_sha256 for claim in claims.claims_of_unit(session, unit.name)}
        digests |= messages.naming_addresses(session, unit.emails)
        mails = load_mails(session, digests)
        made = decisions.all_decisions(session)
        written = outbox.mails(session, kinds=(MailKind.RECEIPT, MailKind.REMINDER), campaign=view.campaign.key)
    sent = [mail for mail in written if any(item.unit == unit.name for item in mail.letter.items)]
    of_unit = [mail for mail in mails if _bears_on(mail, unit.name, unit.emails)]
    shown = unit_view(unit_report, view.campaign, at=view.report.as_of, mails=of_unit, decisions=made, outgoing=sent)
    return shown, {mail.message.sha256: mail for mail in of_unit}


def _bears_on(mail: Mail, unit: str, addresses: tuple[str, ...]) -> bool:
    sender = mail.message.envelope.header_from
    return any(claim.unit == unit for claim in mail.claims) or (sender is not None and sender.address in addresses)


def _pictures(
    desk: Desk, shown: UnitView, mails: dict[str, Mail]
) -> dict[tuple[str, str, int], tuple[PagePicture, ...]]:
    """By message, path and form: the pages from which a form was read."""
    return {
        (sheet.file.message_sha256, sheet.file.path, sheet.form_index): pictures_of(
            desk, sheet, mails[sheet.file.message_sha256].parts
        )
        for deliverable in shown.deliverables
        for sheet in deliverable.sheets
    }
