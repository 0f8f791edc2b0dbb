"""Tells mail that no person wrote: auto-replies, bounces, read receipts, mailing lists, notices of the mail provider.

    automatic_reason(headers, content_type, subject, sender) -> a Chinese reason, empty for a person's mail

The rules of RFC 3834, RFC 5230 (4.6) and Pigeonhole's vacation, with the Chinese markers; the first that fits gives the
reason. Many auto-replies carry no header that says so, hence the subjects. The answer decides who is not answered; it
never keeps an attachment from being read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from parsers.headers import Headers

_BOUNCE_SUBJECT: Final = re.compile(
    r"系统退信|退信通知|退信：|投递失败|邮件投递失败|无法投递|被退回|undeliver|delivery status notification|"
    r"delivery (?:has )?fail|returned mail|failure notice|mail delivery (?:failed|system)",
    re.IGNORECASE,
)
_REPLY_SUBJECT: Final = re.compile(
    r"^\W*(?:自动(?:回复|答复)|自動(?:回覆|回復|答覆)|外出自动|auto(?:matic)?[ -]?(?:reply|response)|"
    r"out of (?:the )?office)|[(（\[【]自动回复[)）\]】]",
    re.IGNORECASE,
)
_RECEIPT_SUBJECT: Final = re.compile(
    r"^\W*(?:已读|未读|已讀|read|not read|阅读回执|邮件回执)[:：]|^\W*阅读回执", re.IGNORECASE
)
_NOTICE_SUBJECT: Final = re.compile(r"^\W*网易邮箱(?:提醒|通知|安全)|阻止了一次不安全的收信请求")
_NOTICE_SENDER: Final = re.compile(
    r"@(?:service\.(?:netease|163|126)\.com|notice\.(?:163|126|netease)\.com|mailservice\.[\w.]+)$|^10000@qq\.com$|"
    r"^(?:kefu|mail)@(?:188|netease)\.com$"
)
_DAEMON: Final = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon)@")
_MACHINE: Final = re.compile(
    r"^(?:listserv|majordomo|(?:do-?)?no[-_.]?t?-?reply\w*|owner-[^@]*|[^@]*-request|[^@]*-(?:no-?reply|bounces))@"
)
_LIST_HEADERS: Final = ("list-id", "list-unsubscribe", "list-post", "list-owner", "list-subscribe", "list-archive")
_AUTO_REPLY_HEADERS: Final = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-mail-autoreply")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Facts:
    headers: Headers
    content_type: str
    subject: str
    sender: str

    def value(self, name: str) -> str:
        return self.headers.token(name)

    @property
    def has_empty_path(self) -> bool:
        """`Return-Path: <>`: the sender wants no answer, not even a bounce."""
        return self.value("return-path") == "<>"


def _is_bounce(facts: _Facts) -> bool:
    report = facts.headers.parameter("content-type", "report-type")
    is_report = facts.content_type == "multipart/report" and (
        report is None or "delivery-status" in report.text.lower()
    )
    return (
        is_report
        or facts.content_type == "message/delivery-status"
        or facts.headers.has("x-failed-recipients")
        or bool(_DAEMON.match(facts.sender) or _BOUNCE_SUBJECT.match(facts.subject))
        or (facts.has_empty_path and bool(_BOUNCE_SUBJECT.search(facts.subject)))
    )


def _is_receipt(facts: _Facts) -> bool:
    report = facts.headers.parameter("content-type", "report-type")
    is_notification = report is not None and "disposition-notification" in report.text.lower()
    return is_notification or bool(_RECEIPT_SUBJECT.search(facts.subject))


def _is_auto_reply(facts: _Facts) -> bool:
    submitted = facts.value("auto-submitted")
    return (
        submitted not in ("", "no")
        or any(facts.headers.has(name) and facts.value(name) != "no" for name in _AUTO_REPLY_HEADERS)
        or facts.value("precedence") in ("auto_reply", "auto-reply")
        or bool(_REPLY_SUBJECT.search(facts.subject))
    )


def _is_bulk(facts: _Facts) -> bool:
    return any(facts.headers.has(name) for name in _LIST_HEADERS) or facts.value("precedence") in (
        "bulk",
        "list",
        "junk",
    )


def _is_notice(facts: _Facts) -> bool:
    return bool(_NOTICE_SENDER.search(facts.sender) or _NOTICE_SUBJECT.search(facts.subject))


def _is_machine(facts: _Facts) -> bool:
    suppress = facts.headers.text("x-auto-response-suppress").text.lower()
    words = set(re.split(r"[\s,;]+", suppress))
    return (
        bool(_MACHINE.match(facts.sender)) or not words.isdisjoint({"all", "oof", "autoreply"}) or facts.has_empty_path
    )


_RULES: Final[tuple[tuple[Callable[[_Facts], bool], str], ...]] = (
    (_is_receipt, "阅读回执"),
    (_is_bounce, "退信"),
    (_is_auto_reply, "自动回复"),
    (_is_notice, "邮箱服务商通知"),
    (_is_bulk, "群发邮件或订阅邮件"),
    (_is_machine, "系统自动发送"),
)


def automatic_reason(headers: Headers, content_type: str, subject: str, sender: str) -> str:
    """Why nobody wrote this mail; empty when a person did. `sender` is the address of From, in lower case."""
    facts = _Facts(headers=headers, content_type=content_type, subject=subject, sender=sender)
    return next((reason for is_true, reason in _RULES if is_true(facts)), "")
