"""Finds 附件1 and 附件2 in a document and reads them, wherever they stand.

`read_forms(blocks)` walks paragraphs and table rows in order through one state machine. A draft of a form collects
what stands over it (title, unit line, labelled fields) until a row or a band of rows is recognised as the column
headings; the rows after it are activities, until a note, a paragraph or the next form's title ends them. So one
machine reads a table in a plan, two forms on one sheet, a form cut in two by a page, and several units' forms.
A finished draft is scored against each declared form (`parsers.forms.SHAPES`): titles, columns and fields must add up,
else it was some other table and is dropped.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from parsers.content import Cell, Paragraph, Table
from parsers.form_choice import LONGEST_TITLE, best_shape
from parsers.form_headings import HEADING_BAND, Heading, find_heading, names_column, turned, with_merged_headings
from parsers.form_rows import (
    WrittenRow,
    begins_dated,
    day_of_group,
    day_of_line,
    goes_on,
    goes_on_throughout,
    raw_rows,
    total_text,
    unit_of_group,
)
from parsers.forms import (
    MARKS,
    OUTSIDE,
    SHAPES,
    STATISTICS,
    FormShape,
    Labelled,
    split_labels,
    title_rank,
)
from parsers.nothing_held import sentence_of_none, words_of_none
from parsers.raw_forms import RawForm, named_below, with_fields
from parsers.side_by_side import side_by_side
from parsers.tables import Grid
from parsers.unit_names import is_unit, without_numbering
from parsers.wording import fold, tidy
from rules.extraction import UNIT

CONTEXT_LINES: Final = 8  # a title stands this near over its table
FIELD_GAP: Final = 3  # so many lines of text part a table of fields from a table of rows
SUBHEADINGS: Final = 2
LONGEST_SUBHEADING: Final = 30
STRAY_GAP: Final = 20
STRAY_CELLS: Final = 3

_TOTAL: Final = re.compile(r"(?:合|总|共|小)计|累计|总人[数次]")
_SUBTOTAL: Final = re.compile(r"小计")
_NOTE: Final = re.compile(r"注[:：释]|备注|说明|填[表报]人?|制表|审核|此表|联系人|经办人")
_EXAMPLE: Final = re.compile(r"示?例(?:如|[:：])?|样例|范例")
_FOOTNOTE: Final = re.compile(r"(?:注|备注|说明)[:：]|此表")
PAGE_NUMBER: Final = re.compile(
    r"[-—–·\s]*(?:第?\d{1,3}页?(?:[/共]+\d{1,3}页?)?)[-—–·\s]*|[(（]?(?:接上页|[转接]?[上下]一?页|下页续|[附续]?续?表|续)[)）]?"
)
_LINES: Final = re.compile("[_＿]+(?![a-zA-Z0-9@.])")
_SIGNED_ON: Final = re.compile(
    r"(?<![\s,，(（])[\s,，(（]*(?:20\d\d|[二2][〇○0零OＯ]\S\S)\s*[年./-]\s*[\d一二三四五六七八九十]{1,2}\s*[月./-]\s*[\d一二三四五六七八九十]{1,3}\s*日?[)）]?$"
)
_SEAL_WORDS: Final = re.compile(r"[(（](?:盖?章|公章|[加签]盖?章|签字|签名|手写签[字名])[)）]")
_ANNEX: Final = re.compile(r"附件\d?[:：]?$|附件\d")


@dataclass(slots=True)
class _Draft:
    """A form being collected."""

    context: deque[str] = field(default_factory=lambda: deque(maxlen=CONTEXT_LINES))
    fields: dict[str, str] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    heading: Heading | None = None
    rows: list[WrittenRow] = field(default_factory=list)
    day: str = ""  # that a line over the rows names for all of them
    unit: str = ""  # likewise
    totals: list[str] = field(default_factory=list)
    nothing_held: str = ""
    has_ended: bool = False
    tables: set[int] = field(default_factory=set)
    lines_since_fields: int = 0

    def take(self, found: Iterable[Labelled]) -> None:
        """The first value of a field stands; a later one fills only a blank."""
        for item in found:
            self.labels.add(item.name)
            value = plain_unit(item.value) if item.name == "unit_name" else plain_value(item.value)
            if value:
                self.fields.setdefault(item.name, value)


def plain_value(text: str) -> str:
    """A field's value without the lines to write on, and without the words that ask for a seal or a signature."""
    return _SEAL_WORDS.sub("", tidy(_LINES.sub(" ", text))).strip()


