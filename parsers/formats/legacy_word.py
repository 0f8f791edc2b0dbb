"""Word 97-2003 and WPS texts (.doc, .wps, .dot): paragraphs and tables by Tika, pictures from the drawing records.

Tika tells no merged cells: a row stands as the cells that it has. What Tika cannot read is converted by LibreOffice
where that is installed, and the coordinator is told so.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

import olefile

from parsers import tika
from parsers.blips import as_embedded, pictures
from parsers.content import Content, EmbeddedFile, EncryptedFile, FormatParser, LimitExceeded, SourceFile
from parsers.conversion import converted
from parsers.formats import docx
from parsers.sniff import DOC
from rules.findings import Code, Finding

log = logging.getLogger(__name__)

_FLAGS_AT: Final = 0x0A  # in the file information block
_ENCRYPTED: Final = 0x0100
_PICTURE_STREAMS: Final = ("Data", "WordDocument")


def read(source: SourceFile) -> Content:
    try:
        embedded = _opened(source)
        return Content(blocks=tika.blocks(source), embedded=embedded)
    except (EncryptedFile, LimitExceeded, MemoryError):
        raise
    except Exception as error:
        log.info("reading through a converter", extra={"action": "file_converted", "reason": str(error)})
        content = _through_converter(source)
        if content is None:
            raise
        return content


def _opened(source: SourceFile) -> tuple[EmbeddedFile, ...]:
    """The pictures. Raises EncryptedFile, and OSError for a file whose text is not there."""
    with olefile.OleFileIO(str(source.path)) as container:
        head = container.openstream("WordDocument").read(64)
        if int.from_bytes(head[_FLAGS_AT : _FLAGS_AT + 2], "little") & _ENCRYPTED:
            raise EncryptedFile
        streams = [container.openstream(name).read() for name in _PICTURE_STREAMS if container.exists(name)]
    return as_embedded((found for stream in streams for found in pictures(stream)), source)


def _through_converter(source: SourceFile) -> Content | None:
    path = converted(source, "docx")
    if path is None:
        return None
    content = docx.read(replace(source, path=path))
    detail = "文件经格式转换后读取，版式可能有出入，请核对原件"
    return replace(content, findings=(*content.findings, Finding(code=Code.CONVERSION, detail=detail)))


PARSER: Final = FormatParser(name="legacy_word", media_types=(DOC,), read=read)
