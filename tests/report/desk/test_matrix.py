"""The home page in a real browser: what it says, how it is searched, filtered, printed and read without a mouse."""

from __future__ import annotations

import re
from itertools import pairwise

import httpx
import pytest
from playwright.sync_api import expect

from rules.assessment import Status
from tests.report.contrast import contrast

UNITS = "tbody tr:not(.group) th.unit a"


def units_of(served) -> list:
    return list(served.desk.view().report.units)


def test_every_unit_has_a_row_and_every_cell_says_its_status_in_words(served, open_page, screenshot):
    page = open_page(served)
    units = units_of(served)

    expect(page.locator(UNITS)).to_have_text([unit.unit.name for unit in units])
    for unit in units:
        row = page.locator("tbody tr", has=page.get_by_role("link", name=unit.unit.name, exact=True))
        cells = row.locator("td").all_inner_texts()
        for key, text in zip([one.key for one in served.desk.view().campaign.deliverables], cells, strict=True):
            assessment = unit.assessments.get(key)
            expected = "不要求" if assessment is None else _WORDS[assessment.status]
            assert re.search(expected, text), (unit.unit.name, key, text)
    screenshot(page, "报送情况")


_WORDS = {
    Status.ON_TIME: r"按时\s+\d\d-\d\d",
    Status.LATE: r"迟报\s+迟\d+天",
    Status.INCOMPLETE: "待补正",
    Status.MISSING: "未报",
    Status.UNKNOWN: "待收信",
    Status.PENDING: "未到期",
    Status.EXEMPT: "免报",
}


def test_every_status_has_a_shape_and_enough_contrast(served, open_page):
    page = open_page(served)
    for status in Status:
        state = page.locator(f"tbody .state.{status.value}").first
        assert state.locator("svg use").get_attribute("href") == f"/static/icons.svg#{status.value}"
        assert state.locator("svg").bounding_box()["width"] >= 10
    colours = page.evaluate(
        """() => [...document.querySelectorAll("main *, nav *")].filter(node => [...node.childNodes].some(
              child => child.nodeType === 3 && child.textContent.trim()) && node.getClientRects().length)
            .map(node => { let back = node; while (getComputedStyle(back).backgroundColor === "rgba(0, 0, 0, 0)"
                && back.parentElement) back = back.parentElement;
              const style = getComputedStyle(node), svg = node.closest("svg");
              return [svg ? style.fill : style.color, getComputedStyle(back).backgroundColor, node.className]; })"""
    )
    poor = {tuple(map(str, found)) for found in colours if contrast(_hex(found[0]), _hex(found[1])) < 4.5}
    assert poor == set()


def _hex(colour: str) -> str:
    """`#1f2933` for `rgb(31, 41, 51)`; nothing behind a text is the white of the page."""
    if colour == "rgba(0, 0, 0, 0)":
        return "#ffffff"
    return "#" + "".join(f"{int(channel):02x}" for channel in re.findall(r"\d+", colour)[:3])


def test_chips_say_how_many_units_they_show_and_show_them(served, open_page):
    page = open_page(served)
    for number in range(page.locator(".chip").count()):
        chip = page.locator(".chip").nth(number)
        count = int(chip.locator("b").inner_text())
        chip.click()
        expect(page.locator(UNITS)).to_have_count(count)
        expect(page.locator("tfoot tr").first.locator("td").first).to_have_text("15")  # a filter changes no figure


@pytest.mark.parametrize("typed", ["直溪镇社区", "zhixizhen", "zxzsq"])
def test_a_unit_is_found_by_its_name_its_pinyin_and_their_initials_while_one_types(served, open_page, typed):
    page = open_page(served)
    page.keyboard.press("/")
    page.keyboard.type(typed)
    expect(page.locator(UNITS)).to_have_text(["直溪镇社区教育中心"])
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert "q=" in page.url, "the address can be sent to somebody"


