from __future__ import annotations

from dataclasses import replace

from report.as_json import report_as_json
from report.matrix import matrix_of
from rules.bouncing import with_unreachable
from tests.rules.cases import moment
from tests.rules.posts import CENTRE, MIDDLE, SILENT, judged


def test_a_unit_is_unreachable_when_mail_to_all_of_its_addresses_comes_back() -> None:
    shouting = replace(MIDDLE, emails=("ZhiXi@example.org", "head@example.org"))
    report = judged(moment(11, 1), units=(CENTRE, shouting, SILENT))

    one = with_unreachable(report, frozenset({"zhixi@example.org"}))
    both = with_unreachable(report, frozenset({"zhixi@example.org", "head@example.org"}))

    assert [unit.is_unreachable for unit in one.units] == [False, False, False]
    assert [unit.is_unreachable for unit in both.units] == [False, True, False]
    assert [row.contact_note for row in matrix_of(both).rows] == ["", "通知未达", ""]
    assert [unit["unreachable"] for unit in report_as_json(both, ())["units"]] == [False, True, False]
