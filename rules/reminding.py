"""Who is to be reminded of what at a moment, and why each other unit is not: a pure plan (contract, 3 and 4).

    plan_reminders(report, policy, post) → ReminderPlan(reminders, withheld, superseded)

1. what each unit owes                                                                   `rules.owing`
2. for each address: everything that all of its units owe; it is written to only when something of that was not told
   to it since the stage that holds began. So no stage is told twice, one that was missed is not made up for, and an
   address that was added later is told too                                              `_news_by_address`
3. addresses that are to hear the same get one mail together; one that serves several units hears of all of them, but a
   unit's own address never hears of other units                                         `_reminders`
4. from the escalation stage on, the parent unit gets a copy                             `_copies`
5. muted units, addresses that bounce, quiet hours and limits hold mail back; every unit that no mail speaks of is named
   with the reason                                                                       `_withheld`

The same plan made twice has the same keys. A mail that was dropped before it went may be planned again: its key counts
those before it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from rules.assessment import CampaignReport
from rules.calendar import Hours, is_sending_moment
from rules.outgoing import WAITING, MailKind, MailState, OutgoingMail
from rules.owing import Owed, Standing, owed_in, standings_by_unit
from rules.roster import Unit
from rules.stages import Stage

_GONE: Final = frozenset({MailState.SENDING, MailState.SENT, MailState.UNKNOWN})


class Reason(StrEnum):
    """Why no mail speaks of a unit (contract, 4)."""

    NO_ADDRESS = "no_address"
    SENT = "sent"
    QUIET_HOURS = "quiet_hours"
    UNKNOWN = "unknown"
    MUTED = "muted"
    LIMIT = "limit"
    BOUNCED = "bounced"
    NOTHING_OWED = "nothing_owed"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderPolicy:
    """The configuration. `daily_limit` holds for all mail to units, `per_recipient_limit` for reminders to one address
    on one day. `escalate_from`: None for never.
    """

    stages: tuple[Stage, ...]
    hours: tuple[Hours, ...]
    escalate_from: Stage | None = None
    daily_limit: int = 200
    per_recipient_limit: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """What became of mail so far. `outbox`: every reminder and receipt of the campaign in any state; `unreachable`: the
    addresses whose mail comes back; `muted`: names of units that a person set aside.
    """

    outbox: Sequence[OutgoingMail] = ()
    unreachable: frozenset[str] = frozenset()
    muted: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """A mail to be written: `owed` in roster order. `stage` is the furthest of those that it is sent for.

    `is_repeated`: one of its readers was told before that something of it is overdue.
    """

    to: tuple[str, ...]
    cc: tuple[str, ...]
    stage: Stage
    owed: tuple[Owed, ...]
    dedupe_key: str
    is_repeated: bool = False

    @property
    def units(self) -> tuple[Unit, ...]:
        return tuple(dict.fromkeys(one.unit for one in self.owed))


@dataclass(frozen=True, kw_only=True, slots=True)
class Withheld:
    """A unit that no mail speaks of. `note` says more, in Chinese, where the reason alone would puzzle."""

    unit: str
    reason: Reason
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReminderPlan:
    """What is to go out at `at`. `superseded`: ids of waiting reminders that the new ones replace."""

    at: datetime
    reminders: tuple[Reminder, ...]
    withheld: tuple[Withheld, ...]
    superseded: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _News:
    """What one address is to hear: everything owed by its units, and what of it was not told yet in its stage."""

    address: str
    owed: tuple[Owed, ...]
    untold: tuple[Owed, ...]


Thing = tuple[str, str, datetime]


@dataclass(slots=True)
class _Ledger:
    """The outbox, looked up by what planning asks of it."""

    told: dict[tuple[str, Thing], datetime] = field(default_factory=dict)
    told_overdue: set[tuple[str, Thing]] = field(default_factory=set)
    gone_today: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    today: int = 0
    dropped_keys: set[str] = field(default_factory=set)


def plan_reminders(report: CampaignReport, policy: ReminderPolicy, post: Post) -> ReminderPlan:
    """What the policy sends at the moment of the report."""
    ledger = _ledger(post.outbox, report.as_of.astimezone(report.campaign.zone).date(), report.campaign.zone)
    standings = standings_by_unit(report, policy.stages)
    owed = {name: owed_in(of_unit) for name, of_unit in standings.items()}
    news = _news_by_address(report, owed, post, ledger)
    is_quiet = not is_sending_moment(report.as_of, policy.hours, report.campaign.zone)
    reminders = [] if is_quiet else _reminders(news, report, policy, post, ledger)
    spoken_of = {unit.name for reminder in reminders for unit in reminder.units}
    return ReminderPlan(
        at=report.as_of,
        reminders=tuple(reminders),
        withheld=tuple(
            _withheld(one.unit, standings[one.unit.name], post, news, is_quiet=is_quiet)
            for one in report.units
            if one.unit.name not in spoken_of
        ),
        superseded=_superseded(reminders, post.outbox),
    )


def _ledger(outbox: Iterable[OutgoingMail], today: date, zone: ZoneInfo) -> _Ledger:
    ledger = _Ledger()
    for mail in outbox:
        if mail.state is MailState.SKIPPED:
            ledger.dropped_keys.add(mail.letter.dedupe_key)
            continue
        is_gone = mail.state in _GONE
        is_of_today = ((mail.sent_at if is_gone else None) or mail.created_at).astimezone(zone).date() == today
        ledger.today += is_of_today and (is_gone or mail.state in WAITING)
        if mail.letter.kind is not MailKind.REMINDER:
            continue
        for address in mail.letter.to:
            ledger.gone_today[address] += is_of_today and is_gone
            for item in mail.letter.items:
                thing = (address, (item.unit, item.deliverable, item.due_at))
                ledger.told[thing] = max(ledger.told.get(thing, mail.created_at), mail.created_at)
                if mail.state is MailState.SENT and mail.created_at > item.due_at:
                    ledger.told_overdue.add(thing)
    return ledger


def _news_by_address(
    report: CampaignReport, owed: dict[str, list[Owed]], post: Post, ledger: _Ledger
) -> dict[str, _News]:
    """In roster order; only addresses that mail reaches, and only what units owe that are not muted."""
    by_address: dict[str, list[Owed]] = defaultdict(list)
    for one in report.units:
        for address in dict.fromkeys(one.unit.emails):
            if address not in post.unreachable and one.unit.name not in post.muted:
                by_address[address] += owed[one.unit.name]
    return {
        address: _News(
            address=address,
            owed=tuple(things),
            untold=tuple(thing for thing in things if _is_news(thing, address, ledger)),
        )
        for address, things in by_address.items()
        if things
    }


def _is_news(owed: Owed, address: str, ledger: _Ledger) -> bool:
    if owed.holding is None:
        return False
    told_at = ledger.told.get((address, owed.key))
    return told_at is None or told_at < owed.holding.begins_at


def _reminders(
    news: dict[str, _News], report: CampaignReport, policy: ReminderPolicy, post: Post, ledger: _Ledger
) -> list[Reminder]:
    together: dict[tuple[Thing, ...], list[_News]] = defaultdict(list)
    for one in news.values():
        if one.untold and ledger.gone_today[one.address] < policy.per_recipient_limit:
            together[tuple(owed.key for owed in one.owed)].append(one)
    room = max(0, policy.daily_limit - ledger.today)
    return [_reminder(group, report, policy, post, ledger) for group in list(together.values())[:room]]


def _reminder(
    group: Sequence[_News], report: CampaignReport, policy: ReminderPolicy, post: Post, ledger: _Ledger
) -> Reminder:
    to = tuple(one.address for one in group)
    untold = {owed.key: owed for one in group for owed in one.untold}
    stages = [owed.holding.stage for owed in untold.values() if owed.holding]
    owed = group[0].owed
    return Reminder(
        to=to,
        cc=_copies(to, owed, report, policy, post),
        stage=max(stages, key=lambda stage: (stage.offset, stage.is_after)),
        owed=owed,
        dedupe_key=_key(report.campaign.key, to, untold.values(), ledger),
        is_repeated=any((address, one.key) in ledger.told_overdue for address in to for one in owed),
    )


def _copies(
    to: Sequence[str], owed: Sequence[Owed], report: CampaignReport, policy: ReminderPolicy, post: Post
) -> tuple[str, ...]:
    """The parent's addresses, once something is overdue so long. Units of different parents are shown to neither."""
    if policy.escalate_from is None:
        return ()
    begun = policy.escalate_from.offset
    is_due = any(one.is_overdue and one.holding and one.holding.stage.offset >= begun for one in owed)
    parents = {one.unit.parent or one.unit.name for one in owed}
    if not is_due or len(parents) != 1:
        return ()
    parent = next((one.unit for one in report.units if parents & {one.unit.name, *one.unit.aliases}), None)
    addresses = parent.emails if parent else ()
    return tuple(address for address in addresses if address not in to and address not in post.unreachable)