def plain_unit(text: str) -> str:
    """A unit's name, likewise, and without the day on which somebody signed beside it."""
    return _SIGNED_ON.sub("", plain_value(text))


def read_forms(blocks: Iterable[Paragraph | Table], *, name: str = "") -> tuple[RawForm, ...]:
    """Every form in the blocks, in order. `name` is the file's, which helps only where the content leaves it open."""
    reader = _Reader(name)
    for index, block in enumerate(blocks):
        if isinstance(block, Table):
            reader.table(Grid(block), index)
        else:
            reader.paragraph(block.text)
    return reader.finish()


class _Reader:
    """The state machine of the module's docstring."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._draft = _Draft()
        self._forms: list[RawForm] = []
        self._closed: _Draft | None = None  # of which the last form was made

    def paragraph(self, text: str) -> None:
        if not text.strip() or PAGE_NUMBER.fullmatch(text):
            return
        draft = self._draft
        draft.lines_since_fields += 1
        if draft.heading:
            draft.nothing_held = draft.nothing_held or sentence_of_none(text)
        if draft.heading and _FOOTNOTE.match(text):
            draft.has_ended = True  # unless it stands at the foot of a page, and the headings come again on the next
            return
        if draft.heading or self._is_head_under_rows() or (draft.tables and draft.lines_since_fields > FIELD_GAP):
            self._close()
        self._draft.context.append(text)

    def table(self, grid: Grid, index: int) -> None:
        if self._has_title(grid.table.name):
            grid = turned(grid)
        if self._draft.heading and grid.width != self._draft.heading.width:
            self._close()
        if grid.table.name:
            self._draft.context.append(grid.table.name)
        elif self._goes_on_without_headings(grid):
            self._reopen()
        for part in side_by_side(grid):
            if part.begins_anew:
                self._close()
            self._rows(with_merged_headings(part.grid), index)
        if grid.table.name and self._draft.heading:
            self._close()  # a sheet ends its form: the next sheet's columns are its own

    def finish(self) -> tuple[RawForm, ...]:
        """What stands under the last form, or at the head of the pages, may say whose the forms are."""
        if self._draft.heading is None and self._draft.labels <= OUTSIDE and self._forms:
            trailing = _Draft(fields=self._draft.fields)
            trailing.take(_outside_labels(self._draft.context))
            self._forms = named_below(self._forms, trailing.fields)
        self._close()
        return tuple(self._forms)

    def _rows(self, grid: Grid, index: int) -> None:
        position = 0
        while position < len(grid.rows):
            position += self._row(grid, grid.rows, position, index)

    def _row(self, grid: Grid, rows: tuple[int, ...], position: int, index: int) -> int:
        """Takes one row, or a band of heading rows; answers how many."""
        heading = find_heading(grid, rows[position : position + HEADING_BAND], self._has_title())
        if heading is not None and heading == self._draft.heading and self._draft.rows:
            self._draft.has_ended = False
            return heading.height
        if heading is not None:
            if self._draft.heading:
                self._close()
            if not grid.table.name and self._closed and heading == self._closed.heading and self._is_subdivided():
                self._reopen()
            else:
                self._draft.heading, self._draft.day = heading, self._day_over()
            self._draft.tables.add(index)
            return heading.height
        row = rows[position]
        if self._draft.heading and _opens_next_form(grid, row):
            self._close()
        if self._draft.heading is None:
            self._row_over_heading(grid, row, index)
        elif not self._draft.has_ended or goes_on(grid, row, self._draft.heading):
            self._draft.has_ended = False  # by a note between the rows
            self._row_of_activities(grid, row, index)
        return 1

    def _has_title(self, *more: str) -> bool:
        return any(title_rank(shape, line) is not None for line in (*self._draft.context, *more) for shape in SHAPES)

    def _is_subdivided(self) -> bool:
        """Whether but a line or two (二、社区活动) part what comes from the form before."""
        draft = self._draft
        lines = [without_numbering(tidy(line)) for line in draft.context]
        return (
            not (draft.labels or self._has_title())
            and len(lines) <= SUBHEADINGS
            and not any(len(line) > LONGEST_SUBHEADING or is_unit(line) or split_labels(line)[1] for line in lines)
        )

    def _is_head_under_rows(self) -> bool:
        return bool(self._forms) and _is_head_of(self._draft, self._forms[-1])

    def _goes_on_without_headings(self, grid: Grid) -> bool:
        heading = self._closed.heading if self._closed and not self._draft.heading else None
        if heading is None or heading.width != grid.width or not self._is_subdivided():
            return False
        return goes_on_throughout(grid, heading) and (bool(self._day_over()) or begins_dated(grid, heading))

    def _reopen(self) -> None:
        """The form that was thought to be at its end goes on."""
        if self._closed is not None:
            day = self._day_over()
            self._forms.pop()
            self._draft, self._closed = self._closed, None
            self._draft.day = day

    def _day_over(self) -> str:
        """The day that the line over a table names."""
        return next(map(day_of_line, reversed(self._draft.context)), "")

    def _row_over_heading(self, grid: Grid, row: int, index: int) -> None:
        found = [item for cell in grid.filled(row) for item in _labelled(grid, cell)]
        if found:
            self._draft.take(found)
            self._draft.tables.add(index)
            self._draft.lines_since_fields = 0
        elif text := " ".join(tidy(cell.text) for cell in grid.filled(row)):
            self._draft.context.append(text)  # rows of fields would push the unit's line out of sight

    def _row_of_activities(self, grid: Grid, row: int, index: int) -> None:
        filled = grid.filled(row)
        if not filled:
            return
        if told := words_of_none(filled):
            self._draft.nothing_held = self._draft.nothing_held or told
            return
        first = fold(filled[0].text)
        lead = first if not first.isdigit() or len(filled) == 1 else fold(filled[1].text)
        if _TOTAL.match(lead):
            if not _SUBTOTAL.match(lead):
                self._draft.totals.append(total_text(grid, row, self._draft.heading))
        elif _NOTE.match(first):
            self._draft.has_ended = True
        elif unit := unit_of_group(grid, row):
            self._draft.day, self._draft.unit = "", unit
        elif (day := day_of_group(filled, grid)) is not None:
            self._draft.day = day
            self._draft.unit = self._draft.unit if day else ""
        elif not _EXAMPLE.fullmatch(first) and not self._is_stray(row, filled):
            self._draft.rows.append(WrittenRow(grid=grid, row=row, day=self._draft.day, unit=self._draft.unit))
            self._draft.tables.add(index)

    def _is_stray(self, row: int, filled: tuple[Cell, ...]) -> bool:
        """A scrap under the total, or far under the last activity, is no activity."""
        draft = self._draft
        gap = row - draft.rows[-1].row if draft.rows else 0
        return len(filled) < STRAY_CELLS and (bool(draft.totals) or gap > STRAY_GAP)

    def _close(self) -> None:
        draft, self._draft = self._draft, _Draft()
        if draft.heading is None and not draft.labels:
            return
        if self._forms and _is_head_of(draft, self._forms[-1]):
            self._forms[-1] = with_fields(self._forms[-1], draft.fields)
            if self._closed is not None:  # it may go on
                self._closed.fields |= {name: text for name, text in self._forms[-1].fields.items() if text}
                self._closed.labels |= draft.labels
            return
        draft.take(_outside_labels(draft.context))
        said = (draft.nothing_held, *map(sentence_of_none, draft.context))
        draft.nothing_held = next(filter(None, said), "")
        shape = best_shape(draft.labels, draft.context, draft.heading, self._name)
        self._closed = draft if shape is not None else None
        if shape is not None:
            self._forms.append(_raw_form(draft, shape))


# --- rows and fields --------------------------------------------------------------------------------------------------


def _labelled(grid: Grid, cell: Cell) -> list[Labelled]:
    """The labels in a cell; the first without a value of its own takes that of the neighbour."""
    _lead, found = split_labels(cell.text)
    result = list(found)
    for position, item in enumerate(found):
        if not item.value.strip("\n _"):
            result[position] = Labelled(name=item.name, value=_neighbour_value(grid, cell))
            break
    return result


def _neighbour_value(grid: Grid, cell: Cell) -> str:
    """The nearest filled cell to the right, if it is no label; where a label follows at once, the cell below."""
    for position, other in enumerate(grid.right_of(cell)):
        if not other.text.strip():
            continue
        lead, found = split_labels(other.text)
        if not found or lead.strip():
            return lead if found else other.text
        return _value_below(grid, cell) if position == 0 else ""
    below = grid.right_of(cell)
    return "" if next(below, None) else _value_below(grid, cell)


def _value_below(grid: Grid, cell: Cell) -> str:
    """A label with a colon or a bracket wants its value beside it; only a bare one may stand over its value."""
    below = grid.below(cell)
    if below is None or below.column != cell.column or fold(cell.text).endswith((":", ")")):
        return ""
    if _belongs_to_its_left(grid, below):
        return ""
    return "" if split_labels(below.text)[1] or names_column(below.text) else below.text


def _belongs_to_its_left(grid: Grid, cell: Cell) -> bool:
    """Whether a label beside the cell has no value of its own yet: then the cell is that label's."""
    beside = grid.at(cell.row, cell.column - 1)
    found = split_labels(beside.text)[1] if beside is not None and beside.row == cell.row else ()
    return bool(found) and not found[-1].value.strip("\n _")


