"""Reads a notice (通知) that asks for material: what it wants by which day, so that nobody has to type a campaign.

    read_notice(title, text) → Notice

A sentence asks for something where it names a last day (于10月30日前, 截止时间为11月20日) and a kind of material.
So does a list of materials (1.活动总结；2.照片5张) under a sentence that names the day and 以下材料.
Whatever it says of them beside (stamped, five photos, three minutes) is taken from the same sentence, or for a form
that a note under it speaks of (此表纸质稿盖章拍照后…) from that note. What is not certain is told, never guessed.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final

from parsers.chinese_numerals import NUMERALS, from_numeral
from parsers.dates import Years, parse_dates, years_named
from parsers.unit_names import without_numbering
from parsers.wording import narrow, tidy
from rules.campaign import DeliverableKind

_WRAPPED: Final = re.compile(r"([^\n]{24,}[^\n。;；:：])[ \t]*\n[ \t]*")
_SENTENCE: Final = re.compile(r"[^。;\n]+")
_INTRODUCES: Final = re.compile(r"[以如]下|下列")
_ITEM: Final = re.compile(r"\s*[(（]?[一二三四五六七八九十\d]{1,2}[)、.．:)）]")
_DAY: Final = r"(?:20\d\d年)?\d{1,2}月(?:\d{1,2}[日号]|底|末)"
_HOUR: Final = r"(?P<half>上午|下午|晚上|中午|晚)?(?P<hour>\d{1,2})(?::(?P<minute>\d\d)|[点时](?P<thirty>半)?)"
_DEADLINE: Final = re.compile(
    rf"(?P<until>截[止至](?:时间|日期)?[为是到至于:]?)?(?P<day>{_DAY})(?:\([^)]{{1,8}}\))?(?:{_HOUR})?(?P<off>下班)?"
    r"(?(until)|(?:之|以)?前(?!后))"
)
_VAGUE: Final = re.compile(r"\d{1,2}月[上中下]旬(?:之|以)?前|[本下这]?周[一二三四五六日末](?:之|以)?前")
_KINDS: Final = {
    DeliverableKind.PLAN: re.compile(r"方案|计划"),
    DeliverableKind.SCHEDULE: re.compile(r"安排表"),
    DeliverableKind.STATISTICS: re.compile(r"统计表|情况表|汇总表"),
    DeliverableKind.SUMMARY: re.compile(r"(?:总结|小结)(?!工作)"),
    DeliverableKind.EVIDENCE: re.compile(r"照片|图片|视频|录像"),
}
_FORMS: Final = (DeliverableKind.SCHEDULE, DeliverableKind.STATISTICS)
_STAMPED: Final = re.compile(r"(?:盖章|加盖|公章).*(?:拍照|扫描)|(?:拍照|扫描).*(?:盖章|加盖|公章)")
_THIS_FORM: Final = re.compile(r"[此本该]表")
_NUMBER: Final = rf"(\d{{1,2}}|[{NUMERALS}]{{1,3}})"
_SHEETS: Final = rf"{_NUMBER}(?:[-—~至到]{_NUMBER})?张"  # of 3-5张 three will do
_PHOTOS: Final = re.compile(
    rf"{_SHEETS}[^,。]{{0,20}}?(?:照片|图片)|(?:照片|图片)\(?(?:不少于|不低于|至少|共|各)?{_SHEETS}"
)
_MINUTES: Final = re.compile(rf"{_NUMBER}分钟")
_MONTH_END: Final = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月[底末]")
_MAILBOX: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_ISSUED: Final = re.compile(r"^\s*(?:.*办公室)?\s*(20\d\d)年(\d{1,2})月(\d{1,2})日\s*(?:印发)?\s*$", re.MULTILINE)
_MATTER: Final = re.compile(r"关于(?:组织|举办|开展|做好|进一步|切实|上报|报送)*(.+?)的?通知")
_BEFORE_NAME: Final = re.compile(r".*(?:制[订定]好?|连同|以及|务必|[将把和及与、,前的《]|报送|上报|提交|填写)")
_BEHIND_NAME: Final = re.compile(r"》?(\([^()]{1,20}\))?")
_LONGEST_TITLE: Final = 40
_YEAR_BEGINS_IN: Final = 7
_OFFICE_ENDS: Final = time(17, 30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One thing that the notice asks for. `quote` is the sentence; `due` a day that counts whole, or a moment."""

    kind: DeliverableKind
    title: str  # empty where the notice has no name for it
    due: date | datetime
    quote: str
    is_stamped: bool = False
    photos: int | None = None
    video_minutes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """What a notice says of its campaign. `issued_on` is its own date; `doubts` are sentences for whoever checks it."""

    title: str
    issued_on: date | None
    asked: tuple[Asked, ...]
    mailboxes: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def read_notice(title: str, text: str, *, today: date) -> Notice:
    """`title` as the parsers found it, `text` with its lines. A notice that names no year is taken to be of today."""
    text = _WRAPPED.sub(r"\1", text)  # a PDF breaks its sentences where its lines end
    plain = narrow(text)
    issued_on = _issued_on(plain)
    years = _years_from(issued_on) if issued_on else years_named((title,)) or _years_from(today)
    asked: list[Asked] = []
    doubts: list[str] = [] if issued_on else ["the notice bears no date of its own; check the years"]
    introduction = ""
    for sentence in _SENTENCE.finditer(plain):
        quote = tidy(text[sentence.start() : sentence.end()])
        if _INTRODUCES.search(sentence[0]) and _DEADLINE.search(sentence[0]):
            introduction = f"{sentence[0].rstrip(': ')},"
        elif not _ITEM.match(sentence[0]):
            introduction = ""
        is_item = bool(introduction) and not _DEADLINE.search(sentence[0])
        found, doubt = _asked_in(f"{introduction}{sentence[0]}" if is_item else sentence[0], quote, years)
        asked += found
        doubts += [f"{doubt}: {quote}"] if doubt else []
    first = _first_of_each(asked)
    return Notice(
        title=_matter(title, plain),
        issued_on=issued_on,
        asked=tuple(_with_notes(first, plain)),
        mailboxes=tuple(dict.fromkeys(_MAILBOX.findall(plain))),
        doubts=(*doubts, *_other_days(first, asked), *_past_days(first, issued_on)),
    )


