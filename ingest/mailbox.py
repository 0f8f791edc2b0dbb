"""Reads a mailbox: every message of every wanted folder exactly once, whatever the server or the network does.

    read_mailbox    one pass; each new message is handed to a `Keeper`
    probe_mailbox   what is there, for `check`; fetches nothing
    find_sent_mail  which of our mails lie in the Sent folder
    backoff         how long to wait after a pass that failed

The functions raise an error of `rules.errors.MailboxError`; `is_transient` tells whether waiting helps. Nothing is
marked read, moved or deleted. What a pass does step by step stands in `ingest.imap.reading`, what it decides in
`ingest.plan`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path

from ingest.imap.backoff import backoff
from ingest.imap.keeping import Keeping
from ingest.imap.line import Line
from ingest.imap.literals import LiteralSpool
from ingest.imap.probing import FolderProbe, MailboxProbe, probe
from ingest.imap.reading import Reading
from ingest.imap.records import (
    FetchedMessage,
    FetchFailure,
    FolderRead,
    Keeper,
    KnownUids,
    MailboxPass,
)
from ingest.imap.sent import find_sent
from ingest.plan import hidden_mail_suspected
from ingest.settings import MailboxSettings

__all__ = [
    "FetchFailure",
    "FetchedMessage",
    "FolderProbe",
    "FolderRead",
    "Keeper",
    "KnownUids",
    "MailboxPass",
    "MailboxProbe",
    "backoff",
    "find_sent_mail",
    "hidden_mail_suspected",
    "probe_mailbox",
    "read_mailbox",
]


def _never() -> bool:
    return False


def read_mailbox(
    settings: MailboxSettings,
    *,
    known: KnownUids,
    keeper: Keeper,
    temporary: Path,
    stop: Callable[[], bool] = _never,
    pause: Callable[[float], object] = time.sleep,
) -> MailboxPass:
    """One pass. `temporary` must lie on the disk of the blobs, so that keeping a message is a rename.

    What `keeper` and `known` raise ends the pass and comes out as it is. `stop` is asked between two FETCHes; `pause`
    waits the given seconds before a lost connection is opened anew.
    """
    temporary.mkdir(parents=True, exist_ok=True)
    line = Line(settings)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=temporary) as folder, Keeping(keeper) as keeping:
        spool = LiteralSpool(Path(folder))
        reading = Reading(settings, line=line, known=known, keeping=keeping, spool=spool, stop=stop, pause=pause)
        try:
            return reading.read()
        finally:
            line.close()


def probe_mailbox(settings: MailboxSettings) -> MailboxProbe:
    line = Line(settings)
    try:
        return probe(line, settings)
    finally:
        line.close()


def find_sent_mail(settings: MailboxSettings, message_ids: Collection[str]) -> frozenset[str]:
    """Those of the Message-IDs that the account has a copy of among what it sent last."""
    line = Line(settings)
    try:
        return find_sent(line, settings, message_ids)
    finally:
        line.close()
