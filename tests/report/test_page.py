from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from report.matrix import matrix_of
from report.page import page_html
from tests.report.builders import HOSTILE, every_status, hostile_report, report_of, sample_report, stray
from tests.report.chromium import CHROMIUM, measure
from tests.report.contrast import contrast

VOID = {"meta", "br", "use", "path", "circle", "link", "img", "input", "hr"}
CSS = (Path(__file__).parents[2] / "report" / "templates" / "report.css").read_text(encoding="utf-8")


class Reader(HTMLParser):
    """Collects tags and attributes, and notes every end tag that closes something else than what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@pytest.fixture(scope="module")
def page():
    return page_html(matrix_of(sample_report(), [stray()]))


@pytest.fixture(scope="module")
def hostile_page():
    return page_html(matrix_of(hostile_report(), [stray(subject=HOSTILE, sender=HOSTILE, reason=HOSTILE)]))


def test_every_tag_is_closed_in_order(page, hostile_page):
    for text in (page, hostile_page, page_html(matrix_of(report_of([])))):
        reader = read(text)
        assert reader.faults == []
        assert reader.open == []


def test_it_stands_alone_without_script_or_remote_load(page, hostile_page):
    for text in (page, hostile_page):
        reader = read(text)
        assert not {"script", "link", "iframe", "img", "object", "form"} & set(reader.tags)
        loads = [value for name, value in reader.attributes if name in ("href", "src", "action", "srcset", "data")]
        assert all(value.startswith("#") for value in loads)
        assert not [name for name, _ in reader.attributes if name.startswith("on")]
        assert "url(" not in text
        assert "@import" not in text


def test_hostile_text_is_shown_and_does_nothing(hostile_page):
    assert "<script" not in hostile_page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in hostile_page
    assert "\x1b" not in hostile_page
    hostile_page.encode("utf-8")


def test_every_state_is_told_in_words(page):
    text = " ".join(read(page).text.split())
    for words in ("按时 10-28", "迟报 3 天", "待补正 照片 3/5", "待补正 未盖章", "未报", "待收信", "未到期", "免报"):
        assert words in text, words
    assert text.count("已逾期") >= 3


def test_it_names_title_deadlines_reading_and_every_unit(page):
    text = read(page).text
    assert "金坛区2023-2024年度全民终身学习活动" in text
    assert "2023-11-23 07:58" in text
    assert "10月30日24时" in text
    assert "已截止 24 天" in text
    for name in every_status():
        assert name in text


def test_findings_stand_as_sentences_with_what_to_do(page):
    text = read(page).text
    assert "统计表上没有看到单位公章。" in text
    assert "请在纸质表上盖章，拍照或扫描后重新发送。" in text


def test_unattributed_mail_is_listed_with_its_reason(page):
    assert "发件邮箱不在名册中，附件里写有两个单位。" in read(page).text
    assert "待认领邮件" not in page_html(matrix_of(sample_report()))


def test_late_only_says_so_and_leaves_the_punctual_out():
    late = read(page_html(matrix_of(sample_report(), late_only=True))).text
    assert "迟报、未报、逾期未补正" in late
    assert "金城镇社区教育中心" not in late


def test_no_rate_stands_for_nobody():
    assert "0/0" in page_html(matrix_of(report_of([])))
    assert "单位名册为空" in page_html(matrix_of(report_of([])))


def colour(name: str) -> str:
    found = re.search(rf"--{name}: (#[0-9a-f]{{6}})", CSS)
    assert found, name
    return found.group(1)


@pytest.mark.parametrize(
    ("ink", "background"),
    [
        (colour("ink"), colour("paper")),
        (colour("soft"), colour("paper")),
        (colour("soft"), colour("faint")),
        (colour("soft"), colour("desk")),
        (colour("on_time"), colour("paper")),
        (colour("seal"), colour("paper")),
        (colour("late"), "#fce9e4"),
        (colour("incomplete"), "#fdf3d6"),
        (colour("unknown"), "#e4eef6"),
        ("#ffffff", colour("seal")),
        ("#dbe4ea", "#2f4858"),
    ],
)
def test_every_pair_of_ink_and_ground_is_readable(ink, background):
    assert ink in CSS or ink == "#ffffff"
    assert background in CSS
    assert contrast(ink, background) >= 4.5


MEASURE = """
  const root = document.documentElement;
  const wide = root.scrollWidth, room = root.clientWidth;
  window.scrollTo(0, 700);
  const head = document.querySelector(".ledger thead th").getBoundingClientRect();
  const cells = [...document.querySelectorAll(".ledger td, .ledger th")];
  const clipped = cells.filter(e => e.scrollWidth > e.clientWidth + 1);
  return {wide, room, scrolled: window.scrollY, headTop: head.top, clipped: clipped.map(e => e.textContent.trim())};
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_it_fits_a_laptop_and_a_phone_and_keeps_its_heading_in_sight(page, tmp_path):
    laptop, phone = measure(page, MEASURE, sizes=[(1366, 768), (390, 844)], scratch=tmp_path)
    assert laptop["wide"] <= laptop["room"] == 1366
    assert phone["wide"] <= phone["room"] == 390
    assert laptop["clipped"] == phone["clipped"] == []
    assert laptop["scrolled"] > 0
    assert laptop["headTop"] == 0


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_hostile_text_runs_nothing_in_a_browser(hostile_page, tmp_path):
    script = "return {scripts: document.scripts.length, links: document.links.length};"
    (seen,) = measure(hostile_page, script, sizes=[(1366, 768)], scratch=tmp_path)
    assert seen == {"scripts": 0, "links": 0}
