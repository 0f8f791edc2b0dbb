r"""The binary format of Word 97-2003 ([MS-DOC]), as far as text, tables and merged cells go.

    blocks(main, table, data, table_cells) -> paragraphs and tables in order; the three are streams of the file

The text is found by its piece table, so files that were saved fast or edited often read right. A paragraph's end mark
(\r, \x07 at the end of a cell or row, \x0c) is looked up in the paragraph properties, which say whether it stands in a
table, how deep, and, at the end of a row, where its cells lie and which of them are merged. Deleted text, what is
struck through or hidden, and the instructions of fields do not count. Text boxes, then headers and footers come after
the body.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from parsers.content import Paragraph, Table
from parsers.flow import Flow, RowShape

_IDENT: Final = 0xA5EC
_OLDEST: Final = 0xC1  # Word 97
_STORY_LENGTHS_AT: Final = 76  # body, footnotes, headers, macros, comments, endnotes, text boxes, text boxes of headers
_BODY, _HEADERS, _MACROS, _TEXT_BOXES, _BOXES_OF_HEADERS = 0, 2, 3, 6, 7
_CHARACTER_PLC, _PARAGRAPH_PLC, _PIECES = 12, 13, 33
_POINTERS_AT: Final = 154
_PAGE_BYTES: Final = 512
_COMPRESSED: Final = 0x40000000

_IN_TABLE, _ROW_END, _DEPTH = 0x2416, 0x2417, 0x6649
_INNER_CELL, _INNER_ROW_END = 0x244B, 0x244C
_TABLE_DEFINITION, _HUGE, _DELETED = 0xD608, (0x6645, 0x6646), 0x0800
_VOID: Final = frozenset({0x0837, 0x2A53, 0x083C})  # struck through once or twice, hidden
_ON: Final = (b"\x01", b"\x81")  # the latter: other than the style has it, and styles seldom strike
_OPERAND_BYTES: Final = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_CELL_BYTES: Final = 20
_CONTINUES: Final = 1
MAX_DEPTH: Final = 8
MAX_HEADING: Final = 9

_ENDS: Final = re.compile("[\r\x07\x0c]")
_NO_END: Final = re.compile("[^\r\x07\x0c\x13-\x15]")
_FIELD_INSTRUCTION: Final = re.compile("\x13[^\x13\x14\x15]*(?:\x14|(?=\x15))")
_MARKS: Final = {0x0B: "\n", 0x0E: "\n", 0x1E: "-", 0x07: "", 0x0D: "", 0x0C: "", 0xA0: " "} | dict.fromkeys(
    [*range(0x07), 0x08, *range(0x0F, 0x1E), 0x1F], ""
)


class UnknownVersionError(ValueError):
    """It is no document of Word 97 or later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    """Characters `start` to `end` lie at `offset`, one or two bytes each."""

    start: int
    end: int
    offset: int
    width: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Properties:
    """Of one paragraph."""

    depth: int = 0
    is_row_end: bool = False
    is_inner_cell: bool = False
    shape: RowShape = RowShape()  # noqa: RUF009 - it is frozen
    level: int | None = None


def blocks(main: bytes, table: bytes, data: bytes, *, table_cells: int) -> Sequence[Paragraph | Table]:
    """Raises UnknownVersionError, struct.error and the like for what is no such file."""
    if len(main) < _POINTERS_AT or _u16(main, 0) != _IDENT or _u16(main, 2) < _OLDEST:
        raise UnknownVersionError
    document = _Document(main, table, data)
    flow = Flow(table_cells=table_cells)
    for start, end in _stories(main):
        document.send(start, end, flow)
    return flow.finished()


def _stories(main: bytes) -> Iterator[tuple[int, int]]:
    """Body, text boxes, headers and the boxes in these. Macros have no text."""
    lengths = list(struct.unpack_from("<8i", main, _STORY_LENGTHS_AT))
    lengths[_MACROS] = 0
    starts = [sum(lengths[:number]) for number in range(len(lengths))]
    for story in (_BODY, _TEXT_BOXES, _HEADERS, _BOXES_OF_HEADERS):
        yield starts[story], starts[story] + lengths[story]


