"""The `[[campaign]]` tables that a notice asks for, as text to be checked by a person and put into config.toml.

Each deliverable stands under the sentence that asks for it, and what is doubtful stands above all: a draft that looks
finished and is not would make units late by a typing error of ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from parsers.notices import Asked, Notice
from report.plain import plain_line

_BEFORE_THE_FIRST_DUE_DAY: Final = timedelta(days=30)
_LONGEST_COMMENT: Final = 110


def campaign_toml(notice: Notice) -> str:
    """Of a notice that asks for something."""
    days = [_day(one.due) for one in notice.asked]
    opens = min(notice.issued_on or min(days) - _BEFORE_THE_FIRST_DUE_DAY, *days)  # a campaign is due while it is open
    lines = [
        *(_comment(f"To check: {doubt}") for doubt in notice.doubts),
        *(_comment(f"It wants the material at {box}.") for box in notice.mailboxes),
        "[[campaign]]",
        f"key = {_text(str(opens.year))}",
        f"title = {_text(notice.title or 'the title of the campaign')}",
        f"opens = {opens}",
        f"closes = {_end_of_next_month(max(days))}",
        'roster = "roster.xlsx"',
    ]
    for one in notice.asked:
        lines += ["", *_deliverable(one)]
    return "\n".join(lines) + "\n"


def _deliverable(asked: Asked) -> Iterator[str]:
    yield _comment(asked.quote)
    yield "[[campaign.deliverable]]"
    yield f"key = {_text(asked.kind.value)}"
    yield f"kind = {_text(asked.kind.value)}"
    if asked.title:
        yield f"title = {_text(asked.title)}"
    yield f"due = {asked.due.isoformat()}"
    if asked.is_stamped:
        yield "stamped = true"
    if asked.photos:
        yield f"photos = {asked.photos}"
    if asked.video_minutes:
        yield f'video_max = "{asked.video_minutes}m"'


def _comment(text: str) -> str:
    text = plain_line(text)  # TOML knows no control characters
    return f"# {text[:_LONGEST_COMMENT]}{'…' if len(text) > _LONGEST_COMMENT else ''}"


def _text(value: str) -> str:
    """A basic string of TOML; JSON's escapes are a part of its own."""
    return json.dumps(plain_line(value), ensure_ascii=False)


def _day(due: date | datetime) -> date:
    return due.date() if isinstance(due, datetime) else due


def _end_of_next_month(day: date) -> date:
    """Time to make good what is late, before the campaign is closed."""
    first = day.replace(day=1)
    for _ in range(2):
        first = (first + timedelta(days=31)).replace(day=1)
    return first - timedelta(days=1)
