"""The ledger as one self-contained page: no script, no remote load, everything escaped, printable on A4 landscape.

It can be mailed, opened from a USB stick and read years later. The desk shows the same view model with actions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from report.cells import Cell
from report.matrix import Column, Matrix, Row
from report.words import LEGEND, STATUS_MEANING_ZH, rate_text
from rules.assessment import STATUS_ZH, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class LegendEntry:
    """A status with its meaning and how often it stands in the ledger."""

    status: str
    word: str
    meaning: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far one deliverable has come: the segments of its bar, and the same in words."""

    label: str
    title: str
    segments: tuple[tuple[str, int], ...]
    words: str
    received: str
    rate: str


def environment() -> Environment:
    """Jinja with escaping always on and unknown names as errors."""
    return Environment(
        loader=PackageLoader("report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def page_html(matrix: Matrix) -> str:
    text = (
        environment()
        .get_template("report.html.j2")
        .render(
            matrix=matrix,
            legend=_legend(matrix),
            problem_lines=_problem_lines(matrix),
            deadlines=[(deadline, [_progress(column) for column in deadline.columns]) for deadline in matrix.deadlines],
        )
    )
    return text.lstrip().encode("utf-8", "replace").decode("utf-8")


def _problem_lines(matrix: Matrix) -> list[tuple[Row, Column, Cell]]:
    """For print, where the details of a cell cannot be opened: every problem on a line of its own."""
    return [
        (row, column, cell)
        for row in matrix.rows
        for column, cell in zip(matrix.columns, row.cells, strict=True)
        if cell.problems
    ]


def _legend(matrix: Matrix) -> Sequence[LegendEntry]:
    return [
        LegendEntry(
            status=status.value,
            word=STATUS_ZH[status],
            meaning=STATUS_MEANING_ZH[status],
            count=matrix.counts[status],
        )
        for status in LEGEND
    ]


_BAR: Final = (Status.ON_TIME, Status.LATE, Status.INCOMPLETE, Status.MISSING, Status.UNKNOWN, Status.PENDING)


def _progress(column: Column) -> Progress:
    totals = column.totals
    figures = {
        Status.ON_TIME: totals.on_time,
        Status.LATE: totals.late,
        Status.INCOMPLETE: totals.incomplete,
        Status.MISSING: totals.missing,
        Status.UNKNOWN: totals.unknown,
        Status.PENDING: totals.pending,
    }
    segments = tuple((status.value, figures[status]) for status in _BAR if figures[status])
    return Progress(
        label=column.label,
        title=column.title,
        segments=segments,
        words="，".join(f"{STATUS_ZH[status]} {figures[status]}" for status in _BAR if figures[status]) or "无应报单位",
        received=f"{totals.received}/{totals.expected}",
        rate=rate_text(totals.received, totals.expected),
    )
