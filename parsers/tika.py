"""The only user of extractous: Apache Tika as a native library, for binary formats that nothing else reads well.

    blocks(source) -> paragraphs and tables in document order

It gives XHTML in which cells are kept. Its own OCR is never wanted: pictures are read by ours.
"""

from __future__ import annotations

from parsers.content import Paragraph, SourceFile, Table
from parsers.formats.html import MARKUP_FACTOR, blocks_of
from parsers.panics import panics_as_errors


def blocks(source: SourceFile) -> tuple[Paragraph | Table, ...]:
    """Raises whatever Tika makes of a broken file."""
    from extractous import Extractor  # noqa: PLC0415 - 40 MB of library that few files need

    extractor = Extractor().set_xml_output(True).set_extract_string_max_length(
        source.limits.text_chars * MARKUP_FACTOR
    )  # fmt: skip
    with panics_as_errors():
        markup, _metadata = extractor.extract_file_to_string(str(source.path))
    return blocks_of(markup, source.limits.table_cells)
