from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.answering import LOOP_AFTER
from tests.rules.simulated_year import OPENS, Habit, Year

LONG_AFTER = OPENS + timedelta(days=366, hours=9)


@pytest.fixture(scope="module")
def year() -> Year:
    district = Year(20231012, units=160)
    district.live_through(days=365)
    return district


def test_in_a_district_of_160_units_nobody_is_wronged(year):
    assert year.faults == []
    assert len(year.reminders()) > 200
    assert {life.habit for life in year.lives} == set(Habit)


def test_a_machine_that_answers_everything_is_answered_three_times(year):
    machines = [life for life in year.lives if life.habit is Habit.MACHINE]
    answers = [year.receipts_to(life.unit.emails[0]) for life in machines]
    assert max(answers) == LOOP_AFTER


def test_whom_mail_did_not_move_is_on_the_phone_list_and_nobody_else(year):
    called = year.called(LONG_AFTER)
    for life in year.lives:
        owes = any(life.is_owed(key, LONG_AFTER) and life.due[key] < LONG_AFTER for key in life.due)
        if not owes or life.is_muted(LONG_AFTER):
            assert life.unit.name not in called
        elif not life.unit.emails:
            assert life.unit.name in called


@settings(max_examples=12)
@given(seed=st.integers(0, 2**32), units=st.integers(1, 10))
def test_whatever_the_habits_and_outages_nobody_is_wronged(seed, units):
    district = Year(seed, units=units)
    district.live_through(days=75)
    assert district.faults == []
