"""`baosong check`: tries everything that the daemon needs and says in a sentence what to mend.

Each look is independent: a dead mail server does not keep the disk from being looked at. A look gives `Result`s, never
an exception.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from ingest.config import Config, smtp_settings
from ingest.confinement import missing_protection, still_possible
from ingest.correspondence import letter_texts
from ingest.engine import parsing_sandbox
from ingest.mailbox import MailboxProbe, hidden_mail_suspected, probe_mailbox
from ingest.posting.server import Fate, log_in
from ingest.roster_file import read_roster
from ingest.sandbox import SandboxFailure
from ingest.serving import address_of, listening_socket
from ingest.settings import MailboxSettings
from rules.calendar import LAST_KNOWN_YEAR
from rules.errors import BaosongError, ConfigError, UserError
from store import kept
from store.blobs import BlobStore
from store.engine import open_store

_LOW_DISK_BYTES: Final = 2 * 1024**3
_CLOCK_TOLERANCE: Final = timedelta(minutes=5)
_OCR_SAMPLE: Final = "20231120"


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One thing tried. `detail` says what was seen, or what to mend."""

    name: str
    verdict: Verdict
    detail: str

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "verdict": self.verdict.value, "detail": self.detail}


def check_installation(config: Config, now: datetime) -> Iterator[Result]:
    """Every look in turn, results as they come: a mail server may take its time."""
    yield Result(name="config", verdict=Verdict.OK, detail=f"{config.path}: {len(config.campaigns)} campaigns")
    for look in (_roster, _store, _disk, _clock, _ocr, _sandbox, _desk, _letters, _calendar, _mailbox, _smtp):
        yield from _guarded(look, config, now)


def _guarded(look: Callable[[Config, datetime], Iterator[Result]], config: Config, now: datetime) -> Iterator[Result]:
    name = look.__name__.strip("_")
    try:
        yield from look(config, now)
    except ConfigError as error:
        for problem in error.problems:
            yield Result(name=name, verdict=Verdict.FAILED, detail=str(problem))
    except (BaosongError, SandboxFailure, OSError) as error:
        yield Result(name=name, verdict=Verdict.FAILED, detail=str(error))


def _roster(config: Config, _now: datetime) -> Iterator[Result]:
    for entry in config.campaigns:
        keys = [deliverable.key for deliverable in entry.campaign.deliverables]
        reading = read_roster(entry.roster_path, deliverable_keys=keys)
        for problem in reading.problems:
            yield Result(name="roster", verdict=Verdict.FAILED, detail=str(problem))
        for doubt in reading.doubts:
            yield Result(name="roster", verdict=Verdict.WARNING, detail=str(doubt))
        if not reading.problems:
            detail = f"{entry.roster_path}: {len(reading.roster.units)} units"
            yield Result(name="roster", verdict=Verdict.OK, detail=detail)


def _store(config: Config, _now: datetime) -> Iterator[Result]:
    with closing(open_store(config.store_url)) as store, store.reading() as session:
        messages = kept.count_messages(session)
    with BlobStore(config.blobs).scratch() as scratch:
        (scratch / "check").write_bytes(b"can be written")
    yield Result(name="store", verdict=Verdict.OK, detail=f"{messages} messages kept; the blob folder can be written")


def _disk(config: Config, _now: datetime) -> Iterator[Result]:
    folder = _existing(config.blobs)
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1024**3:.1f} GiB free in {folder}"
    if free < _LOW_DISK_BYTES:
        yield Result(name="disk", verdict=Verdict.WARNING, detail=f"{detail}: make room before photos and videos come")
    else:
        yield Result(name="disk", verdict=Verdict.OK, detail=detail)


def _sandbox(config: Config, _now: datetime) -> Iterator[Result]:
    """A job of our own tries what an attachment must not be able to do."""
    folders = BlobStore(config.blobs)
    with (
        closing(folders),
        parsing_sandbox(config.parsing, workers=1, scratch_root=folders.temporary()) as sandbox,
    ):
        possible = sandbox.run(still_possible, answer=list[str])
    if possible:
        lacks = missing_protection() or "something that its containers or policies withhold"
        detail = f"an attachment that takes over its parser could {', '.join(possible)}: this kernel lacks {lacks}"
        yield Result(name="sandbox", verdict=Verdict.WARNING, detail=detail)
    else:
        detail = "parsers see no files but their own, no network, no other process"
        yield Result(name="sandbox", verdict=Verdict.OK, detail=detail)


def _letters(config: Config, _now: datetime) -> Iterator[Result]:
    letter_texts(config)
    own = f"{config.letters.folder} and the shipped" if config.letters.folder else "the shipped"
    yield Result(name="letters", verdict=Verdict.OK, detail=f"every letter can be written with {own} templates")
    if config.smtp.host and not config.reminders.coordinator:
        detail = "no coordinator under [reminders]: nobody gets the morning's digest or an alarm"
        yield Result(name="letters", verdict=Verdict.WARNING, detail=detail)


