"""One opened installation: configuration, rosters, store and blobs; and what the commands do with them.

The commands, the daemon and the desk ask here for whatever needs more than the store. The clock is passed in: the real
one is known to `ingest.commands` only.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Final

from ingest.config import Config
from ingest.engine import LocalEngine, parsing_sandbox
from ingest.importing import ReceivedFrom, find_messages
from ingest.members import Members
from ingest.pipeline import Pipeline, Progress, ReadCounts, place_anew_what_changed
from ingest.placement import Collection, PlacingRules
from ingest.polling import IntakeCounts, import_messages, poll_mailboxes
from ingest.previewing import Previewer
from ingest.rereading import RereadCounts, Rereader
from ingest.roster_file import read_roster
from ingest.sandbox import Sandbox
from ingest.settings import MailboxSettings, account_name
from parsers.version import PARSER_VERSION
from report.desk.port import Member
from rules.assessment import CampaignReport
from rules.awaiting import with_waiting
from rules.bouncing import with_unreachable
from rules.campaign import Campaign, campaign_at
from rules.claims import Claim, Unattributed
from rules.errors import ConfigError, InputError, MailboxError, Problem, UserError
from rules.extraction import Kind
from rules.judging import judge
from rules.merging import MergedForms, asks_for, merged_forms, with_deliverable
from rules.previews import Preview, PreviewKey
from store import claims, contacts, decisions, kept, passes, previews, rereadings
from store.blobs import BlobDamage, BlobStore
from store.engine import Session, Store, open_store

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

_READ_ANEW_AT_ONCE: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A judged campaign and the mail that no unit could be found for."""

    report: CampaignReport
    unattributed: tuple[Unattributed, ...]


def load_collections(config: Config) -> tuple[Collection, ...]:
    """Every campaign with its roster. Raises ConfigError with all that is wrong in all rosters."""
    collections: list[Collection] = []
    problems: list[Problem] = []
    for entry in config.campaigns:
        keys = (deliverable.key for deliverable in entry.campaign.deliverables)
        reading = read_roster(entry.roster_path, deliverable_keys=keys)
        problems += reading.problems
        collections.append(Collection(campaign=entry.campaign, roster=reading.roster))
    if not config.campaigns:
        problems.append(Problem(file=str(config.path), key="campaign", what="is missing; say what is collected"))
    if problems:
        raise ConfigError(problems)
    return tuple(collections)


