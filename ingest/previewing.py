"""Makes the small pictures of what units sent: in the background after reading, or one when somebody looks at it.

A preview is a blob and a row that names it. It is made once, in the sandbox; what cannot be shown is remembered too.
Nothing waits for this: a report is complete without any preview. A job that did not come back in the background is
tried once more when somebody looks: a busy machine looks like a bad file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from ingest.engine import ParseEngine
from ingest.sandbox import Stopped
from parsers.version import PARSER_VERSION
from rules.previews import Preview, PreviewKey, previews_of
from store import previews
from store.blobs import BlobStore
from store.engine import Store
from store.previews import Unpreviewed

if TYPE_CHECKING:  # what parsers are made of is not loaded into the program: see `ingest.jobs`
    from parsers.answers import MadePreview

log = logging.getLogger(__name__)

_BATCH: Final = 20  # attachments whose extractions are in memory together


class Previewer:
    """Makes previews from the store's files with an engine."""

    def __init__(self, *, store: Store, blobs: BlobStore, engine: ParseEngine) -> None:
        self._store = store
        self._blobs = blobs
        self._engine = engine

    def make_all(self, *, stop: Callable[[], bool]) -> int:
        """Makes what is missing of all attachments, until `stop`; how many attachments were gone through."""
        count = 0
        while not stop():
            with self._store.reading() as session:
                waiting = previews.unpreviewed(session, parser_version=PARSER_VERSION, limit=_BATCH)
            if not waiting:
                break
            for attachment in waiting:
                if stop():
                    return count
                try:
                    self._make(attachment)
                except Stopped:
                    return count
                count += 1
        return count

    def _make(self, attachment: Unpreviewed) -> None:
        wanted = previews_of(attachment.extraction)
        with self._store.reading() as session:
            known = previews.load(session, wanted)
        missing = [key for key in wanted if known.get(key) is None]
        made = self._made(attachment.sha256, attachment.filename, missing) if missing else ()
        with self._store.writing() as session:
            if made is not None:
                previews.save(session, made, impossible=_others(missing, made))
            previews.mark_previewed(session, attachment.sha256, parser_version=PARSER_VERSION)

    def make_one(self, key: PreviewKey, *, inside: str, filename: str) -> Preview | None:
        """The preview from the store, or made now from the attachment `inside`; None where nothing can be shown."""
        with self._store.reading() as session:
            known = previews.load(session, [key])
        if key in known:
            preview = known[key]
            if preview is None or self._blobs.exists(preview.blob):
                return preview
        try:
            made = self._made(inside, filename, [key]) or ()
        except Stopped:  # whoever looks on will ask again
            return None
        with self._store.writing() as session:
            previews.save(session, made, impossible=_others([key], made))
        return made[0] if made else None

    def _made(self, sha256: str, filename: str, wanted: Sequence[PreviewKey]) -> tuple[Preview, ...] | None:
        made = self._engine.previews(self._blobs.path(sha256), filename, wanted)
        if made is None:
            return None
        log.info("previews made", extra={"action": "previews_made", "sha256": sha256, "previews": len(made)})
        return tuple(self._kept(one) for one in made)

    def _kept(self, made: MadePreview) -> Preview:
        blob = self._blobs.put_bytes(made.webp)
        return Preview(key=made.key, blob=blob, width=made.width, height=made.height, scale=made.scale)


def _others(wanted: Iterable[PreviewKey], made: Iterable[Preview]) -> set[PreviewKey]:
    return set(wanted) - {preview.key for preview in made}
