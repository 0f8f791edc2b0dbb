"""The bytes of what units sent: originals to download or to look at, and previews.

Whatever is served here was written by strangers. It is downloaded, or shown as a picture, a video or a PDF when its
content is one; never as HTML or SVG, and under a policy that lets nothing in it load or run.
"""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Path, Query, Response
from fastapi.responses import FileResponse

from report.desk.port import Desk, MemberUnavailableError
from report.desk.web import TheDesk, Viewer
from report.file_view import SHOWN
from report.plain import plain_line
from rules.errors import StoreError
from rules.flatten import base_name
from rules.previews import PreviewKey, PreviewSize
from store import messages
from store.messages import StoredPart

router = APIRouter()

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
Number = Annotated[int, Path(ge=0, le=100_000)]

STRANGERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; img-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
}
_LONGEST_NAME: Final = 150
_LONGEST_PATH: Final = 20_000
_ENDING: Final = 12  # characters that are kept of a long name, so that it keeps its type
_FORBIDDEN_IN_NAMES: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


@router.get("/files/{message_sha256}/{number}")
def original(
    _user: Viewer,
    desk: TheDesk,
    message_sha256: Digest,
    number: Number,
    show: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
    member: Annotated[str, Query(max_length=_LONGEST_PATH)] = "",
) -> Response:
    """One part of a message as it came, or the file at the item path `member` in it.

    `show` shows it in the browser, where that is harmless.
    """
    part, media_type = _part(desk, message_sha256, number)
    if not member:
        return _served(desk, part.sha256, part.filename, media_type, show=show)
    try:
        found = desk.member(message_sha256, member)
    except MemberUnavailableError as error:
        raise HTTPException(404, str(error)) from None
    return _served(desk, found.blob, base_name(found.filename), found.media_type, show=show)


def _served(desk: Desk, sha256: str, filename: str, media_type: str, *, show: bool) -> Response:
    """In ranges where the browser asks for them, as players do."""
    is_shown = show and media_type in SHOWN
    return FileResponse(
        desk.blobs.path(sha256),
        media_type=media_type if is_shown else "application/octet-stream",
        headers=STRANGERS | {"Content-Disposition": disposition(filename, is_shown=is_shown)},
    )


@router.get("/messages/{message_sha256}/raw")
def raw_message(_user: Viewer, desk: TheDesk, message_sha256: Digest) -> Response:
    """The message byte for byte."""
    with desk.store.reading() as session:
        if not messages.is_kept(session, message_sha256):
            raise HTTPException(404)
    name = f"{message_sha256[:12]}.eml"
    return FileResponse(
        desk.blobs.path(message_sha256),
        media_type="application/octet-stream",
        headers=STRANGERS | {"Content-Disposition": disposition(name, is_shown=False)},
    )


@router.get("/previews/{message_sha256}/{number}/{sha256}/{page}/{size}")
def preview(  # noqa: PLR0917 - FastAPI calls by name
    _user: Viewer, desk: TheDesk, message_sha256: Digest, number: Number, sha256: Digest, page: int, size: PreviewSize
) -> Response:
    """A small picture of a file that is this part of the message, or lies in it."""
    part, _media_type = _part(desk, message_sha256, number)
    key = PreviewKey(sha256=sha256, page=page, size=size)
    with desk.store.reading() as session:
        known = {item.extraction.sha256 for item in messages.received_message(session, message_sha256).items}
    made = desk.preview(key, inside=part.sha256, filename=part.filename) if sha256 in known else None
    if made is None:
        raise HTTPException(404)
    return FileResponse(desk.blobs.path(made.blob), media_type=made.media_type, headers=STRANGERS)


def _part(desk: Desk, message_sha256: str, number: int) -> tuple[StoredPart, str]:
    """The part, and of what type its content is: the sender's word for it is not trusted."""
    try:
        with desk.store.reading() as session:
            parts = messages.parts_of(session, message_sha256)
            items = messages.received_message(session, message_sha256).items
    except StoreError:
        raise HTTPException(404) from None
    if number >= len(parts) or not desk.blobs.exists(parts[number].sha256):
        raise HTTPException(404)
    types = {item.path: item.extraction.media_type for item in items}
    return parts[number], types.get(parts[number].path, "")


def disposition(filename: str, *, is_shown: bool) -> str:
    """A header value that no file name can break out of; the name in UTF-8 (RFC 6266)."""
    name = plain_line(filename).translate(_FORBIDDEN_IN_NAMES).strip(". ") or "file"
    short = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - _ENDING] + name[-_ENDING:]
    encoded = quote(short.encode("utf-8", "replace"), safe="")
    return f"{'inline' if is_shown else 'attachment'}; filename*=UTF-8''{encoded}"
