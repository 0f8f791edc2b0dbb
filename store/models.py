"""The tables. Raw bytes and attachments lie in the blobs, named by their SHA-256; here stands what is known of them.

    folders ──< locations >── messages ──< parts ── extractions      what came, what is in it, what the parsers saw
                                  ├──< claims                        derived; made anew whenever roster or rules change
                                  ├─── unattributed                  derived
                                  └─── placements                    derived; exists once a message has been placed
                                  ├──< rereadings                    what newer parsers saw otherwise
    previews · previewed                                             small pictures of files, made once
    passes · decisions · facts · counters
    users ──< sessions · invitations · tokens · audit                         the desk

Whatever a stranger may make long (a folder, a file name, a Message-ID) is indexed by its key, see `types.key_of`.
The schema is changed by a migration; a test proves that migrations and these models agree.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, cast

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, MetaData, String, Table, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from store.types import CleanText, JsonText, UtcDateTime

Digest = Annotated[str, mapped_column(String(64))]
Written = Annotated[str, mapped_column(CleanText)]
Large = Annotated[int, mapped_column(BigInteger)]
Json = Annotated[Any, mapped_column(JsonText)]
Word = Annotated[str, mapped_column(String(32))]


class State(StrEnum):
    """How far a message has come. `kept` and `decoded` wait to be read, `failed` for newer parsers."""

    KEPT = "kept"
    DECODED = "decoded"
    READ = "read"
    FAILED = "failed"


CONSTRAINT_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map: ClassVar[dict[type, type]] = {datetime: UtcDateTime}


def table_of(model: type[Base]) -> Table:
    """For statements that are run once a message: through the model they cost twice as much."""
    return cast("Table", model.__table__)


def _of_message(*, primary_key: bool = False, index: bool = False) -> Mapped[str]:
    return mapped_column(String(64), ForeignKey("messages.sha256"), primary_key=primary_key, index=index)


class FolderRow(Base):
    """A folder of an account, and the UIDVALIDITY under which it was last read."""

    __tablename__ = "folders"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Digest] = mapped_column(unique=True)  # of account and folder
    account: Mapped[Written]
    folder: Mapped[Written]
    uidvalidity: Mapped[Large]
    seen_at: Mapped[datetime | None]


class MessageRow(Base):
    """One message, once, however often and wherever it was found. `received_at` follows from its locations."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("state in ('kept', 'decoded', 'read', 'failed')", name="state"),
        Index(None, "state", "received_at"),
    )

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    size_bytes: Mapped[Large]
    received_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[Word]
    message_id: Mapped[Written] = mapped_column(default="")
    message_id_key: Mapped[Digest | None] = mapped_column(index=True)
    envelope: Mapped[Json] = mapped_column(nullable=True)  # until it has been decoded
    body_text: Mapped[Written] = mapped_column(default="")
    parser_version: Mapped[int | None]  # that read it, or that failed to
    attempts: Mapped[int] = mapped_column(default=0)  # that failed, in whole or for one of its files
    failed_stage: Mapped[Word] = mapped_column(default="")
    error: Mapped[Written] = mapped_column(default="")


