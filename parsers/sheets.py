"""What every spreadsheet format shares: how a value reads as text, and a sheet as one table."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from parsers.content import Cell, Table
from parsers.tables import MAX_COVERED_COLUMNS, MAX_COVERED_ROWS

Place = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unseen:
    """What is in a sheet although nobody who looks at it sees it: mostly left over from another year."""

    rows: Container[int] = field(default_factory=frozenset)
    columns: Container[int] = field(default_factory=frozenset)
    is_all: bool = False  # the sheet itself is hidden

    def holds(self, place: Place, span: Place) -> bool:
        """A merged cell is seen as long as one of its rows and one of its columns is."""
        (row, column), (rows, columns) = place, span
        return all(one in self.rows for one in range(row, row + min(rows, MAX_COVERED_ROWS))) or all(
            one in self.columns for one in range(column, column + min(columns, MAX_COVERED_COLUMNS))
        )


def sheet_table(
    texts: Mapping[Place, str], spans: Mapping[Place, Place], name: str, unseen: Unseen = Unseen()
) -> Table:
    """Spans end where the sheet's text ends; a merged cell without text counts only inside, where it parts others."""
    spans = {place: (max(1, rows), max(1, columns)) for place, (rows, columns) in spans.items()}  # in broken files
    texts = {place: text for place, text in texts.items() if not unseen.holds(place, spans.get(place, (1, 1)))}
    rows = 1 + max((row for row, _column in texts), default=-1)
    columns = 1 + max((column for _row, column in texts), default=-1)
    cells = []
    for row, column in sorted(texts.keys() | {place for place in spans if place[0] < rows and place[1] < columns}):
        row_span, column_span = spans.get((row, column), (1, 1))
        cells.append(
            Cell(
                text=texts.get((row, column), ""),
                row=row,
                column=column,
                row_span=min(row_span, rows - row),
                column_span=min(column_span, columns - column),
            )
        )
    return Table(cells=tuple(cells), rows=rows, columns=columns, name=name, is_hidden=unseen.is_all)


def cell_text(value: object) -> str:
    """A value as a person sees it in the cell, but dates always in ISO."""
    if value is None or isinstance(value, bool):
        return "" if value is None else ("是" if value else "否")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    return str(value).strip() if not isinstance(value, timedelta) else str(value)
