"""The arrival curve of one deadline as a picture: which share was complete by when, beside the campaign before.

    curve_of(arrivals_of(report, keys, due_at), arrivals of the campaign before) → Curve

Pure. A point is an offset from the due moment and a share. The picture is SVG made on the server, so that it needs no
script and prints; colour, dash and label tell the lines apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rules.assessment import CampaignReport, Status

WIDTH: Final = 300
HEIGHT: Final = 86
LEFT: Final = 36
RIGHT: Final = 8
TOP: Final = 7
BOTTOM: Final = 17

_BEFORE: Final = timedelta(days=14)  # at most so much before the due moment is shown,
_AFTER_LEAST: Final = timedelta(days=2)  # and so much after it, so that the due moment stands inside the picture,
_AFTER_MOST: Final = timedelta(days=14)  # but never more than this

Point = tuple[timedelta, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """Complete deliverables of one deadline, by how long before (negative) or after it they were complete."""

    offsets: tuple[timedelta, ...]
    expected: int
    until: timedelta  # now, or the moment that is looked at

    @property
    def share(self) -> float:
        return len(self.offsets) / self.expected if self.expected else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """What the template draws, in units of the picture. `earlier` is empty without a campaign before."""

    path: str
    earlier: str
    due_x: float
    now_x: float | None
    end_x: float
    end_y: float
    day_ticks: tuple[tuple[float, str, str], ...]  # place, word, and where the word is anchored
    words: str


def arrivals_of(report: CampaignReport, keys: Iterable[str], due_at: datetime) -> Arrivals:
    """What became complete of these deliverables, against their common due moment; who is exempt does not count."""
    offsets, expected = [], 0
    for key in keys:
        for unit in report.units:
            assessment = unit.assessments.get(key)
            if assessment is None or assessment.status is Status.EXEMPT:
                continue
            expected += 1
            if assessment.complete_at is not None:
                offsets.append(assessment.complete_at - due_at)
    return Arrivals(offsets=tuple(sorted(offsets)), expected=expected, until=report.as_of - due_at)


def curve_of(arrivals: Arrivals, earlier: Arrivals | None) -> Curve | None:
    """None when nothing was to be sent, or when there is nothing to see yet."""
    if not arrivals.expected or (arrivals.until <= -_BEFORE and not arrivals.offsets):
        return None
    end = min(max(arrivals.until, _AFTER_LEAST), _AFTER_MOST)
    scale = _Scale(start=-_BEFORE, end=end)
    drawn_to = min(max(arrivals.until, -_BEFORE), end)
    points = _steps(arrivals, -_BEFORE, drawn_to)
    before = earlier if earlier and earlier.expected and earlier.offsets else None
    return Curve(
        path=_path(points, scale),
        earlier=_path(_steps(before, -_BEFORE, end), scale) if before else "",
        due_x=scale.x(timedelta(0)),
        now_x=scale.x(arrivals.until) if -_BEFORE < arrivals.until < end else None,
        end_x=scale.x(points[-1][0]),
        end_y=scale.y(points[-1][1]),
        day_ticks=tuple(_tick(day, scale) for day in (-14, -7, 0, 7, 14) if timedelta(days=day) <= end),
        words=_words(arrivals, before),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scale:
    start: timedelta
    end: timedelta

    def x(self, offset: timedelta) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * ((offset - self.start) / (self.end - self.start)), 1)

    def y(self, share: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)


def _steps(arrivals: Arrivals, start: timedelta, end: timedelta) -> list[Point]:
    """The corners of the staircase between two offsets; what came before the first counts from the beginning."""
    count = sum(offset <= start for offset in arrivals.offsets)
    points: list[Point] = [(start, count / arrivals.expected)]
    for offset in arrivals.offsets[count:]:
        if offset > end:
            break
        count += 1
        points.append((offset, count / arrivals.expected))
    points.append((end, count / arrivals.expected))
    return points


def _path(points: Sequence[Point], scale: _Scale) -> str:
    """`M x y H x V y …`: consecutive steps that fall on the same place of the picture are one."""
    text, last_x, last_y = f"M{scale.x(points[0][0])} {scale.y(points[0][1])}", -1.0, scale.y(points[0][1])
    for offset, share in points[1:]:
        x, y = scale.x(offset), scale.y(share)
        text += f"H{x}" if x != last_x else ""
        text += f"V{y}" if y != last_y else ""
        last_x, last_y = x, y
    return text


def _tick(day: int, scale: _Scale) -> tuple[float, str, str]:
    x = scale.x(timedelta(days=day))
    word = "截止" if day == 0 else f"前{-day}天" if day < 0 else f"后{day}天"
    return x, word, "end" if x > WIDTH - 2 * RIGHT else "middle"


def _words(arrivals: Arrivals, before: Arrivals | None) -> str:
    """The same for who cannot see the picture."""
    told = f"已报齐 {len(arrivals.offsets)} 项，应报 {arrivals.expected} 项"
    if before is None:
        return told
    same_time = sum(offset <= arrivals.until for offset in before.offsets)
    return f"{told}；上次活动同期报齐 {same_time * 100 // before.expected}%"
