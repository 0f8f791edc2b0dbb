"""How it goes with one deliverable of one unit: in time, late, mended, flawed, or not at all; and with which files."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final

from ingest.samples.archives import SampleFile
from ingest.samples.documents import unrelated_docx
from ingest.samples.forms import Style, any_style
from ingest.samples.submitter import Handed, Submitter, broken, zipped

_BARE_NAMES: Final = ("新建 Microsoft Word 文档", "1", "定稿", "最终版")


class Course(Enum):
    """What became of one deliverable."""

    IN_TIME = auto()
    LATE = auto()
    MENDED = auto()  # flawed first, then right, in time or late
    IDENTIFIED_FLAW = auto()  # wrong, but one sees what it is: empty, last year's, too few, too long
    OPAQUE_FLAW = auto()  # nothing of it can be read
    WRONG_FILE = auto()  # something else attached by mistake, the right file a day later
    NOTHING = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Files that go out together. `days`: counted from the due day."""

    days: timedelta
    handed: tuple[Handed, ...]


_ORDINARY: Final = (Course.IN_TIME, Course.LATE, Course.MENDED, Course.IDENTIFIED_FLAW, Course.NOTHING)
_ORDINARY_WEIGHTS: Final = (72, 10, 5, 5, 8)
_KEYS: Final = ("plan", "schedule", "statistics", "summary", "evidence")


def draw_courses(chance: random.Random) -> dict[str, Course]:
    """One course a deliverable.

    An unreadable or unrelated file may stand for anything that its unit still owes, so a unit with one owes nothing
    else: otherwise not even a person could tell what it was meant to be.
    """
    if chance.random() < 0.2:
        courses = dict.fromkeys(_KEYS, Course.IN_TIME)
        courses[chance.choice(_KEYS)] = chance.choice((Course.OPAQUE_FLAW, Course.WRONG_FILE, Course.MENDED))
        return courses
    courses = {key: chance.choices(_ORDINARY, _ORDINARY_WEIGHTS)[0] for key in _KEYS}
    for key in ("plan", "summary"):  # prose is there or not: its only flaw is that it cannot be read
        if courses[key] in (Course.IDENTIFIED_FLAW, Course.MENDED):
            courses[key] = Course.IN_TIME
    return courses


def hand_in(me: Submitter, key: str, course: Course, chance: random.Random) -> tuple[Step, ...]:
    """The files of one deliverable, in the order in which they go out."""
    before = timedelta(days=-chance.randrange(1, 6))
    after = timedelta(days=chance.randrange(1, 9))
    earlier = before - timedelta(days=1)
    if course is Course.IN_TIME and key == "evidence" and chance.random() < 0.35:
        return _photos_in_parts(me, before, chance)
    good = _good(me, key, chance)
    late = Step(days=after, handed=good)
    steps: dict[Course, Callable[[], tuple[Step, ...]]] = {
        Course.IN_TIME: lambda: (Step(days=before, handed=good), *([late] if chance.random() < 0.06 else [])),  # again
        Course.LATE: lambda: (late,),
        Course.MENDED: lambda: (Step(days=earlier, handed=_flawed(me, key, chance)), Step(days=before, handed=good)),
        Course.WRONG_FILE: lambda: (Step(days=earlier, handed=(_unrelated(me),)), Step(days=before, handed=good)),
        Course.IDENTIFIED_FLAW: lambda: (Step(days=chance.choice((before, after)), handed=_flawed(me, key, chance)),),
        Course.OPAQUE_FLAW: lambda: (Step(days=before, handed=_opaque(me, key, good, chance)),),
        Course.NOTHING: lambda: (),
    }
    return steps[course]()


def _unrelated(me: Submitter) -> Handed:
    return Handed(file=SampleFile(name="附件.docx", data=unrelated_docx(me.shown_as)))


def _good(me: Submitter, key: str, chance: random.Random) -> tuple[Handed, ...]:
    style, bare = any_style(chance), chance.choice(_BARE_NAMES) if chance.random() < 0.15 else ""
    if key == "plan":
        return (me.plan(bare, form=chance.choice(("docx", "docx", "docx", "txt", "html"))),)
    if key == "schedule":
        return (me.schedule(bare, form=chance.choice(("docx", "docx", "xlsx", "csv")), style=style),)
    if key == "statistics":
        return (me.statistics(bare, form=chance.choice(("docx", "docx", "xlsx")), style=style),)
    if key == "summary":
        return (me.summary(bare, form=chance.choice(("docx", "docx", "docx", "txt"))),)
    return _evidence(me, chance)


def _evidence(me: Submitter, chance: random.Random) -> tuple[Handed, ...]:
    way = chance.random()
    if way < 0.15:
        return (me.video(chance.randrange(45, 179), extension=chance.choice(("mp4", "mov", "avi"))),)
    if way < 0.25:
        return (me.summary("活动总结（附照片）", pasted=(1, 2, 3, 4, 5)),)
    photos = [
        me.photo(number, form="HEIC" if way > 0.97 else "JPEG") for number in range(1, chance.choice((6, 6, 6, 8)))
    ]
    copies = [me.photo(1, is_copy=True)] if way > 0.85 else []
    return (*photos, *copies)


def _photos_in_parts(me: Submitter, before: timedelta, chance: random.Random) -> tuple[Step, ...]:
    cut = chance.randrange(2, 5)
    first = tuple(me.photos(*range(1, cut + 1)))
    second = tuple(me.photos(*range(cut + 1, 6)))
    return (Step(days=before, handed=first), Step(days=before + timedelta(days=1), handed=second))


def _flawed(me: Submitter, key: str, chance: random.Random) -> tuple[Handed, ...]:
    if key == "schedule":
        return (me.schedule(style=Style(is_last_years=True)),)
    if key == "statistics":
        is_empty = chance.random() < 0.5
        return (me.statistics(is_empty=is_empty, style=Style(is_last_years=not is_empty)),)
    if key == "evidence":
        if chance.random() < 0.5:
            return (me.video(chance.randrange(190, 260)),)
        few = me.photos(*range(1, chance.randrange(3, 5)))
        return (*few, me.photo(1, is_copy=True))
    return (broken(me.plan() if key == "plan" else me.summary()),)


def _opaque(me: Submitter, key: str, good: tuple[Handed, ...], chance: random.Random) -> tuple[Handed, ...]:
    if key == "evidence" or chance.random() < 0.4:
        return (zipped(f"{me.shown_as}材料.zip", good, password="jt20231120"),)  # noqa: S106 - a sample
    return tuple(broken(_as_word(me, item, key)) for item in good)


def _as_word(me: Submitter, handed: Handed, key: str) -> Handed:
    """A text cut short still reads: only a packed format breaks as a whole."""
    if handed.file.name.endswith((".docx", ".xlsx")):
        return handed
    if key == "schedule":
        return me.schedule()
    return me.plan() if key == "plan" else me.summary()
