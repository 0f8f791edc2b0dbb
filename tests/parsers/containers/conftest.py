from __future__ import annotations

import pytest

from parsers.content import SourceFile
from parsers.limits import Limits
from parsers.registry import registry
from parsers.sniff import sniff


@pytest.fixture
def read(tmp_path):
    """Reads bytes as a file of that name, by the parser that they are sniffed for."""

    def read_bytes(data, name, **limits):
        path = tmp_path / "archive"
        path.write_bytes(data)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        media_type = sniff(path, name)
        return registry()[media_type].read(
            SourceFile(path=path, name=name, media_type=media_type, scratch=scratch, limits=Limits(**limits))
        )

    return read_bytes


@pytest.fixture
def contents():
    """The members of a content: place → bytes."""

    def by_place(content):
        return {"/".join((*file.folders, file.name)): file.path.read_bytes() for file in content.embedded}

    return by_place


@pytest.fixture
def codes():
    return lambda content: [finding.code for finding in content.findings]
