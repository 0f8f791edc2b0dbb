"""Bounces as servers and providers write them, made by hand; `id` is the Message-ID of the mail that came back."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.text import MIMEText

OUR_ID = "<reminder.0123456789abcdef.fedcba9876543210@126.example>"


def returned(message_id: str = OUR_ID) -> bytes:
    mail = EmailMessage()
    mail["From"] = "bureau@126.example"
    mail["To"] = "unit@example.org"
    mail["Subject"] = "【催报】直溪镇 缺 活动总结"
    mail["Message-ID"] = message_id
    mail.set_content("请补交活动总结，空间不足时请分多封发送。")
    return mail.as_bytes()


def report(
    *recipients: dict[str, str], message_id: str = OUR_ID, only_headers: bool = False, subject: str = "Undelivered Mail"
) -> bytes:
    """RFC 3464, as postfix writes it. Each recipient: the fields of its block."""
    blocks = ["Reporting-MTA: dns; mx.example.org\nArrival-Date: Tue, 21 Nov 2023 09:00:00 +0800\n"]
    blocks += ["".join(f"{name}: {value}\n" for name, value in fields.items()) for fields in recipients]
    mail = returned(message_id)
    parts = [
        ("text/plain", b"I'm sorry to have to inform you that your message could not be delivered.\n"),
        ("message/delivery-status", "\n".join(blocks).encode()),
        ("text/rfc822-headers", mail.partition(b"\n\n")[0] + b"\n") if only_headers else ("message/rfc822", mail),
    ]
    head = (
        f"From: MAILER-DAEMON@mx.example.org\nTo: bureau@126.example\nSubject: {subject}\n"
        "Message-ID: <bounce@mx.example.org>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"\n\n'
    ).encode()
    body = b"".join(b"--edge\nContent-Type: " + kind.encode() + b"\n\n" + text + b"\n" for kind, text in parts)
    return head + body + b"--edge--\n"


def failed(
    address: str = "unit@example.org", status: str = "5.1.1", said: str = "", action: str = "failed"
) -> dict[str, str]:
    return {
        "Final-Recipient": f"rfc822; {address}",
        "Action": action,
        "Status": status,
        **({"Diagnostic-Code": f"smtp; {said}"} if said else {}),
    }


def page(sender: str, subject: str, html: str, charset: str = "utf-8") -> bytes:
    """A provider's notice: HTML only, no part of RFC 3464."""
    mail = MIMEText(html, "html", charset)
    mail["From"] = sender
    mail["To"] = "bureau@126.example"
    mail["Subject"] = subject
    mail["Message-ID"] = "<notice@provider.example>"
    return mail.as_bytes()


NETEASE = page(
    "Postmaster@163.com",
    "系统退信",
    "<html><body><div>抱歉，您的邮件被退回来了……</div><table><tr><td>收件人</td><td>unit@example.org</td></tr>"
    "<tr><td>主　　题</td><td>【催报】直溪镇 缺 活动总结</td></tr><tr><td>时　　间</td><td>2023-11-21 09:00</td></tr>"
    "</table><div>退信原因：收件人邮件地址（unit@example.org）不存在，邮件无法送达。</div>"
    "<div>SMTP error, RCPT TO: 550 User not found: unit@example.org</div></body></html>",
    "gbk",
)
QQ = page(
    "PostMaster@qq.com",
    "退信通知",
    "<html><body><p>您的邮件《【催报】直溪镇 缺 活动总结》未能送达。</p><p>收件人：unit@example.org</p>"
    "<p>退信原因：对方服务器返回 550 Connection frequency limited</p>"
    f"<p>原邮件</p><p>Message-ID: {OUR_ID.replace('<', '&lt;').replace('>', '&gt;')}</p></body></html>",
)
