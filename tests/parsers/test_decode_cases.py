"""The case classes that real mail showed: what comes out of each, and whether its charset was declared or guessed."""

from __future__ import annotations

import binascii
import hashlib
from datetime import UTC, datetime

import pytest

from parsers.message import decode_message
from tests.parsers.mails import (
    DOCX,
    FOUR_BYTES,
    JPEG,
    MP4,
    PDF,
    PLAN,
    RARE,
    UNIT,
    attached,
    b64,
    forwarded,
    mail,
    multipart,
    part,
    percent,
    text,
    with_file,
    word,
)

SENTENCE = "各位老师：附件是我中心的工作方案，请查收。"
GBK_PLAN = PLAN.encode("gbk")
SPLIT = 5  # inside a character


@pytest.fixture
def decode(tmp_path):
    def decode_bytes(raw):
        path = tmp_path / "raw"
        path.write_bytes(raw)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        return decode_message(path, scratch)

    return decode_bytes


def files(message):
    return [one for one in message.parts if not one.is_body]


def _continued(data, charset, *, cuts):
    pieces = [data[start:end] for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True)]
    lines = [b"filename*0*=" + charset + b"''" + percent(pieces[0])]
    lines += [b"filename*%d*=" % number + percent(piece) for number, piece in enumerate(pieces[1:], start=1)]
    return part(disposition=b"attachment;\r\n " + b";\r\n ".join(lines))


def _in_mail(file_part):
    return mail(multipart(text("请查收"), file_part))


NAMES = {
    "ascii": (with_file(b'"plan.docx"'), "plan.docx", False),
    "encoded word, quoted": (with_file(b'"' + word(GBK_PLAN, "gbk") + b'"'), PLAN, False),
    "encoded word, unquoted": (with_file(word(GBK_PLAN, "gb18030")), PLAN, False),
    "encoded word, Q": (with_file(b'"' + word(GBK_PLAN, "gbk", "Q") + b'"'), PLAN, False),
    "encoded words, folded": (
        with_file(b'"' + word(GBK_PLAN[:8], "gbk") + b"\r\n " + word(GBK_PLAN[8:], "gbk") + b'"'),
        PLAN,
        False,
    ),
    "encoded words, split inside a character": (
        with_file(b'"' + word(GBK_PLAN[:SPLIT], "gbk") + b"\r\n\t" + word(GBK_PLAN[SPLIT:], "gbk") + b'"'),
        PLAN,
        False,
    ),
    "encoded word without padding": (
        with_file(b'"' + word(GBK_PLAN + b"x", "gbk").replace(b"=?=", b"?=") + b'"'),
        None,
        False,
    ),
    "cp936 label": (with_file(b'"' + word(GBK_PLAN, "cp936") + b'"'), PLAN, False),
    "HZ label": (with_file(b'"' + word("工作方案.docx".encode("hz"), "hz-gb-2312") + b'"'), "工作方案.docx", False),
    "gb2312 label over GBK characters": (with_file(b'"' + word(RARE.encode("gbk")) + b'"'), RARE, False),
    "gb2312 label over four-byte characters": (
        with_file(b'"' + word(FOUR_BYTES.encode("gb18030")) + b'"'),
        FOUR_BYTES,
        False,
    ),
    "x-gbk label": (with_file(b'"' + word(RARE.encode("gbk"), "x-gbk") + b'"'), RARE, False),
    "gb_2312-80 label": (with_file(b'"' + word(RARE.encode("gbk"), "gb_2312-80") + b'"'), RARE, False),
    "unknown-8bit label": (with_file(b'"' + word(RARE.encode("gbk"), "unknown-8bit") + b'"'), RARE, True),
    "UTF-8 under a gb2312 label": (with_file(b'"' + word(PLAN.encode(), "gb2312") + b'"'), PLAN, True),
    "raw GBK": (with_file(b'"' + RARE.encode("gbk") + b'"'), RARE, True),
    "raw GBK with a backslash as second byte": (
        with_file(b'"' + "軃方案.docx".encode("gbk") + b'"'),
        "軃方案.docx",
        True,
    ),
    "raw GBK in Content-Type": (
        _in_mail(part(kind=b'application/octet-stream; name="' + RARE.encode("gbk") + b'"')),
        RARE,
        True,
    ),
    "raw UTF-8": (with_file(b'"' + PLAN.encode() + b'"'), PLAN, True),
    "RFC 2231 GB18030": (
        _in_mail(part(disposition=b"attachment; filename*=GB18030''" + percent(FOUR_BYTES.encode("gb18030")))),
        FOUR_BYTES,
        False,
    ),
    "RFC 2231 gb2312 label over GBK": (
        _in_mail(part(disposition=b"attachment; filename*=gb2312'zh'" + percent(RARE.encode("gbk")))),
        RARE,
        False,
    ),
    "RFC 2231 split inside a character": (_in_mail(_continued(GBK_PLAN, b"gbk", cuts=(SPLIT, 20))), PLAN, False),
    "RFC 2231 beside a plain name": (
        _in_mail(part(disposition=b"attachment; filename=\"?.docx\"; filename*=UTF-8''" + percent(PLAN.encode()))),
        PLAN,
        False,
    ),
    "RFC 2231 pieces without charset": (
        _in_mail(part(disposition=b'attachment; filename*0="work"; filename*1="plan.docx"')),
        "workplan.docx",
        False,
    ),
    "percent-encoded plain name": (with_file(b'"' + percent("工作方案".encode()) + b'.docx"'), "工作方案.docx", True),
    "a percent sign that means percent": (with_file(b'"100%25done.docx"'), "100%25done.docx", False),
    "path traversal": (with_file(b'"../../etc/passwd"'), "passwd", False),
    "a Windows path": (with_file(b'"C:\\\\Users\\\\a\\\\plan.docx"'), "plan.docx", False),
    "unclosed quote": (with_file(b'"plan.docx'), "plan.docx", False),
    "unquoted with a space": (with_file(b"work plan.docx"), "work plan.docx", False),
    "no name, a picture": (_in_mail(part(JPEG, b"image/jpeg")), "未命名-2.jpg", False),
    "no name, octets that are a PDF": (_in_mail(part(PDF, b"application/octet-stream")), "未命名-2.pdf", False),
    "no name, a video": (_in_mail(part(MP4, b"video/mp4")), "未命名-2.mp4", False),
    "no name, TNEF": (_in_mail(part(b"\x78\x9f\x3e\x22\x01\0", b"application/ms-tnef")), "winmail.dat", False),
    "TNEF": (with_file(b'"winmail.dat"'), "winmail.dat", False),
}


