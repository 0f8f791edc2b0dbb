"""Which words, cells, rows and sheets of an OpenDocument file nobody sees, or that are struck through.

    styles = Styles(content, styles)       the roots of content.xml and styles.xml, where there is one
    styles.voids("text", "T1")             True, False, or None where the style says nothing and what is around it holds

A style inherits from its parent; what it says itself comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lxml import etree

_NS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
STYLE: Final = f"{{{_NS}style:1.0}}"
TABLE: Final = f"{{{_NS}table:1.0}}"
TEXT: Final = f"{{{_NS}text:1.0}}"
_LINE_THROUGH: Final = (f"{STYLE}text-line-through-style", f"{STYLE}text-line-through-type")
MAX_PARENTS: Final = 20

TEXT_FAMILY, PARAGRAPH_FAMILY, CELL_FAMILY, TABLE_FAMILY = "text", "paragraph", "table-cell", "table"


class Styles:
    """The styles of one file by family and name."""

    def __init__(self, *roots: etree._Element | None) -> None:
        self._styles: dict[tuple[str, str], etree._Element] = {}
        for root in reversed([root for root in roots if root is not None]):  # what the content says itself comes first
            for style in root.iter(f"{STYLE}style"):
                self._styles[style.get(f"{STYLE}family", ""), style.get(f"{STYLE}name", "")] = style

    def voids(self, family: str, name: str) -> bool | None:
        """Whether text in this style is hidden or struck through."""
        found = [self._said(family, name, asked) for asked in (_is_struck, _is_hidden)]
        return None if found == [None, None] else True in found

    def hides_table(self, name: str) -> bool:
        """Whether a sheet in this style is hidden."""
        style = self._styles.get((TABLE_FAMILY, name))
        properties = None if style is None else style.find(f"{STYLE}table-properties")
        return properties is not None and properties.get(f"{TABLE}display") == "false"

    def _said(self, family: str, name: str, asked: Callable[[etree._Element], bool | None]) -> bool | None:
        for _ in range(MAX_PARENTS):
            style = self._styles.get((family, name))
            if style is None:
                return None
            properties = style.find(f"{STYLE}text-properties")
            said = None if properties is None else asked(properties)
            if said is not None:
                return said
            name = style.get(f"{STYLE}parent-style-name", "")
        return None


def _is_struck(properties: etree._Element) -> bool | None:
    lines = [line for name in _LINE_THROUGH if (line := properties.get(name)) is not None]
    return "none" not in lines if lines else None


def _is_hidden(properties: etree._Element) -> bool | None:
    display = properties.get(f"{TEXT}display")
    return None if display is None else display == "none"


def is_hidden_part(element: etree._Element) -> bool:
    """A section, paragraph or word that is hidden by a switch or a condition of its own."""
    return element.get(f"{TEXT}display") == "none" or element.get(f"{TEXT}is-hidden") == "true"


def is_hidden_line(element: etree._Element) -> bool:
    """A row or column of a sheet."""
    return element.get(f"{TABLE}visibility") in ("collapse", "filter")
