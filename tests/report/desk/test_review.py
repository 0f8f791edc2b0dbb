"""The review queue in a real browser: by keyboard, with what it does to the report."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from report.desk.pages.review import queue_of
from report.desk.port import NewDecision, Role, User
from report.questions import Doubt
from rules.assessment import Status
from rules.overruling import Action
from store import audit, decisions
from tests.report.desk.serving import serving

CENTRE = "儒林镇社区教育中心"
SCHOOL = "直溪中心小学"


def made(desk):
    with desk.application.store.reading() as session:
        return decisions.all_decisions(session)


def open_question(desk, doubt: Doubt, unit: str = "") -> str:
    view = desk.desk.view()
    found = [one for one in queue_of(desk.desk, view) if one.doubt is doubt and (not unit or one.unit == unit)]
    return f"/review?item={found[0].id}"


def queue_length(page: Page) -> int:
    return page.locator(".queue li").count()


def test_keys_lead_through_the_queue_and_tell_what_they_do(served, open_page, screenshot):
    page = open_page(served, "/review")
    expect(page.locator(".queue a[aria-current]")).to_contain_text("待认领")
    page.keyboard.press("j")
    expect(page.locator(".question header")).to_contain_text("第 2 件")
    page.wait_for_load_state()
    screenshot(page, "review-reading")
    page.keyboard.press("k")
    expect(page.locator(".question header")).to_contain_text("第 1 件")
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_mail_of_nobody_is_given_to_a_unit_found_by_pinyin_and_taken_back(own_desk, open_page, screenshot):
    page = open_page(own_desk, open_question(own_desk, Doubt.NOBODY))
    screenshot(page, "review-nobody")
    before = queue_length(page)
    page.keyboard.press("/")
    page.keyboard.type("rlz")
    expect(page.locator(".found button")).to_have_text([f"归“{CENTRE}”"])
    page.locator("[name=remember]").check()
    page.locator("[name=q]").press("Enter")

    expect(page.locator(".done")).to_contain_text("已记录：指定归属")
    assert queue_length(page) == before - 1
    assert own_desk.desk.view().unattributed == ()
    assign, remember = made(own_desk)
    assert (assign.action, assign.unit, assign.author) == ("assign", CENTRE, "测试管理员")
    assert (remember.action, remember.unit, remember.value) == ("remember_sender", CENTRE, "nobody@webmail.example")
    with own_desk.application.store.reading() as session:
        assert [entry.action for entry in audit.newest(session, limit=9)] == ["remember_sender", "assign"]

    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.locator(".done")).to_contain_text("已撤销")
    assert len(own_desk.desk.view().unattributed) == 1


def test_doubtful_values_are_corrected_beside_the_picture_and_the_rest_verified(own_desk, open_page, screenshot):
    page = open_page(own_desk, open_question(own_desk, Doubt.READING, CENTRE))
    expect(page.locator(".corrections li")).to_have_count(2)
    first = page.locator("[data-correction]").first
    expect(page.locator("svg.crop").first).to_be_visible()
    page.keyboard.press("e")
    expect(first).to_be_focused()
    page.keyboard.type("家长学校专题讲座和现场答疑")
    expect(page.locator(".answers .buttons button").first).to_contain_text("保存更正，其余核对无误")
    lit = page.locator("svg.page rect.lit")
    expect(lit).to_have_count(1)
    screenshot(page, "review-correcting")
    page.keyboard.press("Escape")
    page.keyboard.press("1")

    expect(page.locator(".done")).to_contain_text("核对无误")
    correct, verify = made(own_desk)
    assert (correct.action, correct.value) == ("correct", "家长学校专题讲座和现场答疑")
    assert verify.action == "verify"
    cells = next(one for one in own_desk.desk.view().report.units if one.unit.name == CENTRE).assessments
    assert not cells["statistics"].needs_review
    assert cells["statistics_stamped"].status is Status.INCOMPLETE, "a form without a stamp gets none by that"
    page.goto(f"{own_desk.url}/units/{CENTRE}")
    expect(page.locator(".value.corrected").first).to_have_text("家长学校专题讲座和现场答疑")


def test_sending_back_needs_a_reason(own_desk, open_page):
    page = open_page(own_desk, open_question(own_desk, Doubt.READING, CENTRE))
    page.keyboard.press("2")
    expect(page.locator("[name=reason]")).to_be_focused()
    assert made(own_desk) == ()
    page.keyboard.type("表格拍摄不完整")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.locator(".done")).to_contain_text("退回")
    assert [(one.action, one.reason) for one in made(own_desk)] == [("reject", "表格拍摄不完整")]


def test_a_new_sender_is_remembered_by_one_key(own_desk, open_page, screenshot):
    page = open_page(own_desk, open_question(own_desk, Doubt.NEW_SENDER, SCHOOL))
    screenshot(page, "review-sender")
    page.keyboard.press("1")
    expect(page.locator(".done")).to_contain_text("记住发件人")
    assert [(one.action, one.unit, one.value) for one in made(own_desk)] == [
        ("remember_sender", SCHOOL, "someone@webmail.example")
    ]
    assert not any(one.doubt is Doubt.NEW_SENDER for one in queue_of(own_desk.desk, own_desk.desk.view()))


def test_an_empty_queue_says_so(own_desk, open_page, screenshot):
    for question in queue_of(own_desk.desk, own_desk.desk.view()):
        answer = question.answers[0]
        own_desk.desk.decide(
            NewDecision(
                action=answer.action,
                author="甲",
                reason="",
                unit=answer.unit,
                deliverable=answer.deliverable,
                message_sha256="" if answer.action is Action.REMEMBER_SENDER else question.message_sha256,
                path=answer.paths[0],
                value=answer.value,
            )
        )
    page = open_page(own_desk, "/review")
    expect(page.locator("h1")).to_have_text("没有待办")
    screenshot(page, "review-empty")


def test_who_decides_on_what_another_has_changed_meanwhile_is_told_so(own_desk, open_page):
    page = open_page(own_desk, open_question(own_desk, Doubt.READING, CENTRE))
    message = page.locator("[name=message]").input_value()
    answer = page.locator("[name=answer]").first.get_attribute("value")
    own_desk.desk.decide(NewDecision(action=Action.VERIFY, author="李科", reason="", message_sha256=message, path="2"))

    fields = {"csrf": "a-token", "seen": "0", "message": message, "path": "2", "answer": answer}
    answered = httpx.post(f"{own_desk.url}/review/answer", data=fields)

    assert answered.status_code == 409
    assert "李科刚刚已就此作出决定（核对无误），您的决定没有保存" in answered.text
    assert len(made(own_desk)) == 1


def test_the_queue_can_be_settled_on_a_telephone(served, open_page, screenshot):
    page = open_page(served, open_question(served, Doubt.READING, CENTRE), width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".answers button").first).to_be_visible()
    screenshot(page, "review-phone")


def test_requests_that_no_page_sends_are_refused_in_words(served):
    for fields in (
        {},
        {"seen": "0", "message": "x"},
        {"seen": "0", "answer": "action=nonsense"},
        {"seen": "0", "answer": "action=assign&unit=没有这个单位&path="},
        {"seen": "x", "answer": "action=assign&unit=河滨小学&path="},
    ):
        answer = httpx.post(f"{served.url}/review/answer", data={"csrf": "a-token", **fields})
        assert answer.status_code == 422
        assert "没有" in answer.text
    assert made(served) == ()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"action": "exempt"}, "请写明是哪个单位。"),
        ({"action": "exempt", "unit": "没有这个单位"}, "名册中没有“没有这个单位”，请按名册写全称。"),
        ({"action": "exempt", "unit": CENTRE, "deliverable": "x"}, "这项材料不在报送任务中，请刷新页面再看。"),
        ({"action": "exempt", "unit": CENTRE, "campaign": "x"}, "没有这项报送任务，请刷新页面再看。"),
        ({"action": "accept", "unit": CENTRE, "message": "x"}, "系统中没有这封邮件，请刷新页面再看。"),
        ({"action": "assign", "q": " "}, "请写明是哪个单位。"),
        ({"action": "accept"}, "请写明是哪个单位或哪封邮件。"),
        ({"action": "undo"}, "请写明撤销哪一个决定。"),
        ({"action": "undo", "undoes": "9" * 30}, "要撤销的决定不存在，请刷新页面再看。"),
        ({"action": "extend", "unit": CENTRE}, "请写明延期到哪一天。"),
        ({"action": "extend", "unit": CENTRE, "until": "9999-12-31"}, "“9999-12-31”不是可用的日期"),
        ({"action": "received_offline", "unit": CENTRE, "until": "0001-01-01"}, "“0001-01-01”不是可用的日期"),
        ({"action": "remember_sender", "unit": CENTRE, "value": "x"}, "请写明发件人的邮箱。"),
    ],
)
def test_a_decision_about_nothing_that_exists_is_refused_in_words_that_say_why(served, fields, sentence):
    answer = httpx.post(f"{served.url}/decisions", data={"csrf": "a-token", "seen": "0", **fields})
    assert answer.status_code == 422
    assert f"没有保存：{sentence}" in answer.text
    assert made(served) == ()


def test_numbers_that_fit_nowhere_are_refused_and_break_nothing(served):
    endless = "9" * 5000
    for path, fields in (
        ("/review/answer", {"seen": endless, "answer": "action=accept"}),
        ("/review/answer", {"seen": "0", "message": "x", f"value:{endless}:place": "1"}),
        ("/outbox/approve", {"mail": f"{'9' * 25}:1"}),
        ("/decisions", {"seen": "0", "action": "exempt", "unit": CENTRE, "form_index": "9" * 30}),
    ):
        assert httpx.post(served.url + path, data={"csrf": "a-token", **fields}).status_code == 422, path
    assert httpx.get(f"{served.url}/outbox?done=approve&changed={endless}&left={endless}").status_code == 200
    assert made(served) == ()


def test_a_viewer_sees_the_queue_and_decides_nothing(demo):
    with serving(demo, User(name="只读员", role=Role.VIEWER)) as desk:
        shown = httpx.get(f"{desk.url}/review")
        assert "待认领" in shown.text
        assert 'name="answer"' not in shown.text
        for path in ("/review/answer", "/decisions"):
            fields = {
                "csrf": "a-token",
                "seen": "0",
                "action": "exempt",
                "unit": CENTRE,
                "message": "",
                "answer": "action=exempt",
            }
            assert httpx.post(f"{desk.url}{path}", data=fields).status_code == 403
        unit = httpx.get(f"{desk.url}/units/{CENTRE}").text
        assert 'action="/decisions"' not in unit
        assert made(desk) == ()


def test_a_decision_without_the_token_of_its_session_is_refused(served):
    fields = {"seen": "0", "action": "exempt", "unit": CENTRE}
    assert httpx.post(f"{served.url}/decisions", data=fields).status_code == 403
    assert made(served) == ()


def test_a_past_moment_is_looked_at_and_not_decided_on(served):
    shown = httpx.get(f"{served.url}/units/{CENTRE}?at=2023-11-01").text
    assert 'action="/decisions"' not in shown
    assert "截止时间（10月30日24时）已过" in shown
