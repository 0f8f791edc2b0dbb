"""What Excel 97-2003 workbooks ([MS-XLS]) say of their cells beyond the values, which calamine reads.

    drawings(stream)       → the drawing group, in which pictures lie; raises EncryptedFile
    appearances(stream)    → for each sheet, in order: what is hidden, which cells are struck through, and the texts of
                             those of which only some words are

The stream is a row of records: two bytes kind, two bytes length, data.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from parsers.content import EncryptedFile
from parsers.sheets import Place, Unseen

_FILE_PASS: Final = 0x2F
_DRAWING_GROUP: Final = 0xEB
_CONTINUE: Final = 0x3C
_SHEET: Final = 0x85
_FONT: Final = 0x31
_FORMAT: Final = 0xE0
_STRINGS: Final = 0xFC
_BEGIN, _END = 0x809, 0x0A
_ROW: Final = 0x208
_COLUMNS: Final = 0x7D
_CELLS: Final = frozenset({0x06, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406, 0xD6, 0xFD})
_MANY_NUMBERS: Final = 0xBD
_TEXT_CELL: Final = 0xFD

_IS_STRUCK: Final = 0x08
_IS_ROW_HIDDEN: Final = 0x20
_WIDE, _EXTENDED, _RICH = 0x01, 0x04, 0x08
_LEFT_OUT_FONT: Final = 4  # no font has this number
MAX_COLUMN: Final = 255
MAX_SHEETS: Final = 500

Record = tuple[int, bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Appearance:
    """How the cells of one sheet look. `partly`: the texts without the words that are struck through.

    `merged`, of those formats of which calamine does not tell it: from the first place of each to its last.
    """

    unseen: Unseen = field(default_factory=Unseen)
    struck: frozenset[Place] = frozenset()
    partly: dict[Place, str] = field(default_factory=dict)
    merged: tuple[tuple[Place, Place], ...] = ()


def records(stream: bytes, at: int = 0) -> Iterator[Record]:
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def drawings(stream: bytes) -> bytes:
    """The pieces of the drawing group put together again. Raises EncryptedFile where a password is asked for."""
    pieces: list[bytes] = []
    is_drawing = False
    for kind, data in records(stream):
        if kind == _FILE_PASS:
            raise EncryptedFile
        is_drawing = kind == _DRAWING_GROUP or (is_drawing and kind == _CONTINUE)
        if is_drawing:
            pieces.append(data)
    return b"".join(pieces)


def appearances(stream: bytes) -> tuple[Appearance, ...]:
    """Raises struct.error and IndexError for what is no such stream."""
    book = _Book()
    sheets: list[tuple[int, bool]] = []
    is_strings = False
    for kind, data in records(stream):
        is_strings = kind == _STRINGS or (is_strings and kind == _CONTINUE)
        if is_strings:
            book.strings.append(data)
        elif kind == _FONT:
            book.fonts.append(bool(data[2] & _IS_STRUCK))
        elif kind == _FORMAT:
            book.formats.append(int.from_bytes(data[:2], "little"))
        elif kind == _SHEET:
            sheets.append((int.from_bytes(data[:4], "little"), bool(data[4] & 3)))
        elif kind == _END:
            break
    texts = _many_fonted(book)
    return tuple(_appearance(stream, at, book, texts, is_hidden=is_hidden) for at, is_hidden in sheets[:MAX_SHEETS])


@dataclass(slots=True)
class _Book:
    """What all sheets share: which fonts strike through, the font of each format, the table of texts in its pieces."""

    fonts: list[bool] = field(default_factory=list)
    formats: list[int] = field(default_factory=list)
    strings: list[bytes] = field(default_factory=list)

    def strikes(self, font: int) -> bool:
        place = font - 1 if font > _LEFT_OUT_FONT else font
        return place < len(self.fonts) and self.fonts[place]

    def is_struck(self, cell_format: int) -> bool:
        return cell_format < len(self.formats) and self.strikes(self.formats[cell_format])


def _appearance(
    stream: bytes, at: int, book: _Book, texts: dict[int, tuple[str, str]], *, is_hidden: bool
) -> Appearance:
    rows: set[int] = set()
    columns: set[int] = set()
    struck: set[Place] = set()
    partly: dict[Place, str] = {}
    for kind, data in _of_sheet(stream, at):
        if kind == _ROW and data[12] & _IS_ROW_HIDDEN:
            rows.add(int.from_bytes(data[:2], "little"))
        elif kind == _COLUMNS and data[8] & 1:
            first, last = struct.unpack_from("<HH", data)
            columns.update(range(first, min(last, MAX_COLUMN) + 1))
        elif kind in _CELLS or kind == _MANY_NUMBERS:
            struck.update(place for place, cell_format in _formats(kind, data) if book.is_struck(cell_format))
            if kind == _TEXT_CELL and (text := texts.get(int.from_bytes(data[6:10], "little"))) is not None:
                place = struct.unpack_from("<HH", data)
                partly[place] = text[1] if place in struck else "".join(text)
                struck.discard(place)
    unseen = Unseen(rows=rows, columns=columns, is_all=is_hidden)
    return Appearance(unseen=unseen, struck=frozenset(struck), partly=partly)


def _of_sheet(stream: bytes, at: int) -> Iterator[Record]:
    """The records of the sheet that begins at an offset, without those of the diagrams in it."""
    depth = 0
    for kind, data in records(stream, at):
        depth += (kind == _BEGIN) - (kind == _END)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, data


def _formats(kind: int, data: bytes) -> Iterator[tuple[Place, int]]:
    row, column, cell_format = struct.unpack_from("<HHH", data)
    if kind != _MANY_NUMBERS:
        yield (row, column), cell_format
        return
    for number in range((len(data) - 6) // 6):
        yield (row, column + number), int.from_bytes(data[4 + 6 * number : 6 + 6 * number], "little")


# --- texts with fonts of their own ------------------------------------------------------------------------------------


def _many_fonted(book: _Book) -> dict[int, tuple[str, str]]:
    """Texts with fonts of their own, by number: what stands in the cell's font, and the rest but for what is struck."""
    if not any(book.fonts) or not book.strings:
        return {}
    reader = _Pieces(book.strings)
    _all, count = struct.unpack("<II", reader.take(8))
    found = {}
    for number in range(count):
        text, runs = _text_and_runs(reader)
        if runs:
            found[number] = _without_struck(text, runs, book)
    return found


