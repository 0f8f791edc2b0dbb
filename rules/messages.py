"""One message as the rules see it: header facts, the files in it, when it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rules.extraction import Extraction, Link


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A mail address with its display name; `address` is lower case."""

    address: str
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """The facts of one message's headers, decoded. `origins`: the same of the messages forwarded in it."""

    message_id: str
    header_from: Address | None
    subject: str
    sent_at: datetime | None = None  # the `Date:` header: the sender's claim, decides nothing
    reply_to: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    in_reply_to: str = ""  # the Message-ID that this one says it answers
    references: tuple[str, ...] = ()  # the Message-IDs of the thread, oldest first
    is_automatic: bool = False  # auto-replies, bounces, newsletters, provider notices
    automatic_reason: str = ""
    origins: tuple[Envelope, ...] = ()
    is_guessed: bool = False  # some header's charset was guessed, not declared


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One file of a message, at its place in the part tree.

    `path` is stable over replays, e.g. `2.1` for a MIME part, `2.1/照片/1.jpg` for a member of an archive in it.
    `folders` are the names around the file, outermost first: archive, folders inside it.
    """

    path: str
    extraction: Extraction
    folders: tuple[str, ...] = ()
    is_body: bool = False
    origin: int | None = None  # index into Envelope.origins when the file came inside a forwarded message

    @property
    def filename(self) -> str:
        return self.extraction.file


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedMessage:
    """One message as placing sees it. `sha256` is that of the raw bytes and names the message inside the store."""

    sha256: str
    received_at: datetime
    envelope: Envelope
    body_text: str = ""
    items: tuple[Item, ...] = ()
    links: tuple[Link, ...] = ()
