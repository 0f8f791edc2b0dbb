from __future__ import annotations

import json
from datetime import datetime, timedelta

from report.as_json import json_text, report_as_json
from tests.report.builders import hostile_report, sample_report, stray

CONTRACT = {
    "schema": 1,
    "campaign": {"key": "", "title": ""},
    "as_of": "",
    "mail_read_until": "",
    "deliverables": [{"key": "", "title": "", "due_at": ""}],
    "units": [{"name": "", "category": "", "parent": None, "deliverables": {}}],
    "unattributed": [{"message_id": "", "from": "", "subject": "", "received_at": "", "reason": ""}],
    "totals": {},
}
DELIVERABLE_KEYS = [
    "status",
    "overdue",
    "days_late",
    "received_at",
    "complete_at",
    "due_at",
    "needs_review",
    "parts",
    "findings",
    "sources",
]
TOTAL_KEYS = ["expected", "received", "complete", "on_time", "late", "incomplete", "missing", "exempt"]


def document(**options):
    return json.loads(json_text(sample_report(), [stray()], **options))


def assert_holds_keys(seen, wanted):
    if isinstance(wanted, dict):
        assert set(wanted) <= set(seen)
        for key, value in wanted.items():
            assert_holds_keys(seen[key], value)
    elif isinstance(wanted, list):
        assert seen
        for each in seen:
            assert_holds_keys(each, wanted[0])


def test_every_key_of_the_contract_is_there():
    seen = document()
    assert_holds_keys(seen, CONTRACT)
    for unit in seen["units"]:
        for deliverable in unit["deliverables"].values():
            assert set(DELIVERABLE_KEYS) <= set(deliverable)
    assert all(set(TOTAL_KEYS) <= set(totals) for totals in seen["totals"].values())


def test_values_are_those_of_the_contract():
    seen = document()
    assert seen["schema"] == 1
    assert seen["as_of"] == "2023-11-23T08:00:00+08:00"
    assert seen["mail_read_until"] == "2023-11-23T07:58:00+08:00"
    assert seen["deliverables"][0]["due_at"] == "2023-10-31T00:00:00+08:00"
    late = seen["units"][1]["deliverables"]["plan"]
    assert (late["status"], late["days_late"]) == ("late", 3)
    photos = seen["units"][2]["deliverables"]["evidence"]
    assert photos["overdue"] is True
    assert photos["parts"] == {"photos": {"have": 3, "want": 5}}
    assert photos["findings"][1] == {
        "code": "photo_duplicate",
        "blocking": False,
        "detail": "“照片2.jpg”与“照片1.jpg”内容相同，只计一张。",
    }
    assert photos["sources"] == [{"message_id": "<one@example.org>", "filename": "扫描件.jpg", "sha256": "ab" * 32}]


def test_what_is_not_asked_of_a_unit_is_absent():
    assert set(document()["units"][8]["deliverables"]) == {"statistics", "summary"}


def instants(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key.endswith("_at") or key in ("as_of", "mail_read_until"):
                yield value
            else:
                yield from instants(value)
    elif isinstance(node, list):
        for each in node:
            yield from instants(each)


def test_every_instant_carries_the_offset_of_the_campaign():
    moments = [datetime.fromisoformat(text) for text in instants(document()) if text is not None]
    assert len(moments) > 50
    assert {moment.utcoffset() for moment in moments} == {timedelta(hours=8)}


def test_late_only_leaves_out_units_without_anything_late():
    seen = document(late_only=True)
    assert [unit["name"] for unit in seen["units"]] == [unit["name"] for unit in document()["units"]][1:6]
    assert len(seen["units"][0]["deliverables"]) == 5
    assert seen["totals"] == document()["totals"]


def test_text_that_cannot_be_encoded_does_not_stop_the_report():
    text = json_text(hostile_report(), [stray(subject="\ud800")])
    text.encode("utf-8")
    assert json.loads(text)["unattributed"][0]["subject"] == "?"


def test_a_decision_is_on_the_record():
    exempt = report_as_json(sample_report(), [])["units"][7]["deliverables"]["plan"]
    assert exempt["decision"]["author"] == "王科"
    assert exempt["decision"]["decided_at"] == "2023-10-20T09:00:00+08:00"
