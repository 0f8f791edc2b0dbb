"""The text of an HTML body as a reader sees it: no scripts or styles, a line a block, a table row tab-separated."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree, html

_SKIPPED: Final = frozenset({"script", "style", "head", "title", "template", "noscript", "object"})
_BLOCKS: Final = frozenset(
    [
        "p",
        "div",
        "br",
        "hr",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "section",
        "article",
        "header",
        "footer",
    ]
)
_SOFT_BREAK: Final = "\v"  # between blocks; several of them are one line's end
_CELLS: Final = frozenset({"td", "th"})


def html_to_text(source: str) -> str:
    """Never raises: what lxml cannot read at all has no text."""
    try:
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    return _tidy("".join(_pieces(root)))


def _pieces(root: html.HtmlElement) -> list[str]:
    """A cell that holds a table is layout: its inner rows stand on lines of their own."""
    pieces: list[str] = []
    layout = {cell for table in root.iter("table") for cell in table.iterancestors("td", "th")}
    skipping = leaf_cells = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        step = 1 if event == "start" else -1
        skipping += step * (tag in _SKIPPED)
        leaf_cells += step * (tag in _CELLS and element not in layout)
        if not skipping:
            pieces.append(_boundary(tag, is_start=event == "start", in_cell=leaf_cells > 0))
            pieces.append(_flat((element.text if event == "start" else element.tail) or ""))
    return pieces


def _boundary(tag: str, *, is_start: bool, in_cell: bool) -> str:
    if tag in _CELLS:
        return "" if is_start else "\t"
    if tag in _BLOCKS and in_cell:
        return " "
    if tag == "br":
        return "\n" if is_start else ""
    return _SOFT_BREAK if tag in _BLOCKS else ""


def _flat(text: str) -> str:
    return re.sub(r"[ \t\r\n\f\v\xa0]+", " ", text)


def _tidy(text: str) -> str:
    text = re.sub(r"\v(?:[ \v]*\v)?", "\n", text)
    lines = (
        re.sub(r" *\t *", "\t", re.sub(r" {2,}", " ", line)).strip(" ").removesuffix("\t") for line in text.split("\n")
    )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
