"""Word documents (.docx, and whatever else is one inside): paragraphs, tables and pictures in document order.

python-docx opens the package, its parts and styles; the body is walked as XML, because python-docx does not see text
boxes, content controls, smart tags, tracked insertions and nested tables. Of alternate content only the first choice
counts, since the fallback repeats it; deletions do not count, nor what is struck through or hidden, nor a content
control's own words (单击此处输入文字). Headers and footers come after the body, so that the
title is still the first line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

import docx
from docx.document import Document
from docx.opc.part import Part
from lxml import etree

from parsers.content import Cell, Content, EmbeddedFile, FormatParser, LimitExceeded, Paragraph, SourceFile, Table
from parsers.office import checked_package
from parsers.sniff import DOCX

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DRAWN: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_VML_IMAGE: Final = "{urn:schemas-microsoft-com:vml}imagedata"
_OLE: Final = "{urn:schemas-microsoft-com:office:office}OLEObject"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED: Final = frozenset({f"{W}del", f"{W}moveFrom", f"{W}rPr", f"{W}pPr", f"{W}instrText", _FALLBACK})
_SIGNS: Final = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
MAX_COLUMNS: Final = 500

Block = Paragraph | Table


def read(source: SourceFile) -> Content:
    document = docx.Document(str(checked_package(source)))
    walker = _Walker(document, source)
    blocks = [*walker.blocks(document.element.body), *walker.margins()]
    return Content(blocks=tuple(blocks), embedded=tuple(walker.embedded))


class _Walker:
    """Walks the XML of one document and writes out the files it meets."""

    def __init__(self, document: Document, source: SourceFile) -> None:
        self._document = document
        self._source = source
        self._part: Part = document.part
        self._cells_left = source.limits.table_cells
        self._written: set[str] = set()
        self._levels = {style.style_id: _level(style.name or "") for style in document.styles}
        self.embedded: list[EmbeddedFile] = []

    def margins(self) -> Iterator[Block]:
        """Headers and footers, each part once."""
        for relation in self._document.part.rels.values():
            if relation.reltype.endswith(("/header", "/footer")) and not relation.is_external:
                self._part = relation.target_part
                element = getattr(self._part, "element", None)
                if element is not None:
                    yield from self.blocks(element)

    def blocks(self, parent: etree._Element) -> Iterator[Block]:
        for child in parent:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag not in _SKIPPED and isinstance(child.tag, str) and not _is_void(child):
                yield from self.blocks(child)  # content controls, custom XML, insertions

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        text, boxes = self._text(element)
        if text.strip():
            yield Paragraph(text=text.strip(), level=self._level_of(element))
        for box in boxes:
            yield from self.blocks(box)

    def _level_of(self, paragraph: etree._Element) -> int | None:
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return None if style is None else self._levels.get(style.get(f"{W}val", ""))

    def _text(self, element: etree._Element) -> tuple[str, list[etree._Element]]:
        """A paragraph's own text, and the text boxes in it, which are blocks of their own."""
        pieces: list[str] = []
        boxes: list[etree._Element] = []
        stack = list(reversed(element))
        while stack:
            node = stack.pop()
            if node.tag in _SKIPPED or _is_void(node):
                continue
            if node.tag == f"{W}t":
                pieces.append(node.text or "")
            elif node.tag in _SIGNS:
                pieces.append(_SIGNS[node.tag])
            elif node.tag == f"{W}txbxContent":
                boxes.append(node)
            else:
                self._embed(node)
                stack.extend(reversed(node))
        return "".join(pieces), boxes

    def _embed(self, node: etree._Element) -> None:
        """Pictures and embedded files; an embedded file's icon is none."""
        if node.tag == _DRAWN:
            self._write(node.get(f"{R}embed"))
        elif node.tag == _OLE or (node.tag == _VML_IMAGE and not _is_icon(node)):
            self._write(node.get(f"{R}id"))

    def _write(self, relation_id: str | None) -> None:
        relation = self._part.rels.get(relation_id) if relation_id else None
        if relation is None or relation.is_external or relation.target_part.partname in self._written:
            return
        if len(self.embedded) >= self._source.limits.members:
            raise LimitExceeded("too many embedded files")
        part = relation.target_part
        self._written.add(part.partname)
        path = self._source.scratch / f"embedded-{len(self.embedded)}"
        path.write_bytes(part.blob)
        self.embedded.append(EmbeddedFile(name=PurePosixPath(part.partname).name, path=path))

    def _table(self, element: etree._Element) -> Iterator[Block]:
        cells: dict[tuple[int, int], _OpenCell] = {}
        nested: list[Block] = []
        rows = [tr for tr in _children(element, f"{W}tr") if tr.find(f"{W}trPr/{W}del") is None]
        for row, tr in enumerate(rows):
            column = _number(tr.find(f"{W}trPr/{W}gridBefore"))
            for tc in _children(tr, f"{W}tc"):
                properties = tc.find(f"{W}tcPr")
                span = max(1, _number(None if properties is None else properties.find(f"{W}gridSpan")))
                above = cells.get((row - 1, column)) if _continues(properties) else None
                if above is not None:
                    above.rows = row + 1 - above.row
                    cells[row, column] = above
                else:
                    text, tables = self._cell(tc)
                    nested.extend(tables)
                    cells[row, column] = _OpenCell(text, row, column, min(span, MAX_COLUMNS))
                column = min(column + span, MAX_COLUMNS)
        yield _closed(cells, len(rows))
        yield from nested

    def _cell(self, tc: etree._Element) -> tuple[str, list[Block]]:
        self._cells_left -= 1
        if self._cells_left < 0:
            raise LimitExceeded("too many table cells")
        blocks = list(self.blocks(tc))
        text = "\n".join(block.text for block in blocks if isinstance(block, Paragraph))
        return text, [block for block in blocks if isinstance(block, Table)]


