"""Totals of one deliverable over all units, and rates that are never over 1.

An exempt unit leaves the denominator, and with it every numerator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rules.assessment import Assessment, Status, Totals


def tally(assessments: Iterable[Assessment]) -> Totals:
    """How many units stand where."""
    everyone = tuple(assessments)
    asked = [one for one in everyone if one.status is not Status.EXEMPT]
    count = Counter(one.status for one in everyone)
    return Totals(
        expected=len(asked),
        received=sum(one.received_at is not None for one in asked),
        complete=count[Status.ON_TIME] + count[Status.LATE],
        on_time=count[Status.ON_TIME],
        late=count[Status.LATE],
        incomplete=count[Status.INCOMPLETE],
        missing=count[Status.MISSING],
        unknown=count[Status.UNKNOWN],
        pending=count[Status.PENDING],
        exempt=count[Status.EXEMPT],
    )


def rate(count: int, of: int) -> float | None:
    """`count` of `of` as a share between 0 and 1; None for 0 of 0, which is shown as "—"."""
    return min(count / of, 1.0) if of else None
