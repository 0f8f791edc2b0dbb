"""A unit's page in a real browser."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import expect

from store import decisions, messages

CENTRE = "儒林镇社区教育中心"


def unit(name: str) -> str:
    return f"/units/{quote(name)}"


def wait_for_pictures(page) -> None:
    """Every picture of the gallery shows something; the page's policy forbids Playwright's own way of waiting."""
    for picture in page.locator("#evidence img").all():
        picture.scroll_into_view_if_needed()
        for _ in range(100):
            if picture.evaluate("one => one.complete && one.naturalWidth > 0"):
                break
            page.wait_for_timeout(100)
        else:
            raise AssertionError(picture.get_attribute("src"))


def status_of(desk, name: str, key: str) -> str:
    found = next(one for one in desk.desk.view().report.units if one.unit.name == name)
    return found.assessments[key].status.value


@pytest.mark.parametrize("width", [1366, 390])
def test_a_units_page_fits_the_window(served, open_page, screenshot, width):
    page = open_page(served, unit(CENTRE), width=width, height=768)
    expect(page.locator("h1")).to_have_text(CENTRE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(page, f"unit-{width}")


def test_every_unit_has_a_page_with_all_that_is_asked_of_it(served):
    for one in served.desk.view().report.units:
        answer = httpx.get(f"{served.url}{unit(one.unit.name)}")
        assert answer.status_code == 200
        assert answer.text.count('class="material"') == len(one.assessments)


def test_a_value_and_its_box_on_the_page_light_each_other(served, open_page, screenshot):
    page = open_page(served, unit(CENTRE))
    sheet = page.locator("#statistics [data-sheet]").first
    value = sheet.locator("button.value", has_text="图书室")
    value.click()
    lit = sheet.locator("rect.lit")
    expect(lit).to_have_count(1)
    expect(lit).to_have_attribute("aria-label", "第1行活动地点：图书室")
    page_box, lit_box = sheet.locator("svg.page").bounding_box(), lit.bounding_box()
    assert page_box["x"] < lit_box["x"] < page_box["x"] + page_box["width"]
    assert page_box["y"] < lit_box["y"] < page_box["y"] + page_box["height"]
    screenshot(page, "unit-lit")

    other = sheet.locator("rect[aria-label^='联系电话']").first
    other.focus()
    page.keyboard.press("Enter")
    expect(sheet.locator("button.value.lit")).to_have_count(1)
    expect(sheet.locator("button.value.lit")).to_have_attribute("data-value", "statistics-1:leader_phone")


def test_photos_stand_in_a_gallery_with_what_counts(served, open_page, screenshot):
    page = open_page(served, unit("西城街道社区教育中心"))
    gallery = page.locator("#evidence .gallery li")
    expect(gallery).to_have_count(5)
    expect(page.locator("#evidence .gallery .counts")).to_have_count(4)
    page.locator("#evidence").scroll_into_view_if_needed()
    wait_for_pictures(page)
    screenshot(page, "unit-photos")


def test_photos_in_an_archive_and_heic_are_seen_too(served, open_page):
    for name, count in (("直溪镇社区教育中心", 6), ("直溪中心小学", 5)):
        page = open_page(served, unit(name))
        expect(page.locator("#evidence .gallery li")).to_have_count(count)
        page.locator("#evidence").scroll_into_view_if_needed()
        wait_for_pictures(page)


def test_a_video_is_served_in_ranges(served, open_page):
    page = open_page(served, unit("薛埠中心小学"))
    source = page.locator("video").first.get_attribute("src")
    whole = httpx.get(f"{served.url}{source}")
    part = httpx.get(f"{served.url}{source}", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 100-199/{len(whole.content)}")
    assert part.content == whole.content[100:200]
    assert whole.headers["content-type"].startswith("video/")


def test_a_unit_that_sent_nothing_says_so(served, open_page, screenshot):
    page = open_page(served, unit("尧塘街道社区教育中心"))
    expect(page.locator("#plan .why")).to_contain_text("没有收到任何材料")
    expect(page.locator(".timeline")).to_have_count(1)  # its question is no submission, but it did write
    screenshot(page, "unit-missing")


def test_originals_are_downloaded_and_never_rendered(served):
    with served.application.store.reading() as session:
        found = [
            (message.sha256, number, part)
            for message in messages.received_messages(session)
            for number, part in enumerate(messages.parts_of(session, message.sha256))
        ]
    assert len(found) > 50
    for sha256, number, part in found[::7]:
        answer = httpx.get(f"{served.url}/files/{sha256}/{number}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.content == served.desk.blobs.path(part.sha256).read_bytes()
    text = next((sha256, number) for sha256, number, part in found if part.declared_type == "text/plain")
    shown = httpx.get(f"{served.url}/files/{text[0]}/{text[1]}?show=1")
    assert shown.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "path", [f"/files/{'0' * 64}/0", "/files/x/0", f"/previews/{'0' * 64}/0/{'1' * 64}/0/thumb", "/units/没有"]
)
def test_what_is_not_there_is_not_found(served, path):
    assert httpx.get(f"{served.url}{path}").status_code in (404, 422)


def test_an_extension_follows_at_once_and_can_be_taken_back(own_desk, open_page):
    page = open_page(own_desk, unit(CENTRE))
    page.locator("#plan details.wide summary").click()
    form = page.locator("#plan form", has_text="同意延期")
    form.locator("[name=until]").fill("2023-11-05")
    form.locator("[name=reason]").fill("停电")
    form.locator("button").click()

    expect(page.locator(".done")).to_contain_text("延期")
    expect(page.locator("#plan > header")).to_contain_text("延期至11-05")
    assert status_of(own_desk, CENTRE, "plan") == "on_time"
    expect(page.locator(".history")).to_contain_text("停电")

    page.locator(".done button").click()
    expect(page.locator(".done")).to_contain_text("已撤销")
    assert status_of(own_desk, CENTRE, "plan") == "late"


def test_a_word_about_a_material_changes_its_status(own_desk, open_page):
    page = open_page(own_desk, unit(CENTRE))
    for button, word, key, status in (
        ("设为免报", "免报", "plan", "exempt"),
        ("登记线下已收", "线下已收", "evidence", "on_time"),
        ("认定按时", "认定按时", "schedule", "on_time"),
    ):
        page.locator(f"#{key} details.wide summary").click()
        page.locator(f"#{key} form", has_text=button).locator("button").click()
        expect(page.locator(".done")).to_contain_text(word)
        assert status_of(own_desk, CENTRE, key) == status


def test_a_file_is_accepted_sent_back_or_given_to_another_unit(own_desk, open_page):
    page = open_page(own_desk, unit(CENTRE))
    page.locator("#statistics_stamped .act summary").first.click()
    page.locator("#statistics_stamped button", has_text="认定合格").first.click()
    expect(page.locator(".done")).to_contain_text("认定合格")
    assert status_of(own_desk, CENTRE, "statistics_stamped") == "late"

    page.locator("#summary .act summary").first.click()
    page.locator("#summary [data-picker]").first.fill("hbxx")
    page.locator("#summary .found button").first.click()
    expect(page.locator(".done")).to_contain_text("指定归属")
    with own_desk.application.store.reading() as session:
        assert [one.action for one in decisions.all_decisions(session)] == ["accept", "assign"]
    assert status_of(own_desk, CENTRE, "summary") == "unknown"
