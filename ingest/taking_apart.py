"""Takes a kept message apart and keeps the files that are in it."""

from __future__ import annotations

from typing import Final

from ingest.adopting import adopt
from ingest.engine import ParseEngine, UndecodableMessage
from parsers.answers import DecodedMessage, DecodedPart
from store.blobs import BlobStore
from store.messages import StoredPart

_GROWTH: Final = 4  # text is kept as UTF-8, which may be longer than what its sender used; files only shrink
_ALLOWANCE_BYTES: Final = 16 * 1024 * 1024


def take_apart(engine: ParseEngine, blobs: BlobStore, sha256: str) -> tuple[DecodedMessage, tuple[StoredPart, ...]]:
    """The message and its files, whose bytes are blobs. Raises UndecodableMessage."""
    raw = blobs.path(sha256)
    with engine.decoded(raw) as decoded:
        left = _GROWTH * raw.stat().st_size + _ALLOWANCE_BYTES
        for part in decoded.parts:
            left -= part.size_bytes
            if part.size_bytes < 0 or left < 0:
                raise UndecodableMessage("读取程序返回的内容超过邮件本身的大小", decoded.envelope)
            if adopt(part.payload, blobs, max_bytes=part.size_bytes) != part.sha256:
                raise UndecodableMessage("读取程序返回的附件与其说明不符", decoded.envelope)
    return decoded, tuple(_stored(part) for part in decoded.parts)


def _stored(part: DecodedPart) -> StoredPart:
    return StoredPart(
        path=part.path,
        filename=part.filename,
        declared_type=part.declared_type,
        sha256=part.sha256,
        size_bytes=part.size_bytes,
        folders=part.folders,
        origin=part.origin,
        is_body=part.is_body,
        is_inline=part.is_inline,
        is_guessed=part.is_guessed,
    )