class _Document:
    """Text and properties by character position."""

    def __init__(self, main: bytes, table: bytes, data: bytes) -> None:
        self._main, self._data = main, data
        self._pieces = list(_pieces(table, *_pointer(main, _PIECES)))
        self._paragraphs = _Runs(main, table, _PARAGRAPH_PLC)
        self._characters = _Runs(main, table, _CHARACTER_PLC)

    def send(self, start: int, end: int, flow: Flow) -> None:
        """Hands a story's paragraphs, cells and rows on."""
        line: list[str] = []
        for offset, width, text in self._texts(start, end):
            at = 0
            for mark in _ENDS.finditer(text):
                line.append(text[at : mark.start()])
                at = mark.end()
                _end(flow, mark[0], _shown("".join(line)), self._properties(offset + mark.start() * width))
                line.clear()
            line.append(text[at:])
        flow.paragraph(_shown("".join(line)), 0)

    def _texts(self, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """Offset, bytes a character, text; cut where its look changes. Of void text only the ends it marks are left."""
        for piece in self._pieces:
            first, last = max(start, piece.start), min(end, piece.end)
            if first >= last:
                continue
            begin = piece.offset + (first - piece.start) * piece.width
            stop = piece.offset + (last - piece.start) * piece.width
            for run_start, run_end, is_void in self._kept(begin, stop, piece.width):
                raw = self._main[run_start:run_end]
                text = raw.decode("utf-16-le" if piece.width == 2 else "cp1252", "replace")
                yield run_start, piece.width, _NO_END.sub("\0", text) if is_void else text

    def _kept(self, begin: int, stop: int, width: int) -> Iterator[tuple[int, int, bool]]:
        """The runs that are not deleted, and whether their text is void. What no run covers has no properties; a run
        never ends inside a character.
        """
        at = begin
        while at < stop:
            run_end, raw = self._characters.at(at)
            characters = max(1, -(-(run_end - at) // width))
            until = min(stop, at + characters * width)
            switches = {code: operand[:1] in _ON for code, operand in _sprms(raw)}
            if not switches.get(_DELETED):
                yield at, until, any(switches.get(code) for code in _VOID)
            at = until

    def _properties(self, offset: int) -> _Properties:
        _end_of_run, raw = self._paragraphs.at(offset)
        found = dict(_sprms(raw[2:]))
        for code in _HUGE:
            if code in found:
                start = int.from_bytes(found[code], "little")
                found |= dict(_sprms(self._data[start + 2 : start + 2 + _u16(self._data, start)]))
        in_table = found.get(_IN_TABLE, b"")[:1] == b"\x01"
        depth = int.from_bytes(found.get(_DEPTH, b""), "little") or 1
        style = int.from_bytes(raw[:2], "little")
        return _Properties(
            depth=min(depth, MAX_DEPTH) if in_table else 0,
            is_row_end=b"\x01" in (found.get(_ROW_END), found.get(_INNER_ROW_END)),
            is_inner_cell=found.get(_INNER_CELL) == b"\x01",
            shape=_shape(found.get(_TABLE_DEFINITION, b"")),
            level=style if 1 <= style <= MAX_HEADING else None,
        )


def _end(flow: Flow, mark: str, text: str, properties: _Properties) -> None:
    if properties.depth > 0 and properties.is_row_end:
        flow.end_row(properties.depth, properties.shape)
    elif mark == "\x07" or properties.is_inner_cell:
        flow.end_cell(text, properties.depth if properties.is_inner_cell else 1)
    else:
        flow.paragraph(text, properties.depth, properties.level)


class _Runs:
    """Property runs by offset in the main stream: pages of 512 bytes, found by a table of offsets."""

    def __init__(self, main: bytes, table: bytes, pointer: int) -> None:
        start, size = _pointer(main, pointer)
        count = max(0, (size - 4) // 8)
        self._main = main
        self._is_paragraph = pointer == _PARAGRAPH_PLC
        self._firsts = list(struct.unpack_from(f"<{count}I", table, start))
        self._pages = struct.unpack_from(f"<{count}I", table, start + 4 * (count + 1))
        self._cached: tuple[int, tuple[int, ...], bytes] = (-1, (), b"")

    def at(self, offset: int) -> tuple[int, bytes]:
        """Where the run at an offset ends, and its properties; the offset itself where there is none."""
        number = bisect_right(self._firsts, offset) - 1
        if number < 0:
            return offset, b""
        firsts, page = self._page(self._pages[number] & 0x3FFFFF)
        run = bisect_right(firsts, offset) - 1
        if not 0 <= run < len(firsts) - 1:
            return offset, b""
        places = 4 * len(firsts)
        place = page[places + run * (13 if self._is_paragraph else 1)] * 2
        return firsts[run + 1], self._at_place(page, place) if place else b""

    def _page(self, number: int) -> tuple[tuple[int, ...], bytes]:
        if self._cached[0] != number:
            page = self._main[number * _PAGE_BYTES : (number + 1) * _PAGE_BYTES]
            self._cached = number, struct.unpack_from(f"<{page[-1] + 1}I", page), page
        return self._cached[1], self._cached[2]

    def _at_place(self, page: bytes, place: int) -> bytes:
        size, start = page[place], place + 1
        if self._is_paragraph:
            if size == 0:
                size, start = page[place + 1] * 2, place + 2
            else:
                size = size * 2 - 1
        return page[start : start + size]


def _pieces(table: bytes, start: int, size: int) -> Iterator[_Piece]:
    at, end = start, start + size
    while at < end and table[at] == 1:  # properties of pieces, which we do not need
        at += 3 + _u16(table, at + 1)
    count = (int.from_bytes(table[at + 1 : at + 5], "little") - 4) // 12
    firsts = struct.unpack_from(f"<{count + 1}I", table, at + 5)
    for number in range(count):
        (offset,) = struct.unpack_from("<I", table, at + 5 + 4 * (count + 1) + 8 * number + 2)
        width = 1 if offset & _COMPRESSED else 2
        offset = (offset & (_COMPRESSED - 1)) // (2 if width == 1 else 1)
        yield _Piece(start=firsts[number], end=firsts[number + 1], offset=offset, width=width)


def _sprms(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Property code and operand, one after the other."""
    at = 0
    while at + 2 < len(raw):
        code = _u16(raw, at)
        at += 2
        size = _OPERAND_BYTES.get(code >> 13)
        if size is None:
            size, at = (_u16(raw, at) - 1, at + 2) if code == _TABLE_DEFINITION else (raw[at], at + 1)
        yield code, raw[at : at + size]
        at += max(size, 0)


def _shape(definition: bytes) -> RowShape:
    """The operand of sprmTDefTable: a count, the edges of the cells, and twenty bytes for each cell."""
    if not definition:
        return RowShape()
    count = definition[0]
    edges = struct.unpack_from(f"<{count + 1}h", definition, 1)
    flags = 1 + 2 * (count + 1)
    merges = (
        (int.from_bytes(definition[flags + _CELL_BYTES * cell :][:2], "little") >> 5) & 3 for cell in range(count)
    )
    cells = tuple((edge, merge == _CONTINUES) for edge, merge in zip(edges[1:], merges, strict=True))
    return RowShape(left=edges[0], cells=cells)


def _pointer(main: bytes, number: int) -> tuple[int, int]:
    start, size = struct.unpack_from("<II", main, _POINTERS_AT + 8 * number)
    return start, size


def _shown(text: str) -> str:
    previous = ""
    while previous != text:
        previous, text = text, _FIELD_INSTRUCTION.sub("", text)
    return text.translate(_MARKS)


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")
