"""Finding a unit by a part of its name, its pinyin or the initials of that: 直溪, zhixi, zxz."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin

_KNOWN_NAMES: Final = 20_000


def matches(name: str, query: str) -> bool:
    """Every word of `query` must be found, in any of the spellings."""
    spellings = _spellings(name)
    return all(any(word in spelling for spelling in spellings) for word in query.casefold().split())


@lru_cache(maxsize=_KNOWN_NAMES)
def _spellings(name: str) -> tuple[str, str, str]:
    syllables = lazy_pinyin(name)
    initials = lazy_pinyin(name, style=Style.FIRST_LETTER)
    return name.casefold(), "".join(syllables).casefold(), "".join(initials).casefold()
