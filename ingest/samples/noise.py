"""Mail that submits nothing, and mail that holds only a link: what else lies in the mailbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from ingest.samples.letters import OFFICE, Letter


def auto_reply(sender: tuple[str, str], received_at: datetime) -> Letter:
    return Letter(
        sender=sender,
        subject="自动回复: 关于报送活动周材料的提醒",
        body="您好，您的邮件已收到，我会尽快处理。这是来自QQ邮箱的假期自动回复邮件。",
        received_at=received_at,
        charset="gb18030",
        headers=(("Auto-Submitted", "auto-replied"), ("X-Autoreply", "yes")),
    )


def newsletter(received_at: datetime, number: int = 1) -> Letter:
    return Letter(
        sender=("教育装备资讯", "news@edu-news.example"),
        subject=f"【教育装备周刊】第{number}期：智慧校园建设方案精选",
        body="本期导读：智慧黑板采购方案、实验室建设方案……\n如不想再收到此类邮件，请点击退订。",
        received_at=received_at,
        is_html=True,
        headers=(("List-Unsubscribe", "<https://edu-news.example/unsubscribe>"), ("Precedence", "bulk")),
    )


def provider_notice(received_at: datetime) -> Letter:
    return Letter(
        sender=("网易邮箱中心", "mail@service.netease.com"),
        subject="网易邮箱提醒：您的邮箱在新设备上登录",
        body="亲爱的用户：\n您的邮箱于近日在新设备上登录。如非本人操作，请及时修改密码。\n网易邮箱中心",
        received_at=received_at,
        is_html=True,
        headers=(("Auto-Submitted", "auto-generated"),),
    )


def bounce(received_at: datetime, to: str) -> Letter:
    return Letter(
        sender=("Postmaster", "postmaster@126.com"),
        subject="系统退信",
        body=f"抱歉，您的邮件被退回来了。\n收件人：{to}\n退信原因：收件人邮件地址不存在。\n550 User not found",
        received_at=received_at,
        headers=(("Auto-Submitted", "auto-replied"), ("Return-Path", "<>")),
    )


def question(sender: tuple[str, str], received_at: datetime, number: int = 0) -> Letter:
    """A unit asks something and submits nothing."""
    questions = (
        ("请问活动方案需要盖章吗", "老师您好，请问活动周方案和附件1需要盖章吗？纸质稿要不要送？谢谢！"),
        ("咨询", "您好，照片一定要五张吗？视频可以吗？"),
        ("收到", "收到，谢谢！材料我们会按时报送。"),
    )
    subject, body = questions[number % len(questions)]
    return Letter(sender=sender, subject=subject, body=body, received_at=received_at)


def cloud_link(sender: tuple[str, str], subject: str, filename: str, received_at: datetime) -> Letter:
    """The file itself is not in the mail: NetEase's 云附件 with its expiry."""
    expires = received_at + timedelta(days=15)
    code = "X-NETEASE-HUGE-ATTACHMENT"
    url = f"https://mail.163.com/large-attachment-download/index.html?p={code}&file=demo&title=demo"
    body = (
        "老师好，视频太大，用云附件发送，请及时下载。\n\n"
        "从网易163邮箱发来的云附件\n\n"
        f"{filename} (80.96M, {expires.year}年{expires.month}月{expires.day}日 {expires:%H:%M} 到期)\n下载：{url}\n"
    )
    return Letter(sender=sender, subject=subject, body=body, received_at=received_at)


def reply_of_the_office(to_unit: tuple[str, str], received_at: datetime) -> Letter:
    """A unit's person answers our own mail and quotes it; nothing is attached."""
    quoted = f"> 发件人：{OFFICE[0]} <{OFFICE[1]}>\n> 请贵单位于11月20日前报送统计表、总结和五张照片。"
    return Letter(
        sender=to_unit,
        subject="回复：关于报送活动周材料的提醒",
        body=f"好的，马上报。\n\n{quoted}",
        received_at=received_at,
    )