class _OpenCell:
    """A cell that may still grow downwards."""

    __slots__ = ("column", "columns", "row", "rows", "text")

    def __init__(self, text: str, row: int, column: int, columns: int) -> None:
        self.text, self.row, self.column, self.columns, self.rows = text, row, column, columns, 1


def _closed(cells: dict[tuple[int, int], _OpenCell], rows: int) -> Table:
    kept = [cell for place, cell in cells.items() if place == (cell.row, cell.column)]
    return Table(
        cells=tuple(
            Cell(text=cell.text, row=cell.row, column=cell.column, row_span=cell.rows, column_span=cell.columns)
            for cell in kept
        ),
        rows=rows,
        columns=max((cell.column + cell.columns for cell in kept), default=0),
    )


def _children(element: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, also inside content controls and custom XML."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in _SKIPPED and child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins"):
            yield from _children(child, tag)


def _is_void(node: etree._Element) -> bool:
    """A run that is struck through or hidden, or a content control that nobody has filled in."""
    if node.tag == f"{W}r":
        return any(_is_on(node.find(f"{W}rPr/{W}{name}")) for name in ("strike", "dstrike", "vanish"))
    return node.tag == f"{W}sdt" and _is_on(node.find(f"{W}sdtPr/{W}showingPlcHdr"))


def _is_on(switch: etree._Element | None) -> bool:
    return switch is not None and switch.get(f"{W}val", "true") not in ("0", "false", "off")


def _continues(properties: etree._Element | None) -> bool:
    merge = None if properties is None else properties.find(f"{W}vMerge")
    return merge is not None and merge.get(f"{W}val", "continue") == "continue"


def _number(element: etree._Element | None) -> int:
    value = "" if element is None else element.get(f"{W}val", "")
    return int(value) if value.isdecimal() else 0


def _is_icon(node: etree._Element) -> bool:
    return any(ancestor.tag == f"{W}object" for ancestor in node.iterancestors())


def _level(style_name: str) -> int | None:
    """Heading 2 and 标题 2 are level 2, Title and 标题 level 0."""
    name = style_name.lower().replace("标题", "heading").strip()
    if name in ("title", "heading"):
        return 0
    number = name.removeprefix("heading").strip()
    return int(number) if name.startswith("heading") and number.isdecimal() else None


PARSER: Final = FormatParser(name="docx", media_types=(DOCX,), read=read)
