"""A judged campaign as the ledger that every format renders: groups of units, one cell a deliverable, totals, mail.

    matrix_of(report, unattributed, late_only=…) → Matrix

Pure. Everything that a reader sees is decided here once, in words, in the campaign's zone; the renderers only lay out.
Units keep roster order. Rows are grouped by category where each category stands in one piece in the roster, else by the
town they belong to, else not at all: grouping never reorders. Totals are always those of the whole campaign, also when
only the late rows are shown: a filter must not change a rate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from report.cells import Cell, cell_of
from report.plain import plain_line
from report.words import (
    LEGEND,
    NOTHING,
    UNREACHABLE,
    countdown_text,
    due_day_text,
    due_text,
    full_moment_text,
    moment_text,
    rate_text,
    short_titles,
)
from rules.assessment import CampaignReport, Status, Totals, UnitReport
from rules.campaign import Campaign
from rules.claims import Unattributed
from rules.roster import Unit

NO_TOTALS: Final = Totals()


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One deliverable. `label` is for narrow headings, `title` is what the notice calls it."""

    key: str
    label: str
    title: str
    due_at: datetime
    due: str
    due_day: str
    countdown: str
    is_past_due: bool
    totals: Totals


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One unit with a cell for every column. `number` is its place in the roster, the same under every filter."""

    number: int
    unit: Unit
    name: str
    cells: tuple[Cell, ...]
    contact_note: str = ""  # why mail alone does not reach it

    @property
    def is_behind(self) -> bool:
        return any(cell.is_behind for cell in self.cells)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Consecutive units under one heading; `name` is empty when the roster cannot be grouped."""

    name: str
    rows: tuple[Row, ...]
    unit_count: int
    behind_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TotalLine:
    """One line under the ledger: a figure for every column."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """One moment at which one or more deliverables fall due."""

    due: str
    countdown: str
    is_past_due: bool
    columns: tuple[Column, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StrayMail:
    """A message with submissions that waits for a person to say whose it is."""

    message_id: str
    sender: str
    subject: str
    received: str
    received_at: datetime
    reason: str
    candidates: tuple[str, ...]
    file_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """The whole ledger, ready to be laid out. `counts` are cells of the whole campaign by status."""

    campaign: Campaign
    title: str
    as_of: str
    mail_read_until: str
    is_blind: bool
    is_late_only: bool
    columns: tuple[Column, ...]
    deadlines: tuple[Deadline, ...]
    groups: tuple[Group, ...]
    totals: tuple[TotalLine, ...]
    counts: dict[Status, int]
    unit_count: int
    behind_unit_count: int
    stray_mails: tuple[StrayMail, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for group in self.groups for row in group.rows)


RowMaker = Callable[[int, UnitReport, Sequence[Column], Campaign], Row]


def matrix_of(
    report: CampaignReport,
    unattributed: Iterable[Unattributed] = (),
    *,
    late_only: bool = False,
    make_row: RowMaker | None = None,
) -> Matrix:
    """`make_row`: for whoever keeps rows from one time to the next; `row_of` by default."""
    make_row = make_row or row_of
    campaign = report.campaign
    columns = _columns(report)
    rows = [
        make_row(number, unit_report, columns, campaign) for number, unit_report in enumerate(report.units, start=1)
    ]
    counts = Counter(cell.status for row in rows for cell in row.cells if cell.status)
    return Matrix(
        campaign=campaign,
        title=plain_line(campaign.title or campaign.key),
        as_of=full_moment_text(report.as_of, campaign.zone),
        mail_read_until=_mail_read_until(report),
        is_blind=counts[Status.UNKNOWN] > 0,
        is_late_only=late_only,
        columns=columns,
        deadlines=_deadlines(columns),
        groups=_groups(rows, late_only=late_only),
        totals=_total_lines(columns),
        counts={status: counts[status] for status in LEGEND},
        unit_count=len(rows),
        behind_unit_count=sum(row.is_behind for row in rows),
        stray_mails=tuple(_stray_mail(mail, campaign) for mail in unattributed),
    )


def _mail_read_until(report: CampaignReport) -> str:
    return full_moment_text(report.mail_read_until, report.campaign.zone) if report.mail_read_until else "从未读取"


def _columns(report: CampaignReport) -> tuple[Column, ...]:
    campaign, labels = report.campaign, short_titles(report.campaign)
    return tuple(
        Column(
            key=deliverable.key,
            label=plain_line(labels[deliverable.key]),
            title=plain_line(deliverable.title) or labels[deliverable.key],
            due_at=(due_at := deliverable.due_at(campaign.zone)),
            due=due_text(due_at, campaign.zone),
            due_day=due_day_text(due_at, campaign.zone),
            countdown=countdown_text(report.as_of, due_at, campaign.zone),
            is_past_due=report.as_of > due_at,
            totals=report.totals.get(deliverable.key, NO_TOTALS),
        )
        for deliverable in campaign.deliverables
    )


def row_of(number: int, unit_report: UnitReport, columns: Sequence[Column], campaign: Campaign) -> Row:
    return Row(
        number=number,
        unit=unit_report.unit,
        name=plain_line(unit_report.unit.name),
        cells=tuple(
            cell_of(unit_report.assessments.get(column.key), campaign_due_at=column.due_at, zone=campaign.zone)
            for column in columns
        ),
        contact_note=UNREACHABLE if unit_report.is_unreachable else "",
    )


def _groups(rows: Sequence[Row], *, late_only: bool) -> tuple[Group, ...]:
    groups = (_group(name, members, late_only=late_only) for name, members in _runs(rows))
    return tuple(group for group in groups if group.rows)


def _group(name: str, members: Sequence[Row], *, late_only: bool) -> Group:
    return Group(
        name=plain_line(name),
        rows=tuple(row for row in members if row.is_behind or not late_only),
        unit_count=len(members),
        behind_count=sum(row.is_behind for row in members),
    )


def _runs(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Rows under headings without reordering; one nameless run when no heading stands in one piece."""
    headings: tuple[Callable[[Row], str], ...] = (
        lambda row: row.unit.category,
        lambda row: row.unit.parent or row.unit.name,
    )
    for heading in headings:
        runs = [(name, list(members)) for name, members in groupby(rows, key=heading)]
        names = {name for name, _ in runs}
        if len(names) == len(runs) and 1 < len(runs) < len(rows):
            return runs
    return [("", list(rows))]


