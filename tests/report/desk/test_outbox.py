"""The outbox on the desk: what would go out is shown word for word, and goes only as it was shown."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Page

from report.desk.pages.outbox import extent_of
from report.desk.port import Role, User
from rules.bouncing import BounceKind
from rules.claims import Placement
from rules.outgoing import MailKind, MailState
from store import audit, claims, contacts, messages, outbox, replies, sending
from store.contacts import Bounce
from tests.demo import DemoCampaign
from tests.report.desk.conftest import OpenPage
from tests.report.desk.serving import ServedDesk, serving
from tests.store.outgoing import NINE, claimed, item, letter, put

POST = {"X-CSRF-Token": "a-token"}


def fill(desk: ServedDesk) -> None:
    with desk.application.store.writing() as session:
        put(session, "first")
        put(
            session,
            "second",
            to=("other@example.org",),
            subject="【催报】薛埠镇 缺 活动方案",
            items=(item("薛埠镇", "plan"),),
        )
        put(
            session, "approved", is_approved=True, kind=MailKind.RECEIPT, subject="【回执】已收到直溪镇的材料", items=()
        )
        sending.mark_unknown(session, claimed(session, "unknown"), at=NINE, error="未收到服务器确认")
        sent = claimed(session, "sent")
        sending.mark_sent(session, sent, at=NINE)
        contacts.record_bounce(
            session,
            Bounce(
                message_sha256="a" * 64,
                outgoing_id=sent.mail.id,
                address="unit@example.org",
                kind=BounceKind.HARD,
                at=NINE,
                reason="550 User not found",
            ),
        )


def states(desk: ServedDesk) -> dict[str, MailState]:
    with desk.application.store.reading() as session:
        return {mail.letter.dedupe_key: mail.state for mail in outbox.mails(session)}


def test_a_coordinator_reads_what_would_go_approves_some_and_discards_others(
    own_desk: ServedDesk, open_page: OpenPage, screenshot: Callable[[Page, str], None]
) -> None:
    fill(own_desk)
    page: Page = open_page(own_desk, "/outbox", height=1000)
    assert "即将发送 2 封，涉及 2 个单位 3 项材料" in page.inner_text("main")
    assert "自动发信已关闭" in page.inner_text("main")
    page.locator("details.letter > summary").first.click()
    preview = page.locator("details.letter").first
    assert preview.locator("pre").inner_text() == letter().text
    assert "unit@example.org" in preview.locator("dd").first.inner_text()
    assert "town@example.org" in preview.inner_text()
    preview.get_by_text("网页格式").click()
    preview.frame_locator("iframe").get_by_text("您好").wait_for()
    assert "退信：地址无效" in page.inner_text("main")
    screenshot(page, "outbox")

    page.get_by_label("选中：【催报】薛埠镇 缺 活动方案").uncheck()
    page.get_by_role("button", name="批准发送所选邮件").click()
    page.wait_for_load_state()
    assert "已批准 1 封。" in page.inner_text(".said")
    assert states(own_desk)["first"] is MailState.APPROVED

    page.get_by_role("button", name="作废所选邮件").click()
    page.wait_for_load_state()
    assert states(own_desk)["second"] is MailState.DISCARDED

    page.get_by_role("button", name="开启发信").click()
    page.wait_for_load_state()
    with own_desk.application.store.reading() as session:
        switch = sending.switch(session)
        actions = [entry.action for entry in audit.newest(session, limit=3)]
    assert (switch.is_on, switch.by) == (True, "测试管理员")
    assert actions == ["mail_switched", "mail_discarded", "mail_approved"]
    screenshot(page, "outbox-on")


def test_a_mail_that_has_changed_since_it_was_shown_is_left_alone(own_desk: ServedDesk) -> None:
    fill(own_desk)
    with own_desk.application.store.reading() as session:
        (first, second) = outbox.mails(session, states={MailState.DRAFT})
    with own_desk.application.store.writing() as session:
        outbox.skip(session, [second.id], at=NINE, because="已报齐")
    picked = [f"{mail.id}:{mail.version}" for mail in (first, second)]

    answer = httpx.post(
        f"{own_desk.url}/outbox/approve", data={"mail": picked}, headers=POST, follow_redirects=True, timeout=30
    )

    assert "已批准 1 封。另有 1 封在您打开页面之后已有变化" in answer.text
    assert states(own_desk)["second"] is MailState.SKIPPED


def test_nobody_sends_without_the_token_the_role_or_a_proper_form(own_desk: ServedDesk, demo: DemoCampaign) -> None:
    fill(own_desk)
    url = f"{own_desk.url}/outbox/approve"
    assert httpx.post(url, data={"mail": ["1:0"]}, timeout=30).status_code == 403
    assert httpx.post(url, data={"mail": ["1;0"]}, headers=POST, timeout=30).status_code == 422
    assert httpx.post(f"{own_desk.url}/outbox/nothing", headers=POST, timeout=30).status_code == 404
    own = DemoCampaign(folder=own_desk.folder, report_at=demo.report_at)
    with serving(own, User(name="看客", role=Role.VIEWER)) as viewed:
        assert httpx.post(f"{viewed.url}/outbox/on", headers=POST, timeout=30).status_code == 403
        shown = httpx.get(f"{viewed.url}/outbox", timeout=30).text
    assert "批准发送" not in shown
    assert "【催报】薛埠镇 缺 活动方案" in shown
    assert states(own_desk)["first"] is MailState.DRAFT


def test_what_reminders_brought_is_told_by_stage(own_desk: ServedDesk) -> None:
    assert "催报效果" not in httpx.get(f"{own_desk.url}/outbox").text
    asked = (item("儒林镇社区教育中心"), item("尧塘街道社区教育中心"))  # the one sent its 总结 two days later
    with own_desk.application.store.writing() as session:
        reminder = put(session, "reminder", is_approved=True, stage="-2d", items=asked)
        claim = sending.claim(session, reminder, at=NINE)
        assert claim is not None
        sending.mark_sent(session, claim, at=NINE)

    shown = httpx.get(f"{own_desk.url}/outbox").text

    row = shown.split("截止前2天</th>")[1].split("</tr>")[0]
    assert re.findall(r"<td>(.*?)</td>", row) == ["2 项", "1 项", "1 项", "2 天"]


def test_the_extent_counts_each_unit_and_material_once() -> None:
    assert extent_of(()).words == "0 封"


def test_an_answer_without_material_is_shown_to_whom_it_concerns(
    own_desk: ServedDesk, open_page: OpenPage, screenshot: Callable[[Page, str], None]
) -> None:
    fill(own_desk)
    with own_desk.application.store.writing() as session:
        (sent,) = outbox.mails(session, states={MailState.SENT})
        message = next(messages.received_messages(session))
        claims.replace_placement(session, message.sha256, Placement(note="未含报送材料"))
        replies.record_reply(session, message.sha256, [sent.message_id], at=own_desk.desk.now())
    page: Page = open_page(own_desk, "/outbox", height=1000)
    section = page.locator("section", has_text="单位的答复")
    assert section.get_by_role("link").get_attribute("href") == f"/messages/{message.sha256}"
    screenshot(page, "outbox-answers")
