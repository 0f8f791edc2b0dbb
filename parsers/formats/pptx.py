"""Slides (.pptx): text and tables slide by slide, and the pictures. A zip of XML; nothing beyond lxml is needed.

A picture that only the design of the slides shows came with the template, and nobody took it at an activity.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Final

from lxml import etree

from parsers.content import Cell, Content, FormatParser, LimitExceeded, Paragraph, SourceFile, Table
from parsers.office import checked_package, embedded_files, parse_xml
from parsers.sniff import PPTX

A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
R_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MAIN: Final = "ppt/presentation.xml"
_SLIDE: Final = re.compile(r"ppt/slides/slide(\d+)\.xml")
_SLIDE_RELATIONS: Final = re.compile(r"ppt/slides/_rels/[^/]+\.rels")
_DESIGN: Final = re.compile(r"ppt/(?:slideMasters|slideLayouts|notesMasters|handoutMasters|theme)/_rels/[^/]+\.rels")
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_FILES: Final = ("ppt/media/", "ppt/embeddings/")

Block = Paragraph | Table


def read(source: SourceFile) -> Content:
    path = checked_package(source)
    with zipfile.ZipFile(path) as package:
        walker = _Walker(source.limits.table_cells)
        blocks = [block for name in _slides(package) for block in walker.blocks(parse_xml(package.read(name)))]
        design = _shown_by(package, _DESIGN) - _shown_by(package, _SLIDE_RELATIONS)
    return Content(blocks=tuple(blocks), embedded=embedded_files(path, _FILES, source, without=design))


def _shown_by(package: zipfile.ZipFile, parts: re.Pattern[str]) -> set[str]:
    """The files to which the parts with these relations refer."""
    found: set[str] = set()
    for name in package.namelist():
        if parts.fullmatch(name):
            folder = posixpath.dirname(posixpath.dirname(name))
            try:
                targets = [relation.get("Target", "") for relation in parse_xml(package.read(name)).iter(_RELATION)]
            except etree.XMLSyntaxError:
                continue
            found.update(posixpath.normpath(posixpath.join(folder, target)).lstrip("/") for target in targets)
    return found


def _slides(package: zipfile.ZipFile) -> list[str]:
    """In the order of the presentation; by their numbers where it does not say."""
    present = set(package.namelist())
    numbered = sorted((int(match[1]), name) for name in present if (match := _SLIDE.fullmatch(name)))
    try:
        relations = parse_xml(package.read("ppt/_rels/presentation.xml.rels"))
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations.iter(_RELATION)}
        wanted = [targets.get(slide.get(R_ID), "") for slide in parse_xml(package.read(_MAIN)).iter(f"{P}sldId")]
    except (KeyError, etree.XMLSyntaxError):
        wanted = []
    ordered = [posixpath.normpath(posixpath.join("ppt", target)).lstrip("/") for target in wanted]
    return [name for name in dict.fromkeys(ordered) if name in present] or [name for _number, name in numbered]


class _Walker:
    def __init__(self, cells_left: int) -> None:
        self._cells_left = cells_left

    def blocks(self, parent: etree._Element, *, is_title: bool = False) -> Iterator[Block]:
        for child in parent:
            if child.tag == f"{A}p":
                text = _text(child)
                if text:
                    yield Paragraph(text=text, level=0 if is_title else None)
            elif child.tag == f"{A}tbl":
                yield self._table(child)
            elif child.tag != _FALLBACK and isinstance(child.tag, str):
                yield from self.blocks(child, is_title=is_title or _is_title(child))

    def _table(self, table: etree._Element) -> Table:
        cells: list[Cell] = []
        rows = table.findall(f"{A}tr")
        for row, tr in enumerate(rows):
            for column, tc in enumerate(tr.findall(f"{A}tc")):
                self._cells_left -= 1
                if self._cells_left < 0:
                    raise LimitExceeded("too many table cells")
                if tc.get("hMerge") not in ("1", "true") and tc.get("vMerge") not in ("1", "true"):
                    text = "\n".join(line for paragraph in tc.iter(f"{A}p") if (line := _text(paragraph)))
                    spans = _span(tc, "rowSpan"), _span(tc, "gridSpan")
                    cells.append(Cell(text=text, row=row, column=column, row_span=spans[0], column_span=spans[1]))
        columns = max((cell.column + cell.column_span for cell in cells), default=0)
        return Table(cells=tuple(cells), rows=len(rows), columns=columns)


def _is_title(shape: etree._Element) -> bool:
    place = shape.find(f"{P}nvSpPr/{P}nvPr/{P}ph")
    return place is not None and place.get("type") in ("title", "ctrTitle")


def _text(paragraph: etree._Element) -> str:
    pieces = (
        "\n" if node.tag == f"{A}br" else node.text or ""
        for node in paragraph.iter(f"{A}t", f"{A}br")
        if not _is_struck(node)
    )
    return "".join(pieces).strip()


def _is_struck(text: etree._Element) -> bool:
    run = text.getparent()
    properties = None if run is None else run.find(f"{A}rPr")
    return properties is not None and properties.get("strike", "noStrike") != "noStrike"


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name, "")
    return max(1, int(value)) if value.isdecimal() and len(value) < 5 else 1


PARSER: Final = FormatParser(name="pptx", media_types=(PPTX,), read=read)
