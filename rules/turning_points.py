"""The moments at which a report may change by the mere passing of time.

    turning_points(campaign, claims, decisions, waiting) → every moment, in order

Between two neighbouring ones, and within one local day, `judge` gives the same for every `at` and for every
`mail_read_until`; so a report that was judged once need not be judged again for each look. Whoever makes judging
depend on time in a new way adds the moment here; a property test compares.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime

from rules.campaign import Campaign
from rules.claims import Claim, Decision, Unattributed
from rules.expiring_links import expires_at_of

Position = tuple[int, int]


def turning_points(
    campaign: Campaign, claims: Iterable[Claim], decisions: Iterable[Decision], waiting: Iterable[Unattributed] = ()
) -> tuple[datetime, ...]:
    """Arrivals, decisions, what decisions set, deadlines with grace and extension, and the ends of cloud links."""
    moments = {one.received_at for one in waiting}
    until = [decision.until for decision in decisions if decision.until is not None]
    moments.update(until)
    moments.update(decision.decided_at for decision in decisions)
    for asked in campaign.deliverables:
        moments.update(due_at + asked.grace for due_at in (asked.due_at(campaign.zone), *until))
    for claim in claims:
        moments.add(claim.received_at)
        ends = (expires_at_of(link, claim.received_at, campaign.zone) for link in claim.extraction.links)
        moments.update(end for end in ends if end is not None)
    return tuple(sorted(moments))


def position(points: Sequence[datetime], moment: datetime | None) -> Position:
    """Equal for two moments exactly if no turning point lies between them or at one of them."""
    return (-1, -1) if moment is None else (bisect_left(points, moment), bisect_right(points, moment))
