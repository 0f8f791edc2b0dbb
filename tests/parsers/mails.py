"""Builds sample mails byte by byte, with the faults of real ones. No sample names a real person.

mail(body=…, subject=…)                 a whole message from raw pieces
part(payload, type, disposition=…)      one MIME part
multipart(*parts, kind="mixed")         its headers and body
samples()                               a handful of whole mails by name, for sweeps and for other tests
"""

from __future__ import annotations

import base64
import io
import zipfile

UNIT = "金坛区直溪镇社区教育中心"
RARE = "朱镕基喆堃.docx"  # characters outside GB 2312, which every sloppy decoder drops
FOUR_BYTES = "李㛃𠮷.docx"  # characters that only GB 18030's four-byte codes reach
PLAN = "附件1：2023年全民终身学习活动周工作方案.docx"
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043") + bytes(range(64)) + b"\xff\xd9"
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2mp41\0\0\0\x08free"
DOCX = b"PK\x03\x04 not a whole document, but enough to be carried by a mail"

HEADERS = b"Received: from mx by mx; Mon, 30 Oct 2023 09:12:00 +0800\r\n"
BOUNDARY = b"----=_Part_1"


def b64(data: bytes, *, pads: bool = True, width: int = 76) -> bytes:
    text = base64.b64encode(data)
    text = text if pads else text.rstrip(b"=")
    return b"\r\n".join(text[at : at + width] for at in range(0, len(text), width))


def word(data: bytes, charset: str = "gb2312", encoding: str = "B") -> bytes:
    """One RFC 2047 encoded word around these bytes."""
    text = base64.b64encode(data) if encoding == "B" else b"".join(b"=%02X" % byte for byte in data)
    return b"=?" + charset.encode() + b"?" + encoding.encode() + b"?" + text + b"?="


def percent(data: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in data)


def mail(
    content: bytes = b"\r\nhello\r\n",
    *,
    subject: bytes = b"test",
    sender: bytes = b"unit@example.com",
    date: bytes | None = b"Mon, 30 Oct 2023 09:00:00 +0800",
    message_id: bytes | None = b"<1@example.com>",
    extra: bytes = b"",
) -> bytes:
    """`content` starts with its own MIME header lines, as `part` and `multipart` make them."""
    lines = HEADERS + b"From: " + sender + b"\r\nTo: box@example.com\r\nSubject: " + subject + b"\r\n"
    lines += b"Date: " + date + b"\r\n" if date is not None else b""
    lines += b"Message-ID: " + message_id + b"\r\n" if message_id is not None else b""
    return lines + extra + b"MIME-Version: 1.0\r\n" + content


def text(body: str, *, charset: str = "utf-8", label: str | None = None, kind: str = "plain") -> bytes:
    """A text part in 8 bits: encoded in `charset`, labelled `label` (None: as encoded; empty: no label)."""
    label = charset if label is None else label
    shown = f'; charset="{label}"' if label else ""
    head = f"Content-Type: text/{kind}{shown}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head.encode() + body.encode(charset)


def part(
    payload: bytes = DOCX,
    kind: bytes = b"application/octet-stream",
    *,
    disposition: bytes | None = None,
    encoding: bytes | None = b"base64",
    body: bytes | None = None,
    extra: bytes = b"",
) -> bytes:
    """A file part. `body` replaces the wire form of the payload."""
    head = b"Content-Type: " + kind + b"\r\n"
    head += b"Content-Disposition: " + disposition + b"\r\n" if disposition is not None else b""
    head += b"Content-Transfer-Encoding: " + encoding + b"\r\n" if encoding is not None else b""
    wire = body if body is not None else b64(payload) if encoding and b"base64" in encoding else payload
    return head + extra + b"\r\n" + wire


def attached(name: bytes, payload: bytes = DOCX) -> bytes:
    """A part with `filename=` exactly as given, quotes included."""
    return part(payload, disposition=b"attachment; filename=" + name)


def multipart(*parts: bytes, kind: bytes = b"mixed", boundary: bytes = BOUNDARY, is_closed: bool = True) -> bytes:
    head = b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\r\n\r\n'
    body = b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in parts)
    return head + body + (b"--" + boundary + b"--\r\n" if is_closed else b"")


def with_file(name: bytes) -> bytes:
    """A mail with a short text and one file called `name`."""
    return mail(multipart(text("各位老师好，请查收附件。"), attached(name)))


def forwarded(inner: bytes, *, head: bytes = b"Content-Type: message/rfc822\r\n", encode: bool = False) -> bytes:
    if encode:
        return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + b64(inner)
    return head + b"\r\n" + inner


class GbkZipInfo(zipfile.ZipInfo):
    """Writes its name in GBK without the UTF-8 flag, as Windows does."""

    def _encodeFilenameFlags(self):  # noqa: N802 - the hook of the standard library
        return self.filename.encode("gbk"), self.flag_bits


def gbk_zip(*names: str, content: bytes = JPEG) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names):
            archive.writestr(GbkZipInfo(name), content + bytes([number]))
    return buffer.getvalue()


def samples() -> dict[str, bytes]:
    """Whole mails of the usual and the unusual kinds."""
    inner = mail(
        multipart(text("请查收"), attached(b'"inner.docx"'), boundary=b"inner"),
        subject=word("直溪镇工作方案".encode("gbk")),
        sender=word(UNIT.encode("gbk")) + b" <zhixi@example.com>",
        message_id=b"<inner@example.com>",
    )
    both = multipart(text("见附件"), text("<p>见附件</p>", kind="html"), kind=b"alternative", boundary=b"alt")
    related = multipart(
        text('<p>合影<img src="cid:1@x"></p>', kind="html"),
        part(JPEG, b"image/jpeg", extra=b"Content-ID: <1@x>\r\n"),
        kind=b'related; type="text/html"',
        boundary=b"rel",
    )
    return {
        "plain": mail(text("工作方案", charset="gbk", label="gb2312")),
        "attachment": with_file(b'"' + word(PLAN.encode("gbk")) + b'"'),
        "alternative": mail(multipart(both, attached(b'"a.docx"'), part(PDF, b"application/pdf"))),
        "related": mail(multipart(related, part(MP4, b"video/mp4; name=a.mp4"))),
        "forwarded": mail(multipart(text("转发"), forwarded(inner)), subject=word("转发：方案".encode("gbk"))),
        "forwarded in base64": mail(multipart(text("转发"), forwarded(inner, encode=True))),
        "archive": mail(multipart(text("照片"), attached(b'"p.zip"', gbk_zip("照片/活动1.jpg", "照片/活动2.jpg")))),
        "quoted": mail(
            part(encoding=b"quoted-printable", kind=b"text/plain; charset=gbk", body=b"=B9=A4=D7=F7=\r\n=20x")
        ),
        "bounce": mail(
            multipart(
                text("无法投递"),
                part(
                    b"", b"message/delivery-status", encoding=None, body=b"Reporting-MTA: dns; x\r\n\r\nAction: failed"
                ),
                forwarded(inner),
                kind=b"report; report-type=delivery-status",
            ),
            subject=word("系统退信".encode("gbk")),
            sender=b"Postmaster@example.com",
        ),
    }