def _key(campaign: str, to: Sequence[str], untold: Iterable[Owed], ledger: _Ledger) -> str:
    things = sorted(
        f"{one.unit.name}:{one.deliverable.key}:{one.due_at.timestamp():.6f}:"
        f"{one.holding.stage if one.holding else ''}:{one.assessment.status}"
        for one in untold
    )
    for number in range(len(ledger.dropped_keys) + 1):
        text = "\n".join([MailKind.REMINDER, campaign, *sorted(to), *things, str(number)])
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in ledger.dropped_keys:
            return key
    raise AssertionError("more keys were dropped than there are")


def _superseded(reminders: Sequence[Reminder], outbox: Iterable[OutgoingMail]) -> tuple[int, ...]:
    """Waiting reminders all of whose recipients get a newer one, which lists everything that is still owed."""
    written_to = {address for reminder in reminders for address in reminder.to}
    return tuple(
        mail.id
        for mail in outbox
        if mail.state in WAITING and mail.letter.kind is MailKind.REMINDER and written_to.issuperset(mail.letter.to)
    )


def _withheld(
    unit: Unit, standings: Sequence[tuple[Standing, Owed]], post: Post, news: dict[str, _News], *, is_quiet: bool
) -> Withheld:
    owed = owed_in(standings)
    if not owed:
        return _nothing_owed(unit, {standing for standing, _ in standings})
    reason = _unreached(unit, post)
    if reason:
        return Withheld(unit=unit.name, reason=reason)
    if not any(one.holding for one in owed):
        return Withheld(unit=unit.name, reason=Reason.NOTHING_OWED, note="有待补报材料，未到催报时间")
    if not any(thing.unit == unit for address in unit.emails if address in news for thing in news[address].untold):
        return Withheld(unit=unit.name, reason=Reason.SENT)
    return Withheld(unit=unit.name, reason=Reason.QUIET_HOURS if is_quiet else Reason.LIMIT)


def _unreached(unit: Unit, post: Post) -> Reason | None:
    """Why no mail can reach the unit at any hour."""
    if unit.name in post.muted:
        return Reason.MUTED
    if not unit.emails:
        return Reason.NO_ADDRESS
    return Reason.BOUNCED if post.unreachable.issuperset(unit.emails) else None


def _nothing_owed(unit: Unit, standings: set[Standing]) -> Withheld:
    if Standing.BLIND in standings:
        return Withheld(unit=unit.name, reason=Reason.UNKNOWN, note="截止后尚未成功读取邮箱，暂不催报")
    if Standing.BUREAU in standings:
        return Withheld(unit=unit.name, reason=Reason.NOTHING_OWED, note="已收到材料，待人工核对，暂不催报")
    if Standing.AHEAD in standings:
        return Withheld(unit=unit.name, reason=Reason.NOTHING_OWED, note="未到提醒时间")
    return Withheld(unit=unit.name, reason=Reason.NOTHING_OWED)
