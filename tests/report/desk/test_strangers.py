"""What strangers wrote, without a browser: HTML mail, file names, addresses to go back to."""

from __future__ import annotations

import pytest

from report.desk.html_mail import harmless_page, inline_picture
from report.desk.pages.decisions import with_done
from report.desk.pages.files import disposition

SHA = "ab" * 32


@pytest.mark.parametrize(
    ("html", "gone"),
    [
        ("<script>x</script>", "script>"),
        ('<p onclick="x">字</p>', "onclick"),
        ('<a href="javascript:x">字</a>', "javascript"),
        ('<img src="http://evil.example/x.png">', "evil"),
        ('<img src="//evil.example/x.png">', "evil"),
        ('<img src="/logout">', "logout"),
        ('<img src="data:image/svg+xml;base64,AAAA">', "data:"),
        ('<p style="background-image:url(http://evil.example)">字</p>', "evil"),
        ('<link rel="stylesheet" href="http://evil.example">', "evil"),
        ('<meta http-equiv="refresh" content="0;url=http://evil.example">', "evil"),
        ('<base href="http://evil.example">', "evil"),
        ('<object data="http://evil.example"></object>', "evil"),
        ('<video src="http://evil.example"></video>', "evil"),
        ("<style>@import url(http://evil.example)</style>", "evil"),
        ('<svg><image href="http://evil.example"/></svg>', "evil"),
        ('<math><mi href="http://evil.example">字</mi></math>', "evil"),
    ],
)
def test_nothing_in_a_mail_runs_or_loads(html, gone):
    body = harmless_page(f"<p>前</p>{html}<p>后</p>", SHA).partition("<body>")[2]
    assert gone not in body
    assert "前" in body
    assert "后" in body


def test_a_mail_keeps_its_tables_and_opens_links_elsewhere():
    body = harmless_page(
        '<table border="1"><tr><td colspan="2">1</td></tr></table><a href="https://example.org">x</a>', SHA
    )
    assert '<td colspan="2">1</td>' in body
    assert 'target="_blank"' in body
    assert 'rel="noopener noreferrer nofollow"' in body


def test_only_a_picture_is_served_as_a_picture_of_the_mail(tmp_path):
    raw = tmp_path / "raw"
    raw.write_bytes(
        b'Content-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: image/png\nContent-ID: <bad@x>\n\n'
        b"<svg onload=1/>\n--b\nContent-Type: image/png\nContent-ID: <good@x>\n\nGIF89a...\n--b--\n"
    )
    assert inline_picture(raw, "bad@x") is None
    assert inline_picture(raw, "none@x") is None
    found = inline_picture(raw, "good@x")
    assert found is not None
    assert found[1] == "image/gif"


@pytest.mark.parametrize(
    "name", ['a"; filename="b.html', "a\r\nSet-Cookie: x=1", "../../etc/passwd", "\u202egpj.exe", "字" * 999, ""]
)
def test_a_file_name_cannot_break_out_of_its_header(name):
    header = disposition(name, is_shown=False)
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith("attachment; filename*=UTF-8''")
    assert not set('"/\\') & set(header)
    assert len(header) < 1600


def test_a_long_name_keeps_its_ending():
    assert disposition("x" * 400 + ".docx", is_shown=True).endswith(".docx")


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ("/units/%E7%94%B2?at=2023-11-01", "/units/%E7%94%B2?at=2023-11-01&done="),
        ("/review?item=x&done=3", "/review?item=x&done="),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_one_is_led_back_to_a_page_of_the_desk_only(back, expected):
    assert with_done(back, []) == expected
