"""Plain text, in whatever charset: one paragraph a line, and tables as they come when pasted into a mail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from parsers.charsets import decode_text
from parsers.content import Cell, Content, FormatParser, LimitExceeded, Paragraph, SourceFile, Table
from parsers.links import find_links

BYTES_PER_CHARACTER: Final = 4
WIDE_ROW: Final = 2
_RULE: Final = re.compile(r"[\s|+:=—-]*-[\s|+:=—-]*")  # +----+----+


def read_head(source: SourceFile) -> str:
    """The file's text, as much of it as the limits let be kept."""
    with source.path.open("rb") as file:
        data = file.read(source.limits.text_chars * BYTES_PER_CHARACTER)
    return decode_text(data).text


def read(source: SourceFile) -> Content:
    text = read_head(source)
    return Content(blocks=tuple(blocks_of(text, source.limits.table_cells)), links=find_links(text))


def blocks_of(text: str, table_cells: int) -> Iterator[Paragraph | Table]:
    """Lines in order. Lines on end that are parted by tabs, or by upright strokes, are a table's rows."""
    for separator, lines in groupby(text.splitlines(), key=_separator):
        rows = [_cells(line, separator) for line in lines if not _RULE.fullmatch(line)]
        if separator and sum(len(row) > WIDE_ROW for row in rows) > 1:
            yield _table(rows, table_cells)
        else:
            yield from (Paragraph(text=line) for row in rows if (line := separator.join(row).strip()))


def _separator(line: str) -> str:
    """What parts the cells of a line, else nothing. A tab that only indents parts none."""
    if line.count("|") > WIDE_ROW:
        return "|"
    return "\t" if "\t" in line.lstrip() else ""


def _cells(line: str, separator: str) -> list[str]:
    if separator == "|":
        line = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in line.split(separator)] if separator else [line]


def _table(rows: Sequence[Sequence[str]], table_cells: int) -> Table:
    cells = [Cell(text=text, row=row, column=at) for row, texts in enumerate(rows) for at, text in enumerate(texts)]
    if len(cells) > table_cells:
        raise LimitExceeded("too many table cells")
    return Table(cells=tuple(cells), rows=len(rows), columns=max(map(len, rows)))


PARSER: Final = FormatParser(name="text", media_types=("text/plain",), read=read)
