"""CSV in GBK, UTF-8 or UTF-16, separated by commas, semicolons or tabs: one table."""

from __future__ import annotations

import csv
import io
from typing import Final

from parsers.content import Cell, Content, FormatParser, LimitExceeded, SourceFile, Table
from parsers.formats.text import read_head

SEPARATORS: Final = ",\t;，；"
SAMPLE_LINES: Final = 30
FIELD_CHARS: Final = 1_000_000


def read(source: SourceFile) -> Content:
    text = read_head(source).replace("\0", "")
    csv.field_size_limit(FIELD_CHARS)  # the module's own bound is lower than a pasted summary in one cell
    cells: list[Cell] = []
    row = -1
    for row, values in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text))):
        cells.extend(Cell(text=value.strip(), row=row, column=at) for at, value in enumerate(values) if value.strip())
        if len(cells) > source.limits.table_cells:
            raise LimitExceeded("too many table cells")
    columns = 1 + max((cell.column for cell in cells), default=-1)
    return Content(blocks=(Table(cells=tuple(cells), rows=row + 1, columns=columns),) if cells else ())


def separator_of(text: str) -> str:
    """The sign that stands equally often, and most often, in the first lines; a title line has none of it."""
    lines = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]
    counts = {sign: sorted((line.count(sign) for line in lines), reverse=True) for sign in SEPARATORS}
    return max(SEPARATORS, key=lambda sign: _typical(counts[sign]))


def _typical(counts: list[int]) -> int:
    return counts[len(counts) // 2] * 1000 + sum(counts) if counts else 0


PARSER: Final = FormatParser(name="csv", media_types=("text/csv",), read=read)