def _outside_labels(context: Iterable[str]) -> list[Labelled]:
    return [item for line in context for item in split_labels(line)[1] if item.name in OUTSIDE]


def _opens_next_form(grid: Grid, row: int) -> bool:
    """A title, an annex number or a line of labels after activities belongs to the next form."""
    filled = grid.filled(row)
    if not filled:
        return False
    first = filled[0].text
    _lead, found = split_labels(first)
    if found and found[0].name in MARKS | OUTSIDE and not _lead.strip():
        return True
    is_line = len(filled) == 1 and len(fold(first)) <= LONGEST_TITLE
    return is_line and (
        bool(_ANNEX.match(fold(first))) or any(title_rank(shape, first) is not None for shape in SHAPES)
    )


def _raw_form(draft: _Draft, shape: FormShape) -> RawForm:
    heading = draft.heading
    rows = raw_rows(draft.rows, heading.columns[shape.form] | {UNIT: heading.unit}) if heading else ()
    return RawForm(
        shape=shape,
        fields={name: draft.fields.get(name, "") for name in shape.fields},
        labels=frozenset(draft.labels),
        rows=rows,
        nothing_held="" if rows else draft.nothing_held,
        columns=heading.found(shape) if heading else frozenset(),
        totals=tuple(draft.totals),
        context=tuple(draft.context),
        tables=frozenset(draft.tables),
        sheet=next((one.grid.table.name for one in draft.rows), ""),
        repeated=heading.repeated[shape.form] if heading else (),
    )


def _is_head_of(draft: _Draft, before: RawForm) -> bool:
    """Whether these are the fields of the form before, which stand under its rows in the same table."""
    is_head_only = draft.heading is None and "unit_name" not in draft.labels and bool(draft.labels & MARKS)
    lacks_head = before.shape is STATISTICS and not before.labels & MARKS
    return is_head_only and lacks_head and bool(draft.tables & before.tables)
