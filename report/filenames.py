"""Names for files and folders that every system takes: Windows is the strictest, and the office uses it.

Strangers chose the names: they hold separators, control characters, device names of DOS, or three hundred characters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from report.plain import plain_line

LONGEST: Final = 80
"""Characters a part; with four parts a path stays under the 260 that Windows takes."""

_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)", re.IGNORECASE)
_LONGEST_SUFFIX: Final = 10


def sane_name(name: str, *, empty: str = "未命名") -> str:
    """The name as one part of a path; `empty` where nothing is left of it."""
    name = _FORBIDDEN.sub("_", plain_line(unicodedata.normalize("NFC", name)))
    name = _shortened(name.strip(" .") or empty)
    return f"_{name}" if _DEVICES.match(name) else name


class DistinctNames:
    """Gives equal names numbers: 总结.docx, 总结 (2).docx. Names that differ only in case are equal on Windows."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, folder: str, name: str) -> str:
        """`folder/name`, with a number where that is taken."""
        stem, suffix = _split(name)
        number, path = 1, f"{folder}/{name}"
        while path.casefold() in self._taken:
            number += 1
            path = f"{folder}/{stem} ({number}){suffix}"
        self._taken.add(path.casefold())
        return path


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, f".{suffix}") if dot and stem and len(suffix) <= _LONGEST_SUFFIX else (name, "")


def _shortened(name: str) -> str:
    """The ending stays, or nobody's computer knows how to open it."""
    if len(name) <= LONGEST:
        return name
    stem, suffix = _split(name)
    return stem[: LONGEST - len(suffix)].rstrip(" .") + suffix
