from __future__ import annotations

import pytest

from rules.assessment import Assessment, Status, Totals
from rules.tallying import rate, tally
from tests.rules.cases import PLAN_DUE


@pytest.mark.parametrize(("count", "of", "share"), [(0, 0, None), (0, 4, 0.0), (3, 4, 0.75), (4, 4, 1.0), (5, 4, 1.0)])
def test_a_rate_is_never_over_one_and_none_for_nothing_of_nothing(count, of, share):
    assert rate(count, of) == share


def test_nobody_makes_empty_totals():
    assert tally([]) == Totals()


def test_every_status_is_counted_in_its_place():
    totals = tally(Assessment(status=status, due_at=PLAN_DUE) for status in Status)
    assert totals == Totals(
        expected=6, complete=2, on_time=1, late=1, incomplete=1, missing=1, unknown=1, pending=1, exempt=1
    )


def test_what_an_exempt_unit_sent_is_in_no_numerator():
    sent = Assessment(status=Status.EXEMPT, due_at=PLAN_DUE, received_at=PLAN_DUE, complete_at=PLAN_DUE)
    assert tally([sent]) == Totals(exempt=1)