def test_a_search_that_a_refresh_overtook_is_made_again(served, open_page):
    """A letter that was typed while the board was exchanged would else be looked for never."""
    page = open_page(served)
    page.evaluate("document.getElementById('q').value = 'zxzsq'")  # typed, and no request came of it
    page.evaluate("document.body.dispatchEvent(new Event('desk-changed'))")
    expect(page.locator(UNITS)).to_have_text(["直溪镇社区教育中心"])
    assert "q=zxzsq" in page.url


def test_worst_first_puts_who_owes_most_on_top_and_the_town_order_keeps_families(served, open_page):
    page = open_page(served)
    page.get_by_label("排列").select_option("worst")
    expect(page.locator("tbody .group")).to_have_count(0)
    missing = [row.count("未报") for row in page.locator(".ledger tbody tr").all_inner_texts()]
    assert all(before >= after for before, after in pairwise(missing))
    assert missing[0] > 0

    page.get_by_label("排列").select_option("parent")
    expect(page.locator("tbody .group").first).to_be_visible()


def test_the_head_and_the_first_column_stay_while_one_scrolls(served, open_page):
    page = open_page(served, width=830, height=420)
    page.mouse.move(400, 300)
    page.mouse.wheel(0, 900)
    page.wait_for_function("scrollY > 300")
    assert page.locator(".ledger thead th").first.bounding_box()["y"] == 0
    page.evaluate("scrollTo(120, scrollY)")
    assert page.evaluate("scrollX") > 60, "it is wider than the screen"
    assert page.locator(UNITS).nth(8).bounding_box()["x"] >= 0


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_nothing_sticks_out_of_the_screen(served, open_page, screenshot, width, height):
    page = open_page(served, width=width, height=height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    screenshot(page, f"报送情况-{width}")


def test_the_deadlines_count_down_in_working_days(served, open_page):
    """At the demo's report, Friday 24 November 2023: four working days to Thursday the 30th."""
    page = open_page(served)
    assert page.locator(".countdown").all_inner_texts() == [
        "已过 19 个工作日",
        "已过 4 个工作日",
        "已过 1 个工作日",
        "还有 4 个工作日",
    ]
    for curve in page.locator("svg.curve").all():
        assert re.search(r"已报齐 \d+ 项，应报 \d+ 项", curve.get_attribute("aria-label"))


def test_a_past_moment_is_shown_as_it_was_and_says_so(served, open_page):
    page = open_page(served, "/?at=2023-10-27T12:00")
    expect(page.locator(".banner").first).to_contain_text("2023-10-27 12:00")
    expect(page.locator(".state.missing")).to_have_count(0)
    page.get_by_role("link", name="直溪镇社区教育中心").first.focus()
    assert "at=2023-10-27" in page.get_by_role("link", name="直溪镇社区教育中心").first.get_attribute("href")
    page.get_by_role("link", name="回到现在").click()
    expect(page.locator(".state.missing").first).to_be_visible()


def test_a_moment_or_a_campaign_that_is_none_is_a_sentence(served):
    for query in ("at=yesterday", "campaign=1999", "show=everything", "at=9999-12-31T23:59:59%2B00:00"):
        answer = httpx.get(f"{served.url}/?{query}")
        assert answer.status_code in (200, 404, 422), query
        assert "Traceback" not in answer.text


def test_it_prints_on_a4_landscape_with_every_unit_and_without_the_buttons(served, open_page, tmp_path):
    import pypdfium2  # noqa: PLC0415 - only this test reads a PDF

    page = open_page(served)
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    document = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    width, height = document[0].get_size()
    text = "".join(sheet.get_textpage().get_text_range() for sheet in document)
    document.close()
    assert (round(width), round(height)) == (842, 595)
    assert all(unit.unit.name in text for unit in units_of(served))
    assert "退出" not in text


def test_the_keyboard_alone_reaches_units_chips_and_search(served, open_page):
    page = open_page(served)
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
    assert reached[0] == "跳到正文"
    assert any(text.startswith("迟报") for text in reached)
    assert "q" in reached
    assert "金城镇社区教育中心" in reached
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "one sees where one is"
