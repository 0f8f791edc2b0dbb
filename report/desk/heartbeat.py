"""The line that says how well the mailbox is seen: silence only means something while mail is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from report.desk.port import Heartbeat


@dataclass(frozen=True, kw_only=True, slots=True)
class HeartbeatLine:
    """`work` says what is going on, `warning` what it means when the mailbox is not seen."""

    words: str
    work: str
    warning: str
    is_blind: bool


def heartbeat_line(heartbeat: Heartbeat, now: datetime) -> HeartbeatLine:
    is_blind = heartbeat.is_blind(now)
    work = [f"{heartbeat.waiting} 封正在识别"] if heartbeat.waiting else []
    work += [f"{heartbeat.failed} 封未能解析"] if heartbeat.failed else []
    return HeartbeatLine(
        words=f"最近一次成功收信 {ago(now - heartbeat.read_at)}" if heartbeat.read_at else "还没有成功收过信",
        work="，".join(work),
        warning="没有看到的邮件可能已在邮箱里，请检查网络和邮箱设置" if is_blind else "",
        is_blind=is_blind,
    )


def ago(passed: timedelta) -> str:
    """刚刚, 3 分钟前, 2 小时前, 4 天前."""
    minutes = int(passed.total_seconds() // 60)
    if minutes < 1:
        return "刚刚"
    if minutes < 60:
        return f"{minutes} 分钟前"
    return f"{minutes // 60} 小时前" if minutes < 48 * 60 else f"{minutes // (24 * 60)} 天前"
