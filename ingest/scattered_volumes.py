"""Puts volumes of an archive together that a sender spread over several mails, because one may not be so large.

The mail that came last gets the archive in the place of its own volume, so that the material counts from when it was
all there. Mail may be read in any order: when an earlier one is read late, those after it wait to be read again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ingest.engine import ParseEngine
from parsers.content import EmbeddedFile
from parsers.volumes import archive_by_name
from rules.messages import Envelope
from store import neighbours
from store.blobs import BlobStore
from store.engine import Session, Store
from store.messages import StoredPart

log = logging.getLogger(__name__)

WITHIN: Final = timedelta(days=7)
ONE_AT_A_TIME: Final = threading.Lock()
"""Held from looking for other mail until one's own is written: of two that belong together one must see the other."""


def may_be_scattered(parts: Sequence[StoredPart]) -> bool:
    """True where one of the files may be a volume by its name."""
    return any(archive_by_name(part.filename) for part in parts if not part.is_body)


def gathered(
    parts: tuple[StoredPart, ...],
    *,
    of: str,
    envelope: Envelope,
    received_at: datetime,
    store: Store,
    blobs: BlobStore,
    engine: ParseEngine,
) -> tuple[StoredPart, ...]:
    """The files of the message `of`, with the archive in the place of its volumes where earlier mail has the others."""
    if envelope.header_from is None or not may_be_scattered(parts):
        return parts
    with store.reading() as session:
        near = neighbours.from_sender(
            session, envelope.header_from.address, since=received_at - WITHIN, until=received_at
        )
    before = [one for one in near if (one.received_at, one.sha256) < (received_at, of)]
    earlier = [part for one in reversed(before) for part in one.parts if _belongs(part, parts)]
    own = [part for part in parts if _belongs(part, earlier)]
    if not earlier or not own:
        return parts
    with engine.gathered([_file(part, blobs) for part in own], [_file(part, blobs) for part in earlier]) as found:
        for one in found:
            blobs.put_file(one.path, one.sha256)
            first, *others = [own[place] for place in one.places]
            whole = replace(first, filename=one.name, sha256=one.sha256, size_bytes=one.size_bytes)
            parts = tuple(whole if part is first else part for part in parts if part not in others)
            log.info("volumes gathered", extra={"action": "volumes_gathered", "sha256": of, "file": one.sha256})
    return parts


def wake_later(
    session: Session, parts: Sequence[StoredPart], *, of: str, envelope: Envelope, received_at: datetime
) -> tuple[str, ...]:
    """Lets later mail wait again that may lack what came with this one; its hashes."""
    if envelope.header_from is None:
        return ()
    near = neighbours.from_sender(session, envelope.header_from.address, since=received_at, until=received_at + WITHIN)
    later = [one for one in near if (one.received_at, one.sha256) > (received_at, of)]
    woken = tuple(one.sha256 for one in later if any(_belongs(part, parts) for part in one.parts))
    neighbours.let_wait_again(session, woken)
    return woken


def _belongs(part: StoredPart, others: Sequence[StoredPart]) -> bool:
    """To an archive of which one of the others is a volume, and one of the two surely."""
    name = None if part.is_body else archive_by_name(part.filename)
    if name is None:
        return False
    found = [
        other for other in map(archive_by_name, (other.filename for other in others if not other.is_body)) if other
    ]
    return any(other[0] == name[0] and (other[1] or name[1]) for other in found)


def _file(part: StoredPart, blobs: BlobStore) -> EmbeddedFile:
    return EmbeddedFile(name=part.filename, path=blobs.path(part.sha256))
