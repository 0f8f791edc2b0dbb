"""What the parsers see in one file: kind, forms, photo, video, members, findings (contract, 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from rules.findings import Finding

TRUSTED_CERTAINTY: Final = 0.8
"""A value read from a picture with less certainty waits for a person instead of passing as read."""


class Kind(StrEnum):
    """What one file is, told by its content first and its name second (contract, 5)."""

    PLAN = "plan"
    SCHEDULE = "schedule"
    STATISTICS = "statistics"
    SUMMARY = "summary"
    PHOTO = "photo"
    VIDEO = "video"
    ARCHIVE = "archive"
    MESSAGE = "message"
    DOCUMENT = "document"
    OTHER = "other"
    UNREADABLE = "unreadable"


FORM_FIELDS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.SCHEDULE: ("unit_name",),
    Kind.STATISTICS: (
        "unit_name",
        "supervisor",
        "organizer",
        "participants",
        "leader_name",
        "leader_position",
        "leader_phone",
        "leader_email",
        "mobilization_time",
        "mobilization_place",
        "theme",
        "mobilization_attendance",
    ),
}
"""The fields of each form, as the contract names them, in the form's order."""

FORM_COLUMNS: Final[dict[Kind, tuple[str, ...]]] = {
    Kind.SCHEDULE: ("index", "theme", "place", "time", "attendance"),
    Kind.STATISTICS: ("time", "activity", "content", "place", "attendance"),
}
"""The columns of each form's table, likewise."""

UNIT: Final = "unit"
"""The key in a row's cells of the unit whose activity it is, where the table says so beside each or over several."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a value was read: in the pixels of the upright picture, or of the page of a scan from 0."""

    left: int
    top: int
    right: int
    bottom: int
    page: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class FormRow:
    """One activity row of 附件1 or 附件2; `cells` holds the text as written, keyed by column name (contract, 5).

    Beside the form's own columns stands `UNIT`, in tables that name one.
    """

    cells: dict[str, str]
    attendance: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """附件1 (`schedule`) or 附件2 (`statistics`) as read. `fields` holds text as written, keyed by field name.

    `certainties`, 0…1, and `places` are there for values read from a picture, keyed by field name, or by row from 1
    and column: "3.place". `nothing_held`: the words by which the unit says that there was no activity.
    """

    form: Kind
    fields: dict[str, str]
    rows: tuple[FormRow, ...] = ()
    mobilization_attendance: int | None = None
    certainties: dict[str, float] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    nothing_held: str = ""

    @property
    def unit_name(self) -> str:
        return self.fields.get("unit_name", "")

    @property
    def names_units(self) -> bool:
        """Whether its table says of any activity whose it is."""
        return any(UNIT in row.cells for row in self.rows)

    @property
    def is_empty(self) -> bool:
        """True for a template that came back unfilled: no row and nothing but perhaps the unit's name.

        A form that says 无 is none: its unit has filled it in.
        """
        return not (self.rows or self.nothing_held) and not any(
            value for name, value in self.fields.items() if name not in ("unit_name", "supervisor")
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    """A photograph of an activity. `perceptual_hash`: 64 bits as 16 hex digits, close for re-compressed copies.

    `content_id` stands in both halves of a live photo, which is a photo with a film of three seconds.
    """

    width: int
    height: int
    taken_at: datetime | None = None  # camera's local time without zone: EXIF has none
    perceptual_hash: str = ""
    content_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Video:
    """A video; `seconds` to 0.1 s from its streams, None when it cannot be told; `content_id` as in `Photo`.

    `taken_at`: when it began, in the camera's local time without zone; None where the camera wrote no local time.
    """

    seconds: float | None
    width: int | None = None
    height: int | None = None
    codec: str | None = None
    content_id: str = ""
    taken_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A file sent as a cloud link instead of an attachment (NetEase, QQ, … large attachments).

    Providers say until when it can be fetched, or for how many days from when it was sent. `quoted_from`: the address
    of whoever wrote the mail that is quoted where it stands; empty where it stands in no quoted mail. `access_code` is
    what the provider asks for before it shows anything (提取码).
    """

    url: str
    provider: str
    filename: str = ""
    size_text: str = ""
    expires_at: str = ""  # ISO 8601 without zone, as the provider wrote it; empty when it did not say
    valid_days: int | None = None
    quoted_from: str = ""
    access_code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Extraction:
    """What the parsers see in one file: the object of contract, section 5, plus what placing and judging need.

    `text` is the file's text, bounded, for placing by unit names; it is not printed by `parse --json`.
    `forms` holds every form found, the one that `kind` names first.
    """

    file: str
    media_type: str
    kind: Kind
    sha256: str = ""
    size_bytes: int = 0
    title: str = ""
    unit_names: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    stamped: bool | None = None
    signed: bool | None = None
    read_by: str = "structure"
    confidence: float | None = None
    also: tuple[Kind, ...] = ()
    photo: Photo | None = None
    video: Video | None = None
    members: tuple[Extraction, ...] = ()
    links: tuple[Link, ...] = ()
    findings: tuple[Finding, ...] = ()
    text: str = ""

    @property
    def form(self) -> Form | None:
        return self.forms[0] if self.forms else None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Every kind that this one file satisfies."""
        return (self.kind, *self.also)
