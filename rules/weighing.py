"""Weighs what a file and its mail say: the unit for certain, or why not. Total: every case ends in one row.

    the file names a unit
        a stronger source of its own does not fit ............................ open
        a weaker source of its own names another unit, nobody backs the first  open
        the mail names another unit than the file or those above it
            the file says it firmly (form, text, its name) ................... placed, unit_conflict
            it says it weakly, or in a name that is short for the other's .... open
        nothing speaks against it ............................................ placed
    the file is silent
        it names a stranger .................................................. open
        the mail holds files of several units, its folder not just of one .... open
        folder, subject, sender, … name one unit, and that fits the file ..... placed
        they name several, or one that does not fit what the file hints at ... open
        nobody names any: its own hint, if nothing speaks against it ......... placed, else open

A unit above the file's unit (代报) is never a contradiction. A stranger is a name that is not in the roster; it
stands in the way of every guess, unless a person has taught whose this sender is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rules.claims import Evidence
from rules.name_index import NameIndex
from rules.name_reading import Reading
from rules.names import normalise_name
from rules.testimony import Testimony

SOURCE_ZH: Final = {
    "form": "表内单位名称",
    "text": "文件内容",
    "filename": "文件名",
    "folder": "文件夹名",
    "subject": "邮件主题",
    "body": "邮件正文",
    "sender": "发件人邮箱",
    "display_name": "发件人名称",
    "origin": "被转发邮件",
    "sibling": "同一邮件的其他附件",
    "remembered": "发件人邮箱",
}
_SENDING: Final = frozenset({"sender", "remembered", "display_name", "body", "origin"})
_MOST_NAMED: Final = 4
_LONGEST_QUOTE: Final = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The unit, or None with a reason. `conflict`: who else is named, for the finding `unit_conflict`."""

    unit: str | None = None
    evidence: tuple[Evidence, ...] = ()
    conflict: Testimony | None = None
    reason: str = ""
    candidates: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Siblings:
    """What the mail's other files say: the units named in this file's own folder, and in the whole mail."""

    in_folder: frozenset[str] = frozenset()
    in_mail: frozenset[str] = frozenset()


def weigh_named(
    index: NameIndex, own: Sequence[Testimony], mail: Sequence[Testimony], *, accepted: frozenset[str] = frozenset()
) -> Verdict | None:
    """The verdict on a file that names a unit itself; None when it names none. `accepted`: units of its other forms."""
    top = next((testimony for testimony in own if testimony.unit), None)
    if top is None or top.unit is None:
        return None
    above = index.ancestors(top.unit)
    for stronger in own[: own.index(top)]:
        if top.unit not in stronger.reading.candidates or stronger.reading.stranger:
            return _open(_differ(stronger, top), (stronger, top))
    backing = [testimony for testimony in mail if testimony.unit == top.unit]
    against = [testimony for testimony in mail if testimony.unit and testimony.unit not in (top.unit, *above)]
    dissent = _dissenting(own[own.index(top) + 1 :], top, above | accepted)
    if dissent and (against or not backing):
        return _open(_differ(top, dissent[0]), (top, dissent[0], *against))
    if against and not _outweighs(index, top, own, against):
        return _open(_differ(top, against[0]), (top, *against))
    if top.source == "filename" and not top.is_firm:
        sent_by_above = [testimony for testimony in mail if testimony.unit in above]
        if sent_by_above and not backing:
            return _open(_differ(top, sent_by_above[0]), (top, *sent_by_above))
    evidence = _evidence(top.unit, (*own, *mail))
    sending_first = sorted(against, key=lambda testimony: testimony.source not in ("sender", "remembered"))
    return Verdict(unit=top.unit, evidence=evidence, conflict=next(iter(sending_first), None))


