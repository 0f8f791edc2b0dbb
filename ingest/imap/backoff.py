"""How long to wait before a mailbox that failed is tried again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

LONGEST_MINUTES = 30


def backoff(attempt: int, random: Random) -> timedelta:
    """From 1 to 30 minutes, doubling with each failure in a row (`attempt` counts from 1), a random half of it cut off.

    Without the jitter, many daemons that lost the same server would all return at the same second.
    """
    upper = min(2 ** min(max(attempt, 1), 10), LONGEST_MINUTES)
    return timedelta(minutes=random.uniform(upper / 2, upper))