@pytest.mark.parametrize(("raw", "name", "is_guessed"), NAMES.values(), ids=NAMES.keys())
def test_a_file_has_the_name_that_its_sender_gave(decode, raw, name, is_guessed):
    (file,) = files(decode(raw))
    assert file.filename == (name or PLAN + "x")
    assert file.is_guessed == is_guessed


BODIES = {
    "GBK declared": (text(SENTENCE, charset="gbk"), SENTENCE, False),
    "gb2312 label over GBK": (text(RARE + SENTENCE, charset="gbk", label="gb2312"), RARE + SENTENCE, False),
    "gb2312 label over four-byte characters": (text(FOUR_BYTES, charset="gb18030", label="gb2312"), FOUR_BYTES, False),
    "x-gbk label": (text(SENTENCE, charset="gbk", label="x-gbk"), SENTENCE, False),
    "no label": (text(SENTENCE, charset="gbk", label=""), SENTENCE, True),
    "us-ascii label": (text(SENTENCE, charset="gbk", label="us-ascii"), SENTENCE, True),
    "utf-8 label over GBK": (text(SENTENCE, charset="gbk", label="utf-8"), SENTENCE, True),
    "gb2312 label over UTF-8": (text(SENTENCE, charset="utf-8", label="gb2312"), SENTENCE, True),
    "iso-8859-1 label over GBK": (text(SENTENCE, charset="gbk", label="iso-8859-1"), SENTENCE, True),
    "iso-8859-1 that is": (text("Frösche für alle", charset="latin-1", label="iso-8859-1"), "Frösche für alle", False),
    "label that nobody knows": (text(SENTENCE, charset="gbk", label="x-made-up"), SENTENCE, True),
    "HZ": (text(SENTENCE, charset="hz", label="hz-gb-2312"), SENTENCE, False),
    "HZ without label": (text(SENTENCE, charset="hz", label="us-ascii"), SENTENCE, True),
    "HTML that declares itself": (
        text(f'<html><meta charset="gbk"><p>{SENTENCE}</html>', charset="gbk", label="", kind="html"),
        SENTENCE,
        False,
    ),
    "quoted-printable": (
        part(
            kind=b"text/plain; charset=gbk", encoding=b"quoted-printable", body=binascii.b2a_qp(SENTENCE.encode("gbk"))
        ),
        SENTENCE,
        False,
    ),
}


@pytest.mark.parametrize(("content", "expected", "is_guessed"), BODIES.values(), ids=BODIES.keys())
def test_a_body_reads_as_it_was_written(decode, content, expected, is_guessed):
    message = decode(mail(content))
    assert message.body_text == expected
    (body,) = message.parts
    assert body.is_guessed == is_guessed
    assert expected in body.payload.read_text("utf-8")


