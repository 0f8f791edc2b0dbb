"""Plain text, in whatever charset: one paragraph a line."""

from __future__ import annotations

from typing import Final

from parsers.charsets import decode_text
from parsers.content import Content, FormatParser, Paragraph, SourceFile
from parsers.links import find_links

BYTES_PER_CHARACTER: Final = 4


def read_head(source: SourceFile) -> str:
    """The file's text, as much of it as the limits let be kept."""
    with source.path.open("rb") as file:
        data = file.read(source.limits.text_chars * BYTES_PER_CHARACTER)
    return decode_text(data).text


def read(source: SourceFile) -> Content:
    text = read_head(source)
    lines = (line.strip() for line in text.splitlines())
    return Content(blocks=tuple(Paragraph(text=line) for line in lines if line), links=find_links(text))


PARSER: Final = FormatParser(name="text", media_types=("text/plain",), read=read)
