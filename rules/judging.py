"""Who is on time, late, incomplete or missing at a moment: a pure function (contract, 2).

    judge(campaign, roster, claims, decisions, at=…, mail_read_until=…) → CampaignReport

For every unit and every deliverable asked of its category:

    1. take what had arrived by `at` while the campaign took mail, in order of arrival      `_received`
    2. sort it by what a person said: files, strays, sent back                             `rules.submitted`
    3. find when it was complete, and what is shown of it                      `rules.completing`, `rules.evidence`
       and what is odd about its photos                            `rules.reuse`, `rules.photo_dates`
    4. let a person's word about the whole deliverable outrank that                        `_complete_at`
    5. label it                                                                            `label`

Nothing depends on the order of the input. A later arrival never moves `complete_at`, so it never makes anyone late.
A stray stands against everything that was not complete when it came, because it may be any of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from rules.assessment import Assessment, CampaignReport, Source, Status, UnitReport
from rules.campaign import AFTER_CLOSE, Campaign, Deliverable, DeliverableKind, days_late
from rules.claims import Claim, Decision
from rules.completing import Completion, complete_document
from rules.evidence import complete_evidence
from rules.expiring_links import ExpiringLink, expiring, seen_at
from rules.findings import Code, Finding
from rules.judging_memory import JudgingMemory, UnitFacts
from rules.overruling import Action, Rulings, is_of_whole_deliverable, rulings_on, standing
from rules.photo_dates import date_hint
from rules.reuse import reused_photos
from rules.roster import Roster, Unit
from rules.submitted import DOUBTS, Arrivals, SubmittedFile, arrival_order, distinct_findings, findings_of, sort_out
from rules.tallying import tally


@dataclass(frozen=True, kw_only=True, slots=True)
class _View:
    """From when one looks, and how far one sees. `hints`: what is odd about the photos of each unit."""

    campaign: Campaign
    at: datetime
    mail_read_until: datetime | None
    hints: Mapping[str, Sequence[Finding]] = field(default_factory=dict)


def judge(
    campaign: Campaign,
    roster: Roster,
    claims: Iterable[Claim],
    decisions: Iterable[Decision],
    *,
    at: datetime,
    mail_read_until: datetime | None,
    memory: JudgingMemory | None = None,
) -> CampaignReport:
    """How every unit of the roster stands at `at`. With a `memory` the result is the same, and sooner there."""
    memory = memory or JudgingMemory()
    memory.begin(campaign)
    every = list(claims)
    view = _View(campaign=campaign, at=at, mail_read_until=mail_read_until)
    received = _received(every, view)
    view = replace(view, hints=_photo_hints(every, received, view, memory))
    words = _by_unit(standing(decisions, campaign_key=campaign.key, at=at))
    units = tuple(_remembered(unit, received[unit.name], words, view, memory) for unit in roster.units)
    return CampaignReport(
        campaign=campaign,
        as_of=at,
        mail_read_until=mail_read_until,
        units=units,
        totals={
            asked.key: tally(unit.assessments[asked.key] for unit in units if asked.key in unit.assessments)
            for asked in campaign.deliverables
        },
    )


def label(
    *,
    complete_at: datetime | None,
    received_at: datetime | None,
    deadline: datetime,
    at: datetime,
    mail_read_until: datetime | None,
    is_exempt: bool = False,
    is_on_time_by_word: bool = False,
) -> Status:
    """The one label, by precedence. `deadline` is the due moment with extension and grace: the last that is on time."""
    if is_exempt:
        return Status.EXEMPT
    if complete_at is not None:
        return Status.ON_TIME if is_on_time_by_word or complete_at <= deadline else Status.LATE
    if received_at is not None:
        return Status.INCOMPLETE
    if at <= deadline:
        return Status.PENDING
    if mail_read_until is None or mail_read_until < deadline:
        return Status.UNKNOWN
    return Status.MISSING


def _received(claims: Iterable[Claim], view: _View) -> dict[str, list[Claim]]:
    """By unit, in order of arrival, what had come by `at` from the day the campaign opens to `AFTER_CLOSE` its end."""
    campaign = view.campaign
    first = _midnight(campaign.opens, campaign)
    end = _midnight(campaign.closes + AFTER_CLOSE + timedelta(days=1), campaign)
    by_unit: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if first <= claim.received_at < end and claim.received_at <= view.at:
            by_unit[claim.unit].append(seen_at(claim, at=view.at, zone=campaign.zone))
    for mine in by_unit.values():
        mine.sort(key=arrival_order)
    return by_unit


def _midnight(day: date, campaign: Campaign) -> datetime:
    """The first moment of the day; in UTC, as moments come from the store: comparing zones is slow."""
    return datetime.combine(day, time.min, tzinfo=campaign.zone).astimezone(UTC)


def _photo_hints(
    every: Sequence[Claim], received: Mapping[str, Sequence[Claim]], view: _View, memory: JudgingMemory
) -> dict[str, list[Finding]]:
    if not any(asked.kind is DeliverableKind.EVIDENCE for asked in view.campaign.deliverables):
        return {}
    photos = [one for one in every if one.kind == DeliverableKind.EVIDENCE and one.received_at <= view.at]
    reused = memory.reused(photos, lambda: reused_photos(photos, view.campaign, at=view.at))
    hints = {unit: [reused.get(unit), date_hint(claims, view.campaign)] for unit, claims in received.items()}
    return {unit: [hint for hint in found if hint is not None] for unit, found in hints.items()}


def _by_unit(words: Iterable[Decision]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = defaultdict(list)
    for decision in words:
        found[decision.unit].append(decision)
    return found


def _remembered(
    unit: Unit, claims: Sequence[Claim], words: Mapping[str, Sequence[Decision]], view: _View, memory: JudgingMemory
) -> UnitReport:
    about_unit = sorted((*words.get("", ()), *words.get(unit.name, ())), key=lambda decision: decision.id)
    facts = UnitFacts(unit=unit, claims=claims, words=about_unit, hints=view.hints.get(unit.name, ()))
    report = memory.recall(facts, at=view.at, mail_read_until=view.mail_read_until)
    if report is None:
        report = _unit_report(unit, claims, about_unit, view)
        deadlines = (one.due_at + view.campaign.deliverable(key).grace for key, one in report.assessments.items())
        memory.remember(facts, report, deadlines, at=view.at, mail_read_until=view.mail_read_until)
    return report


def _unit_report(unit: Unit, claims: Sequence[Claim], about_unit: Sequence[Decision], view: _View) -> UnitReport:
    return UnitReport(
        unit=unit,
        assessments={
            asked.key: _assess(unit, asked, claims, rulings_on(about_unit, unit.name, asked.key), view)
            for asked in view.campaign.deliverables
            if asked.is_required_of(unit.category)
        },
    )


def _assess(unit: Unit, asked: Deliverable, claims: Sequence[Claim], rulings: Rulings, view: _View) -> Assessment:
    arrivals = sort_out(claims, asked, rulings)
    completion = _completion(asked, arrivals.files)
    if asked.kind is DeliverableKind.EVIDENCE and completion.shown:
        completion = replace(completion, findings=(*completion.findings, *view.hints.get(unit.name, ())))
    complete_at = _complete_at(completion, arrivals, rulings, view.at)
    received_at = _received_at(complete_at, arrivals)
    due_at = _due_at(asked, rulings, view.campaign)
    deadline = due_at + asked.grace
    status = label(
        complete_at=complete_at,
        received_at=received_at,
        deadline=deadline,
        at=view.at,
        mail_read_until=view.mail_read_until,
        is_exempt=rulings.exempt is not None or unit.is_exempt_from(asked.key),
        is_on_time_by_word=rulings.on_time is not None,
    )
    shown = completion.shown if complete_at else (*completion.shown, *arrivals.strays)
    return Assessment(
        status=status,
        due_at=due_at,
        is_overdue=status is Status.INCOMPLETE and view.at > deadline,
        days_late=days_late(complete_at, due_at, view.campaign.zone) if complete_at and status is Status.LATE else None,
        received_at=received_at,
        complete_at=complete_at,
        needs_review=status is not Status.EXEMPT and _needs_review(shown, completion, complete_at),
        parts=completion.parts if received_at or status is not Status.EXEMPT else {},
        findings=_findings(status, shown, completion, arrivals),
        links=_links(shown, view) if status is Status.INCOMPLETE else (),
        sources=tuple(_source(file.claim) for file in shown),
        decision=rulings.newest(claim for claim in claims if claim.kind in (None, asked.kind)),
    )


def _completion(asked: Deliverable, files: Sequence[SubmittedFile]) -> Completion:
    if asked.kind is DeliverableKind.EVIDENCE:
        return complete_evidence(asked, files)
    return complete_document(asked, files)


def _complete_at(completion: Completion, arrivals: Arrivals, rulings: Rulings, at: datetime) -> datetime | None:
    """The first complete moment: of the files themselves, or by a person's word.

    "Accepted as it stands" makes the first arrival enough: a word in the unit's favour must not date it by a mail that
    came after. "On time" about something incomplete accepts it in the same way.
    """
    accepted_whole = [file for file in arrivals.files if _is_accepted_whole(file, rulings)]
    moments = [completion.complete_at, _offline_at(rulings, at), *(file.received_at for file in accepted_whole[:1])]
    known = [moment for moment in moments if moment is not None]
    if not known and rulings.on_time:
        known = [file.received_at for file in (*arrivals.files, *arrivals.strays)]
    return min(known, default=None)


def _is_accepted_whole(file: SubmittedFile, rulings: Rulings) -> bool:
    ruling = rulings.on_file(file.claim)
    return ruling is not None and ruling.action == Action.ACCEPT and is_of_whole_deliverable(ruling)


def _offline_at(rulings: Rulings, at: datetime) -> datetime | None:
    """When it came on paper or by hand, as far as that is not still to come."""
    if rulings.received_offline is None:
        return None
    moment = rulings.received_offline.until or rulings.received_offline.decided_at
    return moment if moment <= at else None


def _received_at(complete_at: datetime | None, arrivals: Arrivals) -> datetime | None:
    """The first arrival of anything for it: also of what was sent back, and of strays while it was not complete."""
    moments = [file.received_at for file in arrivals.files[:1]]
    moments += [one.claim.received_at for one in arrivals.sent_back[:1]]
    moments += [
        stray.received_at for stray in arrivals.strays[:1] if not complete_at or stray.received_at < complete_at
    ]
    return min([*moments, complete_at] if complete_at else moments, default=None)


def _due_at(asked: Deliverable, rulings: Rulings, campaign: Campaign) -> datetime:
    """With the extension; one for all of a unit's deliverables shortens none that is due later."""
    due_at = asked.due_at(campaign.zone)
    if rulings.extend is None or rulings.extend.until is None:
        return due_at
    return max(due_at, rulings.extend.until.astimezone(campaign.zone))


