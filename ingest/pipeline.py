"""The way of one mail after it is kept: decode → read → place. Every step reads what the step before made durable.

    kept ──decode──▶ parts ──read──▶ extractions ──place──▶ claims, or a place in the queue for a person
      └── cannot be taken apart: quarantined with its reason, shown as unattributed, tried again by newer parsers

What newer parsers may read better is read anew by `ingest.rereading`, after all new mail.

One message is worked on by one thread from end to end; the parsers run in the sandbox's processes, so the threads only
wait. A message that fails is marked and the next one goes on (design, invariant 3). Only a store that cannot be written
stops the run, because then nothing could be kept anyway.

A busy machine looks like a bad file: a job that ran out of time or memory may do well an hour later. So whatever failed
once is tried again by the next run; what fails twice stays as it is until the parsers change.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from ingest.bounces import note_arrival
from ingest.engine import ParseEngine, UndecodableMessage, is_of_failed_job
from ingest.placement import PlacingRules
from ingest.placing_basis import Change, PlacingBasis
from ingest.quarantine import Failure, quarantine
from ingest.sandbox import Stopped
from ingest.scattered_volumes import gathered, one_at_a_time, wake
from ingest.taking_apart import take_apart
from parsers.version import PARSER_VERSION
from rules.bouncing import BounceNotice
from rules.claims import Placement
from rules.errors import StoreError
from rules.extraction import Extraction
from rules.flatten import items_of
from rules.messages import ReceivedMessage
from store import claims, extractions, messages, meta, outbox
from store.blobs import BlobStore
from store.engine import Session, Store
from store.messages import StoredPart

if TYPE_CHECKING:  # what parsers are made of is not loaded into the program: see `ingest.jobs`
    from parsers.answers import DecodedMessage

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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """A file of a message and what the parsers saw in it. `is_mended`: they had failed at it before."""

    part: StoredPart
    extraction: Extraction
    is_mended: bool = False


class Pipeline:
    """Decodes, reads and places what is waiting in the store."""

    def __init__(
        self,
        *,
        store: Store,
        blobs: BlobStore,
        engine: ParseEngine,
        rules: PlacingRules,
        workers: int,
        parser_version: int = PARSER_VERSION,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._engine = engine
        self._rules = rules
        self._workers = workers
        self._parser_version = parser_version
        self._woken: set[str] = set()  # by other mail that was read in this run
        self._read_again: set[str] = set()

    def read_waiting(
        self,
        *,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
        give_up: Callable[[], object] = lambda: None,
    ) -> ReadCounts:
        """Works through every waiting message. Raises StoreError when the store cannot be written.

        `give_up` is called when the run ends early, so that whoever runs the jobs lets go of those under way.
        """
        with self._store.reading() as session:
            waiting = messages.waiting(session)
        counts = ReadCounts()
        with ThreadPoolExecutor(self._workers, thread_name_prefix="read") as threads:
            futures = [threads.submit(self._read_unless, stop, sha256) for sha256 in waiting]
            try:
                for done, future in enumerate(as_completed(futures), start=1):
                    counts = counts.plus(future.result())
                    if progress:
                        progress(done, len(waiting))
            except BaseException:  # Ctrl-C as well: it must not wait for all that is left
                give_up()
                threads.shutdown(cancel_futures=True)
                raise
        return counts.plus(self._read_woken(stop))

    def _read_woken(self, stop: Callable[[], bool]) -> ReadCounts:
        """They were counted before."""
        failed = 0
        while self._woken and not stop():
            sha256 = min(self._woken)
            self._woken.remove(sha256)
            self._read_again.add(sha256)
            failed += self._read_unless(stop, sha256).failed
        return ReadCounts(failed=failed)

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
            return self._quarantine(sha256, Failure.of_defect(error))

    def _read(self, sha256: str) -> ReadCounts:
        with self._store.reading() as session:
            received_at = messages.received_at(session, sha256)
            is_again = messages.attempts(session, sha256) > 0
        try:
            decoded, parts = take_apart(self._engine, self._blobs, sha256)
        except UndecodableMessage as error:
            return self._quarantine(sha256, Failure(stage="decode", error=str(error), envelope=error.envelope))
        try:
            with one_at_a_time(parts):
                return self._read_files(sha256, received_at, decoded, parts, is_again=is_again)
        except (StoreError, Stopped):
            raise
        except Exception as error:  # as above; but of this one is known from whom it came
            log.exception("message failed", extra={"action": "message_failed", "sha256": sha256})
            return self._quarantine(sha256, Failure.of_defect(error, decoded.envelope))

    def _read_files(
        self,
        sha256: str,
        received_at: datetime,
        decoded: DecodedMessage,
        parts: tuple[StoredPart, ...],
        *,
        is_again: bool,
    ) -> ReadCounts:
        parts = gathered(
            parts,
            of=sha256,
            envelope=decoded.envelope,
            received_at=received_at,
            store=self._store,
            blobs=self._blobs,
            engine=self._engine,
        )
        seen = [self._see(part, is_again=is_again) for part in parts]
        message = ReceivedMessage(
            sha256=sha256,
            received_at=received_at,
            envelope=decoded.envelope,
            body_text=decoded.body_text,
            items=items_of([(one.part, one.extraction) for one in seen]),
        )
        self._save(message, seen, self._rules.place(message), decoded.bounce)
        log.info(
            "message read",
            extra={"action": "message_read", "message_id": decoded.envelope.message_id, "parts": len(parts)},
        )
        return ReadCounts(messages=1, attachments=0 if is_again else sum(not part.is_body for part in parts))

    def _save(
        self, message: ReceivedMessage, seen: Sequence[_Seen], placement: Placement, bounce: BounceNotice | None
    ) -> None:
        with self._store.writing() as session:
            parts = [one.part for one in seen]
            messages.save_decoded(session, message.sha256, message.envelope, message.body_text, parts)
            for one in seen:
                extractions.save(
                    session,
                    one.part.sha256,
                    one.part.filename,
                    self._parser_version,
                    one.extraction,
                    replaces=one.is_mended,
                )
            claims.replace_placement(session, message.sha256, placement)
            note_arrival(session, message, bounce)
            take_back_reminders(session, self._rules, message, placement)
            woken = wake(
                session,
                parts,
                of=message.sha256,
                envelope=message.envelope,
                received_at=message.received_at,
                is_first_time=message.sha256 not in self._read_again,
            )
            self._woken.update(woken)
            is_done = messages.mark_read(
                session,
                message.sha256,
                parser_version=self._parser_version,
                received_at=message.received_at,
                has_failed=any(is_of_failed_job(one.extraction) for one in seen),
            )
        if not is_done:
            log.info("message came at another time", extra={"action": "message_waits_again", "sha256": message.sha256})

    def _see(self, part: StoredPart, *, is_again: bool) -> _Seen:
        with self._store.reading() as session:
            known = extractions.load(session, part.sha256, part.filename, self._parser_version)
        has_failed = known is not None and is_of_failed_job(known)
        if known and not (has_failed and is_again):
            return _Seen(part=part, extraction=known)
        extraction = self._engine.read(self._blobs.path(part.sha256), part.filename)
        return _Seen(part=part, extraction=extraction, is_mended=has_failed and not is_of_failed_job(extraction))

    def _quarantine(self, sha256: str, failure: Failure) -> ReadCounts:
        with self._store.writing() as session:
            quarantine(session, sha256, failure, rules=self._rules, parser_version=self._parser_version)
        return ReadCounts(messages=1, failed=1)


def take_back_reminders(session: Session, rules: PlacingRules, message: ReceivedMessage, placement: Placement) -> None:
    """What waits to remind of a material that has just come says what is true no more."""
    campaign, brought = rules.spoken_of(placement, message.received_at)
    outbox.skip_concerning(
        session, brought, campaign=campaign, at=message.received_at, because="所列材料已有来件，按最新情况重拟"
    )


def place_anew_what_changed(store: Store, rules_now: Callable[[Session], PlacingRules], *, used: PlacingRules) -> None:
    """Places anew whatever roster, decisions or rules may put elsewhere than those did under which it was placed.

    The rules are made inside the transaction, and compared with those `used` by this run: another program may have
    recorded a decision while it went on.
    """
    with store.writing() as session:
        rules = rules_now(session)
        placed_under = PlacingBasis.from_text(meta.get(session, _PLACED_UNDER))
        change = rules.basis.change_from(placed_under).plus(rules.basis.change_from(used.basis))
        if change.is_nothing:
            return
        for message in _concerned(session, change):
            claims.replace_placement(session, message.sha256, rules.place(message))
        meta.put(session, _PLACED_UNDER, rules.basis.as_text())


def _concerned(session: Session, change: Change) -> Iterator[ReceivedMessage]:
    if change.is_everything:
        return messages.received_messages(session)
    senders = messages.naming_addresses(session, change.addresses)
    return messages.received_messages(session, only=change.messages | senders)
