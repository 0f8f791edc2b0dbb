"""The API over the demo campaign, as a program uses it: with a token, over the network."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openpyxl import load_workbook
from schemathesis import checks

from report.as_json import report_as_json
from report.desk.port import Role
from report.desk.tokens import add_token, revoke_token
from rules.errors import InputError
from tests.demo import copy_demo
from tests.report.desk.serving import serving

UNIT = "薛埠镇社区教育中心"


def token_for(desk, role=Role.COORDINATOR, name="值守程序", lasts=None):
    now = desk.desk.now()
    return add_token(
        desk.application.store,
        name=name,
        role=role,
        by="测试",
        now=now,
        expires_at=None if lasts is None else now + lasts,
    )


def client(desk, token):
    return httpx.Client(base_url=f"{desk.url}/api", headers={"Authorization": f"Bearer {token}"}, timeout=30)


@pytest.fixture(scope="module")
def shared(demo, tmp_path_factory):
    with serving(copy_demo(demo, tmp_path_factory.mktemp("api") / "desk"), asks_for_log_in=True) as desk:
        yield desk


@pytest.fixture(scope="module")
def api(shared):
    with client(shared, token_for(shared)) as asked:
        yield asked


@pytest.fixture
def own(demo, tmp_path):
    with serving(copy_demo(demo, tmp_path / "desk"), asks_for_log_in=True) as desk:
        yield desk


def test_the_report_is_the_one_of_the_command_line_of_any_moment(api, shared):
    view = shared.desk.view()
    assert api.get("/v1/report").json() == report_as_json(view.report, view.unattributed)
    at = shared.desk.now() - timedelta(days=20)
    past = shared.desk.view(at=at)
    asked = api.get("/v1/report", params={"at": at.isoformat(), "late_only": True})
    assert asked.json() == report_as_json(past.report, past.unattributed, late_only=True)
    assert api.get("/v1/report", params={"campaign": "1999"}).status_code == 404


def test_a_message_is_found_by_its_id_and_its_bytes_and_files_are_served_inert(api):
    stray = api.get("/v1/review").json()["unattributed"][0]
    by_id, by_hash = (api.get(f"/v1/messages/{name}") for name in (stray["message_id"], stray["sha256"][:10]))
    assert by_id.json() == by_hash.json()
    assert by_id.json()["unattributed"]["reason"] == stray["reason"]
    raw = api.get(f"/v1/messages/{stray['sha256']}/raw")
    assert stray["message_id"].encode() in raw.content
    assert raw.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in raw.headers["Content-Security-Policy"]
    assert api.get(f"/v1/messages/{stray['sha256']}/parts/1").status_code == 200
    assert api.get(f"/v1/messages/{stray['sha256']}/parts/999").status_code == 404


def test_the_downloads_are_those_of_the_pages(api):
    workbook = load_workbook(io.BytesIO(api.get("/v1/downloads/ledger.xlsx").content))
    assert any(UNIT in str(cell.value) for sheet in workbook for row in sheet.iter_rows() for cell in row)
    assert zipfile.ZipFile(io.BytesIO(api.get("/v1/downloads/materials.zip").content)).testzip() is None


def test_a_decision_changes_the_very_next_report_and_can_be_undone_and_bears_the_token_s_name(own):
    with client(own, token_for(own, name="联办系统")) as api:
        wanted = {"action": "exempt", "unit": UNIT, "deliverable": "plan", "reason": "本年度停办"}
        made = api.post("/v1/decisions", json=wanted)
        assert (made.status_code, made.json()["author"]) == (201, "联办系统")
        assert status_of(api, UNIT, "plan") == "exempt"
        undone = api.post(f"/v1/decisions/{made.json()['id']}/undo", json={"reason": "误操作"})
        assert undone.status_code == 201
        assert status_of(api, UNIT, "plan") == "on_time"
        assert [one["action"] for one in api.get("/v1/decisions").json()["decisions"]] == ["exempt", "undo"]


def test_whoever_decided_on_an_older_state_is_told_so_and_changes_nothing(own):
    with client(own, token_for(own)) as api:
        seen = api.get("/v1/review").json()["newest_decision"]
        first = {"action": "exempt", "unit": UNIT, "deliverable": "plan", "seen": seen}
        assert api.post("/v1/decisions", json=first).status_code == 201
        late = api.post("/v1/decisions", json=first | {"action": "on_time"})
        assert late.status_code == 409
        assert late.headers["Content-Type"] == "application/problem+json"
        assert late.json()["title"] == "已有人就此作出决定，您的决定没有保存。"
        assert len(api.get("/v1/decisions").json()["decisions"]) == 1


def status_of(api, unit, deliverable):
    return api.get(f"/v1/units/{unit}").json()["deliverables"][deliverable]["status"]


def test_without_a_valid_token_nothing_is_told_and_a_viewer_s_decides_nothing(own):
    assert httpx.get(f"{own.url}/api/v1/report").status_code == 401
    with client(own, "baosong_guessed") as stranger:
        refused = stranger.get("/v1/report")
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    with client(own, token_for(own, Role.VIEWER)) as viewer:
        assert viewer.get("/v1/report").status_code == 200
        refused = viewer.post("/v1/decisions", json={"action": "exempt", "unit": UNIT})
        assert (refused.status_code, refused.json()["title"]) == (403, "您的账号只能查看，不能办理。")
        assert viewer.get("/v1/decisions").json()["decisions"] == []


def test_a_token_ends_when_it_expires_or_is_revoked_and_is_not_in_the_store(own):
    store, now = own.application.store, own.desk.now()
    token = token_for(own)
    with client(own, token) as api:
        assert api.get("/v1/campaigns").status_code == 200
        revoke_token(store, name="值守程序", by="测试", now=now)
        assert api.get("/v1/campaigns").status_code == 401
    for file in (own.folder / "data").glob("baosong.db*"):
        assert token.encode() not in file.read_bytes()
    with pytest.raises(InputError, match="expired already"):
        token_for(own, lasts=timedelta(0))
    old = add_token(store, name="旧", role=Role.VIEWER, by="", now=now - timedelta(days=9), expires_at=now)
    with client(own, old) as api:
        assert api.get("/v1/campaigns").status_code == 401


def test_guessing_tokens_is_slowed_down_and_so_is_asking_without_end(own, monkeypatch):
    monkeypatch.setattr("report.desk.api.app.REQUESTS_A_MINUTE", 30)
    with client(own, token_for(own)) as busy:
        codes = [busy.get("/v1/decisions").status_code for _ in range(31)]
        assert codes == [200] * 30 + [429]
    with client(own, "baosong_guessed") as stranger:
        codes = [stranger.get("/v1/campaigns").status_code for _ in range(21)]
        assert codes == [401] * 20 + [429]


def test_only_this_machine_and_tokens_see_health_and_metrics(shared, api):
    answer = httpx.get(f"{shared.url}/healthz")
    assert answer.status_code == 503  # the demo's mailbox was read a day before the moment at which its desk stands
    assert answer.json()["checks"] == {"store": True, "mailbox": False}
    assert httpx.get(f"{shared.url}/livez").status_code == 200
    through_a_proxy = {"X-Forwarded-For": "203.0.113.7"}
    assert httpx.get(f"{shared.url}/metrics", headers=through_a_proxy).status_code == 403
    metrics = httpx.get(f"{shared.url}/metrics", headers=through_a_proxy | dict(api.headers))
    lines = metrics.text.splitlines()
    totals = shared.desk.view().report.totals["plan"]
    assert f'baosong_assessments{{campaign="2023",deliverable="plan",status="late"}} {totals.late:.1f}' in lines
    assert 'baosong_outbox_mails{state="draft"} 0.0' in lines
    assert any(line.startswith("baosong_last_successful_poll_timestamp_seconds{") for line in lines)


def test_whatever_is_asked_the_answer_is_as_described_and_nothing_breaks(own):
    """schemathesis draws questions from the description, good and bad; about half a minute."""
    headers = {"Authorization": f"Bearer {token_for(own)}"}
    own.desk.now = lambda: next(times)  # each question in a minute of its own, or most would be refused as too many
    times = (own.desk.view().report.as_of + timedelta(minutes=number) for number in range(10**6))
    schema = schemathesis.openapi.from_url(f"{own.url}/api/openapi.json", headers=headers)
    asked = []
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=8,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case):
            case.call_and_validate(
                base_url=f"{own.url}/api",
                headers=headers,
                checks=[
                    checks.not_a_server_error,
                    checks.status_code_conformance,
                    checks.content_type_conformance,
                    checks.response_schema_conformance,
                ],
            )

        ask()
        asked.append(operation.label)
    assert len(asked) >= 17
