"""Undoes the transfer encoding of one part, piece by piece, from the raw bytes into a file.

    decoded_chunks(data, stretch, encoding, defects) -> chunks of payload

Takes what gateways and mail programs make of base64: missing padding, foreign characters, a disclaimer after the end,
several padded runs in one part, `base64; x` as the encoding's name. Memory: a chunk, whatever the part's size.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from typing import Final

from parsers.charsets import base64_bytes
from parsers.mime_tree import Bytes

CHUNK_BYTES: Final = 1024 * 1024
_TAIL_BYTES: Final = 8192
_MIN_RUN_LINE: Final = 16
_BASE64_LINE: Final = re.compile(rb"[ \t]*[A-Za-z0-9+/]+={0,2}[ \t]*\r?")
_BLANK_LINE: Final = re.compile(rb"\n[ \t]*\r?\n")
_UU_BEGIN: Final = re.compile(rb"begin(?:-base64)? [0-7]{3,4} [^\r\n]*\r?\n")
_FOREIGN: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))


def decoded_chunks(data: Bytes, stretch: tuple[int, int], encoding: str, defects: list[str]) -> Iterator[bytes]:
    """The payload of that stretch of `data`. An unknown encoding is taken as none."""
    start, end = stretch
    name = re.sub(r"[^a-z0-9]", "", encoding.lower())
    if name in ("base64", "b64"):
        return _from_base64(data, start, end, defects)
    if name in ("quotedprintable", "qp"):
        return _line_by_line(data, start, end, binascii.a2b_qp)
    if name in ("xuuencode", "uuencode", "xuue", "uue"):
        return _from_uuencode(data, start, end)
    return (data[at : min(at + CHUNK_BYTES, end)] for at in range(start, end, CHUNK_BYTES))


def _from_base64(data: Bytes, start: int, end: int, defects: list[str]) -> Iterator[bytes]:
    end = _base64_end(data, start, end, defects)
    while start < end:
        padding = data.find(b"=", start, end)
        run_end = end if padding < 0 else padding
        yield from _base64_run(data, start, run_end)
        start = _next_run(data, run_end, end, defects)


def _base64_run(data: Bytes, start: int, end: int) -> Iterator[bytes]:
    """One run up to its padding. Four characters are three bytes, so odd ones wait for the next chunk."""
    waiting = b""
    for at in range(start, end, CHUNK_BYTES):
        clean = waiting + data[at : min(at + CHUNK_BYTES, end)].translate(None, _FOREIGN)
        whole = len(clean) - len(clean) % 4
        yield base64_bytes(clean[:whole])
        waiting = clean[whole:]
    yield base64_bytes(waiting)


def _next_run(data: Bytes, at: int, end: int, defects: list[str]) -> int:
    """Where the next padded run starts behind padding at `at`; `end` when only foreign text follows.

    A run is told by its first line: long, of nothing but base64 characters, a multiple of four.
    """
    while at < end and data[at : at + 1] in b"= \t\r\n" and data[at : at + 1]:
        at += 1
    if at >= end:
        return end
    line = data[at : min(end, at + 1024)].split(b"\n", 1)[0]
    bare = line.strip()
    if _BASE64_LINE.fullmatch(line) and len(bare) >= _MIN_RUN_LINE and len(bare) % 4 == 0:
        return at
    defects.append("text after the end of base64")
    return end


def _base64_end(data: Bytes, start: int, end: int, defects: list[str]) -> int:
    """Where base64 ends at the latest: before a foreign boundary, or before a paragraph of text at the end."""
    boundary = data.find(b"\n--", start, end)
    end = boundary if boundary >= 0 else end
    tail_start = max(start, end - _TAIL_BYTES)
    tail = data[tail_start:end]
    for gap in _BLANK_LINE.finditer(tail):
        following = next((line for line in tail[gap.end() :].split(b"\n") if line.strip()), b"")
        if following and not _BASE64_LINE.fullmatch(following):
            defects.append("text after the end of base64")
            return tail_start + gap.start()
    return end


def _line_by_line(data: Bytes, start: int, end: int, decode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Decodes whole lines, about a chunk at a time."""
    while start < end:
        cut = min(start + CHUNK_BYTES, end)
        if cut < end:
            line_break = data.find(b"\n", cut, end)
            cut = end if line_break < 0 else line_break + 1
        yield decode(data[start:cut])
        start = cut


def _from_uuencode(data: Bytes, start: int, end: int) -> Iterator[bytes]:
    begin = _UU_BEGIN.search(data[start : min(end, start + CHUNK_BYTES)])
    yield from _line_by_line(data, start + (begin.end() if begin else 0), end, _uu_lines)


def _uu_lines(block: bytes) -> bytes:
    lines = block.splitlines()
    ends = [number for number, line in enumerate(lines) if line.strip() == b"end"]
    return b"".join(_uu_line(line) for line in lines[: ends[0] if ends else None])


def _uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # trailing characters beyond the stated length: what the stdlib's own decoder cuts off
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return b""
