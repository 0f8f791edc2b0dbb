"""Pictures that stand in HTML itself (`<img src="data:image/jpeg;base64,…">`): some web mail pastes photos so.

Only what photographs come in is looked for; icons and tracking pixels are GIFs.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from parsers.blips import suffix_of

_BEGINNING: Final = r"data:image/(?:jpe?g|png|tiff?);base64,"
_IN_TEXT: Final = re.compile(_BEGINNING, re.IGNORECASE)
_PICTURE: Final = re.compile(_BEGINNING.encode() + rb"(?P<text>[A-Za-z0-9+/=\s]*)", re.IGNORECASE)


def has_pasted_pictures(markup: str) -> bool:
    return bool(_IN_TEXT.search(markup))


def pasted_pictures(markup: bytes) -> Iterator[tuple[str, bytes]]:
    """Suffix and bytes of each; what is no picture is left out."""
    for match in _PICTURE.finditer(markup):
        try:
            picture = base64.b64decode(match["text"])
        except binascii.Error:
            continue
        suffix = suffix_of(picture[:8])
        if suffix:
            yield suffix, picture


def without_pasted_pictures(markup: bytes) -> bytes:
    """What is left to read as text."""
    return _PICTURE.sub(b"", markup)