class LocationRow(Base):
    """Where a message was found. An imported file stands here too, with UIDVALIDITY 0."""

    __tablename__ = "locations"
    __table_args__ = (UniqueConstraint("folder_id", "uidvalidity", "uid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    folder_id: Mapped[int] = mapped_column(ForeignKey("folders.id"))
    uidvalidity: Mapped[Large]
    uid: Mapped[Large]
    message_sha256: Mapped[str] = _of_message(index=True)
    internaldate: Mapped[datetime]
    is_imported: Mapped[bool]


class PartRow(Base):
    """One file of a message, in the order of the message."""

    __tablename__ = "parts"
    __table_args__ = (UniqueConstraint("message_sha256", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_sha256: Mapped[str] = _of_message()
    position: Mapped[int]
    path: Mapped[Written]
    filename: Mapped[Written]
    filename_key: Mapped[Digest]
    declared_type: Mapped[Written]
    sha256: Mapped[Digest] = mapped_column(index=True)
    size_bytes: Mapped[Large]
    folders: Mapped[Json]
    origin: Mapped[int | None]
    is_body: Mapped[bool]
    is_inline: Mapped[bool]
    is_guessed: Mapped[bool]


class ExtractionRow(Base):
    """What the parsers of one version saw in one file of one name: the same whenever they look, so it is read once."""

    __tablename__ = "extractions"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    filename_key: Mapped[Digest] = mapped_column(primary_key=True)
    parser_version: Mapped[int] = mapped_column(primary_key=True)
    extraction: Mapped[Json]


class RereadingRow(Base):
    """`rules.rereading.Rereading`: what newer parsers saw otherwise in one file."""

    __tablename__ = "rereadings"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_sha256: Mapped[str] = _of_message(index=True)
    path: Mapped[Written]
    filename: Mapped[Written]
    old_version: Mapped[int]
    new_version: Mapped[int]
    read_at: Mapped[datetime]
    kept: Mapped[Word]
    differences: Mapped[Json]


class PreviewRow(Base):
    """`rules.previews.Preview`. An empty `blob`: none can be made."""

    __tablename__ = "previews"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)  # of the file that it shows
    page: Mapped[int] = mapped_column(primary_key=True)
    size: Mapped[Word] = mapped_column(primary_key=True)
    blob: Mapped[Digest]
    width: Mapped[int]
    height: Mapped[int]
    scale: Mapped[float]


class PreviewedRow(Base):
    """That the previews of an attachment, and of all that is in it, have been made from what one version saw in it."""

    __tablename__ = "previewed"

    key: Mapped[Digest] = mapped_column(primary_key=True)  # the SHA-256 of the attachment
    parser_version: Mapped[int]


class UnpackedRow(Base):
    """That a file from inside an attachment has been unpacked into the blob of this name, which may be done again."""

    __tablename__ = "unpacked"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)


class ClaimRow(Base):
    """`rules.claims.Claim`, with its file's extraction but for text and members: what judging needs, in one read."""

    __tablename__ = "claims"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_sha256: Mapped[str] = _of_message(index=True)
    message_id: Mapped[Written]
    path: Mapped[Written]
    unit: Mapped[Written]
    kind: Mapped[Word | None]
    form_index: Mapped[int | None]
    evidence: Mapped[Json]
    findings: Mapped[Json]
    extraction: Mapped[Json]


class UnattributedRow(Base):
    """`rules.claims.Unattributed`."""

    __tablename__ = "unattributed"

    message_sha256: Mapped[str] = _of_message(primary_key=True)
    message_id: Mapped[Written]
    sender: Mapped[Written]
    subject: Mapped[Written]
    reason: Mapped[Written]
    candidates: Mapped[Json]
    paths: Mapped[Json]
    kinds: Mapped[Json] = mapped_column(server_default=text("'[]'"))


class PlacementRow(Base):
    """That a message has been placed; `note` says why it is neither claimed nor unattributed.

    `version` rises with every change of what the message was put to, see `changes`.
    """

    __tablename__ = "placements"

    message_sha256: Mapped[str] = _of_message(primary_key=True)
    note: Mapped[Written]
    version: Mapped[Large] = mapped_column(index=True, server_default="0")


class PassRow(Base):
    """One pass over the mailboxes, or one import. Only complete ones say up to when the mail is known."""

    __tablename__ = "passes"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[Written]  # an account, or `passes.IMPORT`
    began_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    is_complete: Mapped[bool] = mapped_column(default=False)
    counts: Mapped[Json] = mapped_column(nullable=True)
    error: Mapped[Written] = mapped_column(default="")


class DecisionRow(Base):
    """`rules.claims.Decision`. Append-only: a trigger refuses every change."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[Word]
    author: Mapped[Written]
    reason: Mapped[Written]
    decided_at: Mapped[datetime]
    campaign: Mapped[Written]
    unit: Mapped[Written]
    deliverable: Mapped[Written]
    message_sha256: Mapped[Digest]  # empty where the decision is about no message
    path: Mapped[Written]
    until: Mapped[datetime | None]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    form_index: Mapped[int | None]
    field: Mapped[Written] = mapped_column(server_default=text("''"))
    value: Mapped[Written] = mapped_column(server_default=text("''"))


class FactRow(Base):
    """What the installation knows about itself, e.g. the fingerprint of the rules under which mail was placed."""

    __tablename__ = "facts"

    key: Mapped[Digest] = mapped_column(primary_key=True)
    value: Mapped[Written]


class CounterRow(Base):
    """A number that only rises."""

    __tablename__ = "counters"

    key: Mapped[Digest] = mapped_column(primary_key=True)
    value: Mapped[Large]


class UserRow(Base):
    """Who may use the desk. The key is that of the name in small letters: two users never differ only in case."""

    __tablename__ = "users"

    key: Mapped[Digest] = mapped_column(primary_key=True)
    name: Mapped[Written]
    role: Mapped[Word]
    password_hash: Mapped[Written]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """Somebody logged in. The key is that of a token which only the browser has: a stolen store opens no session."""

    __tablename__ = "sessions"

    key: Mapped[Digest] = mapped_column(primary_key=True)
    user_key: Mapped[str] = mapped_column(String(64), ForeignKey("users.key", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class InvitationRow(Base):
    """A one-time link that lets somebody become a user. The key is that of the token in the link."""

    __tablename__ = "invitations"

    key: Mapped[Digest] = mapped_column(primary_key=True)
    role: Mapped[Word]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TokenRow(Base):
    """What lets a program use the desk's API. The key is that of the token, which was shown once and is not kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Digest] = mapped_column(unique=True)
    name_key: Mapped[Digest] = mapped_column(unique=True)
    name: Mapped[Written]
    role: Mapped[Word]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class AuditRow(Base):
    """A change that somebody made. Append-only: a trigger refuses every change."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    author: Mapped[Written]
    action: Mapped[Word]
    subject: Mapped[Written]
    before: Mapped[Written]
    after: Mapped[Written]
