"""A mail that came back: whose address, how final it is, and to which of our mails it belongs.

    hard      the address does not exist or takes no mail: it will not arrive there next time either
    soft      it did not arrive, but the address may be good: full, too many, refused for its content, unreachable host
    delayed   the server still tries: not failed

Providers give permanent codes for what passes with time ("550 … frequency limited") and for what is the mail's fault
and not the address's (5.7.x); so words outrank codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from rules.assessment import CampaignReport
from rules.outgoing import MailKind


class BounceKind(StrEnum):
    """How final it is that a mail did not arrive."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedRecipient:
    """One address that a mail did not reach; `reason` as the server put it."""

    address: str
    kind: BounceKind
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BounceNotice:
    """What a bounce says. `message_ids`: of the mail that came back, as far as it names any. Where it names no failed
    recipient by itself, `mentioned` holds the addresses in its text, and `kind` and `reason` what the text says.
    """

    message_ids: tuple[str, ...] = ()
    recipients: tuple[FailedRecipient, ...] = ()
    mentioned: tuple[str, ...] = ()
    text: str = ""
    kind: BounceKind = BounceKind.SOFT
    reason: str = ""

    def failed_among(self, sent_to: Iterable[str]) -> tuple[FailedRecipient, ...]:
        """Which of the addresses that the mail was sent to it did not reach.

        A server may name the address that a forwarding led to: where none of ours is named and there was only one, it
        is that one.
        """
        ours = tuple(dict.fromkeys(address.lower() for address in sent_to))
        named = tuple(one for one in self.recipients if one.address in ours)
        if named:
            return named
        if self.recipients:
            only = self.recipients[0]
            return (FailedRecipient(address=ours[0], kind=only.kind, reason=only.reason),) if len(ours) == 1 else ()
        mentioned = [address for address in ours if address in self.mentioned] or list(
            ours[:1] if len(ours) == 1 else ()
        )
        return tuple(FailedRecipient(address=address, kind=self.kind, reason=self.reason) for address in mentioned)


OUR_MESSAGE_ID: Final = re.compile(
    rf"<?\b((?:{'|'.join(MailKind)})\.[0-9a-f]{{16}}\.[0-9a-f]{{16}}@[A-Za-z0-9.-]+[A-Za-z0-9])"
)
"""The shape of the Message-IDs that we make; whether one is ours only the store can tell."""

_DELAYED: Final = re.compile(
    r"\bdelayed\b|still (?:trying|being retried)|will be retried|延迟|继续尝试|仍在尝试|暂未送达", re.IGNORECASE
)
_PASSING: Final = re.compile(
    r"frequen|too (?:many|fast)|rate.?limit|quota|over ?limit|mailbox (?:is )?full|full mailbox|空间不足|已满|容量|"
    r"time[ -]?out|timed out|lost connection|connect to|try again|temporar|greylist|频率|频繁|超时|稍后|"
    r"spam|content reject|垃圾|拒绝内容|内容|size limit|too large|exceeds?\b|邮件过大",
    re.IGNORECASE,
)
_NOBODY: Final = re.compile(
    r"user[ \w]{0,12}(?:unknown|not found|not exist|not known|suspended|disabled)|does ?n[o']t exist|not exist|"
    r"(?:no such|unknown|invalid|unavailable)[ \w]{0,6} (?:user|recipient|mailbox|address|account)|mailbox not found|"
    r"mailbox (?:currently )?unavailable|account (?:is )?(?:disabled|inactive)|host (?:or domain name )?not found|"
    r"用户不存在|帐号不存在|账号不存在|地址不存在|该用户不存在|未开通|已停用|已冻结|已注销",
    re.IGNORECASE,
)
_HARD_STATUS: Final = re.compile(r"5\.(?:0\.0|1\.\d+|2\.[01])\b")


def kind_of(action: str, status: str, said: str) -> BounceKind | None:
    """By the fields of RFC 3464: `Action`, `Status`, `Diagnostic-Code`. None where nothing failed."""
    action = action.strip().lower()
    if action in ("delivered", "relayed", "expanded"):
        return None
    if action == "delayed":
        return BounceKind.DELAYED
    by_words = kind_by_words(said)
    if by_words is BounceKind.HARD or _PASSING.search(said):
        return by_words if by_words is not BounceKind.DELAYED else BounceKind.SOFT
    return BounceKind.HARD if _HARD_STATUS.match(status.strip()) else BounceKind.SOFT


def kind_by_words(text: str) -> BounceKind:
    """Where only words are given. What they do not tell is soft: nobody is called unreachable on a guess."""
    if _NOBODY.search(text):
        return BounceKind.HARD
    return BounceKind.DELAYED if _DELAYED.search(text) else BounceKind.SOFT


def with_unreachable(report: CampaignReport, addresses: frozenset[str]) -> CampaignReport:
    """The report with the units marked that have addresses and all of them among these, which are in small letters."""
    if not addresses:
        return report
    units = (
        replace(one, is_unreachable=addresses.issuperset(address.lower() for address in one.unit.emails))
        if one.unit.emails
        else one
        for one in report.units
    )
    return replace(report, units=tuple(units))
