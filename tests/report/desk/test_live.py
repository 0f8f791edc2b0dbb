"""An open page follows what happens, and leaves the reader where the reader is."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from report.desk.heartbeat import ago, heartbeat_line
from report.desk.port import Heartbeat, NewDecision
from rules.overruling import Action
from store import passes


def exempt(desk, unit: str):
    return desk.desk.decide(NewDecision(action=Action.EXEMPT, author="李老师", reason="停办", unit=unit))


def test_a_decision_appears_without_a_reload_and_keeps_scroll_filter_and_focus(own_desk, open_page):
    page = open_page(own_desk, "/?show=missing", height=500)
    page.evaluate("window.isStillThere = true; scrollTo(0, 400)")
    page.evaluate("document.getElementById('q').focus({preventScroll: true})")
    page.keyboard.type("yaotang")
    expect(page.locator("tbody th.unit a")).to_have_text(["尧塘街道社区教育中心"])
    scrolled = page.evaluate("scrollY")

    exempt(own_desk, "尧塘街道社区教育中心")

    expect(page.locator("tbody .nothing")).to_have_text("没有符合条件的单位。")
    assert page.evaluate("window.isStillThere"), "the page was not loaded anew"
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("yaotang")
    assert page.evaluate("scrollY") <= scrolled
    assert "show=missing" in page.url


def test_the_focus_stays_on_a_cell_that_changes(own_desk, open_page):
    page = open_page(own_desk)
    cell = page.get_by_role("row", name="尧塘街道社区教育中心").locator("a.state").first
    cell.focus()
    assert "未报" in cell.inner_text()

    exempt(own_desk, "尧塘街道社区教育中心")

    expect(cell).to_contain_text("免报")
    expect(cell).to_be_focused()


def test_the_heartbeat_follows_the_last_pass(own_desk, open_page):
    page = open_page(own_desk)
    line = page.locator("#heartbeat")
    expect(line).to_contain_text("最近一次成功收信 15 小时前")
    expect(line).to_have_class("heartbeat blind")
    with own_desk.desk.store.writing() as session:
        ended = own_desk.desk.now() - timedelta(minutes=3)
        number = passes.begin_pass(session, began_at=ended, source=passes.IMPORT)
        passes.end_pass(session, number, ended_at=ended, is_complete=True)

    expect(line).to_contain_text("最近一次成功收信 3 分钟前")
    expect(line).to_have_class("heartbeat")
    expect(page.locator(".state.unknown")).to_have_count(0)


def test_a_page_that_hears_nothing_says_so(served, open_page):
    page = open_page(served)
    page.route("**/heartbeat*", lambda route: route.fulfill(status=204))
    expect(page.locator(".lost")).to_be_hidden()
    page.evaluate("setInterval(() => { heardAt = 0; }, 10)")
    expect(page.locator(".lost")).to_be_visible()
    expect(page.locator("#heartbeat")).to_contain_text("与服务器失去联系")


def test_the_mailbox_counts_as_unseen_after_half_an_hour(served):
    now = served.desk.now()

    def line(age: timedelta | None, waiting: int = 0):
        read_at = None if age is None else now - age
        heartbeat = Heartbeat(read_at=read_at, blind_after=timedelta(minutes=30), waiting=waiting, failed=0)
        return heartbeat_line(heartbeat, now)

    assert not line(timedelta(minutes=30)).is_blind
    assert line(timedelta(minutes=30, seconds=1)).is_blind
    assert line(None).is_blind
    assert line(None).words == "还没有成功收过信"
    assert line(timedelta(0), waiting=12).work == "12 封正在识别"
    assert [ago(timedelta(seconds=seconds)) for seconds in (59, 60, 7199, 47 * 3600, 49 * 3600)] == [
        "刚刚",
        "1 分钟前",
        "1 小时前",
        "47 小时前",
        "2 天前",
    ]