def _issued_on(plain: str) -> date | None:
    """The last date that stands alone on its line, as under a notice."""
    for year, month, day in reversed(_ISSUED.findall(plain)):
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def _years_from(day: date) -> Years:
    """An autumn's notice may ask for something in January."""
    return Years(first=day.year, second=day.year + (day.month >= _YEAR_BEGINS_IN))


def _matter(title: str, plain: str) -> str:
    """What it is about: 全民终身学习活动 of 关于举办全民终身学习活动的通知."""
    found = _MATTER.search(narrow(tidy(title))) or _MATTER.search("".join(plain.split()))
    return found[1].strip('《》"“”') if found else tidy(title)


def _asked_in(sentence: str, quote: str, years: Years) -> tuple[list[Asked], str]:
    """What one sentence asks for, and what is doubtful in it."""
    kinds = {kind: match for kind, pattern in _KINDS.items() if (match := pattern.search(sentence))}
    deadlines = list(_DEADLINE.finditer(sentence))
    if not deadlines:
        return [], "a day that is not certain" if kinds and _VAGUE.search(sentence) else ""
    found, doubt = [], ""
    for kind, match in kinds.items():
        deadline = _deadline_of(match, deadlines, sentence)
        due = _due(deadline, years)
        if due is None:
            doubt = "a day that cannot be read"
            continue
        if deadline["off"]:
            doubt = f"下班前 is taken for {_OFFICE_ENDS:%H:%M}"
        found.append(
            Asked(
                kind=kind,
                title="" if kind is DeliverableKind.EVIDENCE else _name(sentence, match),
                due=due,
                quote=quote,
                is_stamped=kind in _FORMS and bool(_STAMPED.search(sentence)),
                photos=_count(_PHOTOS, sentence) if kind is DeliverableKind.EVIDENCE else None,
                video_minutes=_count(_MINUTES, sentence) if kind is DeliverableKind.EVIDENCE else None,
            )
        )
    return found, doubt