class Application:
    """An opened installation. Use `open_application`."""

    def __init__(
        self,
        *,
        config: Config,
        collections: tuple[Collection, ...],
        store: Store,
        blobs: BlobStore,
        parser_version: int,
    ) -> None:
        self.config = config
        self.parser_version = parser_version
        self.collections = collections
        self.store = store
        self.blobs = blobs
        self._closing = ExitStack()
        self._is_closed = threading.Event()
        self._showing: Sandbox | None = (
            None  # of `preview` and `member`: a page asks for many, and processes start slowly
        )
        self._showing_lock = threading.Lock()

    @property
    def accounts(self) -> tuple[str, ...]:
        """The names under which the configured accounts are read."""
        return tuple(account_name(table.username, table.host) for table in self.config.mailboxes)

    def read_rosters_again(self) -> None:
        """For a program that runs for weeks. Raises ConfigError, and keeps the rosters that it has."""
        self.collections = load_collections(self.config)

    def poll(
        self,
        accounts: Iterable[MailboxSettings],
        *,
        clock: Clock,
        progress: Progress | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> IntakeCounts:
        """One pass: fetch, read, place. What was fetched is read even if an account failed; then that is raised."""
        started = time.monotonic()
        try:
            counts = poll_mailboxes(accounts, store=self.store, blobs=self.blobs, clock=clock, stop=stop)
        except MailboxError:
            self.read_waiting(progress=progress, stop=stop)
            raise
        read = self.read_waiting(progress=progress, stop=stop)
        return _together(counts, read, time.monotonic() - started)

    def import_paths(
        self,
        paths: Iterable[Path],
        *,
        received: ReceivedFrom,
        clock: Clock,
        progress: Progress | None = None,
    ) -> IntakeCounts:
        """The same pipeline for files. What was found is read even if a path is unusable; then that is raised."""
        started = time.monotonic()
        found = chain.from_iterable(find_messages(path, received) for path in paths)
        try:
            counts = import_messages(found, store=self.store, blobs=self.blobs, clock=clock)
        except InputError:
            self.read_waiting(progress=progress)
            raise
        return _together(counts, self.read_waiting(progress=progress), time.monotonic() - started)

    def read_waiting(self, *, progress: Progress | None = None, stop: Callable[[], bool] = lambda: False) -> ReadCounts:
        """Decodes, reads and places what is waiting; places anew what changed rules concern."""
        given_up = threading.Event()

        def is_over() -> bool:
            return stop() or given_up.is_set()

        with self.store.reading() as session:
            rules = self._placing_rules(session)
        with self._pipeline(rules, is_over) as pipeline:
            counts = pipeline.read_waiting(progress=progress, stop=is_over, give_up=given_up.set)
        place_anew_what_changed(self.store, self._placing_rules, used=rules)
        return counts

    def read_anew(
        self,
        *,
        clock: Clock,
        limit: int = _READ_ANEW_AT_ONCE,
        stop: Callable[[], bool] = lambda: False,
        give_way: Callable[[], bool] = lambda: False,
    ) -> RereadCounts:
        """What older parsers read, or failed at, up to `limit` messages; for the background, after all new mail.

        `stop` ends the job under way, `give_way` the run after it.
        """
        with self.store.reading() as session:
            if not rereadings.outdated(session, parser_version=self.parser_version, limit=1):
                return RereadCounts()
            rules = self._placing_rules(session)
        with self._sandbox(workers=1, stop=stop) as sandbox:
            rereader = Rereader(
                store=self.store,
                blobs=self.blobs,
                engine=LocalEngine(sandbox),
                rules=rules,
                parser_version=self.parser_version,
                clock=clock,
            )
            counts = rereader.read_anew(limit=limit, give_way=lambda: stop() or give_way())
        place_anew_what_changed(self.store, self._placing_rules, used=rules)
        with self.store.reading() as session:
            left = rereadings.count_outdated(session, parser_version=self.parser_version)
        log.info("kept mail read anew", extra={"action": "mail_read_anew", **asdict(counts), "left": left})
        return counts

    def obey_decisions(self) -> None:
        """Places mail anew where what people decided says otherwise."""
        with self.store.reading() as session:
            rules = self._placing_rules(session)
        place_anew_what_changed(self.store, self._placing_rules, used=rules)

    def make_previews(self, *, stop: Callable[[], bool] = lambda: False) -> int:
        """Makes the missing small pictures of all attachments that were read; how many attachments it went through.

        For the background: it takes long, and nothing waits for it.
        """
        with self.store.reading() as session:
            if not previews.unpreviewed(session, parser_version=PARSER_VERSION, limit=1):
                return 0  # processes are started for work only
        with self._sandbox(workers=1, stop=stop) as sandbox:
            return self._previewer(sandbox).make_all(stop=stop)

    def preview(self, key: PreviewKey, *, inside: str, filename: str) -> Preview | None:
        """A small picture of a file or page, for a page of the desk: from the store, or made now (up to a second).

        `inside` is the SHA-256 of the attachment (`StoredPart.sha256`) in which the file of `key` lies, or the same
        digest where the attachment is that file itself; `filename` is the attachment's. None where nothing can be
        shown. `blobs.path(preview.blob)` is the WebP; `preview.box(place)` is where a cell stands in it. Many at once,
        for a contact sheet, are asked of `store.previews.load`, and only what is missing there of this.
        """
        return self._previewer(self._shown_by()).make_one(key, inside=inside, filename=filename)

    def member(self, message_sha256: str, path: str) -> Member:
        """One file of a mail by its item path, as a blob: `blobs.path(member.blob)` holds its bytes.

        What lies inside an archive, a document or a nested mail is unpacked now, within the limits of reading, and
        only the first time: a large archive takes seconds. Raises MemberUnavailableError.
        """
        engine = LocalEngine(self._shown_by())
        return Members(store=self.store, blobs=self.blobs, engine=engine).member(message_sha256, path)

    def _shown_by(self) -> Sandbox:
        with self._showing_lock:
            if self._showing is None:
                self._showing = self._closing.enter_context(self._sandbox(workers=1, stop=self._is_closed.is_set))
            return self._showing

    def close(self) -> None:
        """Ends the processes that `preview` and `member` started, and gives their jobs up."""
        self._is_closed.set()
        self._closing.close()
        self.blobs.close()

    def judged(self, *, at: datetime, campaign_key: str | None = None) -> Judged:
        """The report of `at`. Raises UserError for a campaign that is not configured."""
        with self.store.reading() as session:
            return self.judged_in(session, at=at, campaign_key=campaign_key)

    def judged_in(self, session: Session, *, at: datetime, campaign_key: str | None = None) -> Judged:
        """The same inside a transaction, for what must follow from the report it is in."""
        collection = self.collection(campaign_key, at=at)
        campaign = collection.campaign
        report = self._judge(session, collection, claims.claims(session), at=at)
        report = with_unreachable(report, contacts.unreachable(session))
        waiting = claims.unattributed(session)
        mine = tuple(entry for entry in waiting if self._belongs(entry, campaign) and entry.received_at <= at)
        return Judged(report=with_waiting(report, mine), unattributed=mine)

    def merged(self, *kinds: Kind, at: datetime, campaign_key: str | None = None) -> list[MergedForms]:
        """Each of the forms of all units together, as of `at`, of one moment of the store. A campaign that asks for
        none is judged as if it did: units put 附件1 at the end of a plan. Raises UserError for a campaign that is not
        configured.
        """
        collection = self.collection(campaign_key, at=at)
        campaign = collection.campaign
        with self.store.reading() as session:
            every = claims.claims(session)
            reports = [
                self._judge(session, replace(collection, campaign=with_deliverable(campaign, kind)), every, at=at)
                for kind in kinds
            ]
        return [
            merged_forms(report, every, kind, is_asked=asks_for(campaign, kind))
            for kind, report in zip(kinds, reports, strict=True)
        ]

    def _judge(
        self, session: Session, collection: Collection, every: Iterable[Claim], *, at: datetime
    ) -> CampaignReport:
        return judge(
            collection.campaign,
            collection.roster,
            every,
            decisions.all_decisions(session),
            at=at,
            mail_read_until=passes.mail_read_until(session, self.accounts),
        )

    def verify(self) -> Iterator[BlobDamage]:
        """Compares every stored byte with its hash; what can be made again does no harm."""
        with self.store.reading() as session:
            known, derived = kept.blob_digests(session), kept.derived_digests(session)
        yield from self.blobs.verify(known, derived=derived)

    def _belongs(self, entry: Unattributed, campaign: Campaign) -> bool:
        return campaign_at([collection.campaign for collection in self.collections], entry.received_at) == campaign

    def collection(self, key: str | None, *, at: datetime) -> Collection:
        """The campaign of that key, else the one open at `at`, else the newest. Raises UserError."""
        by_key = {collection.campaign.key: collection for collection in self.collections}
        if key is None:
            current = campaign_at([collection.campaign for collection in self.collections], at)
            newest = max(self.collections, key=lambda collection: collection.campaign.opens)
            return by_key[current.key] if current else newest
        if key not in by_key:
            raise UserError(f"there is no campaign {key!r}; configured: {', '.join(by_key)}")
        return by_key[key]

    @contextmanager
    def _pipeline(self, rules: PlacingRules, stop: Callable[[], bool]) -> Iterator[Pipeline]:
        workers = self.config.parsing.workers
        with self._sandbox(workers=workers, stop=stop) as sandbox:
            yield Pipeline(
                store=self.store,
                blobs=self.blobs,
                engine=LocalEngine(sandbox),
                rules=rules,
                workers=workers,
                parser_version=self.parser_version,
            )

    def _sandbox(self, *, workers: int, stop: Callable[[], bool]) -> Sandbox:
        return parsing_sandbox(
            self.config.parsing,
            workers=workers,
            scratch_root=self.blobs.temporary(),
            stop=stop,
        )

    def _previewer(self, sandbox: Sandbox) -> Previewer:
        return Previewer(store=self.store, blobs=self.blobs, engine=LocalEngine(sandbox))

    def _placing_rules(self, session: Session) -> PlacingRules:
        return PlacingRules(self.collections, decisions=decisions.all_decisions(session))


@contextmanager
def open_application(config: Config, *, parser_version: int = PARSER_VERSION) -> Iterator[Application]:
    """Opens rosters, store and blobs. Raises ConfigError or StoreError.

    `parser_version`: what the readings are kept under; another than the parsers' own lets a test be their predecessor.
    """
    collections = load_collections(config)
    store = open_store(config.store_url)
    try:
        with closing(
            Application(
                config=config,
                collections=collections,
                store=store,
                blobs=BlobStore(config.blobs),
                parser_version=parser_version,
            )
        ) as application:
            yield application
    finally:
        store.close()


def _together(counts: IntakeCounts, read: ReadCounts, seconds: float) -> IntakeCounts:
    return replace(counts, attachments=read.attachments, failed=counts.failed + read.failed, seconds=seconds)
