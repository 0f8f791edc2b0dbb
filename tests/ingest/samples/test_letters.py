from __future__ import annotations

import email
import email.policy
import io
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest

from ingest.samples import noise
from ingest.samples.archives import SampleFile, with_fixed_times, zip_file
from ingest.samples.forms import PLAIN, schedule_xlsx
from ingest.samples.letters import Letter, NameStyle, forwarded_attached, forwarded_inline, render

NOON = datetime(2023, 10, 30, 4, 0, tzinfo=UTC)


def letter(**changes: object) -> Letter:
    fields: dict[str, object] = {
        "sender": ("张老师", "unit001@office.example"),
        "subject": "直溪镇社区教育中心活动周方案",
        "body": "老师您好，请查收。",
        "received_at": NOON,
        "files": (SampleFile(name="活动方案.docx", data=b"PK data"),),
    }
    return Letter(**(fields | changes))


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "gb18030"])
@pytest.mark.parametrize("names", [NameStyle.ENCODED_WORD, NameStyle.EXTENDED])
def test_any_mail_program_reads_a_letter(names: NameStyle, charset: str) -> None:
    message = email.message_from_bytes(render(letter(names=names, charset=charset)), policy=email.policy.default)
    assert message["Subject"] == "直溪镇社区教育中心活动周方案"
    assert message["From"].addresses[0].display_name == "张老师"
    body = message.get_body(("plain",))
    assert body is not None
    assert "老师您好" in body.get_content()
    attachment = next(message.iter_attachments())
    assert attachment.get_filename() == "活动方案.docx"
    assert attachment.get_content() == b"PK data"


def test_a_raw_name_stands_as_its_bytes_under_a_label_that_is_too_small() -> None:
    raw = render(letter(names=NameStyle.RAW, charset="gbk", label="gb2312"))
    assert 'filename="活动方案.docx"'.encode("gbk") in raw
    assert b"charset=gb2312" in raw


def test_the_topmost_received_header_tells_the_time_and_date_may_differ() -> None:
    message = email.message_from_bytes(render(letter(sent_at=NOON.replace(year=2019))))
    first, second = message.get_all("Received", [])
    assert first.endswith("Mon, 30 Oct 2023 04:00:00 +0000")
    assert second.endswith("Mon, 30 Oct 2023 03:59:53 +0000")
    assert "2019" in message["Date"]


def test_forwarding_keeps_the_files_and_names_the_first_sender() -> None:
    by = ("静待花开", "someone@webmail.example")
    inline = forwarded_inline(letter(), by, NOON)
    assert inline.files == letter().files
    assert "unit001@office.example" in inline.body
    attached = email.message_from_bytes(render(forwarded_attached(letter(), by, NOON)), policy=email.policy.default)
    (inner,) = attached.iter_attachments()
    assert inner.get_content_type() == "message/rfc822"
    assert inner.get_content()["From"].addresses[0].addr_spec == "unit001@office.example"


def test_noise_says_that_it_is_automatic() -> None:
    for made in (noise.auto_reply(("", "a@b.example"), NOON), noise.provider_notice(NOON), noise.bounce(NOON, "x@y.z")):
        assert email.message_from_bytes(render(made))["Auto-Submitted"].startswith("auto-")
    assert email.message_from_bytes(render(noise.newsletter(NOON)))["List-Unsubscribe"]


@pytest.mark.parametrize("charset", ["gbk", "utf-8"])
def test_a_zip_is_read_by_others(charset: str) -> None:
    files = [SampleFile(name="照片/一.jpg", data=b"1" * 1000), SampleFile(name="总结.docx", data=b"")]
    with ZipFile(io.BytesIO(zip_file(files, charset=charset)), metadata_encoding="gbk") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["照片/一.jpg", "总结.docx"]
        assert archive.read("照片/一.jpg") == b"1" * 1000


def test_a_locked_zip_opens_with_its_password_only() -> None:
    data = zip_file([SampleFile(name="a.txt", data=b"text" * 50)], password="secret")
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("a.txt", pwd=b"secret") == b"text" * 50
        with pytest.raises(RuntimeError):
            archive.read("a.txt")


def test_office_files_bear_fixed_times() -> None:
    once = schedule_xlsx("直溪中心小学", (), PLAIN)
    assert with_fixed_times(once) == once
    with ZipFile(io.BytesIO(once)) as archive:
        assert {member.date_time[0] for member in archive.infolist()} == {2023}
        assert b"2023-10-20T00:00:00Z" in archive.read("docProps/core.xml")