def _deadline_of(name: re.Match[str], deadlines: Sequence[re.Match[str]], sentence: str) -> re.Match[str]:
    """In the same clause, else the last one before it, else the first one after it."""
    clause = (sentence.rfind(",", 0, name.start()) + 1, sentence.find(",", name.end()) % (len(sentence) + 1))
    beside = [one for one in deadlines if clause[0] <= one.start() < clause[1]]
    before = [one for one in deadlines if one.end() <= name.start()]
    return (beside or before[-1:] or deadlines)[0]


def _due(deadline: re.Match[str], years: Years) -> date | datetime | None:
    """The last of the days that are named, with its hour where one is."""
    day = _last_day(deadline["day"], years)
    if day is None or not deadline["hour"]:
        return datetime.combine(day, _OFFICE_ENDS) if day and deadline["off"] else day
    hour, is_evening = int(deadline["hour"]), deadline["half"] in ("晚上", "晚")
    if hour == 24 or (hour == 12 and is_evening):
        return day  # its midnight: the whole day counts
    hour += 12 if (is_evening or deadline["half"] == "下午") and hour < 12 else 0
    minute = int(deadline["minute"] or (30 if deadline["thirty"] else 0))
    return datetime.combine(day, time(hour, minute)) if hour < 24 and minute < 60 else None


def _last_day(text: str, years: Years) -> date | None:
    end = _MONTH_END.fullmatch(text)
    if end is None:
        return parse_dates(text, years)[1]
    year, month = int(end[1] or years.of(int(end[2]))), int(end[2])
    return date(year, month, monthrange(year, month)[1]) if 1 <= month <= 12 else None


def _name(sentence: str, match: re.Match[str]) -> str:
    """活动周工作方案（含启动仪式方案） of 制订好活动周工作方案（含启动仪式方案），…"""
    core = without_numbering(_BEFORE_NAME.sub("", sentence[: match.end()]).strip())
    behind = _BEHIND_NAME.match(sentence, match.end())
    name = tidy(core) + (behind[1] or "" if behind else "")
    return name.replace("(", "（").replace(")", "）") if len(match[0]) < len(name) <= _LONGEST_TITLE else ""


def _count(pattern: re.Pattern[str], sentence: str) -> int | None:
    found = pattern.search(sentence)
    written = next(filter(None, found.groups()), "") if found else ""
    return int(written) if written.isdecimal() else from_numeral(written)


def _first_of_each(asked: Sequence[Asked]) -> list[Asked]:
    """A notice that says a thing twice says it whole the first time."""
    return list({one.kind: one for one in reversed(asked)}.values())[::-1]


def _other_days(first: Sequence[Asked], asked: Sequence[Asked]) -> Iterator[str]:
    """A notice may ask for a report in June and for another in December: a person has to write the second."""
    days = {one.kind: one.due for one in first}
    for one in asked:
        if one.due != days[one.kind]:
            yield f"another day for {one.kind.value}, {one.due}, which is not in the draft: {one.quote}"


def _past_days(asked: Sequence[Asked], issued_on: date | None) -> Iterator[str]:
    """A year that was taken from the notice's date may be the wrong one."""
    for one in asked:
        day = one.due.date() if isinstance(one.due, datetime) else one.due
        if issued_on is not None and day < issued_on:
            yield f"{day} is before the notice's own date: {one.quote}"


def _with_notes(asked: Sequence[Asked], plain: str) -> Iterator[Asked]:
    """A note under a form (此表纸质稿盖章拍照后…) speaks of the form that was named last before it."""
    stamped = {_form_before(plain, note.start()) for note in _SENTENCE.finditer(plain) if _is_stamping_note(note[0])}
    for one in asked:
        yield replace(one, is_stamped=True) if one.kind in stamped else one


def _is_stamping_note(sentence: str) -> bool:
    return bool(_THIS_FORM.search(sentence) and _STAMPED.search(sentence))


def _form_before(plain: str, end: int) -> DeliverableKind | None:
    places = {kind: [match.start() for match in _KINDS[kind].finditer(plain, 0, end)][-1:] for kind in _FORMS}
    known = {kind: found[0] for kind, found in places.items() if found}
    return max(known, key=lambda kind: known[kind]) if known else None