def _needs_review(shown: Sequence[SubmittedFile], completion: Completion, complete_at: datetime | None) -> bool:
    is_open = complete_at is None
    return any(file.needs_review for file in shown) or (
        is_open and any(finding.code in DOUBTS for finding in completion.findings)
    )


def _findings(
    status: Status, shown: Sequence[SubmittedFile], completion: Completion, arrivals: Arrivals
) -> tuple[Finding, ...]:
    """What is wrong with what is shown. Nothing blocks what is complete, and nothing is asked of who is exempt."""
    found = [*completion.findings, *findings_of(shown)]
    if status is not Status.INCOMPLETE:
        return distinct_findings(one for one in found if not one.is_blocking)
    return distinct_findings([*found, *(one.finding for one in arrivals.sent_back)])


def _links(shown: Sequence[SubmittedFile], view: _View) -> tuple[ExpiringLink, ...]:
    """What was sent as a link only: somebody may still fetch it."""
    linked = (file.claim for file in shown if any(finding.code is Code.LINK_ONLY for finding in file.findings))
    return tuple(
        expiring(link, sent_at=claim.received_at, at=view.at, zone=view.campaign.zone)
        for claim in linked
        for link in claim.extraction.links
    )


def _source(claim: Claim) -> Source:
    return Source(
        message_id=claim.message_id,
        filename=claim.extraction.file,
        sha256=claim.extraction.sha256,
        message_sha256=claim.message_sha256,
        path=claim.path,
    )
