"""Pages of a PDF that hold no text: rendered, and read as sheets of paper.

A page that holds one of our forms gives its table; a page of text gives its lines; a page of neither, such as a photo,
is left to the pictures set in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pypdfium2
from PIL import Image

from parsers.content import Content, Paragraph
from parsers.limits import Limits
from parsers.ocr import Pixels
from parsers.paper.gate import may_be_form
from parsers.paper.reading import read_sheet
from parsers.paper.telling import Sheet, any_of, blocks_of, pages_lost

DOTS_PER_INCH: Final = 200
MAX_PAGES: Final = 12  # each costs seconds; forms and summaries are shorter
MIN_TEXT: Final = 60  # characters: less is a caption or a banner
PREVIEW_SIDE: Final = 1024
ILLEGIBLE: Final = Sheet(blocks=(), is_form=False)


def scanned_pages(document: pypdfium2.PdfDocument, pages: Sequence[int], limits: Limits) -> dict[int, Sheet]:
    """Of the pages without text those that are paper with writing on it; `ILLEGIBLE` where nothing could be read."""
    sheets: dict[int, Sheet] = {}
    for number in pages[:MAX_PAGES]:
        picture = _rendered(document[number], DOTS_PER_INCH, limits)
        if picture is None or not may_be_form(_shrunk(picture)):
            continue
        sheet = read_sheet(picture, page=number)
        is_legible = sheet is not None and (sheet.is_form or _length(sheet) >= MIN_TEXT)
        sheets[number] = sheet if sheet is not None and is_legible else ILLEGIBLE
    return sheets


def _rendered(page: pypdfium2.PdfPage, dots: int, limits: Limits) -> Pixels | None:
    """None for pages without pictures, which are blank, and for posters."""
    try:
        width, height = page.get_size()
        scale = _scale(width, height, dots)
        if width * height * scale * scale > limits.pixels:
            return None
        bitmap = page.render(scale=scale)
        return np.ascontiguousarray(np.asarray(bitmap.to_pil().convert("RGB"), dtype=np.uint8))
    finally:
        page.close()


def page_pictured(path: Path, number: int, *, longest_side: int, limits: Limits) -> tuple[Image.Image, float] | None:
    """A page no larger than asked for, and how wide it is in the pixels in which `scanned_pages` tells places.

    None for a page that is not there. Raises what pypdfium2 raises.
    """
    document = pypdfium2.PdfDocument(path)
    try:
        if not 0 <= number < len(document):
            return None
        page = document[number]
        width, height = page.get_size()
        scale = min(_scale(width, height, DOTS_PER_INCH), longest_side / max(width, height, 1))
        if width * height * scale * scale > limits.pixels:
            return None
        return page.render(scale=scale).to_pil().convert("RGB"), width * _scale(width, height, DOTS_PER_INCH)
    finally:
        document.close()


def _scale(width: float, height: float, dots: int) -> float:
    """Pixels a point."""
    return min(dots / 72, 3500 / max(width, height, 1))


def _shrunk(picture: Pixels) -> Pixels:
    step = max(1, round(max(picture.shape[:2]) / PREVIEW_SIDE))
    trimmed = picture[: picture.shape[0] // step * step, : picture.shape[1] // step * step]
    shape = (trimmed.shape[0] // step, step, trimmed.shape[1] // step, step, 3)
    return np.asarray(trimmed.reshape(shape).mean(axis=(1, 3)), dtype=np.uint8)


def _length(sheet: Sheet) -> int:
    return sum(
        len(block.text) if isinstance(block, Paragraph) else sum(len(cell.text) for cell in block.cells)
        for block in sheet.blocks
    )


def with_scans(content: Content, scans: Mapping[int, Sheet]) -> Content:
    """The document with what its scanned pages say; the page with a form speaks for stamp and signature."""
    sheets = [scans[number] for number in sorted(scans) if scans[number].blocks]
    if not sheets:
        return content
    forms = [sheet for sheet in sheets if sheet.is_form]
    certainties = [sheet.confidence for sheet in sheets if sheet.confidence is not None]
    return replace(
        content,
        blocks=(*content.blocks, *blocks_of(sheets)),
        stamped=any_of(sheet.stamped for sheet in forms),
        signed=any_of(sheet.signed for sheet in forms),
        read_by="ocr",
        confidence=min(certainties, default=None),
        findings=(
            *content.findings,
            *(finding for sheet in forms for finding in sheet.findings),
            *(pages_lost(sheets) if forms else ()),
        ),
    )
