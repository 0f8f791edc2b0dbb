"""Word 97-2003 and WPS texts (.doc, .wps, .dot): paragraphs, tables with their merged cells, pictures.

Three readers, the next one only where the one before fails: our own, which alone tells merged and nested cells, and
without them a form is read wrongly; Tika, for older versions and odd files; LibreOffice, where it is installed. The
coordinator is told of the last two.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

import olefile

from parsers import tika, word_binary
from parsers.blips import as_embedded, pictures
from parsers.content import Content, EncryptedFile, FormatParser, LimitExceeded, SourceFile
from parsers.conversion import converted
from parsers.formats import docx
from parsers.sniff import DOC
from rules.findings import Code, Finding

log = logging.getLogger(__name__)

_FLAGS_AT: Final = 0x0A  # in the file information block
_ENCRYPTED: Final = 0x0100
_TABLE_1: Final = 0x0200


def read(source: SourceFile) -> Content:
    main, table, data = _streams(source)
    try:
        blocks = word_binary.blocks(main, table, data, table_cells=source.limits.table_cells)
        found = (picture for stream in (data, main) for picture in pictures(stream))
        return Content(blocks=tuple(blocks), embedded=as_embedded(found, source))
    except (LimitExceeded, MemoryError):
        raise
    except Exception as error:
        log.info("reading a document otherwise", extra={"action": "word_fallback", "reason": repr(error)})
        content = _by_tika(source) or _by_conversion(source)
        if content is None:
            raise
        detail = "文件经格式转换后读取，版式可能有出入，请核对原件"
        return replace(content, findings=(*content.findings, Finding(code=Code.CONVERSION, detail=detail)))


def _streams(source: SourceFile) -> tuple[bytes, bytes, bytes]:
    """Text, tables and data. A file of which a part did not arrive is refused: half a form would pass for a whole."""
    with olefile.OleFileIO(str(source.path)) as container:
        main = _whole(container, "WordDocument")
        flags = int.from_bytes(main[_FLAGS_AT : _FLAGS_AT + 2], "little")
        if flags & _ENCRYPTED:
            raise EncryptedFile
        name = "1Table" if flags & _TABLE_1 else "0Table"
        table = _whole(container, name) if container.exists(name) else b""  # before Word 97 there was none
        return main, table, _whole(container, "Data") if container.exists("Data") else b""


def _whole(container: olefile.OleFileIO, name: str) -> bytes:
    content = bytes(container.openstream(name).read())
    if len(content) < container.get_size(name):
        raise EOFError(name)
    return content


def _by_tika(source: SourceFile) -> Content | None:
    try:
        blocks = tika.blocks(source)
    except Exception as error:  # noqa: BLE001 - Tika raises of all kinds
        log.info("Tika cannot read it", extra={"action": "word_fallback", "reason": str(error)})
        return None
    return Content(blocks=blocks) if blocks else None


def _by_conversion(source: SourceFile) -> Content | None:
    path = converted(source, "docx")
    return docx.read(replace(source, path=path)) if path is not None else None


PARSER: Final = FormatParser(name="legacy_word", media_types=(DOC,), read=read)
