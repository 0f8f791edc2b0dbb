"""OpenDocument texts, tables and slides (.odt, .ods, .odp): paragraphs, tables with their spans, pictures, in order.

The content is one XML part. Rows and cells that repeat count once where they are blank: a sheet says in one element
that its last million rows are. Headers and footers come after the body. Tracked deletions and comments do not count,
nor what is struck through or hidden.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from lxml import etree

from parsers.blips import as_embedded, suffix_of
from parsers.content import (
    Content,
    EmbeddedFile,
    EncryptedFile,
    FormatParser,
    LimitExceeded,
    Paragraph,
    SourceFile,
    Table,
)
from parsers.odf_styles import (
    CELL_FAMILY,
    PARAGRAPH_FAMILY,
    STYLE,
    TABLE,
    TEXT,
    TEXT_FAMILY,
    Styles,
    is_hidden_line,
    is_hidden_part,
)
from parsers.office import MAX_XML_BYTES, checked_package, parse_xml
from parsers.sheets import Unseen, cell_text, sheet_table

_NS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE: Final = f"{{{_NS}office:1.0}}"
MANIFEST: Final = f"{{{_NS}manifest:1.0}}"
_SKIPPED: Final = frozenset({f"{TEXT}tracked-changes", f"{OFFICE}annotation", f"{OFFICE}forms"})
_EXTENSION: Final = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
"""In which LibreOffice writes a table that stands in a shape."""
_BOXES: Final = ("}text-box", "}custom-shape")
_SIGNS: Final = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n", f"{TEXT}s": " "}
MAX_REPEATED: Final = 1000  # of a row or cell with text

Block = Paragraph | Table


def read(source: SourceFile) -> Content:
    path = checked_package(source)
    with zipfile.ZipFile(path) as package:
        if _is_encrypted(package):
            raise EncryptedFile
        root = parse_xml(package.read("content.xml"))
        for element in root.iter(f"{_EXTENSION}*"):
            element.tag = f"{TABLE}{etree.QName(element).localname}"
        common = _part(package, "styles.xml")
        embedded = _pictures(package, source)
    body = root.find(f"{OFFICE}body")
    walker = _Walker(Styles(root, common), source.limits.table_cells)
    blocks = [block for part in (body, *_margins(body, common)) if part is not None for block in walker.blocks(part)]
    return Content(
        blocks=tuple(block for block in blocks if isinstance(block, Paragraph) or block.cells), embedded=embedded
    )


def _margins(body: etree._Element | None, common: etree._Element | None) -> Iterator[etree._Element]:
    """Headers and footers of a text's pages; those of a sheet are its program's own (工作表1, 第1页)."""
    if body is None or common is None or body.find(f"{OFFICE}text") is None:
        return
    for page in common.iter(f"{STYLE}master-page"):
        yield from page.iter(f"{STYLE}header", f"{STYLE}footer")


def _part(package: zipfile.ZipFile, name: str) -> etree._Element | None:
    try:
        return parse_xml(package.read(name))
    except (KeyError, etree.XMLSyntaxError):
        return None


def _is_encrypted(package: zipfile.ZipFile) -> bool:
    manifest = _part(package, "META-INF/manifest.xml")
    return manifest is not None and next(manifest.iter(f"{MANIFEST}encryption-data"), None) is not None


class _Walker:
    """Turns the XML into blocks."""

    def __init__(self, styles: Styles, cells_left: int) -> None:
        self._styles = styles
        self._cells_left = cells_left

    def blocks(self, parent: etree._Element) -> Iterator[Block]:
        for child in parent:
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                yield from self._paragraph(child)
            elif child.tag == f"{TABLE}table":
                yield from self._table(child)
            elif child.tag not in _SKIPPED and isinstance(child.tag, str) and not is_hidden_part(child):
                yield from self.blocks(child)

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        text, boxes = self._text(element)
        level = element.get(f"{TEXT}outline-level", "") if element.tag == f"{TEXT}h" else ""
        if text.strip():
            yield Paragraph(text=text.strip(), level=int(level) if level.isdecimal() else None)
        for box in boxes:
            yield from self.blocks(box)

    def _text(self, element: etree._Element) -> tuple[str, list[etree._Element]]:
        """A paragraph's own text, and the text boxes in it, which are blocks of their own."""
        pieces: list[str] = []
        boxes: list[etree._Element] = []
        is_void = self._styles.voids(PARAGRAPH_FAMILY, element.get(f"{TEXT}style-name", "")) or False
        stack: list[tuple[etree._Element, bool, bool]] = [(element, is_void, False)]  # node, void, only what follows it
        while stack:
            node, is_void, is_tail = stack.pop()
            if is_tail:
                pieces.append("" if is_void else node.tail or "")
                continue
            if node is not element:
                stack.append((node, is_void, True))
            if node.tag in _SIGNS:
                pieces.append(_SIGNS[node.tag] * min(_number(node, "c", TEXT), MAX_REPEATED))
            elif str(node.tag).endswith(_BOXES):
                boxes.append(node)
            elif node.tag not in _SKIPPED and isinstance(node.tag, str) and not is_hidden_part(node):
                if node.tag == f"{TEXT}span":
                    said = self._styles.voids(TEXT_FAMILY, node.get(f"{TEXT}style-name", ""))
                    is_void = is_void if said is None else said
                pieces.append("" if is_void else node.text or "")
                stack.extend((child, is_void, False) for child in reversed(node))
        return "".join(pieces), boxes

    def _table(self, table: etree._Element) -> Iterator[Block]:
        texts: dict[tuple[int, int], str] = {}
        spans: dict[tuple[int, int], tuple[int, int]] = {}
        nested: list[Block] = []
        columns = _columns(table)
        hidden: set[int] = set()
        row = 0
        for element in _children(table, f"{TABLE}table-row", _ROW_GROUPS):
            found = list(self._cells(element, columns, nested))
            times = _number(element, "number-rows-repeated")
            for repeated in range(min(times, MAX_REPEATED) if any(text for _at, text, _span in found) else 1):
                self._spend(len(found))
                texts.update({(row + repeated, at): text for at, text, _span in found if text})
                spans.update({(row + repeated, at): span for at, _text_, span in found if span != (1, 1)})
            if is_hidden_line(element):
                hidden.update(range(row, row + min(times, MAX_REPEATED)))
            row += times
        is_sheet = getattr(table.getparent(), "tag", "") == f"{OFFICE}spreadsheet"  # a text's tables have names too
        unseen = Unseen(
            rows=hidden,
            columns={at for at, column in columns.items() if is_hidden_line(column)},
            is_all=self._styles.hides_table(table.get(f"{TABLE}style-name", "")),
        )
        yield sheet_table(texts, spans, table.get(f"{TABLE}name", "") if is_sheet else "", unseen)
        yield from nested

    def _cells(
        self, row: etree._Element, columns: dict[int, etree._Element], nested: list[Block]
    ) -> Iterator[tuple[int, str, tuple[int, int]]]:
        column = 0
        for cell in row:
            if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
                continue
            times = _number(cell, "number-columns-repeated")
            if cell.tag == f"{TABLE}table-cell":
                inner = list(self.blocks(cell))
                nested.extend(block for block in inner if isinstance(block, Table))
                text = _value(cell) or "\n".join(block.text for block in inner if isinstance(block, Paragraph))
                if text and self._is_void(cell, row, columns.get(column)):
                    text = ""
                span = _number(cell, "number-rows-spanned"), _number(cell, "number-columns-spanned")
                for repeated in range(min(times, MAX_REPEATED) if text else 1):
                    yield column + repeated, text, span
            column += times

    def _is_void(self, cell: etree._Element, row: etree._Element, column: etree._Element | None) -> bool:
        """By the cell's style, else that which its row or its column gives to all of theirs."""
        name = cell.get(f"{TABLE}style-name") or row.get(_DEFAULT_STYLE)
        if name is None and column is not None:
            name = column.get(_DEFAULT_STYLE)
        return bool(self._styles.voids(CELL_FAMILY, name or ""))

    def _spend(self, cells: int) -> None:
        self._cells_left -= cells
        if self._cells_left < 0:
            raise LimitExceeded("too many table cells")


