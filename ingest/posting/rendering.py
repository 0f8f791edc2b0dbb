"""One outgoing mail as RFC 5322 bytes: text with an HTML alternative, marked as written by a program.

    From                      the log-in itself: NetEase and QQ refuse every other one
    Message-ID                fixed when the mail entered the outbox, so that a bounce or a copy in Sent can be told
    Auto-Submitted            auto-replied for receipts, auto-generated for the rest (RFC 3834): no machine may answer
    X-Auto-Response-Suppress  without DR and NDR: bounces are wanted
    In-Reply-To, References   of the mail that is answered; what a stranger wrote into them is checked first

The headers are put together by the older interface of `email`: the newer one turns a long Message-ID in References
into an encoded word, and the thread is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime
from typing import Final

from rules.outgoing import MailKind, OutgoingMail

SUPPRESS: Final = "OOF, AutoReply, RN, NRN"
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,900}>")
_MOST_REFERENCES: Final = 20
_LINE: Final = 76


def render(mail: OutgoingMail, *, address: str, name: str, at: datetime) -> bytes:
    """The bytes to be sent, lines ended by CRLF. `at` is the Date; its offset is kept. Raises ValueError for an
    address that cannot stand in a header.
    """
    letter = mail.letter
    message = _body(letter.text, letter.html)
    message["From"] = _mailbox(address, name)
    message["To"] = ", ".join(_checked(recipient) for recipient in letter.to)
    if letter.cc:
        message["Cc"] = ", ".join(_checked(recipient) for recipient in letter.cc)
    message["Subject"] = _words(letter.subject).encode()
    message["Date"] = format_datetime(at)
    message["Message-ID"] = mail.message_id
    _put_thread(message, letter.in_reply_to, letter.references)
    message["Auto-Submitted"] = "auto-replied" if letter.kind is MailKind.RECEIPT else "auto-generated"
    message["X-Auto-Response-Suppress"] = SUPPRESS
    policy = message.policy.clone(linesep="\r\n", max_line_length=_LINE)
    return message.as_bytes(policy=policy)


def recipients(mail: OutgoingMail) -> tuple[str, ...]:
    """Everybody who gets it, once."""
    return tuple(dict.fromkeys((*mail.letter.to, *mail.letter.cc)))


def _body(text: str, html: str) -> Message:
    plain = MIMEText(_lines(text), "plain", "utf-8")
    if not html:
        return plain
    return MIMEMultipart("alternative", _subparts=[plain, MIMEText(_lines(html), "html", "utf-8")])


def _lines(text: str) -> str:
    """Base64 keeps line ends as they are; text has CRLF in mail."""
    return "\r\n".join(text.splitlines()) + "\r\n"


def _words(text: str) -> Header:
    return Header(_one_line(text), "utf-8", maxlinelen=_LINE, header_name="Subject")


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", text).strip()


def _mailbox(address: str, name: str) -> str:
    name = _one_line(name)
    if not name:
        return _checked(address)
    return f"{Header(name, 'utf-8', maxlinelen=_LINE, header_name='From').encode()} <{_checked(address)}>"


def _checked(address: str) -> str:
    if not re.fullmatch(r"[^\s<>,;:\"()\[\]\\@]+@[A-Za-z0-9.-]+", address) or not address.isascii():
        raise ValueError(f"{address!r} is no mail address")
    return address


def _put_thread(message: Message, in_reply_to: str, references: Iterable[str]) -> None:
    if _MESSAGE_ID.fullmatch(in_reply_to):
        message["In-Reply-To"] = in_reply_to
    known = [reference for reference in references if _MESSAGE_ID.fullmatch(reference)]
    if known:
        message["References"] = " ".join([known[0], *known[1:][-_MOST_REFERENCES:]])
