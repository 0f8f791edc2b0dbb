"""Puts volumes of an archive together that a sender spread over several mails, because one may not be so large.

The mail that came last gets the archive in the place of its own volume, so that the material counts from when it was
all there; in those before it the volumes are called taken over, and nothing stands against them any more: only the
files that lie whole in one of them count from when they came. Mail may be read in any order: what is read late lets
those wait to be read again which it concerns.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ingest.adopting import adopt
from ingest.engine import ParseEngine
from parsers.content import EmbeddedFile
from parsers.volumes import TAKEN, archive_by_name, archives_joined, as_taken
from rules.messages import Envelope
from store import neighbours
from store.blobs import BlobStore
from store.engine import Session, Store
from store.messages import StoredPart

log = logging.getLogger(__name__)

WITHIN: Final = timedelta(days=7)
_ALLOWANCE_BYTES: Final = 1024 * 1024  # for the archive that holds volumes that cannot be joined
_ONE_AT_A_TIME: Final = threading.Lock()
"""Held from looking for other mail until one's own is written: of two that belong together one must see the other."""


def one_at_a_time(parts: Sequence[StoredPart]) -> AbstractContextManager[object]:
    """The lock for mail with volumes; none for that with an archive which may only be one: `wake` sees to such mail."""
    names = (archive_by_name(part.filename) for part in parts if not part.is_body)
    return _ONE_AT_A_TIME if any(name and name[1] for name in names) else nullcontext()


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
    if envelope.header_from is None or not _may_be_scattered(parts):
        return parts
    with store.reading() as session:
        near = _near(session, envelope.header_from.address, received_at)
    later = [part for one in near if (one.received_at, one.sha256) > (received_at, of) for part in one.parts]
    if taken := _taken(parts, later, blobs, engine):
        return tuple(replace(part, filename=as_taken(part.filename)) if part in taken else part for part in parts)
    before = [one for one in near if (one.received_at, one.sha256) < (received_at, of)]
    earlier = [part for one in reversed(before) for part in one.parts if _belongs(part, parts)]
    own = [part for part in parts if _belongs(part, earlier)]
    if not earlier or not own:
        return parts
    with engine.gathered([_file(part, blobs) for part in own], [_file(part, blobs) for part in earlier]) as found:
        for one in found:
            size = sum(own[place].size_bytes for place in one.places) + sum(part.size_bytes for part in earlier)
            if adopt(one.path, blobs, max_bytes=size + _ALLOWANCE_BYTES) != one.sha256:
                log.warning("volumes not gathered: no such file", extra={"action": "gathering_failed", "sha256": of})
                continue
            first, *others = [own[place] for place in one.places]
            whole = replace(first, filename=one.name, sha256=one.sha256, size_bytes=one.size_bytes)
            parts = tuple(whole if part is first else part for part in parts if part not in others)
            log.info("volumes gathered", extra={"action": "volumes_gathered", "sha256": of, "file": one.sha256})
    return parts


def wake(
    session: Session,
    parts: Sequence[StoredPart],
    *,
    of: str,
    envelope: Envelope,
    received_at: datetime,
    is_first_time: bool,
) -> tuple[str, ...]:
    """Lets mail wait again that may lack what came with this one, or that holds what this one took over; its hashes.

    `is_first_time`: this mail was not let wait again itself; else later mail knows it already.
    """
    is_joined = any(archives_joined(part.filename) for part in parts)
    if envelope.header_from is None or not (is_joined or _may_be_scattered(parts)):
        return ()
    found = []
    for one in _near(session, envelope.header_from.address, received_at):
        if (one.received_at, one.sha256) > (received_at, of):
            if is_first_time and any(_belongs(part, parts) for part in one.parts):
                found.append(one.sha256)
        elif one.sha256 != of:
            if any(_may_be_taken(part, parts) and TAKEN not in part.filename for part in one.parts):
                found.append(one.sha256)
            if is_first_time and any(_belongs(part, one.parts) for part in parts):
                found.append(of)  # the two may have been read at the same time
    neighbours.let_wait_again(session, found)
    return tuple(found)


def _may_be_scattered(parts: Sequence[StoredPart]) -> bool:
    """True where one of the files may be a volume by its name."""
    return any(archive_by_name(part.filename) for part in parts if not part.is_body)


def _near(session: Session, address: str, received_at: datetime) -> tuple[neighbours.Neighbour, ...]:
    return neighbours.from_sender(session, address, since=received_at - WITHIN, until=received_at + WITHIN)


def _taken(
    parts: Sequence[StoredPart], later: Sequence[StoredPart], blobs: BlobStore, engine: ParseEngine
) -> tuple[StoredPart, ...]:
    """The files that are volumes of an archive in a later mail; of 表.zip and 表.rar only the content tells."""
    found = [part for part in parts if _may_be_taken(part, later)]
    unsure = [part for part in found if (name := archive_by_name(part.filename)) and not name[1]]
    volumes = engine.volumes_among([_file(part, blobs) for part in unsure]) if unsure else ()
    others = [part for place, part in enumerate(unsure) if place not in volumes]
    return tuple(part for part in found if part not in others)


def _may_be_taken(part: StoredPart, later: Sequence[StoredPart]) -> bool:
    """A later mail holds an archive to whose volumes this one's name would fit."""
    name = None if part.is_body else archive_by_name(part.filename)
    return name is not None and any(name[0] in archives_joined(other.filename) for other in later)


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
