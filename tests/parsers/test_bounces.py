"""What a bounce says, from the reports of RFC 3464 and from the pages of providers."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.message import decode_message
from rules.bouncing import BounceKind, BounceNotice, FailedRecipient
from tests.parsers.bounce_samples import NETEASE, OUR_ID, QQ, failed, page, report, returned

HARD, SOFT, DELAYED = BounceKind
UNIT = ("unit@example.org",)


def read(raw: bytes, folder: Path) -> BounceNotice | None:
    (folder / "raw").write_bytes(raw)
    (folder / "scratch").mkdir()
    return decode_message(folder / "raw", folder / "scratch").bounce


def noticed(raw: bytes, folder: Path) -> BounceNotice:
    notice = read(raw, folder)
    assert notice is not None
    return notice


@pytest.mark.parametrize("only_headers", [False, True])
def test_a_report_names_the_mail_and_each_address(tmp_path: Path, only_headers: bool) -> None:
    blocks = failed(said="550 5.1.1 User unknown"), failed("head@example.org", "4.2.2", "452 mailbox full")
    notice = noticed(report(*blocks, only_headers=only_headers), tmp_path)

    assert notice.message_ids[0] == OUR_ID
    assert notice.failed_among(("Unit@example.org", "head@example.org", "town@example.org")) == (
        FailedRecipient(address="unit@example.org", kind=HARD, reason="550 5.1.1 User unknown"),
        FailedRecipient(address="head@example.org", kind=SOFT, reason="452 mailbox full"),
    )


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        ("5.1.1", "", HARD),
        ("5.0.0", "550 no such user here", HARD),
        ("5.0.0", "", HARD),
        ("5.2.1", "550 account disabled", HARD),
        ("5.2.2", "552 mailbox full", SOFT),
        ("5.4.4", "Host or domain name not found", HARD),
        ("5.4.4", "unable to look up", SOFT),
        ("5.7.1", "554 message rejected as spam", SOFT),
        ("5.7.1", "550 5.7.1 rejected by policy", SOFT),
        ("5.0.0", "550 Ip frequency limited", SOFT),
        ("5.3.4", "552 message size limit exceeded", SOFT),
        ("4.4.1", "connect to mx.example.org: Connection timed out", SOFT),
        ("4.7.0", "451 try again", SOFT),
    ],
)
def test_words_and_codes_decide_together_how_final_it_is(
    tmp_path: Path, status: str, said: str, kind: BounceKind
) -> None:
    notice = noticed(report(failed(status=status, said=said)), tmp_path)
    assert [one.kind for one in notice.failed_among(UNIT)] == [kind]


def test_a_delay_is_no_failure_and_a_delivery_is_nothing(tmp_path: Path) -> None:
    blocks = (
        failed(status="4.4.1", said="connect timed out", action="delayed"),
        failed("head@example.org", "2.0.0", action="delivered"),
    )
    notice = noticed(report(*blocks, subject="Delayed Mail (still being retried)"), tmp_path)

    assert [(one.address, one.kind) for one in notice.recipients] == [("unit@example.org", DELAYED)]


def test_the_address_that_we_wrote_to_counts_not_the_one_that_it_led_to(tmp_path: Path) -> None:
    block = {"Original-Recipient": "rfc822; unit@example.org", **failed("forwarded@elsewhere.example")}
    assert [one.address for one in noticed(report(block), tmp_path).failed_among(UNIT)] == ["unit@example.org"]


def test_of_one_recipient_a_strange_address_speaks_of_several_it_does_not(tmp_path: Path) -> None:
    notice = noticed(report(failed("forwarded@elsewhere.example")), tmp_path)

    assert [one.address for one in notice.failed_among(UNIT)] == ["unit@example.org"]
    assert notice.failed_among((*UNIT, "head@example.org")) == ()


def test_neteases_page_names_address_and_reason_though_no_message_id(tmp_path: Path) -> None:
    notice = noticed(NETEASE, tmp_path)

    (one,) = notice.failed_among(("head@example.org", "unit@example.org"))
    assert (one.address, one.kind) == ("unit@example.org", HARD)
    assert "不存在" in one.reason
    assert notice.message_ids == ()
    assert "【催报】直溪镇 缺 活动总结" in notice.text


def test_qqs_page_names_our_mail_in_its_text_and_a_rate_limit_is_soft(tmp_path: Path) -> None:
    notice = noticed(QQ, tmp_path)

    assert notice.message_ids == (OUR_ID,)
    assert [(one.address, one.kind) for one in notice.failed_among(UNIT)] == [("unit@example.org", SOFT)]
    assert "frequency limited" in notice.reason


def test_a_page_that_tells_no_reason_calls_nobody_unreachable(tmp_path: Path) -> None:
    notice = noticed(page("Postmaster@126.com", "系统退信", "<p>您发往 unit@example.org 的邮件已退回。</p>"), tmp_path)
    assert [one.kind for one in notice.failed_among(UNIT)] == [SOFT]


def test_what_the_returned_mail_says_is_no_reason(tmp_path: Path) -> None:
    html = "<p>收件人 unit@example.org 用户不存在</p><p>原邮件</p><p>空间不足时请分多封发送，仍在尝试</p>"
    assert noticed(page("Postmaster@126.com", "系统退信", html), tmp_path).kind is HARD


@pytest.mark.parametrize("cut", range(0, 1600, 97))
def test_a_bounce_that_was_cut_off_anywhere_is_still_read(tmp_path: Path, cut: int) -> None:
    read(report(failed(said="550 User unknown"))[:cut], tmp_path)


def test_a_persons_mail_is_no_bounce(tmp_path: Path) -> None:
    assert read(returned(), tmp_path) is None
