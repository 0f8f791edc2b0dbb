"""A document says the same in every format; what it was converted from is its truth."""

from __future__ import annotations

import pytest

from parsers.read import read_file
from rules.findings import Code
from tests.parsers.office_samples import CONVERTED, SAMPLES


@pytest.mark.parametrize("name", CONVERTED)
def test_a_converted_sample_reads_like_its_source(name):
    seen, source = (read_file(SAMPLES / each, each) for each in (name, CONVERTED[name]))
    assert (seen.kind, seen.also, seen.unit_names, seen.forms) == (
        source.kind,
        source.also,
        source.unit_names,
        source.forms,
    )
    assert [member.kind for member in seen.members] == [member.kind for member in source.members]
    assert Code.CONVERSION not in {finding.code for finding in seen.findings}
