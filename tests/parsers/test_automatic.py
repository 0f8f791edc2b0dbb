from __future__ import annotations

import pytest

from parsers.automatic import automatic_reason
from parsers.headers import split_headers

CASES = {
    "a person's mail": ("工作方案", "unit@example.com", "X-Mailer: Foxmail", "text/plain", ""),
    "auto-submitted no": ("工作方案", "unit@example.com", "Auto-Submitted: no", "text/plain", ""),
    "a plan about replies": ("关于自动化建设的工作方案", "unit@example.com", "", "text/plain", ""),
    "a reading plan": ("阅读：学习周总结", "unit@example.com", "", "text/plain", ""),
    "auto-submitted": ("我不在", "a@example.com", "Auto-Submitted: auto-replied (vacation)", "text/plain", "自动回复"),
    "QQ's holiday reply": ("自动回复:方案", "a@qq.com", "", "text/plain", "自动回复"),
    "traditional characters": ("自動回覆：方案", "a@example.com", "", "text/plain", "自动回复"),
    "English": ("Automatic reply: plan", "a@example.com", "", "text/plain", "自动回复"),
    "x-autoreply": ("re: plan", "a@example.com", "X-Autoreply: yes", "text/plain", "自动回复"),
    "precedence auto_reply": ("re: plan", "a@example.com", "Precedence: auto_reply", "text/plain", "自动回复"),
    "163's bounce": ("系统退信", "Postmaster@163.com".lower(), "", "text/html", "退信"),
    "bounce without a known sender": ("系统退信/Systems bounce", "x@example.com", "", "text/html", "退信"),
    "delivery report": (
        "Undelivered",
        "a@example.com",
        "Content-Type: multipart/report; report-type=delivery-status",
        "multipart/report",
        "退信",
    ),
    "daemon": ("x", "mailer-daemon@example.com", "", "text/plain", "退信"),
    "read receipt": (
        "已读: 方案",
        "a@example.com",
        "Content-Type: multipart/report; report-type=disposition-notification",
        "multipart/report",
        "阅读回执",
    ),
    "newsletter": ("优惠", "news@example.com", "List-Unsubscribe: <mailto:x@y>", "text/html", "群发邮件或订阅邮件"),
    "bulk": ("优惠", "news@example.com", "Precedence: bulk", "text/html", "群发邮件或订阅邮件"),
    "NetEase's notice": (
        "网易邮箱提醒：阻止了一次不安全的收信请求",
        "safe@service.netease.com",
        "",
        "text/html",
        "邮箱服务商通知",
    ),
    "no-reply": ("验证码", "no-reply@example.com", "", "text/html", "系统自动发送"),
    "empty return path": ("x", "a@example.com", "Return-Path: <>", "text/plain", "系统自动发送"),
    "wants no answer": (
        "x",
        "a@example.com",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "text/plain",
        "系统自动发送",
    ),
}


@pytest.mark.parametrize(("subject", "sender", "header", "kind", "reason"), CASES.values(), ids=CASES.keys())
def test_who_wrote_a_mail_is_told_from_its_headers(subject, sender, header, kind, reason):
    headers, _ = split_headers(header.encode() + b"\r\n\r\n")
    assert automatic_reason(headers, kind, subject, sender) == reason
