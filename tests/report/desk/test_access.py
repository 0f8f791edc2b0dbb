"""Who may look, who may change, and what a stranger gets to see: over HTTP, as a browser or an attacker speaks it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
from fastapi import Request

from report.desk import accounts
from report.desk.access import COOKIE, IDLE
from report.desk.app import create_app
from report.desk.port import NewDecision, Role
from report.desk.security import HEADERS
from rules.overruling import Action
from store import audit
from tests.demo import DemoCampaign, copy_demo
from tests.patience import SECONDS
from tests.report.desk.serving import ServedDesk, serving

PASSWORD = "正确的马电池订书钉2023"


@pytest.fixture(scope="module")
def guarded(demo: DemoCampaign, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedDesk]:
    """A desk that asks for a log-in, with one coordinator and one viewer."""
    folder = tmp_path_factory.mktemp("guarded") / "desk"
    with serving(copy_demo(demo, folder), asks_for_log_in=True) as desk:
        for name, role in (("王老师", Role.COORDINATOR), ("李老师", Role.VIEWER)):
            accounts.add_user(
                desk.desk.store, name=name, role=role, password=PASSWORD, by="安装人员", now=desk.desk.now()
            )
        yield desk


@contextmanager
def log_in(desk: ServedDesk, name: str = "王老师", password: str = PASSWORD) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk.url, timeout=SECONDS) as client:
        answer = client.post("/login", data={"name": name, "password": password})
        assert answer.status_code == 303, answer.text
        yield client


def csrf_of(client: httpx.Client) -> str:
    return client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]


def test_without_a_log_in_nothing_is_shown_and_one_comes_back_to_where_one_wanted(guarded):
    with httpx.Client(base_url=guarded.url, timeout=SECONDS) as client:
        answer = client.get("/?at=2023-11-01")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=%2F%3Fat%3D2023-11-01"
        assert client.get("/", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/login")
        posted = client.post("/login", data={"name": "王老师", "password": PASSWORD, "next": "/?at=2023-11-01"})
        assert posted.headers["location"] == "/?at=2023-11-01"
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "/\n/evil.example"])
def test_a_log_in_never_leads_to_a_strangers_page(guarded, path):
    answer = httpx.post(f"{guarded.url}/login", data={"name": "王老师", "password": PASSWORD, "next": path})
    assert answer.headers["location"] == "/"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(guarded):
    answer = httpx.post(f"{guarded.url}/login", data={"name": "王老师", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie  # plain HTTP on the loopback; behind a proxy see test_serving


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(guarded):
    def answer_to(name: str, password: str) -> tuple[int, str]:
        answer = httpx.post(f"{guarded.url}/login", data={"name": name, "password": password})
        return answer.status_code, answer.text.replace(name, "")

    assert answer_to("王老师", "not this one") == answer_to("赵老师", "not this one")
    assert answer_to("王老师", "not this one")[0] == 401


def test_a_viewer_reads_but_changes_nothing(guarded):
    with log_in(guarded, "李老师") as client:
        assert client.get("/").status_code == 200
        assert client.get("/audit").status_code == 403


def test_a_change_without_the_sessions_token_is_refused(guarded):
    fields = {"current": PASSWORD, "password": "一个新的密码1234", "again": "一个新的密码1234"}
    with log_in(guarded, "李老师") as client, log_in(guarded) as other:
        assert client.post("/account", data=fields).status_code == 403
        assert client.post("/account", data={**fields, "csrf": csrf_of(other)}).status_code == 403
        from_elsewhere = {"Sec-Fetch-Site": "cross-site"}
        own = {**fields, "csrf": csrf_of(client)}
        assert client.post("/account", data=own, headers=from_elsewhere).status_code == 403
        assert client.post("/account", data=own).status_code == 303
        assert httpx.post(f"{guarded.url}/login", data={"name": "李老师", "password": PASSWORD}).status_code == 401
    with guarded.desk.store.reading() as session:
        assert audit.newest(session, limit=1)[0].action == "password_changed"
    accounts.change_password(
        guarded.desk.store, name="李老师", password=PASSWORD, by="安装人员", now=guarded.desk.now()
    )


def test_logging_out_ends_the_session_not_only_the_cookie(guarded):
    with log_in(guarded) as client:
        token = client.cookies[COOKIE]
        client.post("/logout", data={"csrf": csrf_of(client)})
        assert client.get("/").status_code == 303
        client.cookies.set(COOKIE, token)
        assert client.get("/").status_code == 303


def test_a_session_that_was_not_used_for_long_has_ended(demo, tmp_path):
    times = [demo.report_at]
    with serving(copy_demo(demo, tmp_path / "desk"), asks_for_log_in=True, clock=lambda: times[0]) as desk:
        accounts.add_user(
            desk.desk.store, name="王老师", role=Role.VIEWER, password=PASSWORD, by="x", now=desk.desk.now()
        )
        with log_in(desk) as client:
            times[0] += IDLE - timedelta(minutes=1)
            assert client.get("/").status_code == 200
            times[0] += IDLE - timedelta(minutes=1)
            assert client.get("/").status_code == 200, "use prolongs it"
            for _ in range(12):
                times[0] += IDLE / 12
                client.get("/heartbeat")  # an open page asks by itself
            assert client.get("/").status_code == 303
            for _ in range(30):
                client.post("/login", data={"name": "王老师", "password": "wrong password"})
            refused = client.post("/login", data={"name": "王老师", "password": PASSWORD})
            assert refused.status_code == 429
            times[0] += timedelta(minutes=16)
            assert client.post("/login", data={"name": "王老师", "password": PASSWORD}).status_code == 303


def test_the_one_time_link_makes_a_coordinator_once(demo, tmp_path, open_page):
    with serving(copy_demo(demo, tmp_path / "desk"), asks_for_log_in=True) as desk:
        token = accounts.new_link(desk.desk.store, role=Role.COORDINATOR, now=desk.desk.now())
        page = open_page(desk, f"/welcome?token={token}")
        page.get_by_label("姓名").fill("周老师")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_label("再输一次密码").fill(PASSWORD)
        page.get_by_role("button", name="开始使用").click()
        page.wait_for_url(f"{desk.url}/")
        assert page.locator("nav .who").inner_text().startswith("周老师")

        assert httpx.get(f"{desk.url}/welcome?token={token}").status_code == 410
        page.get_by_role("link", name="操作记录").click()
        assert "添加用户" in page.locator("tbody").inner_text()


def test_a_body_larger_than_any_form_is_refused_by_anybody(guarded):
    def pieces() -> Iterator[bytes]:
        yield from (b"name=" + b"x" * 300_000 for _ in range(10))

    answer = httpx.post(
        f"{guarded.url}/login", content=pieces(), headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code in (400, 413)  # the parser of forms has a limit of its own


def test_a_decision_stands_in_the_log_with_what_it_replaced(own_desk):
    unit = own_desk.desk.view().report.units[0].unit.name
    first = NewDecision(action=Action.EXEMPT, author="王老师", reason="停办", unit=unit, deliverable="plan")
    made = own_desk.desk.decide(first)
    own_desk.desk.decide(NewDecision(action=Action.UNDO, author="李老师", reason="又开办了", undoes=made.id))

    with own_desk.desk.store.reading() as session:
        undone, exempted = audit.newest(session, limit=2)
    assert (exempted.author, exempted.action, exempted.subject) == ("王老师", "exempt", f"{unit}，工作方案")
    assert "停办" in exempted.after
    assert (undone.author, undone.action, undone.subject) == ("李老师", "undo", f"{unit}，工作方案")
    assert "停办" in undone.before
    assert unit in httpx.get(f"{own_desk.url}/audit").text


def test_every_answer_carries_the_headers_that_keep_strangers_out(guarded):
    for path in ("/login", "/nowhere", "/static/desk.css"):
        headers = httpx.get(guarded.url + path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_what_nobody_foresaw_is_told_in_words_and_under_the_same_headers(served):
    def fails(_request: Request) -> None:
        raise RuntimeError("a defect")

    async def answers() -> list[httpx.Response]:
        served_broken = httpx.ASGITransport(create_app(served.desk, authenticate=fails), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=served_broken, base_url=served.url) as client:
            return [await client.get(path) for path in ("/", "/api/v1/report")]

    with ThreadPoolExecutor() as pool:  # a browser's loop runs in this thread
        page, program = pool.submit(asyncio.run, answers()).result()
    assert (page.status_code, program.status_code) == (500, 500)
    assert "这一步没有完成" in page.text
    assert page.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert program.json()["title"] == "系统出错，没有完成。"
    assert "a defect" not in page.text + program.text
