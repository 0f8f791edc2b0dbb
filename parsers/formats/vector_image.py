"""Drawings (.emf, .wmf, .svg): what documents hold as logos, charts and equations. No one's photograph."""

from __future__ import annotations

from typing import Final

from parsers.content import Content, FormatParser, SourceFile
from rules.extraction import Kind


def read(source: SourceFile) -> Content:  # noqa: ARG001 - nothing in it decides anything
    return Content(kind=Kind.OTHER)


PARSER: Final = FormatParser(name="vector_image", media_types=("image/emf", "image/wmf", "image/svg+xml"), read=read)
