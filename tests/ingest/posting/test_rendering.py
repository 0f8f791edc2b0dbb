"""What goes over the line: a mail that every program reads, in its thread, marked as written by a machine."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import default

import pytest

from ingest.posting.rendering import recipients, render
from rules.outgoing import Letter, MailKind, MailState, OutgoingMail

AT = datetime.fromisoformat("2023-11-21T09:00:00+08:00")
SUBJECT = (
    "【催报】金坛区2023-2024年度全民终身学习活动：直溪镇社区教育中心 缺 活动情况统计表（盖章）、照片2张，请今日补交"
)
LONG_ID = "<" + "x" * 200 + "@mail.example.org>"


def mail(**changes: object) -> OutgoingMail:
    letter = Letter(
        kind=MailKind.REMINDER,
        campaign="2023",
        to=("unit@example.org", "head@example.org"),
        cc=("town@example.org",),
        subject=SUBJECT,
        text="您好：\n.\n..请于今日补交。\n",
        html="<p>您好：请于今日补交。</p>",
        dedupe_key="one",
        in_reply_to=LONG_ID,
        references=("<first@example.org>", LONG_ID),
    )
    return OutgoingMail(
        id=1,
        letter=replace(letter, **changes),  # type: ignore[arg-type]  # the caller names fields of Letter
        state=MailState.SENDING,
        message_id="<reminder.0123456789abcdef.0123456789abcdef@126.example>",
        created_at=AT,
    )


def rendered(outgoing: OutgoingMail, name: str = "金坛区教育局终身教育科") -> tuple[bytes, EmailMessage]:
    raw = render(outgoing, address="bureau@126.example", name=name, at=AT)
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return raw, message


def test_a_mail_program_reads_what_was_written() -> None:
    _, message = rendered(mail())

    assert message["Subject"] == SUBJECT
    assert str(message["From"]) == "金坛区教育局终身教育科 <bureau@126.example>"
    assert message["To"] == "unit@example.org, head@example.org"
    assert message["Cc"] == "town@example.org"
    assert message["Date"].datetime == AT
    assert message["Message-ID"] == "<reminder.0123456789abcdef.0123456789abcdef@126.example>"
    text, html = message.iter_parts()
    assert text.get_content().splitlines() == ["您好：", ".", "..请于今日补交。"]
    assert html.get_content().strip() == "<p>您好：请于今日补交。</p>"
    assert message.get_content_type() == "multipart/alternative"
    assert message.defects == []


def test_every_line_is_ascii_ended_by_crlf_and_no_longer_than_smtp_allows() -> None:
    raw, _ = rendered(mail())

    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(map(len, raw.split(b"\r\n"))) < 998
    words = re.findall(rb"=\?utf-8\?b\?[^?]*\?=", raw)
    assert len(words) > 3
    assert max(map(len, words)) <= 75  # RFC 2047


def test_a_thread_keeps_long_message_ids_as_they_are() -> None:
    raw, message = rendered(mail())

    assert message["In-Reply-To"].strip() == LONG_ID
    assert b"References: <first@example.org>\r\n " + LONG_ID.encode() in raw


@pytest.mark.parametrize(
    ("kind", "said"),
    [(MailKind.RECEIPT, "auto-replied"), (MailKind.REMINDER, "auto-generated"), (MailKind.ALARM, "auto-generated")],
)
def test_no_machine_is_to_answer_but_bounces_are_wanted(kind: MailKind, said: str) -> None:
    _, message = rendered(mail(kind=kind))

    assert message["Auto-Submitted"] == said
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"


def test_what_a_stranger_wrote_cannot_add_a_header() -> None:
    evil = mail(
        subject="【回执】\r\nBcc: all@example.org",
        in_reply_to="<a@b>\r\nBcc: all@example.org",
        references=("<ok@example.org>", "<a b@c>", "x"),
    )
    _, message = rendered(evil, name="局\nBcc: all@example.org")

    assert message["Bcc"] is None
    assert message["Subject"] == "【回执】 Bcc: all@example.org"
    assert message["In-Reply-To"] is None
    assert message["References"] == "<ok@example.org>"


@pytest.mark.parametrize(
    "address", ["no address", "a@b\r\nBcc: c@d", "<a@b>", "学校@example.org", "a@例子.中国", "a,b@c.d", ""]
)
def test_an_address_that_cannot_stand_in_a_header_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no mail address"):
        rendered(mail(to=(address,)))


def test_a_letter_without_html_is_plain_text_and_a_name_may_be_missing() -> None:
    _, message = rendered(mail(html="", cc=()), name="")

    assert message.get_content_type() == "text/plain"
    assert message["From"] == "bureau@126.example"
    assert message["Cc"] is None


def test_everybody_gets_it_once() -> None:
    assert recipients(mail(cc=("head@example.org", "town@example.org"))) == (
        "unit@example.org",
        "head@example.org",
        "town@example.org",
    )
