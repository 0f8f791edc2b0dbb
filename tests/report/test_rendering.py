from __future__ import annotations

import pytest

from report.rendering import Format, render
from tests.report.builders import hostile_report, sample_report, stray

STARTS = {
    Format.TABLE: "金坛区".encode(),
    Format.JSON: b'{\n  "schema": 1',
    Format.CSV: b"\xef\xbb\xbf",
    Format.XLSX: b"PK\x03\x04",
    Format.HTML: b"<!DOCTYPE html>",
}


@pytest.mark.parametrize("format_", list(Format))
def test_every_format_renders_every_status_and_hostile_text(format_):
    assert render(format_, sample_report(), [stray()]).startswith(STARTS[format_])
    assert render(format_, hostile_report(), [stray(subject="\ud800")], late_only=True)


@pytest.mark.parametrize("format_", list(Format))
def test_the_same_report_is_rendered_the_same_twice(format_):
    assert render(format_, sample_report(), [stray()]) == render(format_, sample_report(), [stray()])


def test_the_terminals_width_is_kept():
    lines = render(Format.TABLE, sample_report(), width=80).decode().splitlines()
    assert max(map(len, lines)) <= 80
