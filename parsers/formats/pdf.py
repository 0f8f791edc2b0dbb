"""PDF: lines and ruled tables in reading order, and the pictures set in it; pages without text are read as scans.

pypdfium2 opens it (a password shows here), tells whether there is any text, and takes out the pictures; pdfplumber
finds the tables by their rules. Cells come with their spans, worked out from where their edges lie. A table that goes
on at the top of the next page is one table. A page without text is rendered and read as a sheet of paper; where it is
none, it is a page of an album, and its pictures stand for themselves.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import pdfplumber
import pypdfium2
from pdfplumber.page import Page
from pypdfium2 import raw

from parsers.content import (
    Cell,
    Content,
    EmbeddedFile,
    EncryptedFile,
    FormatParser,
    LimitExceeded,
    Paragraph,
    SourceFile,
    Table,
)
from parsers.limits import Limits
from parsers.paper.scans import scanned_pages, with_scans
from rules.extraction import Kind
from rules.findings import Code, Finding

EDGE: Final = 3.0  # points; edges nearer than this are one
MIN_PICTURE_SIDE: Final = 200  # pixels; smaller ones are ornaments and seals
MAX_PICTURES: Final = 200
MIN_EDGE: Final = 0.78  # of the width of the paper; margins are narrower than the rest
MOST_LEFT: Final = 2.6  # heights of a line: a sign that must not begin one takes the character before it along
LETTER: Final = 0.6  # heights that a letter or figure is wide
_UNDIVIDED: Final = re.compile(r"[^!-~]{0,4}?[!-~：]+")  # what stands on one line or the next, as 期:2023.11.18
_WRONG_PASSWORD: Final = 4

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it warns of every oddity of every font, many times a page

Box = tuple[float, float, float, float]
_Placed = list[tuple[float, Paragraph | Table]]


def read(source: SourceFile) -> Content:
    document = _open(source.path)
    try:
        count = len(document)
        pages = range(min(count, source.limits.pages))
        written = [number for number in pages if _has_text(document[number])]
        scans = scanned_pages(document, [number for number in pages if number not in written], source.limits)
        embedded = tuple(_pictures(document, [number for number in pages if number not in scans], source))
    finally:
        document.close()
    content = with_scans(Content(blocks=_written(source, written), embedded=embedded), scans)
    if not (content.blocks or content.embedded or written):
        return _nothing_legible()
    return replace(content, findings=(*content.findings, *_unread(count, source.limits.pages)))


def _unread(count: int, limit: int) -> tuple[Finding, ...]:
    """An album of a hundred pages is no less handed in; but somebody should know."""
    if count <= limit:
        return ()
    detail = f"PDF共{count}页，只读取了前{limit}页，请人工核对"
    return (Finding(code=Code.LOW_CONFIDENCE, detail=detail),)


def pictures(source: SourceFile) -> tuple[EmbeddedFile, ...]:
    """The pictures set in all its pages, of which `read` passes over those of pages that it read as paper."""
    document = _open(source.path)
    try:
        return tuple(_pictures(document, list(range(min(len(document), source.limits.pages))), source))
    finally:
        document.close()


def _written(source: SourceFile, pages: list[int]) -> tuple[Paragraph | Table, ...]:
    if not pages:
        return ()
    # the stream is ours: pdfplumber leaves a file that it opened itself open when it cannot be read
    with source.path.open("rb") as stream, pdfplumber.open(stream, pages=[number + 1 for number in pages]) as plumbed:
        return tuple(_joined(list(_within_limits((_page_blocks(page) for page in plumbed.pages), source.limits))))


def _within_limits(pages: Iterable[_Placed], limits: Limits) -> Iterator[_Placed]:
    cells = 0
    for blocks in pages:
        cells += sum(len(block.cells) for _top, block in blocks if isinstance(block, Table))
        if cells > limits.table_cells:
            raise LimitExceeded(f"more than {limits.table_cells} cells")
        yield blocks


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _WRONG_PASSWORD:
            raise EncryptedFile from error
        raise


def _has_text(page: pypdfium2.PdfPage) -> bool:
    text_page = page.get_textpage()
    try:
        return bool(text_page.get_text_bounded().strip())
    finally:
        text_page.close()
        page.close()


def _nothing_legible() -> Content:
    detail = "扫描件（图片型PDF），其中没有可辨认的文字"
    return Content(kind=Kind.UNREADABLE, findings=(Finding(code=Code.UNREADABLE, detail=detail),))


def _pictures(document: pypdfium2.PdfDocument, pages: list[int], source: SourceFile) -> Iterator[EmbeddedFile]:
    count = 0
    for number in pages:
        page = document[number]
        for picture in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            if count >= min(MAX_PICTURES, source.limits.members):
                return
            extracted = _extracted(picture, source, count)
            if extracted is not None:
                count += 1
                yield extracted


def _extracted(picture: pypdfium2.PdfImage, source: SourceFile, count: int) -> EmbeddedFile | None:
    """JPEG data as it is, anything else as PNG; None for ornaments and what cannot be decoded."""
    width, height = picture.get_px_size()
    if min(width, height) < MIN_PICTURE_SIDE or width * height > source.limits.pixels:
        return None
    buffer = io.BytesIO()
    try:
        picture.extract(buffer, fb_format="png")
    except (pypdfium2.PdfiumError, ValueError, OSError):
        return None
    path = source.scratch / f"picture-{count}"
    path.write_bytes(buffer.getvalue())
    suffix = "jpg" if buffer.getvalue().startswith(b"\xff\xd8") else "png"
    return EmbeddedFile(name=f"picture{count + 1}.{suffix}", path=path)


# --- text and tables --------------------------------------------------------------------------------------------------


def _page_blocks(page: Page) -> list[tuple[float, Paragraph | Table]]:
    """Blocks with their upper edges, in reading order."""
    tables = page.find_tables()
    boxes = [table.bbox for table in tables]
    outside = page.filter(lambda thing: not any(_is_within(thing, box) for box in boxes)) if boxes else page
    lines = [line for line in outside.extract_text_lines(return_chars=False) if line["text"].strip()]
    edge = max((line["x1"] for line in lines), default=0.0)
    has_long_lines = edge >= MIN_EDGE * page.width
    placed: list[tuple[float, Paragraph | Table]] = []
    for line, following in zip_longest(lines, lines[1:]):
        reaches = has_long_lines and following is not None and _reaches(line, edge, following["text"].strip())
        placed.append((line["top"], Paragraph(text=line["text"].strip(), reaches_edge=reaches)))
    placed.extend((table.bbox[1], _table(page, table.cells)) for table in tables)
    return sorted(placed, key=lambda pair: pair[0])


def _reaches(line: dict[str, Any], edge: float, following: str) -> bool:
    """Whether there was no room on the line for what the next one begins with: a character, a number, a word."""
    height = line["bottom"] - line["top"]
    word = _UNDIVIDED.match(following)
    room = MOST_LEFT + LETTER * (len(word[0]) if word else 0)
    return bool(edge - line["x1"] <= room * height)


def _is_within(thing: dict[str, Any], box: Box) -> bool:
    if thing.get("object_type") != "char":
        return False
    x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _table(page: Page, boxes: list[Box]) -> Table:
    lefts, tops = (
        _edges([x for box in boxes for x in (box[0], box[2])]),
        _edges([y for box in boxes for y in (box[1], box[3])]),
    )
    cells = []
    for box in boxes:
        row, column = _nearest(tops, box[1]), _nearest(lefts, box[0])
        cells.append(
            Cell(
                text=(page.within_bbox(_inside(box, page.bbox), strict=False).extract_text() or "").strip(),
                row=row,
                column=column,
                row_span=max(1, _nearest(tops, box[3]) - row),
                column_span=max(1, _nearest(lefts, box[2]) - column),
            )
        )
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Table(cells=tuple(cells), rows=max(1, len(tops) - 1), columns=max(1, len(lefts) - 1))


def _inside(box: Box, page: Box) -> Box:
    return max(box[0], page[0]), max(box[1], page[1]), min(box[2], page[2]), min(box[3], page[3])


def _edges(values: list[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > EDGE:
            edges.append(value)
    return edges


def _nearest(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda at: abs(edges[at] - value))


def _joined(pages: list[list[tuple[float, Paragraph | Table]]]) -> list[Paragraph | Table]:
    """A table at the foot of a page and one as wide at the head of the next are one."""
    blocks: list[Paragraph | Table] = []
    for page in pages:
        for position, (_top, block) in enumerate(page):
            before = blocks[-1] if blocks else None
            if (
                position == 0
                and isinstance(block, Table)
                and isinstance(before, Table)
                and before.columns == block.columns
            ):
                blocks[-1] = _appended(before, block)
            else:
                blocks.append(block)
    return blocks


def _appended(first: Table, second: Table) -> Table:
    moved = tuple(
        Cell(
            text=cell.text,
            row=cell.row + first.rows,
            column=cell.column,
            row_span=cell.row_span,
            column_span=cell.column_span,
        )
        for cell in second.cells
    )
    return Table(cells=first.cells + moved, rows=first.rows + second.rows, columns=first.columns, name=first.name)


PARSER: Final = FormatParser(name="pdf", media_types=("application/pdf",), read=read)
