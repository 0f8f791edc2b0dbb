"""What the desk asks of the running service. `ingest.desk` implements it over `Application`; nothing else needs to.

What only reads the store (a message, its parts, decisions) pages ask of `store` and `blobs` directly, in a
`with desk.store.reading() as session`. What needs configuration, rosters, rules or the clock goes through a method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from rules.assessment import CampaignReport
from rules.campaign import Campaign
from rules.claims import Decision, Unattributed
from rules.errors import BaosongError, InputError
from rules.overruling import Action
from rules.previews import Preview, PreviewKey
from rules.roster import Roster
from store.blobs import Blobs
from store.engine import Store


class Role(StrEnum):
    """What a user may do. A viewer reads; a coordinator also decides, sends and manages users."""

    COORDINATOR = "coordinator"
    VIEWER = "viewer"


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Who is asking. `name` stands as the author of what they decide."""

    name: str
    role: Role

    @property
    def may_decide(self) -> bool:
        return self.role is Role.COORDINATOR


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A judged campaign. `version` is equal for two views exactly if nothing that they show has changed.

    `newest_decision` is the id of the newest decision taken into account (0: none); a decision form carries it back,
    so that two people do not overwrite each other. `is_now` is false when a past moment was asked for.
    """

    report: CampaignReport
    unattributed: tuple[Unattributed, ...]
    version: str
    newest_decision: int
    is_now: bool

    @property
    def campaign(self) -> Campaign:
        return self.report.campaign


@dataclass(frozen=True, kw_only=True, slots=True)
class NewDecision:
    """A decision that a person wants to take; fields as in `rules.claims.Decision`."""

    action: Action
    author: str
    reason: str
    campaign: str = ""
    unit: str = ""
    deliverable: str = ""
    message_sha256: str = ""
    path: str = ""
    until: datetime | None = None
    undoes: int | None = None
    form_index: int | None = None
    field: str = ""
    value: str = ""


class RefusedError(InputError):
    """A decision names what does not exist. The message speaks to the command line, `sentence` to the desk."""

    def __init__(self, message: str, *, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(message)


class ConflictError(BaosongError):
    """Somebody else has decided about the same thing since the form was opened."""

    def __init__(self, other: Decision) -> None:
        self.other = other
        super().__init__(f"{other.author} has decided about this in the meantime (decision {other.id})")


class MemberUnavailableError(BaosongError):
    """A file of a mail cannot be given; the message is a Chinese sentence for whoever asked for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A file of a mail whose bytes are the blob `blob`. `media_type` is of its content, not its sender's word."""

    blob: str
    filename: str
    media_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """How well the mailbox is seen. `read_at` is when the newest complete pass or import ended; None: never.

    `blind_after` is the age of `read_at` beyond which silence no longer means that nobody wrote. `waiting` messages
    are kept and still to be read; `failed` ones wait for newer parsers.
    """

    read_at: datetime | None
    blind_after: timedelta
    waiting: int
    failed: int

    def is_blind(self, now: datetime) -> bool:
        return self.read_at is None or now - self.read_at > self.blind_after


class Desk(Protocol):
    """Safe for threads: every request runs in one of its own. Methods raise StoreError when the store is unusable."""

    @property
    def store(self) -> Store: ...

    @property
    def blobs(self) -> Blobs: ...

    @property
    def zone(self) -> ZoneInfo: ...

    def now(self) -> datetime:
        """The one clock of the desk, aware."""

    def campaigns(self) -> Sequence[Campaign]:
        """Every configured campaign, the newest first."""

    def roster(self, campaign_key: str) -> Roster:
        """Raises UserError for a campaign that is not configured."""

    def view(self, *, at: datetime | None = None, campaign_key: str | None = None) -> View:
        """The judged campaign at `at` (None: now); the campaign open at that moment unless another is named.

        Cheap when nothing has changed; what a decision or an arrival changes is in the very next view. Raises UserError
        for a campaign that is not configured.
        """

    def decide(self, wanted: NewDecision, *, seen: int | None = None) -> Decision:
        """Checks, records and obeys a decision: the next view shows it.

        `seen` is `View.newest_decision` of the page on which the person decided. Raises RefusedError for what does not
        exist (a unit, a deliverable, a message, a file, a decision to undo), and ConflictError when a later decision
        than `seen` is about the same unit or message.
        """

    def preview(self, key: PreviewKey, *, inside: str, filename: str) -> Preview | None:
        """A small picture of a file that is, or lies in, the attachment with the SHA-256 `inside`.

        Made when it is first asked for. None where there is nothing to show.
        """

    def member(self, message_sha256: str, path: str) -> Member:
        """One file of a mail, also from inside an archive, by its item path; unpacked when it is first asked for.

        Raises MemberUnavailableError.
        """

    def heartbeat(self) -> Heartbeat: ...