def weigh_silent(
    own: Sequence[Testimony],
    mail: Sequence[Testimony],
    siblings: Siblings,
    *,
    above: dict[str, frozenset[str]],
    hint: Testimony | None,
) -> Verdict:
    """The verdict on a file that names no unit for certain; `own` are its candidates and strangers."""
    taught = any(testimony.source == "remembered" for testimony in mail)
    stranger = next((testimony for testimony in own if testimony.reading.stranger), None)
    if stranger is not None and not taught:
        return _open(_not_in_roster(stranger), (*own, *mail))
    if len(siblings.in_mail) > 1 and len(siblings.in_folder) != 1:
        named = "、".join(sorted(siblings.in_mail)[:_MOST_NAMED])
        reason = f"同一封邮件含有{named}等单位的材料，这个文件未写明单位"
        return _open(reason, (*own, *mail), also=siblings.in_mail)
    chain = _chain(mail, siblings)
    top = next((testimony for testimony in chain if testimony.unit), None)
    if top is None or top.unit is None:
        return _by_overlap(own, mail) or _by_hint(own, mail, hint)
    return _fitting(top, own, chain, above.get(top.unit, frozenset()), taught=taught)


def _chain(mail: Sequence[Testimony], siblings: Siblings) -> list[Testimony]:
    """What speaks for a silent file, the strongest first: files in its folder, the mail, files in the mail."""
    chain = list(mail)
    if len(siblings.in_folder) == 1:
        chain.insert(0, _of_sibling(siblings.in_folder))
    elif len(siblings.in_mail) == 1:
        chain.append(_of_sibling(siblings.in_mail))
    return chain


def _of_sibling(units: frozenset[str]) -> Testimony:
    unit = next(iter(units))
    return Testimony(source="sibling", reading=Reading(unit=unit, candidates=units, quote=unit), quote=unit)


def _fitting(
    top: Testimony, own: Sequence[Testimony], chain: Sequence[Testimony], above: frozenset[str], *, taught: bool
) -> Verdict:
    assert top.unit is not None  # noqa: S101
    unit = top.unit
    for other in chain:
        if other is top or other.reading.is_silent:
            continue
        differs = bool(other.unit) and other.unit != unit
        is_above = other.unit in above and other.source in _SENDING
        precedes = chain.index(other) < chain.index(top)
        misfits = precedes and (unit not in other.reading.candidates or bool(other.reading.stranger)) and not taught
        if (differs and not is_above) or misfits:
            return _open(_differ(top, other), (*own, *chain))
    unfit = next((testimony for testimony in own if unit not in testimony.reading.candidates), None)
    if unfit is not None and not (taught and unfit.reading.stranger):
        return _open(_differ(unfit, top), (*own, *chain))
    return Verdict(unit=unit, evidence=_evidence(unit, (*own, *chain)))


def _by_overlap(own: Sequence[Testimony], mail: Sequence[Testimony]) -> Verdict | None:
    """中心小学 in the form, a mailbox shared by a primary school and a kindergarten: together they name one unit."""
    shared = next((testimony for testimony in mail if testimony.source == "sender"), None)
    first = next(iter(own), None)
    if shared is None or first is None or first.source == "folder":
        return None
    both = shared.reading.candidates & first.reading.candidates
    if len(both) != 1:
        return None
    unit = next(iter(both))
    if any(testimony.reading.candidates and unit not in testimony.reading.candidates for testimony in (*own, *mail)):
        return None
    evidence = tuple(
        Evidence(source=testimony.source, quote=testimony.quote, unit=unit, is_exact=True)
        for testimony in (first, shared)
    )
    return Verdict(unit=unit, evidence=evidence)


def _by_hint(own: Sequence[Testimony], mail: Sequence[Testimony], hint: Testimony | None) -> Verdict:
    everything = (*own, *mail, *((hint,) if hint else ()))
    misfit = any(
        (testimony.reading.candidates and hint.unit not in testimony.reading.candidates) or testimony.reading.stranger
        for testimony in (*own, *mail)
        if hint
    )
    if hint is not None and hint.unit and not misfit:
        return Verdict(unit=hint.unit, evidence=_evidence(hint.unit, everything))
    return _open(_why_nobody(own, mail), everything)