def _deadlines(columns: Sequence[Column]) -> tuple[Deadline, ...]:
    by_moment: dict[datetime, list[Column]] = {}
    for column in columns:
        by_moment.setdefault(column.due_at, []).append(column)
    return tuple(
        Deadline(due=due[0].due, countdown=due[0].countdown, is_past_due=due[0].is_past_due, columns=tuple(due))
        for _, due in sorted(by_moment.items())
    )


def _total_lines(columns: Sequence[Column]) -> tuple[TotalLine, ...]:
    figures: tuple[tuple[str, Callable[[Totals], int]], ...] = (
        ("应报", lambda totals: totals.expected),
        ("已报", lambda totals: totals.received),
        ("报齐", lambda totals: totals.complete),
        ("按时", lambda totals: totals.on_time),
        ("迟报", lambda totals: totals.late),
        ("待补正", lambda totals: totals.incomplete),
        ("未报", lambda totals: totals.missing),
        ("待收信", lambda totals: totals.unknown),
        ("未到期", lambda totals: totals.pending),
        ("免报", lambda totals: totals.exempt),
    )
    always = {"应报", "已报", "报齐", "按时", "迟报", "待补正", "未报", "免报"}
    lines = [
        TotalLine(label=label, values=tuple(str(figure(column.totals)) for column in columns))
        for label, figure in figures
        if label in always or any(figure(column.totals) for column in columns)
    ]
    rates: tuple[tuple[str, Callable[[Totals], int]], ...] = (
        ("报送率", lambda totals: totals.received),
        ("按时率", lambda totals: totals.on_time),
    )
    return (*lines, *(_rate_line(label, part, columns) for label, part in rates))


def _rate_line(label: str, part: Callable[[Totals], int], columns: Sequence[Column]) -> TotalLine:
    return TotalLine(
        label=label, values=tuple(rate_text(part(column.totals), column.totals.expected) for column in columns)
    )


def _stray_mail(mail: Unattributed, campaign: Campaign) -> StrayMail:
    return StrayMail(
        message_id=plain_line(mail.message_id),
        sender=plain_line(mail.sender) or NOTHING,
        subject=plain_line(mail.subject) or "（无主题）",
        received=moment_text(mail.received_at, campaign.zone),
        received_at=mail.received_at,
        reason=plain_line(mail.reason),
        candidates=tuple(plain_line(name) for name in mail.candidates),
        file_count=len(mail.paths),
    )
