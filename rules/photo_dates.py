"""Photos that were taken long before or after the activities: perhaps last year's. A hint for the coordinator.

The days of the activities are those of the unit's own tables; where they tell none, the campaign's. Cameras whose clock
was never set, and ones that are ahead of the mail that brought the photo, say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from rules.campaign import Campaign, DeliverableKind
from rules.claims import Claim
from rules.findings import Code, Finding
from rules.flatten import base_name

SLACK: Final = timedelta(days=14)
"""Activities are moved, and prepared; what lies further off was hardly taken at one of them."""

NAMED: Final = 5
_CLOCK_WAS_SET: Final = 5  # years before the campaign: clocks that were never set begin at 1980, 2000 or 2015


def date_hint(claims: Iterable[Claim], campaign: Campaign) -> Finding | None:
    """What is odd about the days on which a unit's photos were taken. `claims`: the unit's, for this campaign."""
    mine = list(claims)
    first, last = _days(mine, campaign)
    odd = [
        (claim, taken_at)
        for claim in mine
        if claim.kind == DeliverableKind.EVIDENCE and (taken_at := _taken_at(claim, campaign)) is not None
        if not first - SLACK <= taken_at.date() <= last + SLACK
    ]
    return _finding(odd, first, last) if odd else None


def _days(claims: Sequence[Claim], campaign: Campaign) -> tuple[date, date]:
    rows = [row for claim in claims if claim.form is not None for row in claim.form.rows]
    days = [day for row in rows for day in (row.starts_on, row.ends_on) if day is not None]
    return (min(days), max(days)) if days else (campaign.opens, campaign.closes)


def _taken_at(claim: Claim, campaign: Campaign) -> datetime | None:
    photo = claim.extraction.photo
    if photo is None or photo.taken_at is None:
        return None
    was_set = photo.taken_at.year >= campaign.opens.year - _CLOCK_WAS_SET
    received_at = claim.received_at.astimezone(campaign.zone).replace(tzinfo=None)
    return photo.taken_at if was_set and photo.taken_at <= received_at + timedelta(days=1) else None


def _finding(odd: Sequence[tuple[Claim, datetime]], first: date, last: date) -> Finding:
    named = "、".join(f"“{base_name(claim.extraction.file)}”（{_day(taken)}）" for claim, taken in odd[:NAMED])
    more = f"等 {len(odd)} 张" if len(odd) > NAMED else ""
    detail = f"拍摄日期与活动日期（{_day(first)}至{_day(last)}）相差较远：{named}{more}，请核对是否为本次活动的照片"
    return Finding(code=Code.PHOTO_DATE, detail=detail)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
