"""A year of a district in which everything goes wrong somewhere, and what must never happen in it.

Units keep their habits (`Habit`): they are punctual, late, silent, send half, send riddles, answer by machine, have a
mailbox that bounces, none at all, or share the town's. The office has its own troubles: the program stands still for
days, the mailbox cannot be read, the coordinator approves late, grants extensions and mutes. The truth is known from
the habits alone; after every step the mail that went is held against it (`Year.faults`).
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count

from rules.answering import TOGETHER, Arrival, plan_receipts
from rules.assessment import CampaignReport
from rules.calendar import is_sending_moment
from rules.calling import calls
from rules.campaign import Campaign
from rules.claims import Claim, Decision
from rules.findings import Code
from rules.judging import judge
from rules.outgoing import WAITING, MailKind, MailState, OutgoingMail
from rules.overruling import muted_units, standing
from rules.reconsidering import FRESH, Verdict, reconsider
from rules.reminding import Post, plan_reminders
from rules.roster import Roster, Unit
from rules.stages import holding_stage
from tests.rules.arrivals import OWN, answered, arrival
from tests.rules.cases import PLAN, SCHEDULE, SUMMARY, ZONE, campaign, claim, moment
from tests.rules.posts import POLICY, in_state, item_of, posted

OPENS = moment(9, 10, 0)
IN_THE_HOLIDAY = replace(PLAN, due=date(2023, 10, 4))  # due in National Day week, between make-up working days
WITH_THE_SCHEDULE = replace(SUMMARY, due=SCHEDULE.due)  # of two things in one mail one may come before it goes
CAMPAIGN: Campaign = replace(campaign(IN_THE_HOLIDAY, SCHEDULE, WITH_THE_SCHEDULE), opens=OPENS.date())
KINDS = tuple(asked.key for asked in CAMPAIGN.deliverables)
HARD_BOUNCES = 2  # as many make an address unreachable


class Habit(StrEnum):
    """How a unit behaves."""

    PUNCTUAL = "punctual"
    LATE = "late"
    NEVER = "never"
    PARTIAL = "partial"  # sends a locked file, and perhaps a good one after a reminder
    RIDDLE = "riddle"  # sends what nobody can tell
    MACHINE = "machine"  # punctual, and every mail of ours is answered with the same file
    BOUNCING = "bouncing"
    NO_ADDRESS = "no_address"


@dataclass(slots=True)
class Life:
    """What one unit does: `sends` by deliverable, the moment of the locked and of the good file; None for never."""

    unit: Unit
    habit: Habit
    good: dict[str, datetime | None] = field(default_factory=dict)
    locked: dict[str, datetime | None] = field(default_factory=dict)
    riddle_at: datetime | None = None
    due: dict[str, datetime] = field(default_factory=dict)
    muted_from: datetime | None = None

    def is_owed(self, key: str, at: datetime) -> bool:
        """The truth: past due, or a stage before it has begun, and neither good nor with the bureau."""
        done = self.good[key]
        if done is not None and done <= at:
            return False
        if self.riddle_at is not None and self.riddle_at <= at:
            return False
        if at > self.due[key]:
            return True
        return self.is_locked(key, at) or self.stage_begins(key, at) is not None

    def is_locked(self, key: str, at: datetime) -> bool:
        sent = self.locked.get(key)
        return sent is not None and sent <= at

    def stage_begins(self, key: str, at: datetime) -> datetime | None:
        holding = holding_stage(POLICY.stages, self.due[key], at, ZONE)
        return holding.begins_at if holding else None

    def is_muted(self, at: datetime) -> bool:
        return self.muted_from is not None and self.muted_from <= at


class Year:
    """The district, its office, and the mail between them."""

    def __init__(self, seed: int, *, units: int) -> None:
        self.chance = random.Random(seed)
        self.lives = [self._life(number) for number in range(units)]
        self.roster = Roster(tuple(life.unit for life in self.lives))
        self.by_name = {life.unit.name: life for life in self.lives}
        self.claims = sorted((one for life in self.lives for one in _claims(life)), key=lambda one: one.received_at)
        self.decisions: list[Decision] = []
        self.outbox: list[OutgoingMail] = []
        self.arrivals: list[Arrival] = []
        self.bounces: Counter[str] = Counter()
        self.read_at: datetime | None = None
        self.faults: list[str] = []
        self.told: dict[str, set[tuple[str, str, datetime, datetime]]] = defaultdict(set)
        self.sent_on: Counter[tuple[str, str]] = Counter()
        self._ids = count(1)

    # Who lives here

    def _life(self, number: int) -> Life:
        habit = self.chance.choice(list(Habit))
        town = number % 9
        emails: tuple[str, ...] = (f"unit{number}@example.org",)
        if habit is Habit.NO_ADDRESS:
            emails = ()
        elif habit is not Habit.MACHINE and self.chance.random() < 0.3:
            emails = (f"town{town}@example.org", *(emails if self.chance.random() < 0.5 else ()))
        elif habit is Habit.BOUNCING:
            emails = (f"gone{number}@example.org",)
        unit = Unit(name=f"单位{number}", category="学校", parent=f"单位{town}", emails=emails)
        life = Life(unit=unit, habit=habit, due={asked.key: asked.due_at(ZONE) for asked in CAMPAIGN.deliverables})
        for key in KINDS:
            life.good[key], life.locked[key] = self._sends(habit, life.due[key])
        if habit is Habit.RIDDLE:
            life.riddle_at = self._about(life.due["plan"], -5, 1)
            life.good = dict.fromkeys(KINDS)
        return life

    def _sends(self, habit: Habit, due: datetime) -> tuple[datetime | None, datetime | None]:
        match habit:
            case Habit.PUNCTUAL | Habit.MACHINE:
                return self._about(due, -12, -0.1), None
            case Habit.LATE:
                return self._about(due, 0.1, 20), None
            case Habit.PARTIAL:
                locked = self._about(due, -9, 3)
                return (
                    (locked + timedelta(days=self.chance.uniform(0.5, 9)), locked)[:2]
                    if self._coin()
                    else (None, locked)
                )
            case _:
                return (self._about(due, -3, 9) if self.chance.random() < 0.3 else None), None

    def _about(self, due: datetime, first: float, last: float) -> datetime:
        at = due + timedelta(minutes=int(self.chance.uniform(first, last) * 24 * 60))
        return max(at, OPENS + timedelta(hours=1))

    def _coin(self) -> bool:
        return self.chance.random() < 0.5

    # What happens

    def live_through(self, days: int) -> None:
        """Two looks a day, and some in the night; outages of days now and then."""
        down_until = blind_until = OPENS
        for day in range(days):
            today = OPENS + timedelta(days=day)
            if self.chance.random() < 0.06:
                down_until = today + timedelta(days=self.chance.choice([1, 2, 5, 12]))
            if self.chance.random() < 0.06:
                blind_until = today + timedelta(days=self.chance.choice([1, 3]), hours=12)
            self._office_decides(today)
            for hour in (9, 15, 21) if self.chance.random() < 0.15 else (9, 15):
                now = today + timedelta(hours=hour, minutes=self.chance.randrange(25))
                if now >= down_until:
                    self._look(now, is_blind=now < blind_until)

    def _office_decides(self, today: datetime) -> None:
        if self.chance.random() < 0.1:
            life, key = self.chance.choice(self.lives), self.chance.choice(KINDS)
            until = max(life.due[key], today) + timedelta(days=self.chance.choice([1, 4, 10]))
            life.due[key] = until
            self._decide("extend", today, unit=life.unit.name, deliverable=key, until=until)
        if self.chance.random() < 0.03:
            life = self.chance.choice(self.lives)
            if life.muted_from is None:
                life.muted_from = today
                self._decide("mute", today, unit=life.unit.name)

    def _decide(self, action: str, at: datetime, **facts: object) -> None:
        number = len(self.decisions) + 1
        decision = Decision(id=number, action=action, author="coordinator", reason="经电话核实", decided_at=at)
        self.decisions.append(replace(decision, **facts))  # type: ignore[arg-type] - the caller names the fields

    def _look(self, now: datetime, *, is_blind: bool) -> None:
        if not is_blind:
            self.read_at = now
            self._answer(now)
        report = self._report(now)
        post = self._post(now)
        plan = plan_reminders(report, POLICY, post)
        if plan.reminders and not is_sending_moment(now, POLICY.hours, ZONE):
            self.faults.append(f"{now}: planned at night")
        self._drop(plan.superseded)
        self.outbox += [in_state(posted(one, now, number=next(self._ids)), MailState.DRAFT) for one in plan.reminders]
        spoken_of = [unit.name for one in plan.reminders for unit in one.units]
        if set(spoken_of) & {one.unit for one in plan.withheld} or set(spoken_of) | {
            one.unit for one in plan.withheld
        } != set(self.by_name):
            self.faults.append(f"{now}: not every unit is either written to or named with a reason")
        if not is_blind:
            self._check_nobody_is_skipped(now)
        if self.chance.random() < 0.6:
            self._send(now + timedelta(minutes=self.chance.randrange(1, 5)), is_blind=is_blind)

    def _report(self, now: datetime) -> CampaignReport:
        """Only what was in the mailbox when it was last read is known."""
        known = [one for one in self.claims if self.read_at is not None and one.received_at <= self.read_at]
        return judge(CAMPAIGN, self.roster, known, self.decisions, at=now, mail_read_until=self.read_at)

    def _post(self, now: datetime) -> Post:
        words = standing(self.decisions, campaign_key=CAMPAIGN.key, at=now)
        gone = frozenset(address for address, times in self.bounces.items() if times >= HARD_BOUNCES)
        return Post(outbox=self.outbox, unreachable=gone, muted=muted_units(words, now))

    def _drop(self, numbers: tuple[int, ...]) -> None:
        self.outbox = [in_state(one, MailState.SKIPPED) if one.id in numbers else one for one in self.outbox]

    def _send(self, now: datetime, *, is_blind: bool) -> None:
        """The coordinator approves everything; the sender judges each once more, after another look at the mailbox."""
        if not is_blind:
            self.read_at = now
        report, post = self._report(now), self._post(now)
        for number, mail in enumerate(self.outbox):
            if mail.letter.kind is MailKind.REMINDER and mail.state in WAITING:
                verdict = reconsider(mail, report, POLICY, post, written=item_of).verdict
                if verdict is Verdict.SEND:
                    self._deliver(mail, now)
                    self.outbox[number] = replace(mail, state=MailState.SENT, sent_at=now)
                elif verdict is not Verdict.WAIT:
                    self.outbox[number] = in_state(mail, MailState.SKIPPED)

    def _deliver(self, mail: OutgoingMail, now: datetime) -> None:
        self._check_mail(mail, now)
        for address in mail.letter.to:
            if address.startswith("gone"):
                self.bounces[address] += 1
        for name in {item.unit for item in mail.letter.items}:
            life = self.by_name[name]
            if life.habit is Habit.MACHINE and life.unit.emails[0] in mail.letter.to:
                self._machine_answers(life, now)

    def _machine_answers(self, life: Life, now: datetime) -> None:
        """Without a header that says so, with the file that it always sends."""
        again = arrival(
            now + timedelta(seconds=30), unit=life.unit.name, sender=life.unit.emails[0], files=("同.docx",)
        )
        self.arrivals.append(again)

    def _answer(self, now: datetime) -> None:
        """Receipts for the machines' mail; each receipt is answered at once, for ever if we let it."""
        known = [one for one in self.arrivals if one.message.received_at <= now]
        plan = plan_receipts(known, self.outbox, own=OWN, at=now)
        for receipt in plan.receipts:
            self.outbox.append(answered(receipt, now, next(self._ids)))
            self.arrivals.append(
                arrival(
                    now + TOGETHER / 2,
                    unit=receipt.claims[0].unit,
                    sender=receipt.to,
                    files=("同.docx",),
                )
            )

    # What must never happen

    def _check_mail(self, mail: OutgoingMail, now: datetime) -> None:
        if not is_sending_moment(now, POLICY.hours, ZONE):
            self.faults.append(f"{now}: mail {mail.id} went outside the hours")
        if self.read_at is None or self.read_at < now - FRESH:
            self.faults.append(f"{now}: mail {mail.id} went while nobody knew what the mailbox holds")
        for address in mail.letter.to:
            self._check_recipient(mail, address, now)
        for item in mail.letter.items:
            life = self.by_name[item.unit]
            if not life.is_owed(item.deliverable, now) or life.due[item.deliverable] != item.due_at:
                self.faults.append(f"{now}: {item.unit} was reminded of {item.deliverable}, which it does not owe")
            if life.is_muted(now):
                self.faults.append(f"{now}: {item.unit} is muted")
            if bool(item.findings) != life.is_locked(item.deliverable, now):
                self.faults.append(f"{now}: {item.unit} was told the wrong thing about {item.deliverable}")

    def _check_recipient(self, mail: OutgoingMail, address: str, now: datetime) -> None:
        self.sent_on[address, f"{now:%F}"] += 1
        if self.sent_on[address, f"{now:%F}"] > POLICY.per_recipient_limit:
            self.faults.append(f"{now}: {address} got two reminders on one day")
        if self.bounces[address] >= HARD_BOUNCES:
            self.faults.append(f"{now}: {address} is unreachable and was written to")
        news = set()
        for item in mail.letter.items:
            life = self.by_name[item.unit]
            if address not in life.unit.emails:
                self.faults.append(f"{now}: {address} was told about {item.unit}")
            begins_at = life.stage_begins(item.deliverable, now)
            if begins_at is not None:
                news.add((item.unit, item.deliverable, item.due_at, begins_at))
        if news <= self.told[address]:
            self.faults.append(f"{now}: {address} was told a stage twice")
        self.told[address] |= news

    def _check_nobody_is_skipped(self, now: datetime) -> None:
        """Within the hours, whoever owes something in a stage has a mail about it, or had one on the same day."""
        if not is_sending_moment(now, POLICY.hours, ZONE):
            return
        written = {
            (address, item.unit, item.deliverable, item.due_at): mail.created_at
            for mail in self.outbox
            if mail.letter.kind is MailKind.REMINDER and mail.state is not MailState.SKIPPED
            for item in mail.letter.items
            for address in mail.letter.to
        }
        for life in self.lives:
            for address in life.unit.emails:
                if self.bounces[address] < HARD_BOUNCES and not self.sent_on[address, f"{now:%F}"]:
                    self._check_is_written_to(life, address, written, now)

    def _check_is_written_to(
        self, life: Life, address: str, written: dict[tuple[str, str, str, datetime], datetime], now: datetime
    ) -> None:
        for key in KINDS:
            begins_at = life.stage_begins(key, now)
            if begins_at is None or not life.is_owed(key, now) or life.is_muted(now):
                continue
            written_at = written.get((address, life.unit.name, key, life.due[key]))
            if written_at is None or written_at < begins_at:
                self.faults.append(f"{now}: {life.unit.name} at {address} was skipped for {key}")

    # What came of it

    def receipts_to(self, address: str) -> int:
        return sum(one.letter.kind is MailKind.RECEIPT and address in one.letter.to for one in self.outbox)

    def reminders(self) -> list[OutgoingMail]:
        return [one for one in self.outbox if one.letter.kind is MailKind.REMINDER and one.state is MailState.SENT]

    def called(self, at: datetime) -> set[str]:
        self.read_at = at
        return {call.unit.name for call in calls(self._report(at), POLICY, self._post(at))}


def _claims(life: Life) -> list[Claim]:
    name = life.unit.name
    made = [
        claim(key, at, unit=name, path=key, message=f"{name}{key}{at}")
        for key, at in life.good.items()
        if at is not None
    ]
    made += [
        claim(key, at, Code.ENCRYPTED, unit=name, path=key, message=f"{name}{key}{at}")
        for key, at in life.locked.items()
        if at is not None
    ]
    if life.riddle_at is not None:
        made.append(claim(None, life.riddle_at, unit=name, message=f"{name}riddle"))
    return made
