"""Mails as mail programs in use write them: RFC 5322 and MIME, with the liberties that Chinese programs take.

The received time stands in the topmost `Received:` header; `Date:` is the sender's clock, which may be wrong.
Boundaries and message ids follow from the content, so the same letter gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from ingest.samples.archives import SampleFile

OFFICE: Final = ("职教科", "jtjyjzjk@126.com")  # the address printed in the notice
_EOL: Final = b"\r\n"
_TYPES: Final[dict[str, str]] = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".zip": "application/zip",
    ".txt": "text/plain",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".eml": "message/rfc822",
}


class NameStyle(StrEnum):
    """How an attachment's name is written into the headers."""

    ENCODED_WORD = "encoded_word"  # QQ, Foxmail, NetEase: RFC 2047 inside a quoted parameter
    EXTENDED = "extended"  # RFC 2231: Apple Mail, Thunderbird
    RAW = "raw"  # unencoded bytes of the charset: old programs, web forms


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One mail. `charset` is what body and names are written in, `label` what the headers call it."""

    sender: tuple[str, str]
    subject: str
    received_at: datetime
    body: str = ""
    files: tuple[SampleFile, ...] = ()
    sent_at: datetime | None = None
    charset: str = "utf-8"
    label: str = ""
    names: NameStyle = NameStyle.ENCODED_WORD
    is_html: bool = False
    signature_logo: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    forwarded: tuple[Letter, ...] = ()  # attached as message/rfc822

    @property
    def message_id(self) -> str:
        facts = f"{self.sender[1]}|{self.subject}|{self.received_at.isoformat()}|{self.body}"
        return f"<{_digest(facts)}@mail.example>"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def render(letter: Letter) -> bytes:
    """The message's bytes."""
    return _EOL.join(_trace(letter)) + _EOL + _message(letter)


def _trace(letter: Letter) -> Iterator[bytes]:
    """The hops; the topmost one is the receiving server's and tells the true time."""
    number = _digest(letter.message_id)[:8]
    for hop, moment in enumerate((letter.received_at, letter.received_at - timedelta(seconds=7))):
        where = f"from hop{hop}.mail.example (unknown [192.0.2.{hop + 10}])\r\n\tby mx{hop}.126.example (Coremail)"
        yield f"Received: {where} with SMTP id {number}{hop};\r\n\t{format_datetime(moment)}".encode()


def _message(letter: Letter) -> bytes:
    sent_at = letter.sent_at or letter.received_at - timedelta(seconds=40)
    lines = [
        b"From: " + _address(letter, letter.sender),
        b"To: " + _address(letter, OFFICE),
        b"Subject: " + _header_text(letter.subject, letter),
        b"Date: " + format_datetime(sent_at).encode(),
        b"Message-ID: " + letter.message_id.encode(),
        *(f"{name}: {value}".encode() for name, value in letter.headers),
        b"MIME-Version: 1.0",
    ]
    return _EOL.join(lines) + _EOL + _content(letter)


def _address(letter: Letter, person: tuple[str, str]) -> bytes:
    name, address = person
    if not name:
        return address.encode()
    shown = f'"{name}"'.encode() if name.isascii() else _header_text(name, letter)
    return shown + f" <{address}>".encode()


def _label(letter: Letter) -> str:
    return letter.label or letter.charset


def _header_text(text: str, letter: Letter) -> bytes:
    if text.isascii():
        return text.encode()
    if letter.names is NameStyle.RAW:
        return text.encode(letter.charset)
    words = Header(text, letter.charset, maxlinelen=70).encode(linesep="\r\n")
    return words.replace(f"=?{letter.charset}?", f"=?{_label(letter)}?").encode()


def _content(letter: Letter) -> bytes:
    parts = [_attachment(file, letter) for file in letter.files]
    parts += [_nested(inner) for inner in letter.forwarded]
    text = _text(letter)
    return _multipart("mixed", [text, *parts], letter) if parts else text


