from __future__ import annotations

import pytest

from rules.confiding import units_told
from rules.roster import Roster
from tests.rules.posts import CENTRE, KINDERGARTEN, MIDDLE, PRIMARY

ROSTER = Roster((CENTRE, PRIMARY, KINDERGARTEN, MIDDLE))


@pytest.mark.parametrize(
    ("address", "claimed", "told", "why"),
    [
        ("zhixi@example.org", ["直溪中学"], ["直溪中学"], "its own address"),
        ("ZHIXI@example.org", ["直溪中学"], ["直溪中学"], "addresses know no case"),
        ("rulin@example.org", ["儒林小学", "儒林幼儿园"], ["儒林小学", "儒林幼儿园"], "a town for its schools"),
        ("private@example.org", ["直溪中学"], ["直溪中学"], "a teacher's own mailbox"),
        ("private@example.org", ["直溪中学", "儒林小学"], [], "a stranger with material of several"),
        ("zhixi@example.org", ["儒林小学"], [], "another unit's business"),
        ("zhixi@example.org", ["直溪中学", "儒林小学"], ["直溪中学"], "only its own"),
    ],
)
def test_a_sender_is_told_of_its_own_units_only(address, claimed, told, why):
    assert [unit.name for unit in units_told(address, claimed, ROSTER)] == told, why
