"""The picture of a page with the places of what was read on it, to be drawn as boxes over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from report.desk.port import Desk
from report.form_sheet import FormSheet, SheetValue
from rules.previews import Preview, PreviewKey, PreviewSize
from store.messages import StoredPart

MARGIN: Final = 0.35
"""Of a box's height, left around it where only the box is shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A value's place, in pixels of the picture."""

    value: SheetValue
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PagePicture:
    """One page: an SVG's viewBox is its `width` × `height`."""

    page: int
    url: str
    width: int
    height: int
    boxes: tuple[Box, ...]

    def crop(self, box: Box) -> str:
        """The viewBox that shows the box and a little around it, widened so that handwriting is legible."""
        margin = max(box.height * MARGIN, 6)
        left, top = max(box.left - margin, 0), max(box.top - margin, 0)
        right = min(box.left + box.width + margin, self.width)
        bottom = min(box.top + box.height + margin, self.height)
        return f"{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}"


def pictures_of(desk: Desk, sheet: FormSheet, parts: Sequence[StoredPart]) -> tuple[PagePicture, ...]:
    """Of every page on which something was read; nothing for a file that brought its own text."""
    part = parts[sheet.file.number] if 0 <= sheet.file.number < len(parts) else None
    if part is None or not sheet.file.is_pictured:
        return ()
    found = []
    for page in sheet.pages:
        key = PreviewKey(sha256=sheet.file.sha256, page=page, size=PreviewSize.PAGE)
        preview = desk.preview(key, inside=part.sha256, filename=part.filename)
        if preview is not None:
            found.append(_picture(sheet, page, preview))
    return tuple(found)


def _picture(sheet: FormSheet, page: int, preview: Preview) -> PagePicture:
    boxes = []
    for value in sheet.values:
        if value.place is not None and value.place.page == page:
            left, top, width, height = preview.box(value.place)
            boxes.append(Box(value=value, left=left, top=top, width=width, height=height))
    return PagePicture(
        page=page,
        url=sheet.file.preview_url(PreviewSize.PAGE.value, page),
        width=preview.width,
        height=preview.height,
        boxes=tuple(boxes),
    )
