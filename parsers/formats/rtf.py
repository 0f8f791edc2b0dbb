r"""RTF (also sent as .doc and .wps): paragraphs, tables with their merged cells, and pictures, in order.

The text is read in one pass of tokens with a stack of groups. Bytes come as \'xx in the charset of the font, else of
the document; \uN gives Unicode and is followed by substitutes to be passed over. A row is told by the right edges of
its cells (\cellx) before or after its text, so a row is put together when it ends. Text boxes and drawn shapes are a
story of their own, which stands where they are anchored; heads and feet of pages come after the body, as in .docx.
Fields' instructions and alternative pictures do not count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from parsers.blips import as_embedded, suffix_of
from parsers.content import Content, FormatParser, LimitExceeded, Paragraph, SourceFile, Table
from parsers.flow import Flow, RowShape
from parsers.limits import MIB

MAX_BYTES: Final = 256 * MIB
MAX_DEPTH: Final = 2000
_TOKEN: Final = re.compile(
    rb"\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|\\(?P<sign>[^A-Za-z])"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_CODECS: Final = {77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 204: "cp1251"}
_CODE_PAGES: Final = {936: "gb18030", 54936: "gb18030", 950: "cp950", 932: "cp932", 949: "cp949", 65001: "utf-8"}
_SILENT: Final = frozenset(
    b"""colortbl stylesheet info fldinst nonshppict shprslt listtext pntext objdata listtable listoverridetable rsidtbl
    annotation xmlnstbl themedata datastore bkmkstart bkmkend ftnsep aftnsep latentstyles deleted""".split()
)
_MARGINS: Final = frozenset(b"header headerl headerr headerf footer footerl footerr footerf".split())
_BOXES: Final = frozenset({b"shptxt", b"dptxbxtext"})
_SHAPE_TEXT: Final = b"gtextUNICODE"  # the property of a shape in which its words stand
_STARRED: Final = frozenset(
    {b"shppict", b"shpinst", b"nesttableprops", b"shptxt", b"shpgrp", b"do"}
)  # read, although \* says they may be skipped
_LITERAL: Final = {
    b"tab": "\t", b"line": "\n", b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"bullet": "•", b"emspace": " ", b"enspace": " ", b"qmspace": " ",
}  # fmt: skip
_STRIKES: Final = frozenset({b"strike", b"striked", b"v"})
_SIGNS: Final = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}

Block = Paragraph | Table


def read(source: SourceFile) -> Content:
    if source.path.stat().st_size > MAX_BYTES:
        raise LimitExceeded("the RTF file is too large")
    reader = _Reader(source)
    reader.feed(source.path.read_bytes())
    return Content(blocks=tuple(reader.finished()), embedded=as_embedded(reader.pictures, source))


@dataclass(slots=True)
class _Group:
    """What a group inherits and ends with."""

    is_silent: bool = False
    is_picture: bool = False
    is_fonts: bool = False
    is_name: bool = False  # of a shape's property
    story: int = 0  # how deep in boxes
    skip_after: int = 1  # substitutes behind \uN
    font: int = 0
    is_struck: bool = False  # or hidden
    level: int = 0  # 0 outside tables, 1 in one, 2… in nested ones


@dataclass(slots=True)
class _Shape:
    """A row's definition while it is being read."""

    left: int = 0
    cells: list[tuple[int, bool]] = field(default_factory=list)
    continues: bool = False


@dataclass(slots=True)
class _Story:
    """The body, a box, or the head or foot of the pages: what was read of it, and its line that has not ended."""

    flow: Flow
    line: list[str] = field(default_factory=list)
    shapes: dict[int, _Shape] = field(default_factory=dict)  # by depth of nesting
    is_margin: bool = False