_DEFAULT_STYLE: Final = f"{TABLE}default-cell-style-name"
_COLUMN_GROUPS: Final = tuple(
    f"{TABLE}{name}" for name in ("table-header-columns", "table-columns", "table-column-group")
)
_ROW_GROUPS: Final = tuple(f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group"))


def _children(element: etree._Element, tag: str, groups: tuple[str, ...]) -> Iterator[etree._Element]:
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in groups:
            yield from _children(child, tag, groups)


def _columns(table: etree._Element) -> dict[int, etree._Element]:
    """The first columns of a table by their numbers; the last of them mostly is said to repeat up to the edge."""
    columns: dict[int, etree._Element] = {}
    at = 0
    for column in _children(table, f"{TABLE}table-column", _COLUMN_GROUPS):
        times = _number(column, "number-columns-repeated")
        columns.update(dict.fromkeys(range(at, at + min(times, MAX_REPEATED)), column))
        at += times
    return columns


def _value(cell: etree._Element) -> str:
    """Dates in ISO and numbers without their format, as in .xlsx; everything else as it is shown."""
    kind = cell.get(f"{OFFICE}value-type", "")
    try:
        if kind == "date":
            text = cell.get(f"{OFFICE}date-value", "")
            return cell_text(datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text))
        if kind == "float":
            return cell_text(float(cell.get(f"{OFFICE}value", "")))
    except ValueError:
        pass
    return ""


def _number(element: etree._Element, name: str, namespace: str = TABLE) -> int:
    value = element.get(f"{namespace}{name}", "")
    return max(1, int(value)) if value.isdecimal() and len(value) < 9 else 1


def _pictures(package: zipfile.ZipFile, source: SourceFile) -> tuple[EmbeddedFile, ...]:
    infos = [info for info in package.infolist() if info.filename.startswith("Pictures/") and not info.is_dir()]
    found = ((package.read(info)) for info in infos if info.file_size <= MAX_XML_BYTES)
    return as_embedded(((suffix, data) for data in found if (suffix := suffix_of(data[:8]))), source)


PARSER: Final = FormatParser(
    name="odf",
    media_types=tuple(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text", "spreadsheet", "presentation")),
    read=read,
)
