"""What an SMTP server's refusal means, and what is to be done: a table, asked from the top.

    Course   AGAIN      the same mail, not before `wait` has passed
             TOMORROW   a limit of the day is used up
             NEVER      the mail is refused as it is
             HALT       nothing can go until a person has mended the account or the configuration
    whole    it is the account that is meant, not this mail: all mail waits

NetEase names its reasons by codes such as DT:SPM, QQ by words; both use 5xx for what passes with time, so that the code
of RFC 5321 alone decides only where nothing better is known. Sources: help.mail.163.com/help_spam_16.htm, and what
public mail programs were answered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Course(StrEnum):
    AGAIN = "again"
    TOMORROW = "tomorrow"
    NEVER = "never"
    HALT = "halt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What is to be done about a refusal. `advice` is a Chinese sentence for the coordinator; `is_about_recipient`: the
    address does not exist or takes no mail.
    """

    course: Course
    advice: str
    wait: timedelta = timedelta(0)
    is_whole_account: bool = False
    is_about_recipient: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer of the server, e.g. 554 and "DT:SPM 126 smtp2,…"."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


def _again(minutes: int, advice: str, *, whole: bool = False) -> Meaning:
    return Meaning(course=Course.AGAIN, wait=timedelta(minutes=minutes), advice=advice, is_whole_account=whole)


def _tomorrow(advice: str) -> Meaning:
    return Meaning(course=Course.TOMORROW, advice=advice, is_whole_account=True)


def _never(advice: str, *, recipient: bool = False) -> Meaning:
    return Meaning(course=Course.NEVER, advice=advice, is_about_recipient=recipient)


def _halt(advice: str) -> Meaning:
    return Meaning(course=Course.HALT, advice=advice, is_whole_account=True)


_FROM_DIFFERS: Final = _halt("发件地址须与登录账号一致，请改正 [smtp] 的 username 或 address")
_LOGIN: Final = _halt("登录被拒绝：请在网页邮箱开启 SMTP，并使用授权码（不是网页密码）")
_SPAM: Final = _never("被服务商判为垃圾邮件，请修改措辞后再发，不要原样重发")
_BUSY: Final = _again(15, "发送过于频繁，服务商要求稍后再发", whole=True)

_NOBODY: Final = (
    r"user (?:unknown|not found|not exist|doesn)",
    r"(?:no such|unknown|invalid) (?:user|recipient|mailbox)",
    r"mailbox (?:not found|unavailable)",
    r"not exist",
    r"用户不存在|帐号不存在|账号不存在",
)

_TABLE: Final[tuple[tuple[str, Meaning], ...]] = (
    (r"^\d+ .*(?:must equal authorized|mail from address must be same|DT:SUM)", _FROM_DIFFERS),
    (r"^(?:530|534|535|538) |too (?:much|many) fail\w* authent|authentication (?:failed|required)|\bER:AUTH", _LOGIN),
    (r"^4\d\d .*DT:SPM", _again(2, "服务商要求稍后再发")),
    (r"DT:SPM|DT:SUR|MI:SPB|\bspam\b|垃圾邮件", _SPAM),
    (r"MI:SFQ|RP:QRC", _BUSY),
    (
        r"MI:STC|RP:TRC|daily (?:message|user|sending)? ?(?:sending )?(?:quota|limit)|当日|每日",
        _tomorrow("已达服务商当日发信上限，次日再发"),
    ),
    (r"RP:RCL|too many recipients", _never("一封邮件的收件人过多，请减少抄送")),
    (r"HL:I(?:HU|PB)", _again(60, "本机网络地址被服务商列入限制，请联系网络管理员", whole=True)),
    (r"HL:(?:ICC|IFC|REP|MEP)", _again(30, "连接过于频繁，服务商要求稍后再发", whole=True)),
    (r"frequency|frequent(?:ly)?|频率|频繁", _again(60, "发送过于频繁，服务商要求一小时后再发", whole=True)),
    (r"MI:(?:SPF|DMA)", _halt("发件域名的 SPF 或 DMARC 未通过，请联系邮箱管理员")),
    (r"^552 .*attachment|illegal attachment", _never("服务商不接受邮件中的附件")),
    (r"mailsize|message (?:size|too (?:big|large))|exceed\w* .*size", _never("邮件超过服务商允许的大小")),
    (r"local user only", _never("服务商只允许发往本域地址", recipient=True)),
    (r"^4\d\d .*(?:4\.2\.2|quota|full|空间)|^452 ", _again(60, "对方邮箱已满或服务商暂时繁忙")),
    (r"^5\d\d .*(?:5\.2\.2|quota|full\b|空间不足|已满)", _never("对方邮箱已满", recipient=True)),
    (
        rf"^5\d\d .*(?:5\.1\.[0-36]|{'|'.join(_NOBODY)})",
        _never("收件地址不存在", recipient=True),
    ),
    (r"^421 ", _again(15, "服务商暂时不接受连接", whole=True)),
    (r"^4\d\d ", _again(5, "服务商要求稍后再发")),
)
_MEANINGS: Final = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), meaning) for pattern, meaning in _TABLE)
_REFUSED: Final = _never("被服务商拒绝")


def meaning_of(reply: Reply) -> Meaning:
    """What the refusal means; one that is in no row is for ever."""
    said = str(reply)
    return next((meaning for pattern, meaning in _MEANINGS if pattern.search(said)), _REFUSED)