def _text_and_runs(reader: _Pieces) -> tuple[str, list[tuple[int, int]]]:
    """A text, and from which characters on which fonts hold."""
    count, flags = struct.unpack("<HB", reader.take(3))
    run_count = int.from_bytes(reader.take(2), "little") if flags & _RICH else 0
    extra = int.from_bytes(reader.take(4), "little") if flags & _EXTENDED else 0
    text = reader.characters(count, is_wide=bool(flags & _WIDE))
    runs = [(start, font) for start, font in struct.iter_unpack("<HH", reader.take(4 * run_count))]
    reader.take(extra)
    return text, runs


def _without_struck(text: str, runs: Sequence[tuple[int, int]], book: _Book) -> tuple[str, str]:
    units = text.encode("utf-16-le", "surrogatepass")  # runs count these, two bytes each
    ends = [start for start, _font in runs[1:]] + [len(units) // 2]
    kept = (units[2 * start : 2 * end] for (start, font), end in zip(runs, ends, strict=True) if not book.strikes(font))
    lead, rest = (part.decode("utf-16-le", "replace") for part in (units[: 2 * runs[0][0]], b"".join(kept)))
    return lead, rest


class _Pieces:
    """Reads on over the ends of records. A text that goes on in the next record begins there with its width anew."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces
        self._piece = self._at = 0

    def take(self, size: int) -> bytes:
        taken = b""
        while size > 0:
            part = self._part(size)
            taken += part
            size -= len(part)
        return taken

    def characters(self, count: int, *, is_wide: bool) -> str:
        text = ""
        while count > 0:
            if self._is_at_end():
                self._next()
                is_wide = bool(self._part(1)[0] & _WIDE)
            width = 2 if is_wide else 1
            part = self._part(count * width)
            text += part.decode("utf-16-le" if is_wide else "latin-1", "surrogatepass")
            count -= len(part) // width
        return text

    def _part(self, size: int) -> bytes:
        """At most so many bytes, of one record."""
        if self._is_at_end():
            self._next()
        part = self._pieces[self._piece][self._at : self._at + size]
        self._at += len(part)
        return part

    def _is_at_end(self) -> bool:
        return self._at >= len(self._pieces[self._piece])

    def _next(self) -> None:
        self._piece += 1
        self._at = 0
