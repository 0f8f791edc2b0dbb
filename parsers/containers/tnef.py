"""winmail.dat: the attachments that Outlook wraps in TNEF ([MS-OXTNEF]), with their long names, and the body.

The file is a row of attributes; an attribute about rendering begins an attachment. The true name and sometimes the data
stand in its MAPI properties. A message inside is a TNEF file itself. A body that is only there as compressed RTF is not
read: Outlook sends its text beside winmail.dat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from parsers.charsets import decode_text
from parsers.containers.unpacking import Path, Unpacking
from parsers.content import Content, FormatParser, SourceFile
from parsers.filenames import safe_name
from parsers.limits import MIB
from parsers.sniff import TNEF

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_BEGIN, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_MESSAGE_PROPERTIES, _BODY = 0x9003, 0x800C
_P_LONG_NAME, _P_NAME, _P_DATA, _P_BODY, _P_HTML = 0x3707, 0x3704, 0x3701, 0x1000, 0x1013
_STRING8, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_FIXED_BYTES: Final = {2: 4, 3: 4, 4: 4, 0xA: 4, 0xB: 4, 5: 8, 6: 8, 7: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_MANY: Final = 0x1000
_NAMED: Final = 0x8000
_INTERFACE_ID_BYTES: Final = 16
MAX_BYTES: Final = 512 * MIB
MAX_PROPERTIES: Final = 5000


class TruncatedError(ValueError):
    """The file ends where it should go on."""


@dataclass(slots=True)
class _Attachment:
    name: str = ""
    data: bytes = b""


def _read(source: SourceFile) -> Content:
    unpacking = Unpacking(source)
    unpacking.refuse_declared([source.path.stat().st_size])
    _unpack(source.path.read_bytes(), (), unpacking, source.limits.depth)
    return unpacking.content()


def _unpack(data: bytes, folders: Path, unpacking: Unpacking, depth: int) -> None:
    attachments: list[_Attachment] = []
    for kind, value in _attributes(data):
        if kind == _BEGIN:
            attachments.append(_Attachment())
        elif kind == _BODY:
            _write(unpacking, (*folders, "正文.txt"), decode_text(value.rstrip(b"\0")).text.encode())
        elif kind == _MESSAGE_PROPERTIES:
            _write_body(dict(_properties(value)), folders, unpacking)
        elif attachments:
            _add(attachments[-1], kind, value)
    for number, attachment in enumerate(attachments):
        name = safe_name(attachment.name) or f"附件-{number + 1}.bin"
        if attachment.data.startswith(_SIGNATURE) and depth > 0:
            _unpack(attachment.data, (*folders, name), unpacking, depth - 1)
        else:
            _write(unpacking, (*folders, name), attachment.data)


def _add(attachment: _Attachment, kind: int, value: bytes) -> None:
    if kind == _TITLE:
        attachment.name = attachment.name or decode_text(value.rstrip(b"\0")).text
    elif kind == _DATA:
        attachment.data = value
    elif kind == _PROPERTIES:
        properties = dict(_properties(value))
        names = (_text(properties[key]) for key in (_P_LONG_NAME, _P_NAME) if key in properties)
        attachment.name = next((name for name in names if name), attachment.name)
        if _P_DATA in properties and not attachment.data:
            property_type, content = properties[_P_DATA]
            attachment.data = content[_INTERFACE_ID_BYTES:] if property_type == _OBJECT else content


def _write_body(properties: dict[int, tuple[int, bytes]], folders: Path, unpacking: Unpacking) -> None:
    if _P_BODY in properties:
        _write(unpacking, (*folders, "正文.txt"), _text(properties[_P_BODY]).encode())
    elif _P_HTML in properties:
        _write(unpacking, (*folders, "正文.html"), properties[_P_HTML][1])


def _write(unpacking: Unpacking, path: Path, data: bytes) -> None:
    with unpacking.member(path) as write:
        write(data)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Level (one byte), name and type, length, value, checksum. Raises TruncatedError."""
    at = 6
    while at + 9 <= len(data):
        kind = int.from_bytes(data[at + 1 : at + 3], "little")
        size = int.from_bytes(data[at + 5 : at + 9], "little")
        value = data[at + 9 : at + 9 + size]
        if len(value) < size:
            raise TruncatedError
        yield kind, value
        at += 9 + size + 2


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Number → type and value; of several values the first. What follows an unknown type cannot be read."""
    reader = _Words(data)
    for _ in range(min(reader.word(), MAX_PROPERTIES)):
        head = reader.word()
        property_type, number = head & 0xFFFF, head >> 16
        if number >= _NAMED:
            reader.take(16)
            if reader.word():
                reader.take(reader.word())
            else:
                reader.word()
        single = property_type & ~_MANY
        count = reader.word() if property_type & _MANY or single in (_STRING8, _UNICODE, _OBJECT, _BINARY) else 1
        if single not in _FIXED_BYTES and single not in (_STRING8, _UNICODE, _OBJECT, _BINARY):
            return
        values = [reader.take(_FIXED_BYTES.get(single) or reader.word()) for _ in range(min(count, MAX_PROPERTIES))]
        if values:
            yield number, (single, values[0])


class _Words:
    """Reads values that are padded to four bytes. Raises TruncatedError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def word(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def take(self, size: int) -> bytes:
        value = self._data[self._at : self._at + size]
        if len(value) < size:
            raise TruncatedError
        self._at += (size + 3) // 4 * 4
        return value


def _text(value: tuple[int, bytes]) -> str:
    property_type, data = value
    text = data.decode("utf-16-le", "replace") if property_type == _UNICODE else decode_text(data).text
    return text.rstrip("\0")


PARSER: Final = FormatParser(name="tnef", media_types=(TNEF,), read=_read)
