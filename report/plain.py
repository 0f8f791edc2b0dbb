"""Strangers' text made safe to show: file names, subjects and senders come from mail that anybody may have written.

`plain` is for every medium: control characters could drive a terminal or break XML, bidirectional overrides could make
`gpj.exe` look like a photo, lone surrogates cannot be encoded. `inert` is for spreadsheets' text formats: a cell that
begins with = + - @ would be run as a formula when the file is opened.
"""

from __future__ import annotations

import re
from typing import Final

_UNSHOWABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain(text: str) -> str:
    return _SURROGATE.sub("\ufffd", _UNSHOWABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def plain_line(text: str) -> str:
    """`plain` on one line: a folded subject or a file name with a line break must not break a table row."""
    return " ".join(plain(text).split())


def inert(text: str) -> str:
    """`plain`, with an apostrophe before anything that a spreadsheet would take for a formula."""
    shown = plain(text)
    return f"'{shown}" if shown.lstrip(" ").startswith(_FORMULA_STARTS) else shown
