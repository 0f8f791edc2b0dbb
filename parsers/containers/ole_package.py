r"""A file that was put into a document as an object (oleObject1.bin): what is inside, under its own name.

Office wraps it in `\x01Ole10Native` with the name it had ([MS-OLEDS] 2.3.6), or as the stream `Package` or `CONTENTS`.
Equations and other objects without a file are nobody's submission.
"""

from __future__ import annotations

from typing import Final

import olefile

from parsers.charsets import decode_text
from parsers.containers.unpacking import Unpacking, member_path
from parsers.content import Content, FormatParser, SourceFile
from parsers.sniff import OLE
from rules.extraction import Kind

_NATIVE: Final = "\x01Ole10Native"
_BARE: Final = ("Package", "CONTENTS")
_HEAD_BYTES: Final = 6


def _read(source: SourceFile) -> Content:
    unpacking = Unpacking(source)
    with olefile.OleFileIO(str(source.path)) as container:
        if container.exists(_NATIVE):
            name, data = _native(container.openstream(_NATIVE).read())
        else:
            stream = next((stream for stream in _BARE if container.exists(stream)), None)
            if stream is None:
                return Content(kind=Kind.OTHER)
            name, data = source.name, container.openstream(stream).read()
    with unpacking.member(member_path(name)[-1:] or ("附加对象.bin",)) as write:
        write(data)
    return unpacking.content()


def _native(stream: bytes) -> tuple[str, bytes]:
    """Label, path, two words, path again, size, data. A stream without them is the data itself."""
    label, _zero, rest = stream[_HEAD_BYTES:].partition(b"\0")
    _path, _zero, rest = rest.partition(b"\0")
    rest = rest[4:]
    size = int.from_bytes(rest[:4], "little")
    rest = rest[4 + size :]
    size = int.from_bytes(rest[:4], "little")
    if len(rest) < 4 + size or not size:
        return "", stream[4:]
    return decode_text(label).text, rest[4 : 4 + size]


PARSER: Final = FormatParser(name="ole_package", media_types=(OLE,), read=_read)
