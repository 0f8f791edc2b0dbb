"""What can be wrong with what arrived: the finding codes of the contract, section 6."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """Finding codes (contract, 6)."""

    PHOTO_COUNT = "photo_count"
    VIDEO_TOO_LONG = "video_too_long"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    FORM_EMPTY = "form_empty"
    FORM_WRONG = "form_wrong"
    NOT_STAMPED = "not_stamped"
    LINK_ONLY = "link_only"
    LIMIT_EXCEEDED = "limit_exceeded"
    UNRECOGNISED = "unrecognised"
    PHOTO_EXTRA = "photo_extra"
    PHOTO_DUPLICATE = "photo_duplicate"
    PHOTO_BLURRY = "photo_blurry"
    PHOTO_REUSED = "photo_reused"
    PHOTO_DATE = "photo_date"
    FIELD_MISSING = "field_missing"
    NUMBER_UNREADABLE = "number_unreadable"
    DATE_UNREADABLE = "date_unreadable"
    TOTAL_MISMATCH = "total_mismatch"
    NIL_RETURN = "nil_return"
    LOW_CONFIDENCE = "low_confidence"
    UNVERIFIED_SENDER = "unverified_sender"
    UNIT_CONFLICT = "unit_conflict"
    OTHER_UNITS = "other_units"
    DATE_SUSPECT = "date_suspect"
    CONVERSION = "conversion"


BLOCKING: Final[frozenset[Code]] = frozenset(
    {
        Code.PHOTO_COUNT,
        Code.VIDEO_TOO_LONG,
        Code.UNREADABLE,
        Code.ENCRYPTED,
        Code.FORM_EMPTY,
        Code.FORM_WRONG,
        Code.NOT_STAMPED,
        Code.LINK_ONLY,
        Code.LIMIT_EXCEEDED,
        Code.UNRECOGNISED,
    }
)
"""`unrecognised` is ours beyond the contract's list: a file that plainly belongs to the campaign but that no rule
could tell as one of the materials. Without it the unit would be called `missing` although something arrived. Beyond it
too, and blocking nothing, are `date_unreadable`: the time of an activity names no day for certain; `nil_return`: a
form says that its unit held nothing; `photo_reused`: a photo was sent before, by another unit or for an earlier
campaign; `photo_date`: a photo was taken far from the activities' days; `other_units`: the activities of a form are
those of other units of the roster, too."""

COORDINATOR_ONLY: Final[frozenset[Code]] = frozenset({Code.PHOTO_REUSED, Code.PHOTO_DATE, Code.OTHER_UNITS})
"""They name other units, ask what only the coordinator decides, or voice a suspicion: they are shown to the
coordinator, and stand in no mail to a unit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something wrong with what arrived. `detail` is a Chinese sentence for the coordinator."""

    code: Code
    detail: str = ""

    @property
    def is_blocking(self) -> bool:
        return self.code in BLOCKING

    @property
    def is_for_unit(self) -> bool:
        """False for what only the coordinator is told."""
        return self.code not in COORDINATOR_ONLY