LONG = bytes(range(256)) * 12
PAYLOADS = {
    "base64": (part(LONG), LONG),
    "missing padding": (part(body=b64(LONG + b"1", pads=False)), LONG + b"1"),
    "text after the end": (part(body=b64(LONG + b"1") + b"\r\n\r\nThis mail was scanned.\r\n"), LONG + b"1"),
    "text after an end without padding": (part(body=b64(LONG) + b"\r\n\r\nThis mail was scanned by x.\r\n"), LONG),
    "foreign characters": (part(body=b64(LONG).replace(b"\r\n", b"*\r\n\xa0")), LONG),
    "two padded runs": (part(body=b64(LONG + b"1") + b"\r\n" + b64(LONG)), LONG + b"1" + LONG),
    "base64; x": (part(LONG, encoding=b"base64; x"), LONG),
    "BASE64 (comment)": (part(body=b64(LONG), encoding=b"BASE64 (hm)"), LONG),
    "uuencode": (
        part(
            encoding=b"x-uuencode",
            body=b"begin 644 a\r\n"
            + b"".join(binascii.b2a_uu(LONG[at : at + 45]) for at in range(0, len(LONG), 45))
            + b"`\r\nend\r\n",
        ),
        LONG,
    ),
    "8bit": (part(PDF, encoding=b"8bit"), PDF),
    "an unknown encoding": (part(PDF, encoding=b"x-made-up"), PDF),
}


@pytest.mark.parametrize(("file_part", "expected"), PAYLOADS.values(), ids=PAYLOADS.keys())
def test_a_payload_comes_out_whole(decode, file_part, expected):
    named = file_part.replace(
        b"Content-Type: application/octet-stream", b"Content-Type: application/octet-stream; name=a.bin"
    )
    (file,) = files(decode(_in_mail(named)))
    assert file.payload.read_bytes() == expected
    assert file.sha256 == hashlib.sha256(expected).hexdigest()
    assert file.size_bytes == len(expected)


SUBJECTS = {
    "gb2312 label over GBK": (word("朱镕基的方案".encode("gbk")), "朱镕基的方案", False),
    "raw GBK": ("朱镕基的方案".encode("gbk"), "朱镕基的方案", True),
    "raw UTF-8": ("朱镕基的方案".encode(), "朱镕基的方案", True),
    "encoded word, then folded plain text": (
        word("方案".encode("gbk")) + b"\r\n of the year",
        "方案 of the year",
        False,
    ),
    "words split inside a character": (
        word("直溪镇工作方案".encode("gbk")[:SPLIT]) + b"\r\n " + word("直溪镇工作方案".encode("gbk")[SPLIT:]),
        "直溪镇工作方案",
        False,
    ),
    "base64 cut anywhere": (
        b"=?gbk?B?"
        + b64("直溪镇方案".encode("gbk"))[:6]
        + b"?= =?gbk?B?"
        + b64("直溪镇方案".encode("gbk"))[6:]
        + b"?=",
        "直溪镇方案",
        False,
    ),
    "two Subject headers": (b"first\r\nSubject: second", "first", False),
    "a folded line without its space": (b"work\r\nplan", "work plan", False),
}


@pytest.mark.parametrize(("subject", "expected", "is_guessed"), SUBJECTS.values(), ids=SUBJECTS.keys())
def test_a_subject_reads_as_it_was_written(decode, subject, expected, is_guessed):
    envelope = decode(mail(subject=subject)).envelope
    assert envelope.subject == expected
    assert envelope.is_guessed == is_guessed


SENDERS = {
    "plain": (b"Unit@Example.com", ""),
    "gb2312 label over GBK": (word("朱镕基".encode("gbk")) + b" <unit@example.com>", "朱镕基"),
    "quoted encoded word": (b'"' + word(UNIT.encode("gbk")) + b'" <unit@example.com>', UNIT),
    "raw GBK": (b'"' + UNIT.encode("gbk") + b'" <unit@example.com>', UNIT),
    "raw GBK, not quoted": ("朱镕基".encode("gbk") + b" <unit@example.com>", "朱镕基"),
    "a comma in the name": (word("直溪,方案".encode("gbk")) + b" <unit@example.com>", "直溪,方案"),
    "all of it encoded": (word(f"{UNIT} <unit@example.com>".encode("gbk")), UNIT),
    "address in round brackets": (b"unit@example.com (Unit)", "Unit"),
}


@pytest.mark.parametrize(("sender", "name"), SENDERS.values(), ids=SENDERS.keys())
def test_a_sender_is_known_by_address_and_name(decode, sender, name):
    header_from = decode(mail(sender=sender)).envelope.header_from
    assert header_from is not None
    assert (header_from.address, header_from.name) == ("unit@example.com", name)


