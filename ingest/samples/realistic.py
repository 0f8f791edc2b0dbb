"""A district's mailbox over one campaign: forty units, some two hundred mails, chance in everything that offices vary.

For each unit and deliverable a course is drawn (in time, late, mended, flawed, nothing), then how the files are grouped
into mails, named, packed, encoded, and who sends them. The truth follows from the courses alone. What a reader of the
mails could not know either is not drawn: a file that says nowhere whose it is comes from its unit's own address.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

from ingest.samples import media, noise
from ingest.samples.campaign import NOTICE_DUE, ZONE, campaign, unit, unit_names
from ingest.samples.courses import Course, draw_courses, hand_in
from ingest.samples.forms import any_style
from ingest.samples.letters import Letter, NameStyle, forwarded_attached, forwarded_inline
from ingest.samples.people import NICKNAMES, dice
from ingest.samples.prose import cover_note
from ingest.samples.submitter import Handed, Submitter, in_folder, zipped
from ingest.samples.truth import Scenario, Sending
from rules.roster import Unit

Progress = Callable[[int, int], None]

READ_AT: Final = datetime(2023, 12, 8, 8, 0, tzinfo=ZONE)
REPORT_AT: Final = datetime(2023, 12, 8, 9, 0, tzinfo=ZONE)
_PHOTO_SIZE: Final = (480, 360)
_WHAT: Final[dict[str, str]] = {
    "plan": "活动周方案",
    "schedule": "活动安排表",
    "statistics": "活动情况统计表",
    "summary": "活动总结",
    "evidence": "活动照片",
}
_CHARSETS: Final = (
    ("utf-8", ""),
    ("utf-8", ""),
    ("gb18030", ""),
    ("gbk", ""),
    ("gbk", "gb2312"),
    ("gb18030", "gb2312"),
)
_FIRST_DEADLINE: Final = ("plan", "schedule")
_SECOND_DEADLINE: Final = ("statistics", "summary", "evidence")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bundle:
    """What goes out in one mail."""

    when: datetime
    what: str
    handed: tuple[Handed, ...]


def realistic_scenario(seed: int, units: int = 40, progress: Progress | None = None) -> Scenario:
    """A whole campaign drawn from `seed`; `progress(done, total)` is told after each unit."""
    chance = dice("realistic", seed)
    roster = tuple(_unit(number, name, chance) for number, name in enumerate(unit_names(units), start=1))
    sendings: list[Sending] = []
    for number, who in enumerate(roster, start=1):
        sendings += _mails_of(_submitter(who, number, seed), dice("realistic", seed, who.name))
        if progress:
            progress(number, units)
    sendings = _sent_by_the_town(sendings, roster, chance)
    sendings += _noise(roster, chance)
    sendings += _anonymous(seed, chance)
    sendings.sort(key=lambda sending: sending.letter.received_at)
    return Scenario(campaign=campaign(), units=roster, sendings=tuple(sendings), read_at=READ_AT, report_at=REPORT_AT)


def _unit(number: int, name: str, chance: random.Random) -> Unit:
    aliases = [name.replace("镇", "").replace("街道", "")] if "社区教育中心" in name and chance.random() < 0.5 else []
    exempt = ("*",) if chance.random() < 0.03 else ("plan", "schedule") if chance.random() < 0.05 else ()
    return unit(number, name, aliases=aliases, exempt=exempt)


def _submitter(who: Unit, number: int, seed: int) -> Submitter:
    shown_as = _spelt(who.name, dice(seed, who.name, "shown"))
    return Submitter(unit=who, number=number, seed=f"realistic{seed}", shown_as=shown_as, photo_size=_PHOTO_SIZE)


def _spelt(name: str, chance: random.Random) -> str:
    """The name as the unit itself writes it: with or without the district, a town's centre also without its 镇."""
    if name.endswith("社区教育中心") and chance.random() < 0.25:
        name = name.replace("镇", "").replace("街道", "")
    return chance.choice(("", "", "金坛区", "常州市金坛区", "金坛", "江苏省常州市金坛区")) + name


