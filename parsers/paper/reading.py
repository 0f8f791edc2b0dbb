"""One photographed or scanned sheet, from pixels to paragraphs, a table, a stamp and a signature.

`read_sheet`: find the table → which way is up → unbend → grid → read → stamp and signature. Each step is a module of
this package. A sheet that turns out to hold none of our labels after all is read once more, turned over, since a wrong
turn is the likeliest reason; then it is no form.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

import cv2
import numpy as np

from parsers.content import Cell, Paragraph, Table
from parsers.form_reading import read_forms
from parsers.ocr import Pixels, Reader, reader
from parsers.paper.cells import (
    ReadPiece,
    Written,
    boxes_of,
    in_lines,
    outside_of,
    page_lines,
    pieces_of,
    table_of,
    with_unit_named,
)
from parsers.paper.continuing import is_certain
from parsers.paper.dashes import with_joined_rules
from parsers.paper.finding import FoundTable, find_tables
from parsers.paper.grid import RuledGrid, ruled_grid
from parsers.paper.ink import softened
from parsers.paper.labels import count_labels
from parsers.paper.loose import loose_table
from parsers.paper.neighbours import belongings, corners_of, without
from parsers.paper.orientation import Way, way_up
from parsers.paper.page import Box, Page
from parsers.paper.parting import with_rows_parted
from parsers.paper.recognised import read_pieces
from parsers.paper.ruling import PAD, unbent
from parsers.paper.seal import LEGIBLE, Stamp, find_stamp, seal_text
from parsers.paper.sheet import Flat, flatten, trimmed, turned
from parsers.paper.signature import is_signed
from parsers.paper.telling import Sheet, told_as_one
from rules.extraction import Kind, Place
from rules.findings import Code, Finding

log = logging.getLogger(__name__)

MIN_LINES: Final = 5
MIN_LABELS: Final = 3
MAX_LOOKS: Final = 4
WIDE_PAD: Final = 0.2
_ODD_GEOMETRY: Final = (cv2.error, np.linalg.LinAlgError, ValueError, OverflowError)  # costs no unit its photo
ROW_TEXTS: Final = 4  # a line over the table names a unit and a signature, each with its label


def read_sheet(picture: Pixels, *, scale: float = 1.0, page: int = 0) -> Sheet | None:
    """`picture`: upright as taken, RGB, shrunk to `scale` of the file's own size. None where there is little text.

    Several sheets in one picture are read each by its own, and told as one.
    """
    engine = reader()
    read = _read_as(_Look.PLAIN, picture, engine) or _read_as(_Look.JOINED, picture, engine)
    if not _has_grid(read) and any(attempt and attempt.labels >= MIN_LABELS for _one, attempt in read):
        again = _read_as(_Look.SOFTENED, picture, engine)
        read = again if _has_grid(again) else read
    if not read:
        whole = _laid(picture, None, _Look.PLAIN, engine)
        read = [(whole, _read(picture, whole, engine))]
    sheets = [None if attempt is None else _sheet(attempt, engine, scale, page) for _one, attempt in read]
    return sheets[0] if len(sheets) == 1 else told_as_one(sheets)


def _has_grid(read: Sequence[tuple[_Laid, _Attempt | None]]) -> bool:
    return any(attempt is not None and attempt.grid is not None for _laid, attempt in read)


class _Look(Enum):
    """How the picture is prepared to see the rules; characters are read as they are."""

    PLAIN = auto()
    JOINED = auto()  # dots and dashes drawn out
    SOFTENED = auto()  # a thick frame no darker than the rules

    def at(self, picture: Pixels) -> Pixels:
        if self is _Look.PLAIN:
            return picture
        return with_joined_rules(picture) if self is _Look.JOINED else softened(picture)


def _read_as(look: _Look, picture: Pixels, engine: Reader) -> list[tuple[_Laid, _Attempt | None]]:
    """Each table that is seen so, in the order in which one looks at them; none where no page could be laid flat."""
    try:
        return _each_read(look, picture, engine)
    except _ODD_GEOMETRY:
        log.warning("a table could not be laid flat; the picture is read without", exc_info=True)
        return []


def _each_read(look: _Look, picture: Pixels, engine: Reader) -> list[tuple[_Laid, _Attempt | None]]:
    laid = [_laid(picture, table, look, engine) for table in find_tables(look.at(picture))]
    read: list[tuple[_Laid, _Attempt | None]] = []
    for one in laid:
        if any(attempt is not None and _is_part_of(one, attempt) for _other, attempt in read):
            continue
        others = [belongings(other.upright, corners_of(one.flat)) for other in laid if other is not one]
        read.append((one, _read(without(picture, others) if others else picture, one, engine)))
    return sorted(read, key=lambda pair: _place_among(laid, pair[0]))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Laid:
    """A table's page as it lies, and how its lines tell to turn it; the whole picture where there is no table.
    `look`: the first in which the table was seen.
    """

    flat: Flat
    way: Way
    has_rules: bool
    look: _Look

    @property
    def upright(self) -> Flat:
        return turned(self.flat, self.way.quarters)


def _laid(picture: Pixels, table: FoundTable | None, look: _Look, engine: Reader) -> _Laid:
    flat = _whole(picture) if table is None else _page_around(table, picture)
    frame = None if table is None else (0.0, 0.0, float(flat.width), float(flat.height))
    way = way_up(flat.take(picture, frame, scale=min(1.0, 1600 / max(flat.page_size))), engine)
    return _Laid(flat=flat, way=way, has_rules=table is not None, look=look)


def _page_around(table: FoundTable, picture: Pixels) -> Flat:
    return flatten(picture, table.corners, has_red_rules=table.has_red_rules, is_drawn=table.is_drawn)


def _place_among(laid: Sequence[_Laid], one: _Laid) -> tuple[int, float]:
    """Sorts sheets as they are looked at: line by line, each line as high as half the largest of them."""
    heights = [float(np.ptp(corners_of(other.flat)[:, 1])) for other in laid]
    x, y = corners_of(one.flat).mean(axis=0)
    return round(y / (max(heights) / 2)), float(x)


def _is_part_of(one: _Laid, read: _Attempt) -> bool:
    """Whether a table turned out to be a piece of one that is read already, broken by a fold."""
    if read.grid is None:
        return False
    middle = corners_of(one.flat).mean(axis=0).reshape(1, 1, 2).astype(np.float64)
    x, y = cv2.perspectiveTransform(middle, np.linalg.inv(read.flat.to_picture)).ravel()
    left, top, right, bottom = read.grid.bounds
    return bool(left <= x <= right and top <= y <= bottom)


def _read(picture: Pixels, laid: _Laid, engine: Reader) -> _Attempt | None:
    best: _Attempt | None = None
    for extra in (0, 2):
        attempt = _attempt(picture, laid, laid.way.quarters + extra, engine)
        if attempt is not None and (best is None or attempt.labels > best.labels):
            best = attempt
        if laid.way.is_sure or (best is not None and best.labels >= MIN_LABELS):
            break
    return best


def _whole(picture: Pixels) -> Flat:
    """A page without a table: the picture as it is."""
    height, width = picture.shape[:2]
    return Flat(to_picture=np.eye(3), width=width, height=height, left=0, top=0, page_size=(width, height))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Attempt:
    """A page read one way round."""

    flat: Flat
    page: Page
    grid: RuledGrid | None
    boxes: list[Box]
    read: list[ReadPiece]
    labels: int


def _attempt(picture: Pixels, laid: _Laid, quarters: int, engine: Reader) -> _Attempt | None:
    flat = turned(laid.flat, quarters)
    grid: RuledGrid | None = None
    if laid.has_rules:
        try:
            flat, grid = _ruled_any_way(flat, picture, laid.look)
        except _ODD_GEOMETRY:
            log.warning("the rules of a table could not be followed; it is read as one without", exc_info=True)
    page = Page.of(flat.take(picture))
    lines = page_lines(page, engine)
    if len(lines) < MIN_LINES:
        return None
    boxes = boxes_of(grid, flat, page) if grid is not None else []
    read = read_pieces(page, pieces_of(page, lines, boxes), engine)
    labels = count_labels(piece.text for piece in read)
    if grid is not None:
        grid, boxes, read = with_rows_parted(grid, boxes, read)
    return _Attempt(flat=flat, page=page, grid=grid, boxes=boxes, read=read, labels=labels)


def _ruled_any_way(flat: Flat, picture: Pixels, look: _Look) -> tuple[Flat, RuledGrid | None]:
    """Dots close together make a table that is found, but no rules that could be followed."""
    found = _ruled(flat, look.at(picture))
    if found[1] is None and look is _Look.PLAIN:
        return _ruled(flat, _Look.JOINED.at(picture))
    return found


def _ruled(flat: Flat, picture: Pixels) -> tuple[Flat, RuledGrid | None]:
    """The unbent page with its grid. Where that is not just what was taken for the table, or its rules run on, once
    more from its edges, and with more around them: a seal or a title that touches the table misleads the first look.
    """
    flat, best, pad = trimmed(flat), None, PAD
    if flat.is_drawn:  # exact as it is, and what stands around it on a screen has rules of its own
        return flat, ruled_grid(flat, picture)
    for _ in range(MAX_LOOKS):
        bent = unbent(flat, picture, pad)
        grid = ruled_grid(bent, picture, pad)
        if grid is None:
            break
        if best is None or len(grid.cells) >= len(best[1].cells) or _is_other(best[1], best[0]):
            best = bent, grid
        if not (_is_other(grid, bent) or grid.is_open):
            break
        left, top, right, bottom = grid.bounds
        at = bent.places(np.array([left, right], np.float32), np.array([top, bottom], np.float32))
        corners = np.array([at[0, 0], at[0, 1], at[1, 1], at[1, 0]], dtype=np.float32)
        flat, pad = trimmed(flatten(picture, corners, has_red_rules=flat.has_red_rules)), WIDE_PAD
    return best or (flat, None)


def _is_other(grid: RuledGrid, flat: Flat) -> bool:
    """Whether the grid ends elsewhere than the table was taken to."""
    left, top, right, bottom = grid.bounds
    slack = 0.02 * max(flat.width, flat.height)
    return max(abs(left), abs(top), abs(right - flat.width), abs(bottom - flat.height)) > slack


def _sheet(found: _Attempt, engine: Reader, scale: float, number: int) -> Sheet:
    blocks = _blocks(found, scale, number)
    forms = read_forms(blocks)
    if not any(is_certain(form, blocks) for form in forms):
        return Sheet(blocks=blocks, is_form=False, labels=found.labels)
    stamp = find_stamp(found.page.picture)
    if stamp.ring is not None and (seal := seal_text(found.page.picture, stamp.ring, engine)):
        label = "（印章）" if seal.is_certain else "（印章，有字不清）"
        blocks = (*blocks, Paragraph(text=f"{label}{seal.text}", certainty=LEGIBLE))
    return Sheet(
        blocks=blocks,
        is_form=True,
        stamped=stamp.is_stamped,
        signed=is_signed(found.page, found.read, found.boxes),
        confidence=_confidence(found.read),
        findings=(
            *_stamp_findings(stamp, any(form.shape.form is Kind.STATISTICS for form in forms)),
            *_grid_findings(found),
        ),
    )


def _confidence(read: Sequence[ReadPiece]) -> float:
    """Mean certainty of the table's texts."""
    certainties = [piece.confidence for piece in read if piece.piece.cell is not None] or [0.0]
    return round(sum(certainties) / len(certainties), 3)


