"""Files from inside archives in a real browser: played, looked at in full size, downloaded under their own names."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import expect

from ingest.samples import media
from ingest.samples.documents import unrelated_docx
from store import messages
from tests.report.desk.serving import take_in

UNIT = "尧塘街道社区教育中心"
DOCUMENT, VIDEO, PHOTO = unrelated_docx(UNIT), media.video(20, codec="libx264"), media.photo(4)
PAGE = b"<script>parent.stolen = 1</script>"


def mail() -> EmailMessage:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("活动/开幕式视频.mp4", VIDEO)
        packed.writestr("活动/合影.jpg", PHOTO)
        packed.writestr("文字/活动周 总结（定稿）.docx", DOCUMENT)
        packed.writestr("页面.html", PAGE)
    message = EmailMessage()
    message["From"] = f"{UNIT} <yaotang@example.org>"
    message["Subject"] = f"{UNIT}活动视频和照片"
    message.set_content("请查收。")
    message.add_attachment(archive.getvalue(), "application", "zip", filename="活动材料.zip")
    return message


def address_of(desk, sha256: str, name: str) -> str:
    """Where the message's file of that name is downloaded."""
    with desk.application.store.reading() as session:
        items = messages.received_message(session, sha256).items
        paths = [part.path for part in messages.parts_of(session, sha256)]
    path = next(item.path for item in items if item.filename.endswith(name))
    number = paths.index(path.split("/")[0])
    return f"{desk.url}/files/{sha256}/{number}?member={quote(path, safe='')}"


def test_what_lies_in_an_archive_is_played_looked_at_and_downloaded(own_desk, open_page, screenshot):
    sha256 = take_in(own_desk, mail())

    page = open_page(own_desk, f"/units/{quote(UNIT)}")
    film = page.locator("#evidence video")
    expect(film).to_have_attribute("preload", "none")
    assert film.evaluate("""film => new Promise((loaded, failed) => {
        film.onloadedmetadata = () => loaded([film.duration, film.videoWidth > 0]);
        film.onerror = () => failed(film.error.message);
        film.play();
    })""") == [pytest.approx(20, abs=1.5), True]
    screenshot(page, "unit-film-in-archive")
    with page.expect_popup() as opened:
        page.locator("#evidence .gallery").get_by_text("查看原件").click()
    picture = opened.value.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => [one.naturalWidth, one.naturalHeight]") == list(media.PHOTO_SIZE)

    page = open_page(own_desk, f"/messages/{sha256}")
    screenshot(page, "message-archive")
    leaf = page.locator(".tree li").filter(has=page.get_by_text("文字/活动周 总结（定稿）.docx", exact=True))
    with page.expect_download() as download:
        leaf.get_by_text("下载", exact=True).click()
    assert download.value.suggested_filename == "活动周 总结（定稿）.docx"
    assert download.value.path().read_bytes() == DOCUMENT

    _served_as_strangers_files_are(own_desk, sha256)


def _served_as_strangers_files_are(desk, sha256: str) -> None:
    film = f"{address_of(desk, sha256, '.mp4')}&show=1"
    part = httpx.get(film, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 100-199/{len(VIDEO)}")
    assert part.content == VIDEO[100:200]
    page = httpx.get(f"{address_of(desk, sha256, '.html')}&show=1")
    assert page.content == PAGE
    assert page.headers["content-type"] == "application/octet-stream"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    for member in ("2/没有.docx", "..", "%ED%B3%BF", "x" * 9000, "%00"):
        gone = httpx.get(f"{desk.url}/files/{sha256}/0?member={member}")
        assert gone.status_code == 404
        assert "这封邮件里没有这个文件。" in gone.text


def test_a_damaged_archive_is_told_in_a_sentence(own_desk):
    sha256 = take_in(own_desk, mail())
    with own_desk.application.store.reading() as session:
        archive = next(part for part in messages.parts_of(session, sha256) if part.filename == "活动材料.zip")
    own_desk.application.blobs.path(archive.sha256).write_bytes(b"PK damaged")
    told = httpx.get(address_of(own_desk, sha256, "合影.jpg"))
    assert told.status_code == 404
    assert "“合影.jpg”没能从“活动材料.zip”中取出" in told.text
