"""An `Extraction` as the JSON object of the contract, section 5, and back; and an `Envelope` for the store.

The only place that knows those keys. Every key of the contract is always there. Beyond it stand `forms` (every form
found, `form` being the first), `sha256`, `size_bytes`, the text of numbers as written (`attendance_text`,
`mobilization_attendance_text`), a photo's `perceptual_hash`, the `content_id` of a live photo's halves, and `absent` in
a form or a row: those of its keys for which the file has no place at all, shown as "" like the ones left blank. A form
read from a picture has `certainties` and `places` (left, top, right, bottom, page), keyed by field, or by row from 1
and column ("3.place"); one that says that nothing was held quotes it (`nothing_held`). `with_text` adds the file's
text, which the store keeps and `parse --json` leaves out.

Reading back is lossless: extraction_from_json(extraction_as_json(x, with_text=True)) == x.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from rules.extraction import FORM_COLUMNS, FORM_FIELDS, Extraction, Form, FormRow, Kind, Link, Photo, Place, Video
from rules.findings import Code, Finding
from rules.messages import Address, Envelope

Json = dict[str, Any]

ATTENDANCE: Final = "attendance"
MOBILIZATION: Final = "mobilization_attendance"
ABSENT: Final = "absent"


def extraction_as_json(extraction: Extraction, *, with_text: bool = False) -> Json:
    """The object of the contract, section 5."""
    forms = [_form_as_json(form) for form in extraction.forms]
    seen: Json = {
        "file": extraction.file,
        "media_type": extraction.media_type,
        "kind": extraction.kind.value,
        "title": extraction.title,
        "unit_names": list(extraction.unit_names),
        "form": forms[0] if forms else None,
        "stamped": extraction.stamped,
        "signed": extraction.signed,
        "read_by": extraction.read_by,
        "confidence": extraction.confidence,
        "also": [kind.value for kind in extraction.also],
        "photo": _photo_as_json(extraction.photo),
        "video": _video_as_json(extraction.video),
        "members": [extraction_as_json(member, with_text=with_text) for member in extraction.members],
        "links": [_link_as_json(link) for link in extraction.links],
        "findings": [_finding_as_json(finding) for finding in extraction.findings],
        "forms": forms,
        "sha256": extraction.sha256,
        "size_bytes": extraction.size_bytes,
    }
    return seen | {"text": extraction.text} if with_text else seen


def extraction_from_json(seen: Mapping[str, Any]) -> Extraction:
    """The extraction that the object was made of; its text is empty where the object was made without."""
    return Extraction(
        file=seen["file"],
        media_type=seen["media_type"],
        kind=Kind(seen["kind"]),
        sha256=seen["sha256"],
        size_bytes=seen["size_bytes"],
        title=seen["title"],
        unit_names=tuple(seen["unit_names"]),
        forms=tuple(_form_from_json(form) for form in seen["forms"]),
        stamped=seen["stamped"],
        signed=seen["signed"],
        read_by=seen["read_by"],
        confidence=seen["confidence"],
        also=tuple(Kind(kind) for kind in seen["also"]),
        photo=_photo_from_json(seen["photo"]),
        video=_video_from_json(seen["video"]),
        members=tuple(extraction_from_json(member) for member in seen["members"]),
        links=tuple(Link(**link) for link in seen["links"]),
        findings=tuple(Finding(code=Code(one["code"]), detail=one["detail"]) for one in seen["findings"]),
        text=seen.get("text", ""),
    )


def envelope_as_json(envelope: Envelope) -> Json:
    """The facts of a message's headers, for the store."""
    return {
        "message_id": envelope.message_id,
        "header_from": _address_as_json(envelope.header_from),
        "subject": envelope.subject,
        "sent_at": _iso(envelope.sent_at),
        "reply_to": _address_as_json(envelope.reply_to),
        "to": [_address_as_json(address) for address in envelope.to],
        "cc": [_address_as_json(address) for address in envelope.cc],
        "in_reply_to": envelope.in_reply_to,
        "references": list(envelope.references),
        "is_automatic": envelope.is_automatic,
        "automatic_reason": envelope.automatic_reason,
        "origins": [envelope_as_json(origin) for origin in envelope.origins],
        "is_guessed": envelope.is_guessed,
    }


def envelope_from_json(facts: Mapping[str, Any]) -> Envelope:
    """The envelope that the object was made of; one that was stored before says nothing of copies and threads."""
    return Envelope(
        message_id=facts["message_id"],
        header_from=Address(**facts["header_from"]) if facts["header_from"] else None,
        subject=facts["subject"],
        sent_at=_moment(facts["sent_at"]),
        reply_to=Address(**facts["reply_to"]) if facts["reply_to"] else None,
        to=tuple(Address(**address) for address in facts["to"]),
        cc=tuple(Address(**address) for address in facts.get("cc", ())),
        in_reply_to=facts.get("in_reply_to", ""),
        references=tuple(facts.get("references", ())),
        is_automatic=facts["is_automatic"],
        automatic_reason=facts["automatic_reason"],
        origins=tuple(envelope_from_json(origin) for origin in facts["origins"]),
        is_guessed=facts["is_guessed"],
    )


