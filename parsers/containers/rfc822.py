"""A saved message (.eml) as a file, most often inside an archive: its text and attachments, by `parsers.message`.

The files of messages inside it come along, in folders named after those messages.
"""

from __future__ import annotations

from parsers.content import ArchiveTooLarge, Content, EmbeddedFile, FormatParser, SourceFile
from parsers.message import decode_message
from rules.extraction import Kind


def _read(source: SourceFile) -> Content:
    message = decode_message(source.path, source.scratch, limits=source.limits)
    if message.excess:
        raise ArchiveTooLarge(message.excess)
    embedded = tuple(
        EmbeddedFile(name=part.filename, path=part.payload, folders=part.folders) for part in message.parts
    )
    return Content(kind=Kind.MESSAGE, title=message.envelope.subject, embedded=embedded)


PARSER = FormatParser(name="rfc822", media_types=("message/rfc822",), read=_read)
