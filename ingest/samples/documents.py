"""Plans and summaries as units write them: Word, plain text or a web page; with the schedule or photos in them."""

from __future__ import annotations

import html
import io
import random
from collections.abc import Sequence
from typing import Final

from docx import Document
from docx.shared import Cm

from ingest.samples.forms import PLAIN, Style, add_schedule, saved
from ingest.samples.prose import Activity, plan_paragraphs, plan_title, summary_paragraphs, summary_title

TRUNCATED_SHARE: Final = 0.6


def plan_docx(
    chance: random.Random,
    unit: str,
    planned: tuple[Activity, ...],
    *,
    schedule: Style | None = None,
) -> bytes:
    """A plan; `schedule`: with 附件1 at its end, in that style."""
    document = Document()
    document.add_heading(plan_title(chance, unit), level=0)
    for line in plan_paragraphs(chance, unit, planned):
        document.add_paragraph(line)
    if schedule is not None:
        document.add_paragraph()
        add_schedule(document, unit, planned, schedule)
    return saved(document)


def plan_text(chance: random.Random, unit: str, planned: tuple[Activity, ...]) -> str:
    """The same as running text, for a .txt file or pasted into a mail."""
    return "\n".join([plan_title(chance, unit), "", *plan_paragraphs(chance, unit, planned)])


def summary_docx(
    chance: random.Random, unit: str, held: tuple[Activity, ...], *, photos: Sequence[bytes] = ()
) -> bytes:
    """A summary; `photos` (JPEG) are pasted in between the paragraphs, as many units do."""
    document = Document()
    document.add_heading(summary_title(chance, unit), level=0)
    for line in summary_paragraphs(chance, unit, held):
        document.add_paragraph(line)
    for photo in photos:
        document.add_picture(io.BytesIO(photo), width=Cm(12))
    return saved(document)


def summary_text(chance: random.Random, unit: str, held: tuple[Activity, ...]) -> str:
    return "\n".join([summary_title(chance, unit), "", *summary_paragraphs(chance, unit, held)])


def as_html(text: str, charset: str = "utf-8") -> bytes:
    """Text saved as a web page, as WPS and some mail programs do."""
    lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in text.splitlines() if line)
    head = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head>'
    return f"{head}<body>\n{lines}</body></html>".encode(charset)


def truncated(data: bytes) -> bytes:
    """A file whose upload broke off."""
    return data[: int(len(data) * TRUNCATED_SHARE)]


def blank_schedule(unit: str = "") -> bytes:
    """附件1 as it was sent out, at most with the unit's name."""
    document = Document()
    add_schedule(document, unit, (), PLAIN)
    return saved(document)


def unrelated_docx(unit: str) -> bytes:
    """Something else from the same desk, attached by mistake."""
    document = Document()
    document.add_heading("食堂食材采购验收记录", level=0)
    document.add_paragraph(f"验收单位：{unit}")
    for item, amount in (("大米", "200斤"), ("青菜", "45斤"), ("鸡蛋", "30斤"), ("猪肉", "60斤")):
        document.add_paragraph(f"{item}  {amount}  合格")
    return saved(document)
