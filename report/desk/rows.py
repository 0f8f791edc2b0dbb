"""The rows of the matrix, made once: as view models and as HTML, kept while the unit's report is the same.

A district of three thousand units has fifteen thousand cells; making them anew for every look costs more than
everything else. What is kept is one entry a unit and campaign, replaced when the unit's report changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from report.matrix import Column, Row, row_of
from rules.assessment import UnitReport
from rules.campaign import Campaign


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    report: UnitReport
    shape: object  # what else the row follows from: its number and the columns
    row: Row


class RowCache:
    """Safe for threads: two that make the same row make equal ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str], _Kept] = {}
        self._html: dict[tuple[str, str], tuple[Row, Markup]] = {}

    def row(self, number: int, report: UnitReport, columns: Sequence[Column], campaign: Campaign) -> Row:
        """As `report.matrix.row_of`."""
        key = (campaign.key, report.unit.name)
        shape = (number, [(column.key, column.due_at) for column in columns], campaign.zone)
        kept = self._rows.get(key)
        if kept is None or kept.shape != shape or not (kept.report is report or kept.report == report):
            kept = _Kept(report=report, shape=shape, row=row_of(number, report, columns, campaign))
            with self._lock:
                self._rows[key] = kept
        return kept.row

    def html(self, row: Row, campaign: Campaign, make: Callable[[Row], Markup]) -> Markup:
        """`make(row)`, or what it made of the very same row before."""
        key = (campaign.key, row.unit.name)
        known = self._html.get(key)
        if known is not None and known[0] is row:
            return known[1]
        made = make(row)
        with self._lock:
            self._html[key] = (row, made)
        return made
