"""Whether a table in a picture is of a form, where little says so: a second page, photographed by itself.

Slides and notice boards have tables, too, with headings like 项目, 时间 and 人数. Yet nobody's activity photo shows a
ruled table in which row after row has a day and a number of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from parsers.content import Cell, Paragraph, Table
from parsers.form_headings import names_column
from parsers.form_rows import DAY
from parsers.forms import title_rank
from parsers.raw_forms import RawForm
from parsers.wording import fold

UNIT_NAME: Final = "unit_name"
MIN_HEADINGS: Final = 3
MIN_ROWS: Final = 2
MIN_SHARE: Final = 0.5  # of the table's rows
MIN_CELLS: Final = 4  # with text, in such a row
LONGEST_TIME: Final = 30
_PEOPLE: Final = re.compile(r"约?\d{1,5}余?人?")


def is_certain(form: RawForm, blocks: Iterable[Paragraph | Table]) -> bool:
    """Whether more than headings makes the form one of ours: its title, a field's label, or what its rows look like. A
    unit's name alone does not: a slide's title may look like one.
    """
    is_titled = any(title_rank(form.shape, line) is not None for line in form.context)
    return is_titled or bool(form.labels - {UNIT_NAME}) or goes_on_elsewhere(blocks)


def goes_on_elsewhere(blocks: Iterable[Paragraph | Table]) -> bool:
    """Whether a table holds rows of activities, as those of our forms look, and no more than that."""
    return any(_is_of_activities(block) for block in blocks if isinstance(block, Table))


def _is_of_activities(table: Table) -> bool:
    rows: dict[int, list[str]] = {}
    for cell in table.cells:
        if text := fold(cell.text):
            rows.setdefault(cell.row, []).append(text)
    like_ours = sum(_is_activity(texts) for texts in rows.values())
    return like_ours >= MIN_ROWS and like_ours >= MIN_SHARE * len(rows)


def _is_activity(texts: Sequence[str]) -> bool:
    """A day in one cell, a number of people in another, and words beside them."""
    days = [text for text in texts if len(text) <= LONGEST_TIME and DAY.search(text)]
    return len(texts) >= MIN_CELLS and bool(days) and any(_PEOPLE.fullmatch(text) for text in texts)


def with_columns_of(table: Table, before: Table) -> Table:
    """A table that goes on with the rows of the one before, its columns put where the headings are there: over those
    stands a head with more rules, which the second page lacks. The table as it is where it has not as many columns.
    """
    headings = _heading_row(before)
    if not headings or len(headings) != table.columns:
        return table
    begins = [cell.column for cell in headings]
    ends = [cell.column + cell.column_span for cell in headings]
    cells = tuple(
        replace(
            cell,
            column=begins[cell.column],
            column_span=ends[min(cell.column + cell.column_span, len(ends)) - 1] - begins[cell.column],
        )
        for cell in table.cells
    )
    return replace(table, cells=cells, columns=before.columns)


def _heading_row(table: Table) -> list[Cell]:
    rows: dict[int, list[Cell]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, []).append(cell)
    found = [cells for cells in rows.values() if sum(names_column(cell.text) for cell in cells) >= MIN_HEADINGS]
    return sorted(found[-1], key=lambda cell: cell.column) if found else []
