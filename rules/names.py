"""Brings the spelling of names to one form, so that two names are equal when a clerk would call them the same.

NFKC (full-width forms, Kangxi radicals), case folded, white space and zero-width characters out, one dot for ・·•,
one dash for ―—–－, one kind of bracket, a trailing （盖章） off. NFKC alone leaves the dots and dashes apart, and
GB2312 and GB18030 decode the same two bytes to different ones of them.

`NormalText` is a longer text in the same form. Its line breaks are taken out too, because names are broken over
lines, but it remembers where they were: a line break is weak evidence for a name's edge.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇"
"""For use inside a character class of a regular expression."""

_VARIANTS: Final[dict[str, str]] = {
    **dict.fromkeys("・·•‧∙●", "·"),
    **dict.fromkeys("―—–‐‑‒−─", "-"),
    **dict.fromkeys("[{【〔〖「『", "("),
    **dict.fromkeys("]}】〕〗」』", ")"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
    **dict.fromkeys("\t\r\x0b\x0c\x85\u2028\u2029|", "\n"),
}
_VARIANT: Final = re.compile(f"[{re.escape(''.join(_VARIANTS))}]")
_FREQUENT: Final = (("，", ","), ("：", ":"), ("；", ";"), ("（", "("), ("）", ")"), ("！", "!"), ("？", "?"))
"""NFKC over a whole Chinese text is slow as soon as one of these is in it, and nothing else ever is."""
_UNUSUAL: Final = re.compile("[^\u4e00-\u9fff\\x00-\x7f。、“”]+")
_SPACES: Final = re.compile(r"[^\S\n]+")
_STAMP: Final = re.compile(r"\((?:盖章|公章|签章|章|盖公章|单位盖章|签字|签名|印章)\)")
_EDGES: Final = " \n,.;:、。·-_/\\\"'“”‘’《》<>*#=~"


@dataclass(frozen=True, slots=True)
class NormalText:
    """A text for searching: no white space, no line breaks; `line_starts` are the offsets at which lines began."""

    text: str
    line_starts: tuple[int, ...]

    def line_start(self, offset: int) -> int:
        """Where the line of this offset begins."""
        return self.line_starts[bisect_right(self.line_starts, offset) - 1]

    def is_line_start(self, offset: int) -> bool:
        return self.line_start(offset) == offset

    def breaks_inside(self, start: int, end: int) -> bool:
        """True when a line break stands between two characters of text[start:end]."""
        return self.line_start(start) != self.line_start(end - 1)

    @property
    def lines(self) -> tuple[str, ...]:
        ends = (*self.line_starts[1:], len(self.text))
        return tuple(self.text[start:end] for start, end in zip(self.line_starts, ends, strict=True))


def normalise_text(raw: str) -> NormalText:
    """The text for searching; empty lines leave no trace."""
    lines = [line for line in _folded(raw).split("\n") if line]
    starts = list(accumulate((len(line) for line in lines), initial=0))[: len(lines)]
    return NormalText("".join(lines), tuple(starts) or (0,))


def normalise_name(raw: str) -> str:
    """One name in the form in which equal names are equal strings."""
    name = _STAMP.sub("", _folded(raw).replace("\n", ""))
    name = name.strip(_EDGES)
    return name[1:-1] if name.startswith("(") and name.endswith(")") and name.count("(") == 1 else name


def _folded(raw: str) -> str:
    text = raw
    for wide, narrow in _FREQUENT:
        text = text.replace(wide, narrow)
    text = _UNUSUAL.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text).casefold()
    text = _VARIANT.sub(lambda match: _VARIANTS[match[0]], text)
    return _SPACES.sub("", text)


def is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" or character == "〇"
