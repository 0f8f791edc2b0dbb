"""What a report must say about a scenario, worked out from what the program knows that it has put into the mails.

It follows the contract's words and nothing of `rules.judging`, which it is there to check.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.samples.letters import Letter
from rules.assessment import Status
from rules.campaign import Campaign, Deliverable, DeliverableKind
from rules.findings import Code
from rules.roster import Unit

Cell = tuple[str, str]  # unit name, deliverable key


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """What one mail does for one unit's deliverable. `code`: what is wrong with the file, None when it is good.

    `photos`: the seeds of the photographs, by which a copy is known; `video_seconds`: of a video.
    """

    unit: str
    deliverable: str
    code: Code | None = None
    photos: frozenset[int] = frozenset()
    video_seconds: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """The label that the report must show, and the codes that must stand among the findings."""

    status: Status
    codes: frozenset[Code] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """A mail and what it does; a mail without effects is noise, or cannot be put to a unit."""

    letter: Letter
    effects: tuple[Effect, ...] = ()
    is_unattributed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """A sample campaign with its mails in the order of arrival, and the truth about it at `report_at`.

    `read_at` is when the mailbox was last read to its end.
    """

    campaign: Campaign
    units: tuple[Unit, ...]
    sendings: tuple[Sending, ...]
    read_at: datetime
    report_at: datetime

    @property
    def letters(self) -> tuple[Letter, ...]:
        return tuple(sending.letter for sending in self.sendings)

    @property
    def unattributed(self) -> frozenset[str]:
        """Message ids of the mails that must wait for a person."""
        return frozenset(sending.letter.message_id for sending in self.sendings if sending.is_unattributed)

    @property
    def expected(self) -> dict[Cell, Expected]:
        """The truth about every unit and deliverable."""
        return {
            (unit.name, deliverable.key): self._expected(unit, deliverable)
            for unit in self.units
            for deliverable in self.campaign.deliverables
            if deliverable.is_required_of(unit.category)
        }

    def _expected(self, unit: Unit, deliverable: Deliverable) -> Expected:
        if unit.is_exempt_from(deliverable.key):
            return Expected(status=Status.EXEMPT)
        due_at = deliverable.due_at(self.campaign.zone)
        arrived = [(moment, effect) for moment, effect in self._effects() if _is_for(effect, unit, deliverable)]
        complete_at = _complete_at(arrived, deliverable)
        if complete_at is not None:
            return Expected(status=Status.ON_TIME if complete_at <= due_at else Status.LATE)
        if arrived:
            codes = _open_codes([effect for _, effect in arrived], deliverable)
            return Expected(status=Status.INCOMPLETE, codes=codes)
        if self.report_at <= due_at:
            return Expected(status=Status.PENDING)
        return Expected(status=Status.UNKNOWN if self.read_at < due_at else Status.MISSING)

    def _effects(self) -> Iterable[tuple[datetime, Effect]]:
        for sending in sorted(self.sendings, key=lambda sending: sending.letter.received_at):
            if sending.letter.received_at <= self.report_at:
                yield from ((sending.letter.received_at, effect) for effect in sending.effects)


def _is_for(effect: Effect, unit: Unit, deliverable: Deliverable) -> bool:
    return (effect.unit, effect.deliverable) == (unit.name, deliverable.key)


def _complete_at(arrived: Sequence[tuple[datetime, Effect]], deliverable: Deliverable) -> datetime | None:
    for number, (moment, _) in enumerate(arrived, start=1):
        if _is_complete([effect for _, effect in arrived[:number]], deliverable):
            return moment
    return None


def _is_complete(effects: Sequence[Effect], deliverable: Deliverable) -> bool:
    good = [effect for effect in effects if effect.code is None]
    if deliverable.kind is not DeliverableKind.EVIDENCE:
        return bool(good)
    return _photos(effects) >= deliverable.photos or any(_is_short(effect, deliverable) for effect in good)


def _photos(effects: Sequence[Effect]) -> int:
    return len(frozenset[int]().union(*(effect.photos for effect in effects)))


def _is_short(effect: Effect, deliverable: Deliverable) -> bool:
    return effect.video_seconds is not None and effect.video_seconds <= deliverable.video_max_seconds


def _open_codes(effects: Sequence[Effect], deliverable: Deliverable) -> frozenset[Code]:
    codes = {effect.code for effect in effects[-1:] if effect.code is not None}
    if any(effect.photos for effect in effects):
        codes.add(Code.PHOTO_COUNT)
    if any(effect.video_seconds is not None and not _is_short(effect, deliverable) for effect in effects):
        codes.add(Code.VIDEO_TOO_LONG)
    return frozenset(codes)
