"""Reads kept mail anew after the parsers have changed: in the background, the newest first, a bounded number a run.

The old reading is served until the new one is written with its placement and a record of what differs, in one
transaction; a killed run goes on where it was. When the mail came does not change. Where the newer parsers read worse,
or read otherwise what a person has settled, the old reading stays and the record says so (`rules.rereading`). Mail in
quarantine is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ingest.bounces import note_arrival
from ingest.engine import ParseEngine, UndecodableMessage, is_of_failed_job
from ingest.pipeline import take_back_reminders
from ingest.placement import PlacingRules, settled_paths
from ingest.quarantine import Failure, quarantine
from ingest.sandbox import Stopped
from ingest.scattered_volumes import gathered
from ingest.taking_apart import take_apart
from rules.errors import StoreError
from rules.extraction import Extraction
from rules.flatten import items_of
from rules.messages import Envelope, ReceivedMessage
from rules.rereading import Difference, FileChange, Kept, better_of, changes
from store import claims, decisions, extractions, messages, rereadings
from store.blobs import BlobStore
from store.engine import Session, Store
from store.messages import StoredPart
from store.rereadings import Outdated

if TYPE_CHECKING:  # what parsers are made of is not loaded into the program: see `ingest.jobs`
    from parsers.answers import DecodedMessage

log = logging.getLogger(__name__)

GONE: Final = "邮件原件已不在本机，请从备份恢复"


@dataclass(frozen=True, kw_only=True, slots=True)
class RereadCounts:
    """What one run came to: messages read anew, files that read otherwise, of those with the older reading kept."""

    messages: int = 0
    changed: int = 0
    kept: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """A file by the parsers of both versions. `old`: None for a file not seen before."""

    part: StoredPart
    old: Extraction | None
    new: Extraction

    def chosen(self, settled: Collection[str]) -> Extraction:
        """The reading to go on with."""
        if self.old is None:
            return self.new
        is_settled = any(path == self.part.path or path.startswith(f"{self.part.path}/") for path in settled)
        return better_of(self.old, self.new, is_settled=is_settled)


class Rereader:
    """Reads what older parsers read."""

    def __init__(
        self,
        *,
        store: Store,
        blobs: BlobStore,
        engine: ParseEngine,
        rules: PlacingRules,
        parser_version: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._engine = engine
        self._rules = rules
        self._parser_version = parser_version
        self._clock = clock

    def read_anew(self, *, limit: int, give_way: Callable[[], bool]) -> RereadCounts:
        """At most `limit` messages, until `give_way`, which is asked before each file: no job is given up for it, or a
        long one would never come to its end. Raises StoreError when the store cannot be written.
        """
        with self._store.reading() as session:
            waiting = rereadings.outdated(session, parser_version=self._parser_version, limit=limit)
        done: list[Sequence[FileChange]] = []
        for message in waiting:
            try:
                done.append(self._read(message, give_way))
            except Stopped:
                break
        found = [change for one in done for change in one]
        kept = sum(change.kept is not Kept.NOTHING for change in found)
        return RereadCounts(messages=len(done), changed=len(found), kept=kept)

    def _read(self, message: Outdated, give_way: Callable[[], bool]) -> Sequence[FileChange]:
        if not self._blobs.exists(message.sha256):
            return self._leave(message, Failure(stage="read", error=GONE))
        envelope: Envelope | None = None
        try:
            _stop_if(give_way)
            decoded, parts = take_apart(self._engine, self._blobs, message.sha256)
            envelope = decoded.envelope
            parts = self._gathered(message, decoded, parts)
            before = self._parts_before(message)
            reads = [self._read_file(message, part, before.get(part.path, part), give_way) for part in parts]
        except (StoreError, Stopped):
            raise
        except UndecodableMessage as error:
            return self._leave(message, Failure(stage="decode", error=str(error), envelope=error.envelope))
        except Exception as error:  # one bad message never stops the next
            log.exception("message failed", extra={"action": "message_failed", "sha256": message.sha256})
            return self._leave(message, Failure.of_defect(error, envelope))
        return self._save(message, decoded, reads)

    def _gathered(
        self, message: Outdated, decoded: DecodedMessage, parts: tuple[StoredPart, ...]
    ) -> tuple[StoredPart, ...]:
        with self._store.reading() as session:
            received_at = messages.received_at(session, message.sha256)
        return gathered(
            parts,
            of=message.sha256,
            envelope=decoded.envelope,
            received_at=received_at,
            store=self._store,
            blobs=self._blobs,
            engine=self._engine,
        )

    def _parts_before(self, message: Outdated) -> dict[str, StoredPart]:
        with self._store.reading() as session:
            return {part.path: part for part in messages.parts_of(session, message.sha256)}

    def _read_file(
        self, message: Outdated, part: StoredPart, before: StoredPart, give_way: Callable[[], bool]
    ) -> _Read:
        """`before`: what the older parsers took for the file at that place, as the first of several volumes."""
        with self._store.reading() as session:
            old = extractions.load(session, before.sha256, before.filename, message.parser_version)
            new = extractions.load(session, part.sha256, part.filename, self._parser_version)
        is_again = new is not None
        while new is None or (is_of_failed_job(new) and is_again):
            _stop_if(give_way)
            new, is_again = self._read_and_keep(part), new is None
        return _Read(part=part, old=old, new=new)

    def _read_and_keep(self, part: StoredPart) -> Extraction:
        """Kept at once: a mail with very many files is read to its end even if every run is broken off."""
        new = self._engine.read(self._blobs.path(part.sha256), part.filename)
        with self._store.writing() as session:
            self._keep_reading(session, part, new)
        return new

    def _save(self, message: Outdated, decoded: DecodedMessage, reads: Sequence[_Read]) -> Sequence[FileChange]:
        with self._store.writing() as session:
            if not rereadings.take_over(session, message, parser_version=self._parser_version):
                return ()
            settled = settled_paths(decisions.all_decisions(session), message.sha256)  # perhaps just now
            chosen = [one.chosen(settled) for one in reads]
            found = _changes(message, reads, chosen, settled)
            parts = [one.part for one in reads]
            messages.save_decoded(session, message.sha256, decoded.envelope, decoded.body_text, parts)
            for part, reading in zip(parts, chosen, strict=True):
                self._keep_reading(session, part, reading)
            received = ReceivedMessage(
                sha256=message.sha256,
                received_at=messages.received_at(session, message.sha256),
                envelope=decoded.envelope,
                body_text=decoded.body_text,
                items=items_of(list(zip(parts, chosen, strict=True))),
            )
            placement = self._rules.place(received)
            if not claims.is_placed_so(session, message.sha256, placement):
                claims.replace_placement(session, message.sha256, placement)
                take_back_reminders(session, self._rules, received, placement)
            note_arrival(session, received, decoded.bounce)
            messages.mark_read(
                session, message.sha256, parser_version=self._parser_version, received_at=received.received_at
            )
            self._record(session, message, found)
        return found

    def _keep_reading(self, session: Session, part: StoredPart, extraction: Extraction) -> None:
        extractions.save(session, part.sha256, part.filename, self._parser_version, extraction, replaces=True)

    def _leave(self, message: Outdated, failure: Failure) -> Sequence[FileChange]:
        """The newer parsers cannot take it apart: quarantined mail stays there, what was read stays as it was read."""
        found = () if message.has_failed else (_of_message("", failure.error, kept=Kept.WORSE),)
        with self._store.writing() as session:
            if not rereadings.take_over(session, message, parser_version=self._parser_version):
                return ()
            if message.has_failed:
                quarantine(session, message.sha256, failure, rules=self._rules, parser_version=self._parser_version)
            for part in messages.parts_of(session, message.sha256):
                old = extractions.load(session, part.sha256, part.filename, message.parser_version)
                if old is not None and not message.has_failed:
                    self._keep_reading(session, part, old)
            self._record(session, message, found)
        return found

    def _record(self, session: Session, message: Outdated, found: Sequence[FileChange]) -> None:
        now = self._clock()
        rereadings.record(session, message, found, parser_version=self._parser_version, read_at=now)


def _of_message(before: str, after: str, *, kept: Kept = Kept.NOTHING) -> FileChange:
    difference = Difference(aspect="failure", before=before, after=after)
    return FileChange(path="", filename="", differences=(difference,), kept=kept)


def _changes(
    message: Outdated, reads: Sequence[_Read], chosen: Sequence[Extraction], settled: Collection[str]
) -> tuple[FileChange, ...]:
    found = changes(
        items_of([(one.part, one.old) for one in reads if one.old]),
        items_of([(one.part, one.new) for one in reads]),
        items_of([(one.part, reading) for one, reading in zip(reads, chosen, strict=True)]),
        settled=settled,
    )
    return (_of_message(message.error, ""), *found) if message.has_failed else found


def _stop_if(give_way: Callable[[], bool]) -> None:
    if give_way():
        raise Stopped
