"""Whether a table in a picture is of a form, where little says so: a second page, photographed by itself.

Slides and notice boards have tables, too, with headings like 项目, 时间 and 人数. Yet nobody's activity photo shows a
ruled table in which row after row has a day and a number of people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from parsers.content import Paragraph, Table
from parsers.form_rows import DAY
from parsers.forms import title_rank
from parsers.raw_forms import RawForm
from parsers.wording import fold

MIN_ROWS: Final = 2
MIN_SHARE: Final = 0.5  # of the table's rows
MIN_CELLS: Final = 4  # with text, in such a row
LONGEST_TIME: Final = 30
_PEOPLE: Final = re.compile(r"约?\d{1,5}余?人?")


def is_certain(form: RawForm, blocks: Iterable[Paragraph | Table]) -> bool:
    """Whether more than headings makes the form one of ours: its title, a field's label, or what its rows look like."""
    is_titled = any(title_rank(form.shape, line) is not None for line in form.context)
    return is_titled or bool(form.labels) or goes_on_elsewhere(blocks)


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
