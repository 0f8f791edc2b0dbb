"""The way of one mail after it is kept: decode → read → place. Every step reads what the step before made durable.

    kept ──decode──▶ parts ──read──▶ extractions ──place──▶ claims, or a place in the queue for a person
      └── cannot be taken apart: quarantined with its reason, shown as unattributed, tried again by newer parsers

One message is worked on by one thread from end to end; the parsers run in the sandbox's processes, so the threads only
wait. A message that fails is marked and the next one goes on (design, invariant 3). Only a store that cannot be written
stops the run, because then nothing could be kept anyway.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

from ingest.engine import ParseEngine, UndecodableMessage
from ingest.placement import PlacingRules, quarantined
from ingest.sandbox import Stopped
from parsers.message import DecodedMessage, DecodedPart
from parsers.version import PARSER_VERSION
from rules.errors import StoreError
from rules.extraction import Extraction
from rules.flatten import items_of
from rules.messages import ReceivedMessage
from store import claims, extractions, messages, meta
from store.blobs import BlobStore
from store.engine import Store
from store.messages import StoredPart

log = logging.getLogger(__name__)

_PLACED_UNDER: Final = "placed_under"

Progress = Callable[[int, int], None]
"""Called with (messages done, messages in all)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadCounts:
    """What one run over the waiting messages came to."""

    messages: int = 0
    attachments: int = 0
    failed: int = 0

    def plus(self, other: ReadCounts) -> ReadCounts:
        return ReadCounts(
            messages=self.messages + other.messages,
            attachments=self.attachments + other.attachments,
            failed=self.failed + other.failed,
        )


class Pipeline:
    """Decodes, reads and places what is waiting in the store."""

    def __init__(
        self, *, store: Store, blobs: BlobStore, engine: ParseEngine, rules: PlacingRules, workers: int
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._engine = engine
        self._rules = rules
        self._workers = workers

    def read_waiting(self, *, progress: Progress | None = None, stop: Callable[[], bool] = lambda: False) -> ReadCounts:
        """Works through every waiting message. Raises StoreError when the store cannot be written."""
        with self._store.reading() as session:
            waiting = messages.waiting(session, parser_version=PARSER_VERSION)
        counts = ReadCounts()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="read") as threads:
            futures = [threads.submit(self._read_unless, stop, sha256) for sha256 in waiting]
            try:
                for done, future in enumerate(as_completed(futures), start=1):
                    counts = counts.plus(future.result())
                    if progress:
                        progress(done, len(waiting))
            except StoreError:
                threads.shutdown(cancel_futures=True)
                raise
        return counts

    def place_all_if_rules_changed(self) -> int:
        """Places every message anew when roster or rules are others than last time; how many were placed."""
        with self._store.writing() as session:
            if meta.get(session, _PLACED_UNDER) == self._rules.fingerprint:
                return 0
            placed = 0
            for message in messages.received_messages(session):
                claims.replace_placement(session, message.sha256, self._rules.place(message))
                placed += 1
            meta.put(session, _PLACED_UNDER, self._rules.fingerprint)
        return placed

    def _read_unless(self, stop: Callable[[], bool], sha256: str) -> ReadCounts:
        if stop():
            return ReadCounts()
        try:
            return self._read(sha256)
        except StoreError:
            raise
        except Stopped:  # it is still waiting when the program starts again
            return ReadCounts()
        except Exception as error:  # one bad message never stops the next
            log.exception("message failed", extra={"action": "message_failed", "sha256": sha256})
            return self._quarantine(sha256, stage="read", error=f"{type(error).__name__}: {error}")

    def _read(self, sha256: str) -> ReadCounts:
        with self._store.reading() as session:
            received_at = messages.received_at(session, sha256)
        try:
            decoded, parts = self._decode(sha256)
        except UndecodableMessage as error:
            return self._quarantine(sha256, stage="decode", error=str(error))
        read = [(part, self._extraction(part)) for part in parts]
        message = ReceivedMessage(
            sha256=sha256,
            received_at=received_at,
            envelope=decoded.envelope,
            body_text=decoded.body_text,
            items=items_of(read),
        )
        placement = self._rules.place(message)
        with self._store.writing() as session:
            messages.save_decoded(session, sha256, decoded.envelope, decoded.body_text, parts)
            for part, extraction in read:
                extractions.save(session, part.sha256, part.filename, PARSER_VERSION, extraction)
            claims.replace_placement(session, sha256, placement)
            messages.mark_read(session, sha256, parser_version=PARSER_VERSION)
        log.info(
            "message read",
            extra={"action": "message_read", "message_id": decoded.envelope.message_id, "parts": len(parts)},
        )
        return ReadCounts(messages=1, attachments=sum(not part.is_body for part in parts))

    def _decode(self, sha256: str) -> tuple[DecodedMessage, tuple[StoredPart, ...]]:
        with self._blobs.scratch() as scratch:
            decoded = self._engine.decode(self._blobs.path(sha256), scratch)
            for part in decoded.parts:
                self._blobs.put_file(part.payload, part.sha256)
        return decoded, tuple(_stored(part) for part in decoded.parts)

    def _extraction(self, part: StoredPart) -> Extraction:
        with self._store.reading() as session:
            known = extractions.load(session, part.sha256, part.filename, PARSER_VERSION)
        return known or self._engine.read(self._blobs.path(part.sha256), part.filename)

    def _quarantine(self, sha256: str, *, stage: str, error: str) -> ReadCounts:
        with self._store.writing() as session:
            messages.mark_failed(session, sha256, stage, error, PARSER_VERSION)
            received_at = messages.received_at(session, sha256)
            claims.replace_placement(session, sha256, quarantined(sha256, received_at, error))
        return ReadCounts(messages=1, failed=1)


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
