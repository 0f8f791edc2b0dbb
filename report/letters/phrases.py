"""What a letter says of one thing, one unit and one person, in words that fit into any sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from report.plain import plain_line
from report.words import due_text, finding_sentence, mending
from rules.campaign import Campaign, Deliverable
from rules.findings import Finding
from rules.outgoing import LetterItem
from rules.owing import Owed
from rules.roster import Unit

_WEEKDAYS: Final = "一二三四五六日"
_TITLED: Final = re.compile(r"(?:老师|主任|校长|园长|书记|科长|院长|局长|主席|干事|同志|先生|女士)$")
_ADDRESS_OF_LINK: Final = re.compile(r"，?https?://[^\s，。）]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bureau:
    """Who writes: the name under the letter, a telephone number, the mailbox for material. Each may be empty."""

    name: str = ""
    phone: str = ""
    mailbox: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """One material that a unit owes. `wrong`: what is wrong with what came, how to mend it; empty when nothing came."""

    title: str
    due: str
    is_overdue: bool
    wrong: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Debtor:
    """A unit with what it owes."""

    name: str
    things: tuple[Thing, ...]

    @property
    def silent(self) -> tuple[Thing, ...]:
        return tuple(thing for thing in self.things if not thing.wrong)

    @property
    def started(self) -> tuple[Thing, ...]:
        return tuple(thing for thing in self.things if thing.wrong)


def letter_item(owed: Owed) -> LetterItem:
    """The thing as the outbox keeps it: equal as long as a letter about it would say the same."""
    return LetterItem(
        unit=owed.unit.name,
        deliverable=owed.deliverable.key,
        status=owed.assessment.status,
        due_at=owed.due_at,
        findings=wrongs(owed.assessment.findings) if owed.is_started else (),
    )


def thing_of(owed: Owed, campaign: Campaign) -> Thing:
    return Thing(
        title=title_of(owed.deliverable),
        due=due_text(owed.due_at, campaign.zone),
        is_overdue=owed.is_overdue,
        wrong="".join(wrongs(owed.assessment.findings)) if owed.is_started else "",
    )


def debtors_of(owed: Iterable[Owed], campaign: Campaign) -> tuple[Debtor, ...]:
    by_unit: dict[str, list[Thing]] = {}
    for one in owed:
        by_unit.setdefault(plain_line(one.unit.name), []).append(thing_of(one, campaign))
    return tuple(Debtor(name=name, things=tuple(things)) for name, things in by_unit.items())


def title_of(deliverable: Deliverable) -> str:
    return plain_line(deliverable.title) or deliverable.key


def titles_text(titles: Sequence[str], most: int = 1) -> str:
    """`工作方案`, `工作方案等 3 项材料`."""
    shown = "、".join(titles[:most])
    return shown if len(titles) <= most else f"{shown}等 {len(titles)} 项材料"


def wrongs(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What stands against a material, for its unit: each a sentence that ends with what to do."""
    return tuple(dict.fromkeys(_wrong(finding) for finding in findings if finding.is_blocking and finding.is_for_unit))


def _wrong(finding: Finding) -> str:
    """Without the addresses of cloud links: the unit knows them, and filters take mail with long ones for spam."""
    sentence = _ADDRESS_OF_LINK.sub("", plain_line(finding_sentence(finding))).replace("（）", "")
    return f"{sentence}{mending(finding)}"


def salutation(units: Sequence[Unit]) -> str:
    """`直溪中学王老师`; for several units `儒林小学等 3 个单位联系人`."""
    first = units[0]
    if len(units) > 1:
        return f"{plain_line(first.name)}等 {len(units)} 个单位联系人"
    return f"{plain_line(first.name)}{_person(first.contact)}"


def _person(contact: str) -> str:
    name = plain_line(contact)
    if not name:
        return ""
    return name if _TITLED.search(name) else f"{name}老师"


def due_with_weekday(due_at: datetime, zone: ZoneInfo) -> str:
    """10月30日（周一）24时."""
    day = (due_at - timedelta(microseconds=1)).astimezone(zone)
    text = due_text(due_at, zone)
    head, _, hour = text.partition("日")
    return f"{head}日（周{_WEEKDAYS[day.weekday()]}）{hour}"


def moment_in_words(moment: datetime, zone: ZoneInfo) -> str:
    """10月28日 09:12."""
    local = moment.astimezone(zone)
    return f"{local.month}月{local.day}日 {local:%H:%M}"
