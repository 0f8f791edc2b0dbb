"""A judged campaign in any of the formats that `baosong report` knows; the only place that knows them all.

The result is bytes, because a byte order mark and line ends must reach the file or the terminal as they were made.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from report.as_csv import csv_text
from report.as_json import json_text
from report.as_table import table_text
from report.matrix import matrix_of
from report.page import page_html
from report.workbook import ledger_workbook
from rules.assessment import CampaignReport
from rules.claims import Unattributed


class Format(StrEnum):
    """What `--format` takes (contract, 3)."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


def render(
    format_: Format,
    report: CampaignReport,
    unattributed: Sequence[Unattributed] = (),
    *,
    late_only: bool = False,
    width: int | None = None,
    in_colour: bool = False,
) -> bytes:
    """`width` and `in_colour` are the terminal's, for the table only; a width of None asks for one line a unit."""
    if format_ is Format.JSON:
        return json_text(report, unattributed, late_only=late_only).encode()
    matrix = matrix_of(report, unattributed, late_only=late_only)
    match format_:
        case Format.TABLE:
            return table_text(matrix, width=width, in_colour=in_colour).encode()
        case Format.CSV:
            return csv_text(matrix).encode()
        case Format.XLSX:
            return ledger_workbook(matrix, as_of=report.as_of)
        case Format.HTML:
            return page_html(matrix).encode()
