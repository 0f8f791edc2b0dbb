"""Outlook messages (.msg): body and attachments from the streams of an OLE2 file ([MS-OXMSG]), messages inside too.

A property is a stream whose name says its number and type; text is UTF-16 or, in old files, in the sender's charset.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import olefile

from parsers.charsets import decode_text
from parsers.containers.unpacking import Path, Unpacking
from parsers.content import Content, FormatParser, SourceFile
from parsers.filenames import safe_name
from parsers.sniff import MSG
from rules.extraction import Kind

_ATTACHMENT: Final = re.compile(r"__attach_version1\.0_#[0-9A-Fa-f]{8}")
_SUBJECT, _BODY, _HTML = "0037", "1000", "1013"
_DATA, _NAMES, _NESTED = "3701", ("3707", "3704", "3001"), "__substg1.0_3701000D"
_UTF_16, _BYTES, _BINARY = "001F", "001E", "0102"
MAX_DEPTH: Final = 5


def _read(source: SourceFile) -> Content:
    unpacking = Unpacking(source)
    with olefile.OleFileIO(str(source.path)) as container:
        message = _Message(container, ())
        title = message.text(_SUBJECT)
        message.unpack((), unpacking, min(MAX_DEPTH, source.limits.depth))
    return replace(unpacking.content(), kind=Kind.MESSAGE, title=title)


class _Message:
    """A message or an attachment: the streams and storages in one storage of the file."""

    def __init__(self, container: olefile.OleFileIO, place: Path) -> None:
        self._container = container
        self._place = place

    def unpack(self, folders: Path, unpacking: Unpacking, depth: int) -> None:
        body, html = self.text(_BODY), self._binary(_HTML)
        if body.strip() or not html:
            _write(unpacking, (*folders, "正文.txt"), body.encode())
        else:
            _write(unpacking, (*folders, "正文.html"), html)
        for number, name in enumerate(self._attachments()):
            attachment = _Message(self._container, (*self._place, name))
            if self._container.exists("/".join((*attachment._place, _NESTED))):
                nested = _Message(self._container, (*attachment._place, _NESTED))
                inner = safe_name(nested.text(_SUBJECT)) or f"邮件{number + 1}"
                if depth > 0:
                    nested.unpack((*folders, inner), unpacking, depth - 1)
            else:
                _write(unpacking, (*folders, attachment._name(number)), attachment._binary(_DATA))

    def text(self, number: str) -> str:
        unicode_text = self._stream(number, _UTF_16)
        if unicode_text:
            return unicode_text.decode("utf-16-le", "replace").rstrip("\0")
        return decode_text(self._stream(number, _BYTES)).text.rstrip("\0")

    def _name(self, number: int) -> str:
        return next((name for key in _NAMES if (name := safe_name(self.text(key)))), f"附件-{number + 1}.bin")

    def _binary(self, number: str) -> bytes:
        return self._stream(number, _BINARY)

    def _stream(self, number: str, kind: str) -> bytes:
        path = "/".join((*self._place, f"__substg1.0_{number}{kind}"))
        return bytes(self._container.openstream(path).read()) if self._container.exists(path) else b""

    def _attachments(self) -> list[str]:
        depth = len(self._place)
        entries = self._container.listdir(streams=False, storages=True)
        inside = [entry[depth] for entry in entries if len(entry) == depth + 1 and tuple(entry[:depth]) == self._place]
        return sorted(name for name in inside if _ATTACHMENT.fullmatch(name))


def _write(unpacking: Unpacking, path: Path, data: bytes) -> None:
    with unpacking.member(path) as write:
        write(data)


PARSER: Final = FormatParser(name="msg", media_types=(MSG,), read=_read)
