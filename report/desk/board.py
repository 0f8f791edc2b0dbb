"""The home page as it is shown: the matrix, filtered and ordered, with chips, deadline cards and what waits.

Pure. A filter or an order never changes a figure: totals, cards and chips are those of the whole campaign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from report.cells import Cell
from report.desk.curve import Arrivals, Curve, arrivals_of, curve_of
from report.desk.pinyin import matches
from report.desk.port import View
from report.matrix import Column, Deadline, Group, Matrix, Row
from report.words import DELIVERABLE_KIND_ZH, due_day_text, rate_text
from rules.assessment import STATUS_ZH, Status, Totals
from rules.calendar import doubt_about, working_days_between
from rules.campaign import DeliverableKind


class Show(StrEnum):
    """A filter of units."""

    ALL = "all"
    ON_TIME = "on_time"
    LATE = "late"
    INCOMPLETE = "incomplete"
    MISSING = "missing"
    REVIEW = "review"
    UNKNOWN = "unknown"
    PENDING = "pending"
    EXEMPT = "exempt"


class Order(StrEnum):
    """How rows stand: in groups as the roster has them, by the town above, or the worst first."""

    ROSTER = "roster"
    PARENT = "parent"
    WORST = "worst"


ORDER_ZH: Final = {Order.ROSTER: "名册顺序", Order.PARENT: "按上级单位", Order.WORST: "问题优先"}
_NOT_A_STATUS: Final = {Show.ALL: "全部", Show.REVIEW: "待核对"}
_SHOWN_WHEN_EMPTY: Final = {Show.ALL, Show.ON_TIME, Show.LATE, Show.INCOMPLETE, Show.MISSING, Show.REVIEW, Show.EXEMPT}
_MEANING: Final = {
    Show.ALL: "所有单位",
    Show.ON_TIME: "各项都按时报齐的单位",
    Show.REVIEW: "有材料需要人工核对的单位",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chip:
    """A filter with the number of units that it leaves."""

    show: Show
    word: str
    meaning: str
    count: int
    is_on: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One due moment. `doubt` says that working days are a guess there."""

    due: str
    countdown: str
    is_past_due: bool
    doubt: str
    lines: tuple[CardLine, ...]
    curve: Curve | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CardLine:
    """How far one deliverable has come. `segments`: status, count, left edge and width of its bar in per mille."""

    label: str
    title: str
    received: str
    rate: str
    words: str
    segments: tuple[tuple[str, int, float, float], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TotalRow:
    """A figure for every column, under the matrix."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """Everything on the home page."""

    groups: tuple[Group, ...]
    chips: tuple[Chip, ...]
    cards: tuple[Card, ...]
    totals: tuple[TotalRow, ...]
    shown_count: int
    stray_count: int
    review_count: int
    merged_forms: tuple[str, ...]  # of which the units' tables can be had in one workbook: 安排表, 统计表

    @property
    def waiting_count(self) -> int:
        return self.stray_count + self.review_count


def board_of(view: View, matrix: Matrix, *, earlier: View | None, show: Show, order: Order, query: str) -> Board:
    """`earlier` is the campaign before, as it ended; None when there is none."""
    wanted = [row for row in matrix.rows if _is_shown(row, show) and matches(row.name, query)]
    return Board(
        groups=_ordered(matrix, wanted, order),
        chips=tuple(_chip(one, matrix.rows, is_on=one is show) for one in Show if _has_chip(one, matrix.rows)),
        cards=tuple(_card(deadline, view, earlier) for deadline in matrix.deadlines),
        totals=total_rows(matrix.columns),
        shown_count=len(wanted),
        stray_count=len(matrix.stray_mails),
        review_count=sum(cell.needs_review for row in matrix.rows for cell in row.cells),
        merged_forms=tuple(
            DELIVERABLE_KIND_ZH[kind]
            for kind in (DeliverableKind.SCHEDULE, DeliverableKind.STATISTICS)
            if any(one.kind is kind for one in view.campaign.deliverables)
        ),
    )


def _is_shown(row: Row, show: Show) -> bool:
    return _TESTS[show](row.cells)


def _is_all_on_time(cells: Sequence[Cell]) -> bool:
    asked = [cell for cell in cells if cell.status not in (None, Status.EXEMPT)]
    return bool(asked) and all(cell.status is Status.ON_TIME for cell in asked)


def _any_is(status: Status) -> Callable[[Sequence[Cell]], bool]:
    return lambda cells: any(cell.status is status for cell in cells)


_TESTS: Final[dict[Show, Callable[[Sequence[Cell]], bool]]] = {
    Show.ALL: lambda _cells: True,
    Show.ON_TIME: _is_all_on_time,
    Show.LATE: _any_is(Status.LATE),
    Show.INCOMPLETE: _any_is(Status.INCOMPLETE),
    Show.MISSING: _any_is(Status.MISSING),
    Show.REVIEW: lambda cells: any(cell.needs_review for cell in cells),
    Show.UNKNOWN: _any_is(Status.UNKNOWN),
    Show.PENDING: _any_is(Status.PENDING),
    Show.EXEMPT: _any_is(Status.EXEMPT),
}


def _has_chip(show: Show, rows: Sequence[Row]) -> bool:
    return show in _SHOWN_WHEN_EMPTY or any(_is_shown(row, show) for row in rows)


def _chip(show: Show, rows: Sequence[Row], *, is_on: bool) -> Chip:
    word = _NOT_A_STATUS.get(show) or STATUS_ZH[Status(show.value)]
    return Chip(
        show=show,
        word=word,
        meaning=_MEANING.get(show, f"有材料{word}的单位"),
        count=sum(_is_shown(row, show) for row in rows),
        is_on=is_on,
    )


def _ordered(matrix: Matrix, wanted: Sequence[Row], order: Order) -> tuple[Group, ...]:
    if order is Order.WORST:
        return _one_group("", sorted(wanted, key=_badness, reverse=True))
    if order is Order.PARENT:
        return _by_parent(wanted)
    numbers = {row.number for row in wanted}
    groups = (
        Group(
            name=group.name,
            rows=tuple(row for row in group.rows if row.number in numbers),
            unit_count=group.unit_count,
            behind_count=group.behind_count,
        )
        for group in matrix.groups
    )
    return tuple(group for group in groups if group.rows)


def _by_parent(rows: Sequence[Row]) -> tuple[Group, ...]:
    """Under each town the town itself, then what belongs to it; who belongs to none comes last."""
    towns = {row.unit.parent for row in rows if row.unit.parent}
    families: dict[str, list[Row]] = {}
    for row in rows:
        family = row.unit.parent or (row.unit.name if row.unit.name in towns else "")
        families.setdefault(family, []).append(row)
    alone = families.pop("", [])
    groups = [group for name, members in families.items() for group in _one_group(name, members)]
    return (*groups, *_one_group("其他单位" if groups else "", alone))


def _one_group(name: str, rows: Sequence[Row]) -> tuple[Group, ...]:
    if not rows:
        return ()
    behind = sum(row.is_behind for row in rows)
    return (Group(name=name, rows=tuple(rows), unit_count=len(rows), behind_count=behind),)


def _badness(row: Row) -> tuple[int, int, int, int, int]:
    """What costs the coordinator a telephone call first. Equal rows keep the roster's order: sorting is stable."""
    statuses = [cell.status for cell in row.cells]
    overdue = sum(cell.is_overdue for cell in row.cells)
    days = sum(cell.days_late or 0 for cell in row.cells)
    return (
        statuses.count(Status.MISSING),
        overdue,
        statuses.count(Status.INCOMPLETE),
        statuses.count(Status.UNKNOWN),
        days,
    )


def _card(deadline: Deadline, view: View, earlier: View | None) -> Card:
    due_at = deadline.columns[0].due_at
    keys = [column.key for column in deadline.columns]
    return Card(
        due=deadline.due,
        countdown=countdown(view.report.as_of, due_at, view),
        is_past_due=deadline.is_past_due,
        doubt="" if deadline.is_past_due else doubt_about(due_at.astimezone(view.campaign.zone).date()),
        lines=tuple(_card_line(column) for column in deadline.columns),
        curve=curve_of(arrivals_of(view.report, keys, due_at), _earlier_arrivals(earlier, keys)),
    )


def _earlier_arrivals(earlier: View | None, keys: Sequence[str]) -> Arrivals | None:
    """Of the same deliverables in the campaign before, each against its own due moment."""
    if earlier is None:
        return None
    known = [one for one in earlier.campaign.deliverables if one.key in keys]
    if not known:
        return None
    each = [arrivals_of(earlier.report, [one.key], one.due_at(earlier.campaign.zone)) for one in known]
    offsets = sorted(offset for arrivals in each for offset in arrivals.offsets)
    return Arrivals(offsets=tuple(offsets), expected=sum(one.expected for one in each), until=timedelta.max)


def countdown(as_of: datetime, due_at: datetime, view: View) -> str:
    """In working days of the State Council: what is left to telephone in."""
    zone = view.campaign.zone
    last_day = (due_at - timedelta(microseconds=1)).astimezone(zone).date()
    today = as_of.astimezone(zone).date()
    if as_of > due_at:
        passed = working_days_between(last_day, today)
        return f"已过 {passed} 个工作日" if passed else "刚刚截止"
    left = working_days_between(today, last_day)
    if today == last_day:
        return "今天截止"
    return f"还有 {left} 个工作日" if left else f"{due_day_text(due_at, zone)} 截止，其间没有工作日"


_BAR: Final = (Status.ON_TIME, Status.LATE, Status.INCOMPLETE, Status.MISSING, Status.UNKNOWN, Status.PENDING)


def _card_line(column: Column) -> CardLine:
    totals = column.totals
    counts = {status: _figure(totals, status) for status in _BAR}
    segments, left = [], 0.0
    for status, count in counts.items():
        if count:
            width = 1000 * count / totals.expected
            segments.append((status.value, count, round(left, 1), round(width, 1)))
            left += width
    return CardLine(
        label=column.label,
        title=column.title,
        received=f"{totals.received}/{totals.expected}",
        rate=rate_text(totals.received, totals.expected),
        words=_words(counts) or "无应报单位",
        segments=tuple(segments),
    )


def _words(counts: Mapping[Status, int]) -> str:
    """A word and its figure stay on one line."""
    return "，".join(f"{STATUS_ZH[status]}\N{NO-BREAK SPACE}{count}" for status, count in counts.items() if count)


def _figure(totals: Totals, status: Status) -> int:
    figure: int = getattr(totals, status.value)
    return figure


def total_rows(columns: Sequence[Column]) -> tuple[TotalRow, ...]:
    """应报, 已报, 按时, 迟报, 未报 with rates; what else there is only where there is any."""
    figures: tuple[tuple[str, Callable[[Totals], int], bool], ...] = (
        ("应报", lambda totals: totals.expected, True),
        ("已报", lambda totals: totals.received, True),
        ("按时", lambda totals: totals.on_time, True),
        ("迟报", lambda totals: totals.late, True),
        ("待补正", lambda totals: totals.incomplete, True),
        ("未报", lambda totals: totals.missing, True),
        ("待收信", lambda totals: totals.unknown, False),
        ("未到期", lambda totals: totals.pending, False),
        ("免报", lambda totals: totals.exempt, False),
    )
    rows = [
        TotalRow(label=label, values=tuple(_with_rate(label, figure(one.totals), one.totals) for one in columns))
        for label, figure, is_always in figures
        if is_always or any(figure(column.totals) for column in columns)
    ]
    return tuple(rows)


def _with_rate(label: str, count: int, totals: Totals) -> str:
    if label in ("应报", "免报") or not count:
        return str(count)
    return f"{count}　{rate_text(count, totals.expected)}"
