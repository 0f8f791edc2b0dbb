"""A judged campaign in any of the formats that `baosong report` knows; the only place that knows them all.

Text formats are `str`; `csv` and `xlsx` are bytes, because a byte order mark and line ends must reach the file as made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from report.as_csv import csv_text
from report.as_json import json_text
from report.as_table import table_text
from report.matrix import matrix_of
from report.page import page_html
from report.workbook import ledger_workbook
from rules.assessment import CampaignReport
from rules.claims import Unattributed

FORMATS: Final = ("table", "json", "csv", "xlsx", "html")


def render(
    format_name: str,
    report: CampaignReport,
    unattributed: Sequence[Unattributed] = (),
    *,
    late_only: bool = False,
    width: int | None = None,
    in_colour: bool = False,
) -> str | bytes:
    """`width` and `in_colour` are the terminal's, for `table` only. Raises ValueError for an unknown format."""
    if format_name == "json":
        return json_text(report, unattributed, late_only=late_only)
    matrix = matrix_of(report, unattributed, late_only=late_only)
    match format_name:
        case "table":
            return table_text(matrix, width=width, in_colour=in_colour)
        case "csv":
            return csv_text(matrix).encode("utf-8")
        case "xlsx":
            return ledger_workbook(matrix, as_of=report.as_of)
        case "html":
            return page_html(matrix)
        case _:
            raise ValueError(f"unknown format {format_name!r}: choose one of {', '.join(FORMATS)}")
