"""HTML: mail bodies and pages saved by office programs. Paragraphs and tables in order; nothing is fetched or run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree
from lxml import html as lxml_html

from parsers.blips import as_embedded
from parsers.charsets import decode_text
from parsers.content import Cell, Content, FormatParser, LimitExceeded, Paragraph, SourceFile, Table
from parsers.formats.text import BYTES_PER_CHARACTER
from parsers.links import find_links
from parsers.pasted_pictures import pasted_pictures, without_pasted_pictures

MARKUP_FACTOR: Final = 20  # an office program writes this much markup a character
MAX_SPAN: Final = 500
_SILENT: Final = frozenset(
    {"script", "style", "head", "title", "template", "noscript", "object", "svg", "s", "strike", "del"}
)
_BLOCKS: Final = frozenset(
    """address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr
    li main nav ol p pre section td th tr ul""".split()  # noqa: SIM905 - forty words read better without quotes
)

Block = Paragraph | Table


def read(source: SourceFile) -> Content:
    whole = source.path.read_bytes()
    data = without_pasted_pictures(whole)[: source.limits.text_chars * BYTES_PER_CHARACTER * MARKUP_FACTOR]
    markup = decode_text(data, _declared_charset(data)).text
    return Content(
        blocks=blocks_of(markup, source.limits.table_cells),
        links=find_links(markup),
        embedded=as_embedded(pasted_pictures(whole), source),
    )


def blocks_of(markup: str, table_cells: int) -> tuple[Block, ...]:
    root = _parse(markup)
    return tuple(_Walker(table_cells).blocks(root)) if root is not None else ()


def _declared_charset(data: bytes) -> str:
    head = data[:2048].lower()
    _before, found, after = head.partition(b"charset=")
    name = after.lstrip(b"\"' ")[:24] if found else b""
    return "".join(chr(code) for code in name[: _label_length(name)])


def _label_length(name: bytes) -> int:
    return next((at for at, code in enumerate(name) if not (chr(code).isalnum() or code in b"-_")), len(name))


def _parse(markup: str) -> etree._Element | None:
    """libxml2 refuses a declared encoding in text, so it gets UTF-8 and is told so."""
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        return lxml_html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing in it
        return None


class _Walker:
    """Turns a tree into blocks: text runs on until a block element or a line break ends the line."""

    def __init__(self, cells_left: int) -> None:
        self._cells_left = cells_left

    def blocks(self, root: etree._Element) -> Iterator[Block]:
        line: list[str] = []
        level: int | None = None
        for event, node in _events(root):
            tag = str(node.tag)
            if event == "text":
                line.append(node.text or "")
            elif event == "tail":
                line.append(node.tail or "")
            elif event == "table":
                yield from _flush(line, level)
                yield from self._table(node)
            elif tag in _BLOCKS or tag == "br":
                yield from _flush(line, level)
                level = int(tag[1]) if event == "start" and tag in _HEADINGS else None
        yield from _flush(line, level)

    def _table(self, element: etree._Element) -> Iterator[Block]:
        cells: list[Cell] = []
        nested: list[Block] = []
        taken: set[tuple[int, int]] = set()
        rows = [tr for tr in element.iter("tr") if _owner(tr) is element]
        for row, tr in enumerate(rows):
            column = 0
            for td in (child for child in tr if child.tag in ("td", "th")):
                while (row, column) in taken:
                    column += 1
                spans = _span(td, "rowspan", len(rows) - row), _span(td, "colspan", MAX_SPAN)
                self._spend(spans[0] * spans[1])
                taken.update((row + down, column + over) for down in range(spans[0]) for over in range(spans[1]))
                inner = list(self.blocks(td))
                text = "\n".join(block.text for block in inner if isinstance(block, Paragraph))
                nested.extend(block for block in inner if isinstance(block, Table))
                cells.append(Cell(text=text, row=row, column=column, row_span=spans[0], column_span=spans[1]))
        columns = 1 + max((column for _row, column in taken), default=-1)
        yield Table(cells=tuple(cells), rows=len(rows), columns=columns)
        yield from nested

    def _spend(self, cells: int) -> None:
        self._cells_left -= cells
        if self._cells_left < 0:
            raise LimitExceeded("too many table cells")


_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def _events(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """start, text, end and tail of every element in order; a table is one event, what is silent only its tail.

    A loop of its own, since nesting in mail is deeper than Python's stack.
    """
    stack: list[tuple[str, etree._Element]] = [("open", root)]
    while stack:
        event, node = stack.pop()
        if event != "open":
            yield event, node
            continue
        if node is not root:
            stack.append(("tail", node))
        if node.tag in _SILENT or not isinstance(node.tag, str):
            continue
        if node.tag == "table" and node is not root:
            yield "table", node
            continue
        yield "start", node
        yield "text", node
        stack.append(("end", node))
        stack.extend(("open", child) for child in reversed(node))


def _flush(line: list[str], level: int | None) -> Iterator[Paragraph]:
    text = " ".join("".join(line).split())
    line.clear()
    if text:
        yield Paragraph(text=text, level=level)


def _owner(tr: etree._Element) -> etree._Element | None:
    return next((ancestor for ancestor in tr.iterancestors("table")), None)


def _span(cell: etree._Element, name: str, bound: int) -> int:
    value = (cell.get(name) or "1").strip()
    return max(1, min(int(value), bound, MAX_SPAN)) if value.isdecimal() and len(value) < 7 else 1


PARSER: Final = FormatParser(name="html", media_types=("text/html", "application/xhtml+xml"), read=read)
