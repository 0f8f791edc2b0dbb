"""Splits a message into its part tree without copying it: every part is a stretch of the raw bytes.

    parse_tree(data) -> Part       headers, content type, children; a leaf's `start` and `end` bound its encoded body

`data` is usually a memory map, so a message of 100 MB costs a few megabytes. The splitter works from the outside in:
an inner multipart can never swallow its sibling, whichever of its boundaries are missing, which is what happens in
truncated mail. A multipart without its boundary line is looked through for one; else it is a text leaf. After the
closing boundary further parts are still taken: mail programs that use one boundary twice lose none.

Bounds: MAX_DEPTH levels of multipart, MAX_PARTS parts, headers as in `parsers.headers`. No mail program makes more;
such a message is `ExcessiveMessage` as a whole, for a person to look at, since what is left out in silence is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from mmap import mmap
from typing import Final

from parsers.headers import MAX_HEADER_BYTES, Headers, split_headers

MAX_DEPTH: Final = 40
MAX_PARTS: Final = 2000

_CONTENT_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_BLANK: Final = re.compile(rb"\r?\n")
_BOUNDARY_LINE: Final = re.compile(rb"(?:^|\n)--([^\s][^\r\n]{0,199}?)[ \t]*\r?\n[!-9;-~]+:")

Bytes = bytes | mmap


class ExcessiveMessage(Exception):  # noqa: N818 - names what was found
    """The message was built to exhaust whoever reads it; the text says how, in Chinese."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One node of the tree. `path` is the IMAP section number; empty for a message's root that is a multipart."""

    path: str
    headers: Headers
    content_type: str
    start: int
    end: int
    children: tuple[Part, ...] = ()

    @property
    def disposition(self) -> str:
        return self.headers.token("content-disposition")


def parse_tree(data: Bytes, stretch: tuple[int, int], path: str, defects: list[str]) -> Part:
    """The tree of the message in that stretch of `data`; `path` is that of the part that holds it, empty for none.

    Adds to `defects`. A message that is no multipart is its own part 1. Raises ExcessiveMessage.
    """
    root = _Splitter(data, defects).part(stretch, path, default="text/plain", depth=0)
    return root if root.children else replace(root, path=f"{path}.1" if path else "1")


def too_many_parts() -> ExcessiveMessage:
    return ExcessiveMessage(f"附件过多，超过{MAX_PARTS}个")


class _Splitter:
    """Counts the parts of one message while it splits them."""

    def __init__(self, data: Bytes, defects: list[str]) -> None:
        self._data = data
        self._defects = defects
        self._count = 0

    def part(self, stretch: tuple[int, int], path: str, *, default: str, depth: int) -> Part:
        headers, body = _headers_at(self._data, *stretch, is_root=depth == 0)
        content_type = _content_type(headers, default=default)
        end = stretch[1]
        if not content_type.startswith("multipart/"):
            return Part(path=path, headers=headers, content_type=content_type, start=body, end=end)
        if depth >= MAX_DEPTH:
            raise ExcessiveMessage(f"邮件嵌套过深，超过{MAX_DEPTH}层")
        boundary = _boundary(self._data, headers, (body, end))
        child_type = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
        children = tuple(self._children((body, end), boundary, path, default=child_type, depth=depth))
        if not children:
            self._defects.append(f"{path or 'message'}: multipart without parts, read as text")
            content_type = "text/plain"
        return Part(path=path, headers=headers, content_type=content_type, start=body, end=end, children=children)

    def _children(
        self, body: tuple[int, int], boundary: bytes, path: str, *, default: str, depth: int
    ) -> Iterator[Part]:
        if not boundary:
            return
        for number, stretch in enumerate(_stretches(self._data, boundary, *body), start=1):
            self._count += 1
            if self._count > MAX_PARTS:
                raise too_many_parts()
            child_path = f"{path}.{number}" if path else str(number)
            yield self.part(stretch, child_path, default=default, depth=depth + 1)


def root_headers(data: Bytes) -> tuple[Headers, str]:
    """The headers of a whole message and its content type, without a look at its parts."""
    headers, _body = _headers_at(data, 0, len(data), is_root=True)
    return headers, _content_type(headers, default="text/plain")


def _headers_at(data: Bytes, start: int, end: int, *, is_root: bool) -> tuple[Headers, int]:
    """The headers and where the body starts. Headers beyond the bound are skipped, not taken for the body.

    A part that starts with an empty line has no headers; before a whole message such lines are an exporter's slip.
    """
    block = data[start : min(end, start + MAX_HEADER_BYTES)]
    if not is_root and (blank := _BLANK.match(block)):
        return Headers(), start + blank.end()
    headers, length = split_headers(block)
    if length < len(block) or start + length >= end:
        return headers, start + length
    ends = [at + len(gap) for gap in (b"\n\n", b"\n\r\n") if (at := data.find(gap, start + length, end)) >= 0]
    return headers, min(ends, default=end)


def _content_type(headers: Headers, *, default: str) -> str:
    """The declared type; without one, a part that is sent as a file is octets and not the default text."""
    declared = headers.token("content-type")
    if _CONTENT_TYPE.fullmatch(declared):
        return declared
    if headers.parameter("content-disposition", "filename") or headers.token("content-disposition") == "attachment":
        return "application/octet-stream"
    return default


def _boundary(data: Bytes, headers: Headers, body: tuple[int, int]) -> bytes:
    declared = headers.parameter("content-type", "boundary")
    if declared and declared.text.strip():
        return declared.text.rstrip().encode("utf-8", "replace")
    match = _BOUNDARY_LINE.search(data[body[0] : min(body[1], body[0] + MAX_HEADER_BYTES)])
    return match[1] if match else b""


def _stretches(data: Bytes, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each part between two boundary lines starts and ends; the line break before a boundary belongs to it."""
    part_start = -1
    for line_start, line_end, is_last in _boundary_lines(data, boundary, start, end):
        if part_start >= 0:
            yield part_start, _without_line_break(data, part_start, line_start)
        part_start = -1 if is_last else line_end
    if part_start >= 0:
        yield part_start, end


def _boundary_lines(data: Bytes, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    delimiter = b"--" + boundary
    at = data.find(delimiter, start, end)
    while at >= 0:
        line_end = data.find(b"\n", at, end)
        line_end = end if line_end < 0 else line_end + 1
        rest = data[at + len(delimiter) : min(line_end, at + len(delimiter) + 200)].strip()
        if rest in (b"", b"--") and (at == start or data[at - 1 : at] == b"\n"):
            yield at, line_end, rest == b"--"
        at = data.find(delimiter, max(line_end, at + 1), end)


def _without_line_break(data: Bytes, start: int, end: int) -> int:
    if end > start and data[end - 1 : end] == b"\n":
        end -= 1
        if end > start and data[end - 1 : end] == b"\r":
            end -= 1
    return end