def _form_as_json(form: Form) -> Json:
    fields = _as_written(form.fields, FORM_FIELDS.get(form.form, ()))
    absent = fields.pop(ABSENT, None)
    if MOBILIZATION in fields:
        fields = _with_number(fields, MOBILIZATION, form.mobilization_attendance)
    columns = FORM_COLUMNS.get(form.form, (ATTENDANCE,))
    seen: Json = {"form": form.form.value, "fields": fields, "rows": [_row_as_json(row, columns) for row in form.rows]}
    if form.nothing_held:
        seen["nothing_held"] = form.nothing_held
    if form.certainties:
        seen["certainties"] = dict(form.certainties)
    if form.places:
        seen["places"] = {key: _place_as_json(place) for key, place in form.places.items()}
    return seen | {ABSENT: absent} if absent else seen


def _place_as_json(place: Place) -> list[int]:
    return [place.left, place.top, place.right, place.bottom, place.page]


def _place_from_json(numbers: Sequence[int]) -> Place:
    left, top, right, bottom, page = numbers
    return Place(left=left, top=top, right=right, bottom=bottom, page=page)


def _form_from_json(seen: Mapping[str, Any]) -> Form:
    fields, number = dict(seen["fields"]), None
    if MOBILIZATION in fields:
        number = _take_number(fields, MOBILIZATION)
    return Form(
        form=Kind(seen["form"]),
        fields=_without(seen.get(ABSENT, ()), fields),
        rows=tuple(_row_from_json(row) for row in seen["rows"]),
        mobilization_attendance=number,
        certainties=dict(seen.get("certainties", {})),
        nothing_held=seen.get("nothing_held", ""),
        places={key: _place_from_json(place) for key, place in seen.get("places", {}).items()},
    )


def _row_as_json(row: FormRow, columns: Sequence[str]) -> Json:
    cells = _with_number(_as_written(row.cells, columns), ATTENDANCE, row.attendance)
    return cells | {"starts_on": _iso(row.starts_on), "ends_on": _iso(row.ends_on)}


def _row_from_json(seen: Mapping[str, Any]) -> FormRow:
    cells = dict(seen)
    return FormRow(
        attendance=_take_number(cells, ATTENDANCE),
        starts_on=_day(cells.pop("starts_on")),
        ends_on=_day(cells.pop("ends_on")),
        cells=_without(cells.pop(ABSENT, ()), cells),
    )


def _as_written(found: Mapping[str, str], keys: Sequence[str]) -> Json:
    """What was found, with every key of the contract in its order; the rest of the file's own columns after them."""
    absent = [key for key in keys if key not in found]
    complete: Json = {key: found.get(key, "") for key in keys} | dict(found)
    return complete | {ABSENT: absent} if absent else complete


def _without(absent: Sequence[str], cells: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in cells.items() if key not in absent}


def _with_number(cells: Json, key: str, number: int | None) -> Json:
    """The number stands under its key, the text as written beside it."""
    return cells | {key: number, f"{key}_text": cells[key]}


def _take_number(cells: Json, key: str) -> int | None:
    """Takes the number out and puts the text as written back under its key."""
    number: int | None = cells[key]
    cells[key] = cells.pop(f"{key}_text")
    return number


def _photo_as_json(photo: Photo | None) -> Json | None:
    if photo is None:
        return None
    return {
        "width": photo.width,
        "height": photo.height,
        "taken_at": _iso(photo.taken_at),
        "perceptual_hash": photo.perceptual_hash,
    } | _content_id_as_json(photo)


def _photo_from_json(seen: Mapping[str, Any] | None) -> Photo | None:
    if seen is None:
        return None
    return Photo(
        width=seen["width"],
        height=seen["height"],
        taken_at=_moment(seen["taken_at"]),
        perceptual_hash=seen["perceptual_hash"],
        content_id=seen.get("content_id", ""),
    )


def _video_as_json(video: Video | None) -> Json | None:
    if video is None:
        return None
    facts = {"seconds": video.seconds, "width": video.width, "height": video.height, "codec": video.codec}
    taken_at = {"taken_at": _iso(video.taken_at)} if video.taken_at else {}
    return facts | _content_id_as_json(video) | taken_at


def _video_from_json(seen: Mapping[str, Any] | None) -> Video | None:
    return Video(**{**seen, "taken_at": _moment(seen.get("taken_at"))}) if seen else None


def _content_id_as_json(half: Photo | Video) -> Json:
    return {"content_id": half.content_id} if half.content_id else {}


def _link_as_json(link: Link) -> Json:
    seldom = {
        "valid_days": link.valid_days,
        "quoted_from": link.quoted_from or None,
        "access_code": link.access_code or None,
    }
    return {
        "url": link.url,
        "provider": link.provider,
        "filename": link.filename,
        "size_text": link.size_text,
        "expires_at": link.expires_at,
    } | {name: value for name, value in seldom.items() if value is not None}


def _finding_as_json(finding: Finding) -> Json:
    return {"code": finding.code.value, "blocking": finding.is_blocking, "detail": finding.detail}


def _address_as_json(address: Address | None) -> Json | None:
    return None if address is None else {"address": address.address, "name": address.name}


def _iso(moment: date | datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
