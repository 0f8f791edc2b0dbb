"""Slides of PowerPoint 97-2003 and WPS (.ppt, .dps): text by Tika, pictures from the stream that holds them."""

from __future__ import annotations

from typing import Final

import olefile

from parsers import tika
from parsers.blips import as_embedded, pictures
from parsers.content import Content, EncryptedFile, FormatParser, SourceFile
from parsers.sniff import PPT

_ENCRYPTED_TOKEN: Final = b"\xdf\xc4\xd1\xf3"
_TOKEN_AT: Final = 12


def read(source: SourceFile) -> Content:
    with olefile.OleFileIO(str(source.path)) as container:
        user = container.openstream("Current User").read() if container.exists("Current User") else b""
        if user[_TOKEN_AT : _TOKEN_AT + 4] == _ENCRYPTED_TOKEN:
            raise EncryptedFile
        stored = container.openstream("Pictures").read() if container.exists("Pictures") else b""
    return Content(blocks=tika.blocks(source), embedded=as_embedded(pictures(stored), source))


PARSER: Final = FormatParser(name="legacy_slides", media_types=(PPT,), read=read)
