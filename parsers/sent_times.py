"""The `Date:` header where mail-parser finds none in it: ISO 8601, Chinese dates, dates without a zone.

A date without zone is taken for Beijing time: the senders are Chinese units, and the header decides nothing anyway.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
_CHINESE: Final = re.compile(
    r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\D*?(?:(上午|下午|中午|晚上)?\s*(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?)?$"
)


def sent_time(text: str) -> datetime | None:
    """The moment in UTC; None when there is none to be read."""
    text = " ".join(text.split())
    try:
        moment = _rfc_5322(text) or _iso(text) or _chinese(text)
        return None if moment is None else _with_zone(moment).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _with_zone(moment: datetime) -> datetime:
    return moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment


def _rfc_5322(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(re.sub(r"\s*([+-]\d{2}:?\d{2}|Z)$", r"\1", text.replace("/", "-")))
    except ValueError:
        return None


def _chinese(text: str) -> datetime | None:
    match = _CHINESE.search(text)
    if not match:
        return None
    year, month, day, half, hour, minute, second = match.groups()
    hours = int(hour or 0) + (12 if half in ("下午", "晚上") and int(hour) < 12 else 0)
    return datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=BEIJING)
