"""Files that were sent as links to a cloud: until when they can still be fetched, seen from the moment of a report.

Providers name a day, or a day and a time, of Beijing; a bare day lasts to its end. Days are counted by the calendar, as
people do: what expires tomorrow morning has one day left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from rules.claims import Claim
from rules.extraction import Link
from rules.findings import Code, Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiringLink:
    """A link with the days that it has left: 0 today, negative once it has expired, None where nobody said."""

    link: Link
    days_left: int | None

    @property
    def text(self) -> str:
        """云附件链接还有 3 天到期; empty where nobody said."""
        if self.days_left is None:
            return ""
        if self.days_left < 0:
            return "云附件链接已过期"
        return f"云附件链接还有 {self.days_left} 天到期" if self.days_left else "云附件链接今天到期"


def expiring(link: Link, *, sent_at: datetime, at: datetime, zone: ZoneInfo) -> ExpiringLink:
    """How the link stands at a moment. `sent_at` is when its mail was received, `zone` that of the campaign."""
    expires_at = expires_at_of(link, sent_at, zone)
    if expires_at is None:
        return ExpiringLink(link=link, days_left=None)
    if expires_at <= at:
        return ExpiringLink(link=link, days_left=min(-1, _days(at, expires_at, zone)))
    return ExpiringLink(link=link, days_left=_days(at, expires_at, zone))


def link_finding(link: Link, expiry: str = "") -> Finding:
    """`link_only`, with the link and its expiry; `expiry` says how long it still lasts."""
    name = f"“{link.filename}”" if link.filename else "文件"
    code = f"提取码 {link.access_code}" if link.access_code else ""
    about = "，".join(filter(None, [link.provider, link.size_text, _validity(link), link.url, code]))
    stands = f"，{expiry}" if expiry else ""
    detail = f"{name}以网盘或云附件链接发送（{about}），未收到文件本身{stands}，请改用普通附件报送"
    return Finding(code=Code.LINK_ONLY, detail=detail)


def _validity(link: Link) -> str:
    if link.expires_at:
        return f"有效期至{link.expires_at.replace('T', ' ')}"
    return f"有效期 {link.valid_days} 天" if link.valid_days is not None else ""


def seen_at(claim: Claim, *, at: datetime, zone: ZoneInfo) -> Claim:
    """The claim of a linked file with a finding that says how long the link still lasts; any other as it is."""
    found = claim.extraction.findings
    if not claim.extraction.links or all(finding.code is not Code.LINK_ONLY for finding in found):
        return claim
    link = expiring(claim.extraction.links[0], sent_at=claim.received_at, at=at, zone=zone)
    told = [link_finding(link.link, link.text) if one.code is Code.LINK_ONLY else one for one in found]
    return replace(claim, extraction=replace(claim.extraction, findings=tuple(told)))


def expires_at_of(link: Link, sent_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment at which it is gone."""
    if not link.expires_at and link.valid_days is not None:
        return sent_at + timedelta(days=link.valid_days)
    try:
        moment = datetime.fromisoformat(link.expires_at)
    except ValueError:
        return None
    if "T" not in link.expires_at:
        moment = datetime.combine(moment.date() + timedelta(days=1), time.min)
    return moment.replace(tzinfo=moment.tzinfo or zone)


def _days(at: datetime, expires_at: datetime, zone: ZoneInfo) -> int:
    last = (expires_at.astimezone(zone) - timedelta(microseconds=1)).date()
    return (last - at.astimezone(zone).date()).days
