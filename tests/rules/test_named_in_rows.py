"""A form that lists the activities of several units counts for its sender, and a person is told of the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.claims import Decision
from rules.extraction import UNIT, Form, FormRow, Kind
from rules.findings import Code
from rules.name_index import NameIndex
from rules.named_in_rows import others_in_rows, units_told
from rules.placing import Placer
from rules.roster import Roster, Unit
from tests.rules.confusable import HOME, MESSAGE_SHA256, NOW, confusable_roster, file, message

CENTRE, PRIMARY, OTHER = "直溪镇社区教育中心", "直溪中心小学", "朱林中心小学"
PLACER = Placer(confusable_roster(), regions=[HOME])


def _schedule(*units: str, sent_by: str = CENTRE) -> Form:
    rows = tuple(FormRow(cells={"theme": "共读"} | ({UNIT: unit} if unit else {})) for unit in units)
    return Form(form=Kind.SCHEDULE, fields={"unit_name": sent_by}, rows=rows)


def _placed(form: Form, *decisions: Decision):
    seen = replace(file("附件1.docx", Kind.SCHEDULE), forms=(form,))
    return PLACER.place(message(seen), decisions=decisions)


def _told(form: Form, *decisions: Decision) -> list[str]:
    return [
        finding.detail
        for claim in _placed(form, *decisions).claims
        for finding in claim.findings
        if finding.code is Code.OTHER_UNITS
    ]


def test_the_form_counts_for_its_sender_alone_and_the_others_are_named():
    placed = _placed(_schedule(CENTRE, PRIMARY, PRIMARY, f"{OTHER}、{CENTRE}", ""))
    assert [claim.unit for claim in placed.claims] == [CENTRE]
    (finding,) = [one for one in placed.claims[0].findings if one.code is Code.OTHER_UNITS]
    assert f"（{PRIMARY} 2 项、{OTHER} 1 项），只计为“{CENTRE}”的材料" in finding.detail
    assert not finding.is_blocking
    assert not finding.is_for_unit
    assert units_told(finding) == (PRIMARY, OTHER)


def test_villages_the_sender_itself_and_the_town_above_it_are_no_others():
    assert _told(_schedule("建昌村", "直溪社区", CENTRE)) == []
    assert _told(_schedule(PRIMARY, CENTRE, sent_by=PRIMARY)) == []


def test_a_name_that_several_units_may_have_is_told_of_none_of_them():
    assert _told(_schedule("中心小学", "中心幼儿园")) == []


def test_a_person_who_has_said_whose_it_is_is_told_no_more():
    assigned = Decision(
        id=1, action="assign", author="陈老师", reason="", decided_at=NOW, unit=CENTRE, message_sha256=MESSAGE_SHA256
    )
    assert _told(_schedule(PRIMARY)) != []
    assert _told(_schedule(PRIMARY), assigned) == []


def test_where_nothing_else_names_a_unit_those_of_the_rows_are_offered_and_none_is_taken():
    placed = _placed(_schedule(PRIMARY, OTHER, sent_by=""))
    assert placed.claims == ()
    assert placed.unattributed is not None
    assert set(placed.unattributed.candidates) == {PRIMARY, OTHER}


@pytest.mark.parametrize(("count", "told"), [(30, 30), (70, 60)])
def test_all_schools_of_a_town_are_named_and_so_is_one_whose_name_ends_in_a_number(count, told):
    schools = [f"青禾小学{number}" for number in range(1, count + 1)]
    index = NameIndex(Roster(tuple(Unit(name=name) for name in (CENTRE, *schools))))
    finding = others_in_rows(index, _schedule(*schools), CENTRE)
    assert finding is not None
    assert list(units_told(finding)) == schools[:told]
    assert (f"等 {count} 个单位" in finding.detail) == (count > told)