class _Reader:
    def __init__(self, source: SourceFile) -> None:
        self._table_cells = source.limits.table_cells
        self._stories = [_Story(flow=Flow(table_cells=self._table_cells))]
        self._margins: list[Sequence[Block]] = []
        self._property = bytearray()
        self._groups = [_Group()]
        self._codec = "cp1252"
        self._fonts: dict[int, str] = {}
        self._bytes = bytearray()
        self._hex = bytearray()
        self._to_skip = 0
        self.pictures: list[tuple[str, bytes]] = []

    def feed(self, data: bytes) -> None:
        at = 0
        is_starred = False
        while match := _TOKEN.search(data, at):
            at = match.end()
            if match["word"] == b"bin":
                at += max(0, int(match["number"] or 0))
                continue
            if match["sign"] == b"*":
                is_starred = True
                continue
            if match["word"] is not None:
                self._word(match["word"], match["number"], is_starred=is_starred)
            else:
                self._other(match)
            is_starred = False

    def finished(self) -> Sequence[Block]:
        if len(self._groups) > 1:
            raise EOFError("the file was cut short")  # half a form would pass for a whole one
        self._end_line()
        return [*self._story.flow.finished(), *(block for margin in self._margins for block in margin)]

    @property
    def _story(self) -> _Story:
        return self._stories[-1]

    def _open_story(self, *, is_margin: bool = False) -> None:
        self._stories.append(_Story(flow=Flow(table_cells=self._table_cells), is_margin=is_margin))
        self._groups[-1].story += 1
        self._groups[-1].level = 0

    def _close_story(self, level: int) -> None:
        """Sections repeat the heads of their pages."""
        self._story.flow.paragraph(self._taken(), level)
        ended = self._stories.pop()
        blocks = ended.flow.finished()
        if not ended.is_margin:
            self._story.flow.insert(blocks, self._groups[-1].level)
        elif blocks not in self._margins:
            self._margins.append(blocks)

    def _other(self, match: re.Match[bytes]) -> None:
        group = self._groups[-1]
        if match["brace"]:
            self._flush()
            self._brace(match["brace"])
        elif group.is_silent or group.is_fonts:
            return
        elif group.is_name:
            self._property += match["text"] or b""
        elif group.is_picture:
            self._hex += match["text"] or b""
        elif match["hex"]:
            self._append(bytes.fromhex(match["hex"].decode()))
        elif match["sign"]:
            self._literal(_SIGNS.get(match["sign"], ""))
        else:
            self._append(match["text"])

    def _brace(self, brace: bytes) -> None:
        self._to_skip = 0
        if brace == b"{":
            if len(self._groups) > MAX_DEPTH:
                raise LimitExceeded("nested too deeply")
            self._groups.append(replace(self._groups[-1]))
        elif len(self._groups) > 1:
            ended = self._groups.pop()
            if ended.story > self._groups[-1].story:
                self._close_story(ended.level)
            else:
                self._groups[-1].level = ended.level
            if ended.is_picture and not self._groups[-1].is_picture:
                self._end_picture()

    def _end_picture(self) -> None:
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", bytes(self._hex))
        data = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        if suffix := suffix_of(data[:8]):
            self.pictures.append((suffix, data))
        self._hex.clear()

    def _append(self, data: bytes) -> None:
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        if not self._groups[-1].is_struck:
            self._bytes += data

    def _literal(self, text: str) -> None:
        self._flush()
        if not self._groups[-1].is_struck:
            self._story.line.append(text)

    def _flush(self) -> None:
        if self._bytes:
            codec = self._fonts.get(self._groups[-1].font, "") or self._codec
            self._story.line.append(bytes(self._bytes).decode(codec, "replace"))
            self._bytes.clear()

    def _word(self, word: bytes, number: bytes | None, *, is_starred: bool) -> None:
        group = self._groups[-1]
        value = int(number) if number is not None else 0
        if word in _SILENT or (is_starred and word not in _STARRED):
            group.is_silent = True
        elif word in _MARGINS or word in _BOXES or word in (b"sn", b"sv"):
            self._story_word(word, group)
        elif word == b"fonttbl":
            group.is_fonts = True
        elif word == b"pict":
            group.is_picture = not group.is_silent
        elif word == b"ansicpg":
            self._codec = _CODE_PAGES.get(value, f"cp{value}" if 1250 <= value <= 1258 else "cp1252")
        elif word in (b"f", b"fcharset"):
            self._font_word(word, value, group)
        elif word == b"uc":
            group.skip_after = min(max(value, 0), 8)
        elif word in _STRIKES or word == b"plain":
            group.is_struck = word in _STRIKES and number != b"0"
        elif not (group.is_silent or group.is_picture or group.is_fonts):
            self._text_word(word, value, group)

    def _story_word(self, word: bytes, group: _Group) -> None:
        if group.is_silent:
            return
        if word in _MARGINS or word in _BOXES:
            self._open_story(is_margin=word in _MARGINS)
        elif word == b"sn":
            self._property.clear()
            group.is_name = True
        elif self._property.strip() == _SHAPE_TEXT:
            self._open_story()
        else:
            group.is_silent = True

    def _font_word(self, word: bytes, value: int, group: _Group) -> None:
        if word == b"f":
            self._flush()
            group.font = value
        elif group.is_fonts:
            self._fonts[group.font] = _CODECS.get(value, "")

    def _text_word(self, word: bytes, value: int, group: _Group) -> None:
        if word == b"u":
            self._literal(chr(value & 0xFFFF))
            self._to_skip = group.skip_after
        elif word in _LITERAL:
            self._literal(_LITERAL[word])
        elif word in (b"par", b"sect", b"page"):
            self._end_line()
        elif word == b"pard":
            self._flush()
            group.level = 0
        elif word == b"intbl":
            group.level = max(group.level, 1)
        elif word == b"itap":
            group.level = min(max(value, 0), 8)
        else:
            self._table_word(word, value, group)

    def _table_word(self, word: bytes, value: int, group: _Group) -> None:
        if word in (b"cell", b"nestcell"):
            self._story.flow.end_cell(self._taken(), 1 if word == b"cell" else max(group.level, 2))
        elif word in (b"row", b"nestrow"):
            depth = 1 if word == b"row" else max(group.level, 2)
            shape = self._story.shapes.get(depth, _Shape())
            self._story.flow.end_row(depth, RowShape(left=shape.left, cells=tuple(shape.cells)))
        elif word in (b"trowd", b"trleft", b"clvmrg", b"cellx"):
            self._define(word, value, max(group.level, 1))

    def _define(self, word: bytes, value: int, depth: int) -> None:
        if word == b"trowd":
            self._story.shapes[depth] = _Shape()
        shape = self._story.shapes.setdefault(depth, _Shape())
        if word == b"trleft":
            shape.left = value
        elif word == b"clvmrg":
            shape.continues = True
        elif word == b"cellx":
            shape.cells.append((value, shape.continues))
            shape.continues = False

    def _end_line(self) -> None:
        self._story.flow.paragraph(self._taken(), self._groups[-1].level)

    def _taken(self) -> str:
        self._flush()
        text = _whole("".join(self._story.line))
        self._story.line.clear()
        return text


def _whole(text: str) -> str:
    r"""Characters beyond the first plane come as two \uN."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


PARSER: Final = FormatParser(name="rtf", media_types=("application/rtf",), read=read)
