"""Takes a kept message apart and keeps the files that are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.engine import ParseEngine
from store.blobs import BlobStore
from store.messages import StoredPart

if TYPE_CHECKING:  # what parsers are made of is not loaded into the program: see `ingest.jobs`
    from parsers.message import DecodedMessage, DecodedPart


def take_apart(engine: ParseEngine, blobs: BlobStore, sha256: str) -> tuple[DecodedMessage, tuple[StoredPart, ...]]:
    """The message and its files, whose bytes are blobs. Raises UndecodableMessage."""
    with engine.decoded(blobs.path(sha256)) as decoded:
        for part in decoded.parts:
            blobs.put_file(part.payload, part.sha256)
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
