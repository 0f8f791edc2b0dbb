from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.stages import Stage, due_day, holding_stage
from tests.rules.cases import PLAN_DUE, REST_DUE, TICK, ZONE

STAGES = tuple(Stage.parse(text) for text in ("-7d", "-3d", "-1d", "+1d", "+3d"))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("stage", "due_at", "begins", "why"),
    [
        ("-3d", REST_DUE, "2023-11-17", "20 November is a Monday; the 17th is the Friday before"),
        ("-1d", REST_DUE, "2023-11-17", "the 19th is a Sunday: moved back, a person must be there"),
        ("+1d", REST_DUE, "2023-11-21", "the Tuesday"),
        ("-3d", PLAN_DUE, "2023-10-27", "due on Monday 30 October"),
        ("+3d", PLAN_DUE, "2023-11-02", "a Thursday"),
        ("+1d", local("2023-10-01T00:00"), "2023-10-07", "1 October: moved on to the make-up Saturday"),
        ("-0d", PLAN_DUE, "2023-10-30", "the due day itself"),
    ],
)
def test_a_stage_begins_on_a_working_day(stage, due_at, begins, why):
    assert Stage.parse(stage).begins_at(due_at, ZONE) == local(begins), why


@pytest.mark.parametrize("text", ["3d", "+3", "-d", "+1000d", "−3d", ""])
def test_what_is_no_stage_is_refused(text):
    with pytest.raises(ValueError, match="is not a stage"):
        Stage.parse(text)


def test_a_due_moment_at_midnight_belongs_to_the_day_that_it_ends():
    assert f"{due_day(PLAN_DUE, ZONE)}" == "2023-10-30"
    assert f"{due_day(local('2023-10-30T12:00'), ZONE)}" == "2023-10-30"


@pytest.mark.parametrize(
    ("at", "stage"),
    [
        ("2023-10-22T23:59:59", None),
        ("2023-10-23T00:00", "-7d"),
        ("2023-10-26T23:59", "-7d"),
        ("2023-10-27T00:00", "-1d"),  # -3d and -1d fall on the same Friday: the later one holds
        ("2023-10-31T00:00", "+1d"),
        ("2023-11-01T12:00", "+1d"),
        ("2023-11-02T00:00", "+3d"),
        ("2024-03-01T00:00", "+3d"),
    ],
)
def test_the_latest_stage_that_has_begun_holds(at, stage):
    holding = holding_stage(STAGES, PLAN_DUE, local(at), ZONE)
    assert (str(holding.stage) if holding else None) == stage


def test_a_stage_before_the_due_moment_ends_with_it():
    before = tuple(stage for stage in STAGES if not stage.is_after)
    assert holding_stage(before, PLAN_DUE, PLAN_DUE, ZONE) is not None
    assert holding_stage(before, PLAN_DUE, PLAN_DUE + TICK, ZONE) is None


def test_without_stages_none_holds():
    assert holding_stage((), PLAN_DUE, PLAN_DUE, ZONE) is None


@given(minutes=st.integers(-30 * 24 * 60, 30 * 24 * 60))
def test_the_stage_that_holds_has_begun_and_the_next_has_not(minutes):
    at = REST_DUE + timedelta(minutes=minutes)
    holding = holding_stage(STAGES, REST_DUE, at, ZONE)
    if holding is None:
        assert at < local("2023-11-13T00:00") or REST_DUE < at < local("2023-11-21T00:00")
        return
    assert holding.begins_at <= at
    later = [stage for stage in STAGES if stage.offset > holding.stage.offset]
    assert all(stage.begins_at(REST_DUE, ZONE) > at or (not stage.is_after and at > REST_DUE) for stage in later)