def _stamp_findings(stamp: Stamp, is_asked: bool) -> tuple[Finding, ...]:  # noqa: FBT001 - a plain fact
    if stamp.is_stamped is not None or not is_asked:
        return ()
    return (Finding(code=Code.LOW_CONFIDENCE, detail=stamp.reason),)


def _grid_findings(found: _Attempt) -> tuple[Finding, ...]:
    if found.grid is None or not found.grid.is_even:
        return (Finding(code=Code.LOW_CONFIDENCE, detail="照片中的表格线不完整，行列可能认错，请对照原件核对"),)
    if not found.flat.is_drawn and _has_rows_outside(found):
        detail = "表格之外还有像是表格行的文字，可能有行没有识别出来，请对照原件核对"
        return (Finding(code=Code.LOW_CONFIDENCE, detail=detail),)
    return ()


def _has_rows_outside(found: _Attempt) -> bool:
    """Texts side by side over or under the table, each under another column: rows whose rules were not seen."""
    outside = [piece for piece in found.read if piece.piece.cell is None and piece.text]
    return any(len(line) >= ROW_TEXTS for line in in_lines(outside))


# --- blocks -----------------------------------------------------------------------------------------------------------


def _blocks(found: _Attempt, scale: float, number: int) -> tuple[Paragraph | Table, ...]:
    outside = outside_of(found.read, found.page)
    if found.grid is None:
        loose = loose_table(found.read)
        if loose is not None:
            table, written = loose
            return (_placed(table, written, found.flat, scale, number),)
        return tuple(_line(line, written, found.flat, scale, number) for line, written in outside)
    table, written = table_of(found.grid, found.boxes, found.read, found.page)
    middle = found.flat.top + found.flat.height / 2
    above = with_unit_named([pair for pair in outside if pair[1].box[1] < middle])
    below = [pair for pair in outside if pair[1].box[1] >= middle]
    return (
        *(_line(line, where, found.flat, scale, number) for line, where in above),
        _placed(table, written, found.flat, scale, number),
        *(_line(line, where, found.flat, scale, number) for line, where in below),
    )


def _placed(table: Table, written: Sequence[Written], flat: Flat, scale: float, number: int) -> Table:
    cells = tuple(_cell(cell, item, flat, scale, number) for cell, item in zip(table.cells, written, strict=True))
    return replace(table, cells=cells)


def _cell(cell: Cell, written: Written, flat: Flat, scale: float, number: int) -> Cell:
    return replace(cell, certainty=written.confidence, place=_place(written.box, flat, scale, number))


def _line(line: Paragraph, written: Written, flat: Flat, scale: float, number: int) -> Paragraph:
    return replace(line, certainty=written.confidence, place=_place(written.box, flat, scale, number))


def _place(box: Box, flat: Flat, scale: float, number: int) -> Place:
    """The box around the same piece of the picture as it came."""
    xs = np.array([box[0], box[2]], dtype=np.float32) - flat.left
    ys = np.array([box[1], box[3]], dtype=np.float32) - flat.top
    corners = flat.places(xs, ys).reshape(-1, 2) / scale
    left, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return Place(
        left=max(0, round(float(left))), top=max(0, round(float(top))),
        right=round(float(right)), bottom=round(float(bottom)), page=number,
    )  # fmt: skip
