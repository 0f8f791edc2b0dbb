"""Three ways to level written text, from the mildest to the strongest; all readers compare through these.

`narrow` keeps the length, so that positions in it are positions in the original; `tidy` is what a person reads;
`fold` is only for comparing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NARROW: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0e-\x1f]")


def narrow(text: str) -> str:
    """Full-width letters, digits, punctuation and blanks as ASCII, one for one."""
    return text.translate(_NARROW)


def tidy(text: str) -> str:
    """Trimmed, every run of blanks and line breaks one space, invisible characters gone."""
    return " ".join(_INVISIBLE.sub("", text).split())


def fold(text: str) -> str:
    """Compatibility forms unified, no blanks at all, lower case."""
    return "".join(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).split()).lower()
