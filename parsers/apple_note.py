"""The identifier that binds a live photo's picture to its film, from the maker note in the picture's EXIF.

The note is a small TIFF directory, big-endian, after a heading of fourteen bytes; offsets count from its start. Apple
does not document it; the tag is the one that ExifTool calls ContentIdentifier.
"""

from __future__ import annotations

import re
import struct
from typing import Final

_HEADING: Final = b"Apple iOS\x00"
_DIRECTORY_AT: Final = 14
_ENTRY: Final = struct.Struct(">HHII")
_ASCII: Final = 2
_CONTENT_IDENTIFIER: Final = 0x0011
_IDENTIFIER: Final = re.compile(rb"[0-9A-Fa-f-]{32,40}")


def apple_content_id(note: bytes) -> str:
    """In capitals; empty where there is none."""
    if not note.startswith(_HEADING) or len(note) < _DIRECTORY_AT + 2:
        return ""
    (count,) = struct.unpack_from(">H", note, _DIRECTORY_AT)
    for number in range(count):
        place = _DIRECTORY_AT + 2 + number * _ENTRY.size
        if place + _ENTRY.size > len(note):
            break
        tag, kind, length, offset = _ENTRY.unpack_from(note, place)
        if tag == _CONTENT_IDENTIFIER and kind == _ASCII:
            found = _IDENTIFIER.match(note[offset : offset + length])
            return found[0].decode("ascii").upper() if found else ""
    return ""
