"""The two FETCH commands: first size and date of each message, then the bodies, straight into files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient

from ingest.imap.errors import Step, speaking
from ingest.imap.literals import LiteralSpool, Spooled, SpooledLiteral
from ingest.imap.session import time_limit
from ingest.settings import MailboxSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    uid: int
    size_bytes: int | None
    internaldate: datetime | None  # aware, UTC; None where the server gives none that can be read


def describe(
    client: IMAPClient, settings: MailboxSettings, folder: str, uids: Collection[int]
) -> dict[int, Description]:
    """Those of the messages that the server still has. Not BODYSTRUCTURE, not ENVELOPE: Coremail's are malformed."""
    with speaking(settings, Step.FETCH, folder), time_limit(client, settings.read_timeout_seconds):
        answers = client.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE"])
        return {uid: _description(uid, answer) for uid, answer in answers.items()}


def _description(uid: int, answer: Mapping[bytes, Any]) -> Description:
    size = answer.get(b"RFC822.SIZE")
    return Description(
        uid=uid,
        size_bytes=size if isinstance(size, int) else None,
        internaldate=_as_utc(answer.get(b"INTERNALDATE")),
    )


def _as_utc(value: object) -> datetime | None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        return value.astimezone(UTC)
    except (ValueError, OverflowError):  # an impossible offset, or year 1 or 9999 moved over the edge
        return None


def fetch_bodies(
    client: IMAPClient,
    settings: MailboxSettings,
    folder: str,
    sizes: Mapping[int, int | None],
    spool: LiteralSpool,
) -> dict[int, Spooled | None]:
    """The bodies of the messages in `sizes`, by UID; None for a NIL body. What the server leaves out is left out."""
    announced = sum(size or settings.fetch_bytes for size in sizes.values())
    with speaking(settings, Step.FETCH, folder), time_limit(client, settings.read_timeout_seconds, announced):
        with spool.catching(client):
            answers = client.fetch(list(sizes), ["BODY.PEEK[]"])
        bodies = {uid: answer[b"BODY[]"] for uid, answer in answers.items() if b"BODY[]" in answer}
    return {uid: _spooled(body, spool) for uid, body in bodies.items()}


def _spooled(body: object, spool: LiteralSpool) -> Spooled | None:
    if isinstance(body, SpooledLiteral):
        return body.spooled
    if isinstance(body, int):  # imapclient turns a quoted "123" into a number
        body = str(body).encode("ascii")
    return spool.save(body) if isinstance(body, bytes) else None
