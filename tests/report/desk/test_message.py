"""A message's page in a real browser, and hostile mail on it."""

from __future__ import annotations

from email.message import EmailMessage

import httpx
import pytest
from playwright.sync_api import expect

from report.desk.pages.review import queue_of
from store import messages
from tests.report.desk.serving import take_in

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)
ATTACK = """<html><body><h1>活动周方案</h1><table><tr><td onclick="steal()">报送表</td></tr></table>
<script>parent.stolen = 1</script><img src="http://evil.example/track.png"><img src="cid:logo@x">
<img src="x" onerror="parent.stolen = 1"><form action="http://evil.example"><input name="p"></form>
<a href="javascript:parent.stolen=1">点这里</a><iframe src="http://evil.example"></iframe>
<p style="background:url(http://evil.example/b.png);color:red">字</p>
<svg onload="parent.stolen=1"></svg></body></html>"""


def first_message(desk, subject: str):
    with desk.application.store.reading() as session:
        return next(one for one in messages.received_messages(session) if subject in one.envelope.subject)


def hostile() -> EmailMessage:
    message = EmailMessage()
    message["From"] = '"<b onmouseover=alert(1)>张</b>" <a@example.org>'
    message["Subject"] = "<script>window.stolen=1</script>活动\u202e方案"
    message.set_content("活动周方案")
    message.add_alternative(ATTACK, subtype="html")
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<logo@x>")
    message.add_attachment(
        b"<script>window.stolen=1</script>", "text", "html", filename='"><img src=x onerror=alert(1)>.html'
    )
    message.add_attachment(
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image", "svg+xml", filename="../../etc/图.svg"
    )
    plan = "<b>某校</b>全民终身学习活动周工作方案\n一、活动主题\n<script>window.stolen=1</script>\n二、时间安排"
    message.add_attachment(plan.encode(), "text", "plain", filename="工作方案.txt")
    return message


@pytest.mark.parametrize("width", [1366, 390])
def test_a_message_shows_its_files_and_why_they_are_whose(served, open_page, screenshot, width):
    message = first_message(served, "直溪镇社区教育中心活动周材料")
    page = open_page(served, f"/messages/{message.sha256}", width=width, height=768)
    expect(page.locator(".tree li")).to_have_count(9)
    expect(page.locator(".tree")).to_contain_text("直溪镇社区教育中心")
    expect(page.locator(".tree")).to_contain_text("依据：")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(page, f"message-{width}")


def test_the_raw_message_is_downloaded_byte_for_byte(served):
    message = first_message(served, "直溪镇社区教育中心活动周材料")
    answer = httpx.get(f"{served.url}/messages/{message.sha256}/raw")
    assert answer.content == served.desk.blobs.path(message.sha256).read_bytes()
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{message.sha256[:12]}.eml"


def test_every_message_has_a_page(served):
    with served.application.store.reading() as session:
        every = [one.sha256 for one in messages.received_messages(session)]
    for sha256 in every[::5]:
        assert httpx.get(f"{served.url}/messages/{sha256}").status_code == 200
    assert httpx.get(f"{served.url}/messages/{'0' * 64}").status_code == 404


def test_hostile_html_stays_inert_and_loads_nothing_from_elsewhere(own_desk, open_page, screenshot, tmp_path):
    sha256 = take_in(own_desk, hostile())
    page = open_page(own_desk, "/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{own_desk.url}/messages/{sha256}")
    letter = page.frame_locator("iframe.letter")
    expect(letter.locator("h1")).to_have_text("活动周方案")
    page.wait_for_load_state("networkidle")

    assert all(url.startswith(own_desk.url) for url in asked)
    assert any("/inline/logo%40x" in url for url in asked)
    assert page.evaluate("window.stolen") is None
    assert letter.locator("script, form, input, iframe, svg, [onclick], [onerror]").count() == 0
    assert letter.locator("img").evaluate_all("all => all.filter(one => one.naturalWidth > 0).length") == 1
    assert letter.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))") == [None]
    expect(page.locator("h1").first).to_contain_text("<script>window.stolen=1</script>活动方案")
    screenshot(page, "message-hostile")

    waiting = next(one for one in queue_of(own_desk.desk, own_desk.desk.view()) if one.message_sha256 == sha256)
    page.goto(f"{own_desk.url}/review?item={waiting.id}")
    expect(page.locator(".question h2")).to_contain_text("哪个单位")
    assert page.evaluate("window.stolen") is None
    assert page.locator("main [onmouseover], main script").count() == 0

    with own_desk.application.store.reading() as session:
        parts = messages.parts_of(session, sha256)
    for number, part in enumerate(parts):
        answer = httpx.get(f"{own_desk.url}/files/{sha256}/{number}?show=1")
        if "html" in part.declared_type or "svg" in part.declared_type:
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["content-type"] == "application/octet-stream"
            assert not set("\r\n/") & set(answer.headers["content-disposition"])