def _calendar(config: Config, now: datetime) -> Iterator[Result]:
    """Reminders go out on working days; beyond the published years these are a guess."""
    last_day = max((now.date(), *(entry.campaign.closes for entry in config.campaigns)))
    known = f"working days are known to the end of {LAST_KNOWN_YEAR}"
    if last_day.year > LAST_KNOWN_YEAR:
        detail = f"{known}; then Monday to Friday is assumed: update the package chinesecalendar"
        yield Result(name="calendar", verdict=Verdict.WARNING, detail=detail)
    else:
        yield Result(name="calendar", verdict=Verdict.OK, detail=known)


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _clock(config: Config, now: datetime) -> Iterator[Result]:
    """Lateness is by the mail server's clock; ours decides when a due moment has passed."""
    with closing(open_store(config.store_url)) as store, store.reading() as session:
        newest = kept.newest_received_at(session)
    local = now.astimezone(config.zone)
    if newest and newest > now + _CLOCK_TOLERANCE:
        detail = f"it is {local:%Y-%m-%d %H:%M} here, but mail was received at {newest.astimezone(config.zone)}; set it"
        yield Result(name="clock", verdict=Verdict.FAILED, detail=detail)
    else:
        yield Result(name="clock", verdict=Verdict.OK, detail=f"{local:%Y-%m-%d %H:%M} in {config.zone.key}")


def _ocr(_config: Config, _now: datetime) -> Iterator[Result]:
    """Reads one line drawn here: the models load, and they read."""
    import cv2  # noqa: PLC0415 - as heavy as the parsers, and no other command looks (see `ingest.jobs`)
    import numpy as np  # noqa: PLC0415 - as above

    from parsers.ocr import reader  # noqa: PLC0415 - as above

    canvas = np.full((80, 320, 3), 255, dtype=np.uint8)
    cv2.putText(canvas, _OCR_SAMPLE, (20, 55), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 0), 3)
    (reading,) = reader().read([canvas])
    if reading.text == _OCR_SAMPLE:
        yield Result(name="ocr", verdict=Verdict.OK, detail="photographed forms can be read")
    else:
        detail = f"read {reading.text!r} for {_OCR_SAMPLE!r}: install baosong anew, its models are damaged"
        yield Result(name="ocr", verdict=Verdict.FAILED, detail=detail)


def _desk(config: Config, _now: datetime) -> Iterator[Result]:
    """A daemon that runs already holds the port; then this is its desk, and nothing is wrong."""
    if not config.desk.listen:
        yield Result(name="desk", verdict=Verdict.OK, detail="listen is empty: no desk on this machine")
        return
    address = address_of(config.desk)
    try:
        listening_socket(address).close()
    except UserError as error:
        yield Result(name="desk", verdict=Verdict.WARNING, detail=str(error))
    else:
        yield Result(name="desk", verdict=Verdict.OK, detail=f"{address} is free")


def _mailbox(config: Config, now: datetime) -> Iterator[Result]:
    for settings in config.mailbox_settings():
        try:
            probe = probe_mailbox(settings)
        except BaosongError as error:
            yield Result(name="mailbox", verdict=Verdict.FAILED, detail=str(error))
        else:
            yield from _judge_probe(config, settings, probe, now)


def _judge_probe(config: Config, settings: MailboxSettings, probe: MailboxProbe, now: datetime) -> Iterator[Result]:
    counts = ", ".join(f"{folder.folder} {folder.messages}" for folder in probe.folders)
    yield Result(name="mailbox", verdict=Verdict.OK, detail=f"{settings.name}: logged in; {counts or 'no folders'}")
    for name in probe.missing:
        existing = ", ".join(probe.existing)
        detail = f"{settings.name}: there is no folder {name}; the server has {existing}"
        yield Result(name="mailbox", verdict=Verdict.FAILED, detail=detail)
    opens = [datetime.combine(entry.campaign.opens, time.min, tzinfo=config.zone) for entry in config.campaigns]
    past = [moment for moment in opens if moment <= now]
    if past and hidden_mail_suspected(probe.oldest_at, max(past), now):
        detail = (
            f"{settings.name}: nothing older than 30 days is visible although the campaign opened before; in the web "
            "mail set 收取选项 to 全部邮件 (all mail)"
        )
        yield Result(name="mailbox", verdict=Verdict.WARNING, detail=detail)


def _smtp(config: Config, _now: datetime) -> Iterator[Result]:
    settings = smtp_settings(config)
    if settings is None:
        detail = "not configured: nothing can be answered or reminded by mail"
        yield Result(name="smtp", verdict=Verdict.WARNING, detail=detail)
        return
    outcome = log_in(settings)
    where = f"{settings.host}:{settings.port}"
    if outcome.fate is Fate.ACCEPTED:
        yield Result(name="smtp", verdict=Verdict.OK, detail=f"{settings.username or where}: logged in")
    elif outcome.reply:
        detail = f"{where}: refused: {outcome.reply}; use the authorisation code (授权码) and switch SMTP on"
        yield Result(name="smtp", verdict=Verdict.FAILED, detail=detail)
    else:
        yield Result(name="smtp", verdict=Verdict.FAILED, detail=f"{where}: {outcome.error}")
