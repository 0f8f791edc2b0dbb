"""The arrival curve: a staircase that starts before the due moment, never falls, and ends now."""

from __future__ import annotations

import re
from datetime import timedelta

from report.desk.curve import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Arrivals, curve_of

DAY = timedelta(days=1)


def arrivals(*days: float, expected: int = 4, until: float = 3) -> Arrivals:
    return Arrivals(offsets=tuple(day * DAY for day in sorted(days)), expected=expected, until=until * DAY)


def heights(path: str) -> list[float]:
    return [float(y) for y in re.findall(r"(?:V|M\S+ )([\d.]+)", path)]


def test_the_curve_rises_from_nothing_to_the_share_that_is_complete():
    curve = curve_of(arrivals(-5, -1, 1), None)
    assert curve
    assert heights(curve.path)[0] == HEIGHT - BOTTOM
    assert heights(curve.path) == sorted(heights(curve.path), reverse=True)
    assert curve.end_y == round(TOP + (HEIGHT - TOP - BOTTOM) / 4, 1)
    assert LEFT < curve.due_x < curve.end_x <= WIDTH - RIGHT
    assert curve.words == "已报齐 3 项，应报 4 项"


def test_what_came_before_the_picture_begins_counts_from_its_beginning():
    curve = curve_of(arrivals(-40, -30, -1), None)
    assert curve
    assert heights(curve.path)[0] == round(TOP + (HEIGHT - TOP - BOTTOM) / 2, 1)


def test_before_the_due_moment_the_curve_ends_now():
    curve = curve_of(arrivals(-5, until=-4), None)
    assert curve
    assert curve.end_x < curve.due_x < WIDTH - RIGHT


def test_the_campaign_before_is_drawn_whole_and_compared_at_the_same_time():
    curve = curve_of(arrivals(-5, until=-4), arrivals(-6, -5, 2, expected=4, until=99))
    assert curve
    assert curve.earlier
    assert len(heights(curve.earlier)) == 4
    assert curve.words.endswith("上次活动同期报齐 50%")


def test_where_nothing_is_asked_there_is_no_curve_and_the_picture_is_bounded():
    assert curve_of(arrivals(expected=0), None) is None
    for until in (-400, 400):
        curve = curve_of(arrivals(-300, 300, until=until), None)
        assert curve
        assert all(0 <= float(x) <= WIDTH for x in re.findall(r"[MH]([\d.]+)", curve.path))