def _mails_of(me: Submitter, chance: random.Random) -> Iterator[Sending]:
    courses = draw_courses(chance)
    for keys in (_FIRST_DEADLINE, _SECOND_DEADLINE):
        for bundle in _bundles(me, {key: courses[key] for key in keys}, chance):
            yield _mailed(me, bundle, chance)
    if chance.random() < 0.3:
        day = NOTICE_DUE["plan"] - timedelta(days=chance.randrange(2, 15))
        yield Sending(letter=noise.question(me.sender, _moment(day, chance), chance.randrange(3)))


def _bundles(me: Submitter, courses: dict[str, Course], chance: random.Random) -> Iterator[_Bundle]:
    """All that is due together in one mail, or each in its own; what was flawed comes alone, and again when mended."""
    courses = dict(courses)
    if [courses.get(key) for key in _FIRST_DEADLINE] == [Course.IN_TIME] * 2 and chance.random() < 0.3:
        when = _moment(NOTICE_DUE["plan"] - timedelta(days=chance.randrange(5)), chance)
        yield _Bundle(when=when, what="活动周方案", handed=(me.plan(schedule=any_style(chance)),))
        courses = {}
    together: list[tuple[str, Handed]] = []
    is_together = chance.random() < 0.45
    for key, course in courses.items():
        if course is Course.NOTHING:
            continue
        steps = hand_in(me, key, course, chance)
        if course is Course.IN_TIME and is_together and len(steps) == 1:
            together += [(key, item) for item in steps[0].handed]
            continue
        for step in steps:
            yield _Bundle(when=_moment(NOTICE_DUE[key] + step.days, chance), what=_WHAT[key], handed=step.handed)
    if together:
        what = "、".join(dict.fromkeys(_WHAT[key] for key, _ in together))
        due = min(NOTICE_DUE[key] for key, _ in together)
        when = _moment(due - timedelta(days=chance.randrange(7)), chance)
        yield _Bundle(when=when, what=what, handed=tuple(item for _, item in together))


def _moment(day: date, chance: random.Random) -> datetime:
    clock = time(chance.randrange(7, 23), chance.randrange(60), chance.randrange(60))
    return datetime.combine(day, clock, tzinfo=ZONE)


def _mailed(me: Submitter, bundle: _Bundle, chance: random.Random) -> Sending:
    pasted = _pasted(me, bundle, chance)
    handed = () if pasted else _packed(me, bundle, chance)
    charset, label = chance.choice(_CHARSETS)
    letter = Letter(
        sender=me.sender,
        subject=_subject(me, bundle, chance),
        body=pasted or cover_note(chance, me.shown_as, bundle.what),
        received_at=bundle.when,
        sent_at=bundle.when - timedelta(days=200) if chance.random() < 0.04 else None,
        files=tuple(item.file for item in handed),
        charset=charset,
        label=label,
        names=chance.choice(tuple(NameStyle)),
        is_html=chance.random() < 0.4,
        signature_logo=media.logo(me.number) if chance.random() < 0.15 else b"",
    )
    effects = tuple(effect for item in bundle.handed for effect in item.effects)
    return Sending(letter=_through_hands(me, letter, chance), effects=effects)


def _pasted(me: Submitter, bundle: _Bundle, chance: random.Random) -> str:
    """A plan or a summary that stands in the mail itself instead of a file; empty for the rest."""
    texts = {"plan": me.plan_text, "summary": me.summary_text}
    cells = [effect.deliverable for item in bundle.handed for effect in item.effects if effect.code is None]
    if len(bundle.handed) == 1 and cells in (["plan"], ["summary"]) and chance.random() < 0.15:
        return texts[cells[0]]()
    return ""


def _packed(me: Submitter, bundle: _Bundle, chance: random.Random) -> tuple[Handed, ...]:
    if len(bundle.handed) < 2 or chance.random() > 0.3:
        return bundle.handed
    folder = f"{me.shown_as}{bundle.what}"
    files = [in_folder(folder, item) for item in bundle.handed] if chance.random() < 0.6 else list(bundle.handed)
    if any(effect.code for item in bundle.handed for effect in item.effects):
        return bundle.handed
    return (zipped(f"{folder}.zip", files, charset=chance.choice(("gbk", "gbk", "utf-8"))),)