def _dissenting(weaker: Iterable[Testimony], top: Testimony, allowed: frozenset[str]) -> list[Testimony]:
    def disagrees(testimony: Testimony) -> bool:
        if testimony.unit:
            return testimony.unit != top.unit and testimony.unit not in allowed
        return (
            bool(testimony.reading.stranger) and top.source != "form" and top.unit not in testimony.reading.candidates
        )

    return [testimony for testimony in weaker if disagrees(testimony)]


def _outweighs(index: NameIndex, top: Testimony, own: Sequence[Testimony], against: Sequence[Testimony]) -> bool:
    """What a file says of itself outweighs its sender, unless it is weak, or may be short for the sender's name."""
    spoken = normalise_name(top.reading.quote)
    if any(other.unit and index.names[other.unit].core.endswith(spoken) for other in against):
        return False
    supports = [testimony for testimony in own if testimony.unit == top.unit]
    if top.source == "filename" and len(supports) == 1 and len({other.source for other in against}) > 1:
        return False
    return top.is_firm and top.source in ("form", "text", "filename")


def _evidence(unit: str, testimonies: Iterable[Testimony]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            source=testimony.source,
            quote=testimony.quote[:_LONGEST_QUOTE],
            unit=unit,
            is_exact=testimony.unit == unit,
        )
        for testimony in testimonies
        if testimony.unit == unit or (unit in testimony.reading.candidates and not testimony.unit)
    )


def _open(reason: str, testimonies: Iterable[Testimony], *, also: frozenset[str] = frozenset()) -> Verdict:
    candidates = frozenset(also).union(*(testimony.reading.candidates for testimony in testimonies))
    return Verdict(reason=reason, candidates=candidates)


def _says(testimony: Testimony) -> str:
    if testimony.source == "sibling":
        return f"同一邮件的其他附件属于“{testimony.reading.quote}”"
    where = SOURCE_ZH[testimony.source]
    if testimony.source in ("sender", "remembered"):
        return f"{where}（{testimony.quote}）属于“{'、'.join(sorted(testimony.reading.candidates)[:_MOST_NAMED])}”"
    name = testimony.unit or testimony.reading.stranger or testimony.reading.quote
    return f"{where}写的是“{name}”"


def _differ(one: Testimony, other: Testimony) -> str:
    return f"{_says(one)}，而{_says(other)}，不能确定是哪个单位"


def _not_in_roster(testimony: Testimony) -> str:
    where = SOURCE_ZH[testimony.source]
    similar = "、".join(sorted(testimony.reading.candidates)[:_MOST_NAMED])
    reason = f"{where}中的单位“{testimony.reading.stranger}”不在名册中"
    return f"{reason}，与“{similar}”相近但不能确定是同一单位" if similar else reason


def _why_nobody(own: Sequence[Testimony], mail: Sequence[Testimony]) -> str:
    for testimony in (*own, *mail):
        units = sorted(testimony.reading.candidates)
        spoken = f"{SOURCE_ZH[testimony.source]}中的“{testimony.reading.quote[:30]}”"
        if testimony.reading.stranger:
            return _not_in_roster(testimony)
        if testimony.source in ("sender", "remembered") and len(units) > 1:
            return f"附件未写明单位，发件人邮箱由{'、'.join(units[:_MOST_NAMED])}等单位共用"
        if len(units) > 1:
            return f"{spoken}对应多个单位"
        if units and units[0] in testimony.reading.quote:
            return f"{SOURCE_ZH[testimony.source]}为“{testimony.quote[:30]}”，不能确定就是“{units[0]}”"
        if units:
            return f"{spoken}与“{units[0]}”相近，不能确定是同一单位"
    return "附件未写明单位，发件人邮箱不在名册中"