NINE = datetime(2023, 10, 30, 1, 0, tzinfo=UTC)
DATES = {
    "with zone": (b"Mon, 30 Oct 2023 09:00:00 +0800", NINE),
    "with a comment": (b"Mon, 30 Oct 2023 09:00:00 +0800 (CST)", NINE),
    "wrong weekday": (b"Fri, 30 Oct 2023 09:00:00 +0800", NINE),
    "without zone": (b"Mon, 30 Oct 2023 09:00:00", NINE),
    "ISO": (b"2023-10-30T09:00:00+08:00", NINE),
    "ISO without zone": (b"2023-10-30 09:00:00", NINE),
    "Chinese": ("2023年10月30日 上午9:00".encode("gbk"), NINE),
    "missing": (None, None),
    "nonsense": (b"yesterday", None),
    "impossible": (b"Mon, 99 Oct 2023 09:00:00 +0800", None),
    "after all time": (b"Fri, 31 Dec 9999 23:59:00 -1200", None),
}


@pytest.mark.parametrize(("date", "expected"), DATES.values(), ids=DATES.keys())
def test_a_date_becomes_a_moment_or_none(decode, date, expected):
    assert decode(mail(date=date)).envelope.sent_at == expected


INNER = mail(
    multipart(text("请查收"), attached(b'"inner.docx"'), boundary=b"inner"),
    subject=word("直溪镇方案".encode("gbk")),
    sender=b"zhixi@example.com",
    message_id=b"<inner@example.com>",
)
FORWARDS = {
    "no disposition": (forwarded(INNER), "直溪镇方案"),
    "as an attachment": (
        forwarded(
            INNER, head=b'Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="fwd.eml"\r\n'
        ),
        "fwd.eml",
    ),
    "attachment without a name": (
        forwarded(INNER, head=b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n"),
        "直溪镇方案",
    ),
    "in base64": (forwarded(INNER, encode=True), "直溪镇方案"),
    "said to be base64": (
        forwarded(INNER, head=b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n"),
        "直溪镇方案",
    ),
    "a file called .eml": (attached(b'"saved.eml"', INNER), "saved.eml"),
    "in a digest": (multipart(b"\r\n" + INNER, kind=b"digest", boundary=b"digest"), "直溪镇方案"),
}


@pytest.mark.parametrize(("content", "folder"), FORWARDS.values(), ids=FORWARDS.keys())
def test_a_forwarded_message_gives_its_files_once_and_says_whose_they_are(decode, content, folder):
    message = decode(mail(multipart(text("转发"), content)))
    (file,) = files(message)
    assert (file.filename, file.folders, file.origin) == ("inner.docx", (folder,), 0)
    assert file.payload.read_bytes() == DOCX
    (origin,) = message.envelope.origins
    assert origin.message_id == "<inner@example.com>"
    assert origin.header_from is not None
    assert origin.header_from.address == "zhixi@example.com"
    assert message.body_text == "转发"
    assert [one.filename for one in message.parts if one.is_body] == ["正文.txt", "正文.txt"]


def test_an_inline_picture_shown_by_content_id_is_a_file_with_a_name_of_its_own(decode):
    html = text('<p>合影<img src="cid:1@x"></p>', kind="html")
    picture = part(JPEG, b"image/jpeg", extra=b"Content-ID: <1@x>\r\n")
    (file,) = files(decode(mail(multipart(html, picture, kind=b"related"))))
    assert (file.filename, file.is_inline) == ("未命名-2.jpg", True)


def test_files_of_one_name_are_kept_apart(decode):
    names = [file.filename for file in files(decode(mail(multipart(*[attached(b'"IMG.JPG"', JPEG)] * 3))))]
    assert names == ["IMG.JPG", "IMG(2).JPG", "IMG(3).JPG"]


def test_a_signed_message_gives_its_files_and_its_signature(decode):
    inside = multipart(text("请查收"), attached(b'"plan.docx"'), boundary=b"inside")
    signature = part(b"\x30\x80", b"application/pkcs7-signature; name=smime.p7s")
    message = decode(mail(multipart(inside, signature, kind=b"signed; protocol=x")))
    assert [file.filename for file in files(message)] == ["plan.docx", "smime.p7s"]
    assert message.body_text == "请查收"


def test_a_cut_mail_gives_what_came_through(decode):
    whole = mail(multipart(text("请查收"), attached(b'"plan.docx"', LONG)))
    (file,) = files(decode(whole[: len(whole) - 400]))
    assert file.filename == "plan.docx"
    assert LONG.startswith(file.payload.read_bytes())
    assert file.size_bytes > len(LONG) // 2