def _subject(me: Submitter, bundle: _Bundle, chance: random.Random) -> str:
    subject = chance.choice(
        ("{unit}{what}", "{unit}{what}", "{what}（{unit}）", "报送：{unit}{what}", "{unit}", "{what}")
    )
    return subject.format(unit=me.shown_as, what=bundle.what)


def _through_hands(me: Submitter, letter: Letter, chance: random.Random) -> Letter:
    """Sent from the office, from somebody's own address, or forwarded by a colleague."""
    person = (chance.choice(NICKNAMES), f"person{me.number:03d}@webmail.example")
    way = chance.random()
    if way < 0.70:
        return letter
    named = letter if me.unit.name in letter.subject else replace(letter, subject=f"{me.shown_as}{letter.subject}")
    if way < 0.85:
        return replace(named, sender=person)
    if way < 0.95:
        return forwarded_inline(named, person, letter.received_at)
    return forwarded_attached(named, person, letter.received_at, "请查收")


def _sent_by_the_town(sendings: list[Sending], roster: tuple[Unit, ...], chance: random.Random) -> list[Sending]:
    """Some schools hand their statistics to their town's centre, which sends them on in one mail."""
    for town in [who for who in roster if who.category == "镇街"][:3]:
        schools = {who.name for who in roster if who.parent == town.name}
        carried = [
            sending
            for sending in sendings
            if len(sending.effects) == 1
            and sending.effects[0].unit in schools
            and sending.effects[0].deliverable in ("statistics", "summary")
            and sending.effects[0].code is None  # a broken file says nowhere whose it is
            and sending.letter.files
        ]
        if len(carried) > 1:
            sendings = [sending for sending in sendings if sending not in carried]
            sendings += _carried(town, carried, chance)
    return sendings


def _carried(town: Unit, carried: list[Sending], chance: random.Random) -> Iterable[Sending]:
    due = NOTICE_DUE["statistics"]
    in_time = [sending for sending in carried if sending.letter.received_at.date() <= due]
    yield from (sending for sending in carried if sending not in in_time)
    if in_time:
        letter = Letter(
            sender=(town.contact, town.emails[0]),
            subject=f"{town.name}辖区学校活动周材料",
            body="老师您好，现将我镇各学校材料一并上报，请查收。",
            received_at=_moment(due, chance),
            files=tuple(file for sending in in_time for file in sending.letter.files),
        )
        yield Sending(letter=letter, effects=tuple(effect for sending in in_time for effect in sending.effects))


def _noise(roster: tuple[Unit, ...], chance: random.Random) -> Iterator[Sending]:
    for number in range(25):
        when = _moment(date(2023, 10, 13) + timedelta(days=chance.randrange(50)), chance)
        yield Sending(letter=_noise_letter(number, chance.choice(roster), when))


def _noise_letter(number: int, who: Unit, when: datetime) -> Letter:
    person = (who.contact, who.emails[0])
    kinds: tuple[Callable[[], Letter], ...] = (
        partial(noise.auto_reply, person, when),
        partial(noise.newsletter, when, number),
        partial(noise.provider_notice, when),
        partial(noise.bounce, when, f"gone{number}@office.example"),
        partial(noise.reply_of_the_office, person, when),
    )
    return kinds[number % len(kinds)]()


def _anonymous(seed: int, chance: random.Random) -> Iterator[Sending]:
    """Files that say nowhere whose they are, from addresses that nobody knows."""
    for number in (91, 92):
        stranger = _submitter(unit(number, "某单位"), number, seed)
        letter = Letter(
            sender=(chance.choice(NICKNAMES), f"unknown{number}@webmail.example"),
            subject=chance.choice(("照片", "活动照片", "")),
            body="请查收",
            received_at=_moment(NOTICE_DUE["evidence"], chance),
            files=tuple(item.file for item in stranger.photos(1, 2, 3)),
        )
        yield Sending(letter=letter, is_unattributed=True)