def _text(letter: Letter) -> bytes:
    plain = _leaf(f"text/plain; charset={_label(letter)}", letter.body.encode(letter.charset))
    if not letter.is_html and not letter.signature_logo:
        return plain
    page = _page(letter)
    rich = _leaf(f"text/html; charset={_label(letter)}", page.encode(letter.charset))
    if letter.signature_logo:
        logo = _leaf("image/png", letter.signature_logo, b"Content-ID: <logo@mail.example>")
        rich = _multipart("related", [rich, logo], letter)
    return _multipart("alternative", [plain, rich], letter)


def _page(letter: Letter) -> str:
    lines = "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in letter.body.split("\n"))
    logo = '<img src="cid:logo@mail.example">' if letter.signature_logo else ""
    return f"<html><body>{lines}{logo}</body></html>"


def _attachment(file: SampleFile, letter: Letter) -> bytes:
    media_type = _TYPES.get(PurePosixPath(file.name).suffix.lower(), "application/octet-stream")
    name = _name_parameter("name", file.name, letter)
    disposition = b"Content-Disposition: attachment;" + _EOL + b"\t" + _name_parameter("filename", file.name, letter)
    return _leaf(media_type, file.data, disposition, type_parameter=name)


def _name_parameter(parameter: str, name: str, letter: Letter) -> bytes:
    if name.isascii():
        return f'{parameter}="{name}"'.encode()
    if letter.names is NameStyle.EXTENDED:
        return f"{parameter}*={_label(letter)}''{quote(name.encode(letter.charset))}".encode()
    if letter.names is NameStyle.RAW:
        return f'{parameter}="'.encode() + name.encode(letter.charset) + b'"'
    encoded = base64.b64encode(name.encode(letter.charset)).decode()
    return f'{parameter}="=?{_label(letter)}?B?{encoded}?="'.encode()


def _nested(inner: Letter) -> bytes:
    return b"Content-Type: message/rfc822" + _EOL + b"Content-Disposition: attachment" + _EOL * 2 + _message(inner)


def _leaf(media_type: str, data: bytes, *headers: bytes, type_parameter: bytes = b"") -> bytes:
    parameter = b";" + _EOL + b"\t" + type_parameter if type_parameter else b""
    lines = [b"Content-Type: " + media_type.encode() + parameter, b"Content-Transfer-Encoding: base64", *headers]
    body = base64.encodebytes(data).replace(b"\n", _EOL)
    return _EOL.join(lines) + _EOL * 2 + body


def _multipart(kind: str, parts: list[bytes], letter: Letter) -> bytes:
    boundary = f"----=_Part_{_digest(letter.message_id + kind)}".encode()
    head = b"Content-Type: multipart/" + kind.encode() + b";" + _EOL + b'\tboundary="' + boundary + b'"' + _EOL * 2
    body = b"".join(b"--" + boundary + _EOL + part + _EOL for part in parts)
    return head + body + b"--" + boundary + b"--" + _EOL


def forwarded_inline(letter: Letter, by: tuple[str, str], received_at: datetime) -> Letter:
    """Forwarded the way web mail does it: the old headers quoted in the body, the attachments attached again."""
    quoted = (
        "\n\n-------- 转发邮件信息 --------\n"
        f"发件人：{letter.sender[0]} <{letter.sender[1]}>\n"
        f"发送日期：{letter.received_at:%Y-%m-%d %H:%M:%S}\n"
        f"收件人：<{by[1]}>\n主题：{letter.subject}\n\n{letter.body}"
    )
    return replace(
        letter, sender=by, subject=f"Fw:{letter.subject}", body=quoted, received_at=received_at, sent_at=None
    )


def forwarded_attached(letter: Letter, by: tuple[str, str], received_at: datetime, body: str = "") -> Letter:
    """Forwarded as an attachment: the old message stands whole inside the new one."""
    return Letter(sender=by, subject=f"转发: {letter.subject}", body=body, received_at=received_at, forwarded=(letter,))
