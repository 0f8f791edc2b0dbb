"""Puts each submitted file of a message to a unit - for certain, or hands it to a person with the reason.

    decisions        a person's word about this message or this file outranks everything
    own testimony    the file names its unit (rules.testimony), weighed against the mail's (rules.weighing)
    mail testimony   files that name none: the folder's other files, subject, sender, … (rules.mail_testimony)

First the files that speak for themselves are placed, then those that follow them. A file with the forms of several
units becomes a claim for each. Nothing here knows a campaign: which deliverables are asked for is judged later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from types import MappingProxyType
from typing import Final

from rules.campaign import DeliverableKind
from rules.claims import Claim, Decision, Evidence, Placement, Unattributed
from rules.extraction import Kind
from rules.findings import Code, Finding
from rules.flatten import base_name
from rules.mail_testimony import MailFacts, facts_of_mail
from rules.messages import Item, ReceivedMessage
from rules.name_index import NameIndex
from rules.named_in_rows import others_in_rows, units_in_rows
from rules.roster import Roster
from rules.seals import sealed_by
from rules.submissions import Service, Submission, submissions_of
from rules.testimony import Testimony, hint_of_file, testimonies_of_file, testimony_of_form
from rules.weighing import SOURCE_ZH, Siblings, Verdict, weigh_named, weigh_silent

_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
_DATE_MAY_DIFFER: Final = timedelta(days=2)
_CLOCK_MAY_DIFFER: Final = timedelta(hours=1)
_CONTAINERS: Final = frozenset({Kind.ARCHIVE, Kind.MESSAGE})
_MOST_FILES_NAMED: Final = 3


def place(
    message: ReceivedMessage,
    roster: Roster,
    *,
    remembered: Mapping[str, str] = _NOBODY,
    decisions: Sequence[Decision] = (),
) -> Placement:
    """What becomes of one message. For many messages build a `Placer` once."""
    return Placer(roster, remembered=remembered).place(message, decisions=decisions)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """What is put to one unit: a submission, or one form of it."""

    submission: Submission
    services: tuple[Service, ...]
    own: tuple[Testimony, ...]
    other_units: frozenset[str] = frozenset()

    @property
    def item(self) -> Item:
        return self.submission.item


class Placer:
    """Places messages against one roster. `regions` are names of the home district that the roster may not speak of.

    Findings tell moments in `zone`.
    """

    def __init__(
        self,
        roster: Roster,
        *,
        remembered: Mapping[str, str] = _NOBODY,
        regions: Sequence[str] = (),
        zone: tzinfo = UTC,
    ) -> None:
        self._zone = zone
        self._index = NameIndex(roster, regions=regions)
        self._remembered = {address.lower(): unit for address, unit in remembered.items()}

    def place(self, message: ReceivedMessage, *, decisions: Sequence[Decision] = ()) -> Placement:
        assigned = _Assignments(message.sha256, decisions, self._index.roster)
        submissions = submissions_of(message, is_assigned=assigned.is_any) or assigned.body_of(message)
        if not submissions:
            return Placement(note=_why_nothing(message))
        facts = facts_of_mail(self._index, message, self._remembered)
        parts = [part for submission in submissions for part in self._parts(submission)]
        verdicts = self._verdicts(parts, facts, assigned)
        is_unplaced = not any(verdict.unit for verdict in verdicts)
        if message.envelope.is_automatic and is_unplaced and all(_may_be_decoration(part.item) for part in parts):
            return Placement(note=_why_nothing(message))
        return self._placement(message, parts, verdicts, facts)

    def _parts(self, submission: Submission) -> list[_Part]:
        """One part for the file, or one for each form where its forms are of several units."""
        item = submission.item
        own = tuple(testimonies_of_file(self._index, item))
        of_forms = [testimony_of_form(self._index, form) for form in item.extraction.forms]
        units = frozenset(testimony.unit for testimony in of_forms if testimony.unit)
        strangers = {testimony.reading.stranger for testimony in of_forms} - {""}
        if len(units) + len(strangers) < 2:
            return [_Part(submission=submission, services=submission.services, own=own)]
        rest = tuple(testimony for testimony in own if testimony.source != "form")
        return [
            _Part(
                submission=submission,
                services=(service,),
                own=rest if service.form_index is None else _own_of_form(of_forms[service.form_index]),
                other_units=units,
            )
            for service in submission.services
        ]

    def _verdicts(self, parts: Sequence[_Part], facts: MailFacts, assigned: _Assignments) -> list[Verdict]:
        named = [
            assigned.verdict(part.item.path)
            or weigh_named(self._index, part.own, facts.for_item(part.item), accepted=part.other_units)
            for part in parts
        ]
        holders = {part.item.path: number for number, part in enumerate(parts)}
        verdicts: list[Verdict] = []
        for part, verdict in zip(parts, named, strict=True):
            holder = _holder(part.item.path, holders)
            if verdict is None and holder is not None and holder < len(verdicts) and not _is_split(parts, holder):
                verdict = verdicts[holder]  # noqa: PLW2901 - a picture in a document goes with the document
            verdicts.append(verdict or self._follow(part, parts, named, facts))
        return verdicts

    def _follow(
        self, part: _Part, parts: Sequence[_Part], named: Sequence[Verdict | None], facts: MailFacts
    ) -> Verdict:
        """The verdict on a file that names no unit: it follows its folder or its mail."""
        if part.other_units and not part.own:
            reason = "同一文件含有多个单位的表格，此表未写明单位"
            return Verdict(reason=reason, candidates=part.other_units)
        placed = [
            (other.item, verdict.unit) for other, verdict in zip(parts, named, strict=True) if verdict and verdict.unit
        ]
        siblings = Siblings(in_folder=_units_around(part.item, placed), in_mail=frozenset(unit for _, unit in placed))
        mail = facts.for_item(part.item)
        named_units = {testimony.unit for testimony in mail if testimony.unit} | siblings.in_mail
        above = {unit: self._index.ancestors(unit) for unit in named_units}
        is_undecided = not named_units
        hint = hint_of_file(self._index, part.item) if is_undecided else None
        return weigh_silent(part.own, mail, siblings, above=above, hint=hint)

    def _placement(
        self, message: ReceivedMessage, parts: Sequence[_Part], verdicts: Sequence[Verdict], facts: MailFacts
    ) -> Placement:
        claims = [
            self._claim(message, part, service, verdict, facts)
            for part, verdict in zip(parts, verdicts, strict=True)
            if verdict.unit
            for service in part.services
        ]
        open_parts = [(part, verdict) for part, verdict in zip(parts, verdicts, strict=True) if not verdict.unit]
        return Placement(claims=tuple(claims), unattributed=_unattributed(self._index, message, open_parts))

    def _claim(
        self, message: ReceivedMessage, part: _Part, service: Service, verdict: Verdict, facts: MailFacts
    ) -> Claim:
        assert verdict.unit is not None  # noqa: S101 - only verdicts with a unit become claims
        return Claim(
            unit=verdict.unit,
            kind=service.kind,
            message_sha256=message.sha256,
            message_id=message.envelope.message_id,
            received_at=message.received_at,
            path=part.item.path,
            extraction=part.item.extraction,
            form_index=service.form_index,
            evidence=verdict.evidence,
            findings=(
                *self._findings(message, verdict, facts),
                *self._seal_findings(part, verdict),
                *self._others_in_rows(part, service, verdict),
            ),
        )

    def _findings(self, message: ReceivedMessage, verdict: Verdict, facts: MailFacts) -> Iterable[Finding]:
        unit = verdict.unit or ""
        is_decided = any(evidence.source == "decision" for evidence in verdict.evidence)
        if verdict.conflict is not None:
            other = verdict.conflict
            detail = f"文件写明的单位是“{unit}”，而{SOURCE_ZH[other.source]}（{other.quote[:60]}）是“{other.unit}”"
            yield Finding(code=Code.UNIT_CONFLICT, detail=detail)
        if not is_decided and self._is_unverified(unit, facts):
            sender = message.envelope.header_from
            address = sender.address if sender else "未知"
            yield Finding(code=Code.UNVERIFIED_SENDER, detail=f"发件人邮箱（{address}）不是名册中“{unit}”登记的邮箱")
        yield from _date_findings(message, self._zone)

    def _seal_findings(self, part: _Part, verdict: Verdict) -> Iterable[Finding]:
        """A seal of another unit of the roster."""
        if not verdict.unit or any(one.source == "decision" for one in verdict.evidence):
            return
        sealed = sealed_by(self._index, part.item.extraction, verdict.unit)
        if sealed and sealed.isdisjoint(part.other_units):
            names = "、".join(sorted(sealed))
            detail = f"印章上的单位是“{names}”，而材料归入“{verdict.unit}”，请对照原件核对"
            yield Finding(code=Code.UNIT_CONFLICT, detail=detail)

    def _others_in_rows(self, part: _Part, service: Service, verdict: Verdict) -> Iterable[Finding]:
        if service.form_index is None or any(one.source == "decision" for one in verdict.evidence):
            return
        found = others_in_rows(self._index, part.item.extraction.forms[service.form_index], verdict.unit or "")
        if found is not None:
            yield found

    def _is_unverified(self, unit: str, facts: MailFacts) -> bool:
        if not self._index.roster.by_name[unit].emails:
            return False
        return not facts.senders & {unit, *self._index.ancestors(unit)}


class _Assignments:
    """What a person has decided about whose files these are; the newest word about a path counts."""

    def __init__(self, message_sha256: str, decisions: Sequence[Decision], roster: Roster) -> None:
        newest_first = sorted(decisions, key=lambda decision: decision.id, reverse=True)
        undone: set[int] = set()
        self._standing: list[Decision] = []
        for decision in newest_first:
            if decision.id in undone:
                continue
            if decision.action == "undo" and decision.undoes is not None:
                undone.add(decision.undoes)
            is_about_this = decision.action == "assign" and decision.message_sha256 == message_sha256
            if is_about_this and decision.unit in roster.by_name:
                self._standing.append(decision)

    @property
    def is_any(self) -> bool:
        return bool(self._standing)

    def verdict(self, path: str) -> Verdict | None:
        for decision in self._standing:
            if decision.path in ("", path) or path.startswith(decision.path + "/"):
                quote = f"{decision.author}：{decision.reason}" if decision.reason else decision.author
                evidence = Evidence(source="decision", quote=quote, unit=decision.unit, is_exact=True)
                return Verdict(unit=decision.unit, evidence=(evidence,))
        return None

    def body_of(self, message: ReceivedMessage) -> tuple[Submission, ...]:
        """The text itself, where a person gave a unit a mail that has nothing else."""
        body = next((item for item in message.items if item.is_body), None)
        return (Submission(item=body, services=(Service(kind=None),)),) if body and self.is_any else ()


def _own_of_form(of_form: Testimony) -> tuple[Testimony, ...]:
    """A form that names its unit needs nothing else; one that does not cannot borrow the name of the whole file."""
    return (of_form,) if not of_form.reading.is_silent else ()


def _holder(path: str, holders: Mapping[str, int]) -> int | None:
    """The submission inside which this file was found, if that is one (a document, not an archive)."""
    while "/" in path:
        path = path.rsplit("/", 1)[0]
        if path in holders:
            return holders[path]
    return None


def _is_split(parts: Sequence[_Part], number: int) -> bool:
    return bool(parts[number].other_units) or parts[number].item.extraction.kind in _CONTAINERS


def _units_around(item: Item, placed: Sequence[tuple[Item, str]]) -> frozenset[str]:
    """The units named in the innermost folder around this file in which any is named."""
    for depth in range(len(item.folders), 0, -1):
        units = frozenset(
            unit
            for other, unit in placed
            if other.folders[:depth] == item.folders[:depth] and _top(other.path) == _top(item.path)
        )
        if units:
            return units
    return frozenset()


def _top(path: str) -> str:
    return path.split("/", 1)[0]


def _may_be_decoration(item: Item) -> bool:
    return item.is_body or item.extraction.kind in (Kind.PHOTO, Kind.DOCUMENT, Kind.OTHER)


def _date_findings(message: ReceivedMessage, zone: tzinfo) -> Iterable[Finding]:
    sent_at = message.envelope.sent_at
    if sent_at is None:
        return
    ahead = sent_at - message.received_at
    if ahead > _CLOCK_MAY_DIFFER or -ahead > _DATE_MAY_DIFFER:
        sent, received = (f"{one.astimezone(zone):%Y-%m-%d %H:%M}" for one in (sent_at, message.received_at))
        detail = f"邮件自称的发送时间（{sent}）与收到时间（{received}）相差较大，以收到时间为准"
        yield Finding(code=Code.DATE_SUSPECT, detail=detail)


def _why_nothing(message: ReceivedMessage) -> str:
    if message.envelope.is_automatic:
        return message.envelope.automatic_reason or "自动回复"
    return "未含报送材料"


def _unattributed(
    index: NameIndex, message: ReceivedMessage, open_parts: Sequence[tuple[_Part, Verdict]]
) -> Unattributed | None:
    if not open_parts:
        return None
    candidates = {unit for _, verdict in open_parts for unit in verdict.candidates}
    for part, _ in open_parts:
        candidates.update(*(units_in_rows(index, form) for form in part.item.extraction.forms))
    return Unattributed(
        message_sha256=message.sha256,
        message_id=message.envelope.message_id,
        sender=message.envelope.header_from.address if message.envelope.header_from else "",
        subject=message.envelope.subject,
        received_at=message.received_at,
        reason=_joined_reasons(open_parts),
        candidates=tuple(unit.name for unit in index.roster.units if unit.name in candidates),
        paths=tuple(dict.fromkeys(part.item.path for part, _ in open_parts)),
        kinds=_kinds(service for part, _ in open_parts for service in part.services),
    )


def _kinds(services: Iterable[Service]) -> tuple[str, ...]:
    """What could not be told as any of the materials may be each of them."""
    kinds = {service.kind for service in services}
    return tuple(kind for kind in DeliverableKind if None in kinds or kind in kinds)


def _joined_reasons(open_parts: Sequence[tuple[_Part, Verdict]]) -> str:
    """One sentence for all files where they share it, else a sentence for each of the first files."""
    reasons = dict.fromkeys(verdict.reason for _, verdict in open_parts)
    if len(reasons) == 1:
        return next(iter(reasons))
    first_with = {verdict.reason: base_name(part.item.filename) for part, verdict in reversed(open_parts)}
    shown = [f"“{first_with[reason]}”：{reason}" for reason in list(reasons)[:_MOST_FILES_NAMED]]
    return "；".join(shown) + ("；等" if len(reasons) > _MOST_FILES_NAMED else "")
