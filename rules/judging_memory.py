"""What judging found last time, so that only what has changed is judged again.

How a unit stands follows from its own claims, the words about it, the hints about its photos, and on which side of a
few moments the report stands: the unit's deadlines, and what decisions name. While all of these are what they were, so
is the result; `recall` gives the very same object, so that what was made of it can be kept too.

Claims are compared by identity: a claim that was read anew is another one. A link to a cloud has days left, which
change with every report, so a unit that sent one is judged every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import is_

from rules.assessment import UnitReport
from rules.campaign import Campaign
from rules.claims import Claim, Decision
from rules.findings import Finding
from rules.roster import Unit


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitFacts:
    """Everything that one unit's report follows from, but for the campaign and the moment."""

    unit: Unit
    claims: Sequence[Claim]
    words: Sequence[Decision]
    hints: Sequence[Finding]

    def is_same_as(self, other: UnitFacts) -> bool:
        return (
            _are_identical(self.claims, other.claims)
            and self.unit == other.unit
            and list(self.words) == list(other.words)
            and list(self.hints) == list(other.hints)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    facts: UnitFacts
    moments: tuple[datetime, ...]
    sides: tuple[int, ...]
    report: UnitReport


@dataclass(frozen=True, kw_only=True, slots=True)
class _KnownReuse:
    photos: Sequence[Claim]
    found: Mapping[str, Finding]


class JudgingMemory:
    """Of one campaign's newest report. Safe for threads: whoever comes second judges what it could have recalled."""

    def __init__(self) -> None:
        self._campaign: Campaign | None = None
        self._units: dict[str, _Known] = {}
        self._reuse: _KnownReuse | None = None

    def begin(self, campaign: Campaign) -> None:
        """Forgets what was found for another campaign, or for this one when it asked for something else."""
        if campaign != self._campaign:
            self._campaign, self._units, self._reuse = campaign, {}, None

    def recall(self, facts: UnitFacts, *, at: datetime, mail_read_until: datetime | None) -> UnitReport | None:
        known = self._units.get(facts.unit.name)
        if known is None or not known.facts.is_same_as(facts):
            return None
        return known.report if known.sides == _sides(known.moments, at, mail_read_until) else None

    def remember(
        self,
        facts: UnitFacts,
        report: UnitReport,
        deadlines: Iterable[datetime],
        *,
        at: datetime,
        mail_read_until: datetime | None,
    ) -> None:
        if any(claim.extraction.links for claim in facts.claims):
            self._units.pop(facts.unit.name, None)
            return
        moments = (*deadlines, *(word.until for word in facts.words if word.until is not None))
        self._units[facts.unit.name] = _Known(
            facts=facts, moments=moments, sides=_sides(moments, at, mail_read_until), report=report
        )

    def reused(self, photos: Sequence[Claim], find: Callable[[], Mapping[str, Finding]]) -> Mapping[str, Finding]:
        """What `find` finds in these photos, which every other photo is compared with."""
        known = self._reuse
        if known is None or not _are_identical(known.photos, photos):
            self._reuse = known = _KnownReuse(photos=photos, found=find())
        return known.found


def _sides(moments: Sequence[datetime], at: datetime, mail_read_until: datetime | None) -> tuple[int, ...]:
    """Where the report, and the reading of the mailbox, stand to each moment: before, at, or after it."""
    read = (1 if mail_read_until is None else (moment > mail_read_until) for moment in moments)
    return (*((at > moment) - (at < moment) for moment in moments), *read)


def _are_identical(some: Sequence[object], others: Sequence[object]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))
