"""A picture file that may be the photograph of a filled form: asked before the picture is judged as a photo."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from parsers.content import Content, SourceFile
from parsers.paper.continuing import goes_on_elsewhere
from parsers.paper.gate import may_be_form
from parsers.paper.ink import dark_on_light, is_light_on_dark
from parsers.paper.reading import MIN_LABELS, read_sheet
from parsers.paper.telling import Sheet
from parsers.pictures import Picture, open_picture
from rules.findings import Code, Finding

READING_SIDE: Final = 4000  # a sheet of twelve megapixels; more shows paper fibres, not characters
MIN_SIDE: Final = 500  # a form in less is not legible
_IN_PART: Final = Finding(
    code=Code.LOW_CONFIDENCE, detail="照片像是表格，但没有拍全或无法识别，请人工核对，或请对方重拍"
)
_GOES_ON: Final = Finding(
    code=Code.LOW_CONFIDENCE, detail="照片像是表格的续页，没有表头，其中的活动没有计入，请与前一页对照核对"
)


def photographed_form(source: SourceFile, picture: Picture) -> Content | None:
    """None for everything that is no form; what holds a form's labels and cannot be read as one is no photo either."""
    preview = np.asarray(picture.preview)
    is_dark = is_light_on_dark(preview)
    if max(picture.width, picture.height) < MIN_SIDE or not may_be_form(dark_on_light(preview) if is_dark else preview):
        return None
    whole = open_picture(source.path, pixels=source.limits.pixels, longest_side=READING_SIDE).preview
    pixels = dark_on_light(np.asarray(whole)) if is_dark else np.asarray(whole)
    sheet = read_sheet(pixels, scale=whole.width / picture.width)
    if sheet is None:
        return None
    if sheet.is_form:
        return content_of(sheet)
    if goes_on_elsewhere(sheet.blocks):
        return replace(content_of(sheet), findings=(_GOES_ON,))
    return replace(content_of(sheet), findings=(_IN_PART,)) if sheet.labels >= MIN_LABELS else None


def content_of(sheet: Sheet) -> Content:
    return Content(
        blocks=sheet.blocks,
        stamped=sheet.stamped,
        signed=sheet.signed,
        read_by="ocr",
        confidence=sheet.confidence,
        findings=sheet.findings,
    )
