from __future__ import annotations

import pytest

from parsers.content import Paragraph, SourceFile
from parsers.limits import Limits
from parsers.registry import registry
from parsers.sniff import sniff


@pytest.fixture
def read(tmp_path):
    """Reads bytes as a file of that name, by the parser that they are sniffed for."""

    def read_bytes(data, name, **limits):
        path = tmp_path / "file"
        path.write_bytes(data)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        media_type = sniff(path, name)
        source = SourceFile(path=path, name=name, media_type=media_type, scratch=scratch, limits=Limits(**limits))
        return registry()[media_type].read(source)

    return read_bytes


@pytest.fixture
def paragraphs():
    return lambda content: [block.text for block in content.blocks if isinstance(block, Paragraph)]


@pytest.fixture
def cells():
    """The cells of the only table: place and spans → text."""

    def of_table(content):
        (table,) = (block for block in content.blocks if not isinstance(block, Paragraph))
        return {(cell.row, cell.column, cell.row_span, cell.column_span): cell.text for cell in table.cells}

    return of_table
