"""One file of a mail as a page shows it: what it is, where its bytes are, whether there is something to look at.

What lies inside an archive or a document is unpacked when somebody wants it (`desk.port.Desk.member`), not before: a
page names its address and asks for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from report.extraction_view import kinds_text, photo_text, video_text
from report.plain import plain_line
from report.words import size_text
from rules.extraction import Extraction, Kind
from rules.messages import Item, ReceivedMessage
from store.messages import StoredPart

PLAYED: Final = frozenset({"video/mp4", "video/webm", "video/quicktime"})
_PLAYED_CODECS: Final = frozenset({"h264", "vp8", "vp9", "av1", "hevc"})
"""What browsers play; the last one on most machines only."""

SHOWN: Final = (
    frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp", "application/pdf"}) | PLAYED
)
"""What may be shown in the browser as it came. HTML and SVG of strangers never are: they can hold scripts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileView:
    """`number` is that of the mail's part that the file is, or lies in; `inside` then names that part."""

    message_sha256: str
    path: str
    number: int
    name: str
    sha256: str
    media_type: str
    kind: str
    facts: str
    inside: str = ""
    is_photo: bool = False
    is_video: bool = False
    codec: str = ""  # of a video, as FFmpeg names it
    is_pictured: bool = False  # a photographed or scanned page

    @property
    def part_url(self) -> str:
        """Downloads the mail's part that the file is, or lies in."""
        return f"/files/{self.message_sha256}/{self.number}"

    @property
    def original_url(self) -> str:
        """Downloads the file itself."""
        return f"{self.part_url}?{self._member}" if self.inside else self.part_url

    @property
    def shown_url(self) -> str:
        """Shows the file as it came; empty where a browser cannot, or must not."""
        if self.media_type not in SHOWN:
            return ""
        return f"{self.part_url}?show=1&{self._member}" if self.inside else f"{self.part_url}?show=1"

    @property
    def _member(self) -> str:
        return f"member={quote(self.path, safe='', errors='replace')}"

    @property
    def is_playable(self) -> bool:
        return self.is_video and self.media_type in PLAYED and self.codec in _PLAYED_CODECS

    def preview_url(self, size: str, page: int = 0) -> str:
        return f"/previews/{self.message_sha256}/{self.number}/{self.sha256}/{page}/{size}"


def files_of(message: ReceivedMessage, parts: Sequence[StoredPart]) -> dict[str, FileView]:
    """The files of a mail by path, in its order; its own text is none of them."""
    numbers = {part.path: number for number, part in enumerate(parts)}
    found = {}
    for item in message.items:
        number = None if item.is_body else _number(item.path, numbers)
        if number is not None:
            found[item.path] = _view(message.sha256, item, number, parts[number])
    return found


def _number(path: str, numbers: Mapping[str, int]) -> int | None:
    """The part with this path, or the innermost one in which it lies."""
    while path not in numbers:
        if "/" not in path:
            return None
        path = path.rsplit("/", 1)[0]
    return numbers[path]


def _view(message_sha256: str, item: Item, number: int, part: StoredPart) -> FileView:
    seen = item.extraction
    return FileView(
        message_sha256=message_sha256,
        path=item.path,
        number=number,
        name=plain_line(item.filename) or "（无文件名）",
        sha256=seen.sha256 or part.sha256,
        media_type=seen.media_type,
        kind=kinds_text(seen),
        facts=_facts(seen),
        inside="" if part.path == item.path else plain_line(part.filename),
        is_photo=seen.kind is Kind.PHOTO,
        is_video=seen.kind is Kind.VIDEO,
        codec=(seen.video.codec or "") if seen.video else "",
        is_pictured=seen.read_by == "ocr",
    )


def _facts(seen: Extraction) -> str:
    facts = [size_text(seen.size_bytes)] if seen.size_bytes else []
    if seen.photo:
        facts.append(photo_text(seen.photo))
    if seen.video:
        facts.append(video_text(seen.video))
    return "，".join(facts)
