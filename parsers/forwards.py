"""Finds mails that were forwarded inline: quoted with their header lines in the text of the forwarding mail.

    inline_forwards(text, subject) -> (sender's text, subject's text) of each, outermost first

A block of at least two header lines is taken, one of them 发件人/From. A reply quotes in the same words; so in a mail
whose subject starts as a reply only blocks under an express mark of forwarding count.
"""

from __future__ import annotations

import re
from typing import Final

MAX_FORWARDS: Final = 20
_MAX_LINES: Final = 20_000
_BLOCK_LINES: Final = 8
_MARK_LINES: Final = 4

_PREFIX: Final = r"^[\s>|*_]*"
_SENDER: Final = re.compile(_PREFIX + r"(?:发\s*件\s*人|寄件者|寄件人|发信人|From)\**\s*[:：]\**\s*(.*)", re.IGNORECASE)
_SUBJECT: Final = re.compile(_PREFIX + r"(?:主\s*题|标\s*题|主旨|Subject)\**\s*[:：]\**\s*(.*)", re.IGNORECASE)
_OTHER: Final = re.compile(
    _PREFIX + r"(?:发送时间|发送日期|日\s*期|时\s*间|收\s*件\s*人|收件者|抄\s*送|寄件日期|Date|Sent|To|Cc)\**\s*[:：]",
    re.IGNORECASE,
)
_FORWARD_MARK: Final = re.compile(r"forwarded message|转发的?邮件|转发邮件信息|已转发|以下是转发", re.IGNORECASE)
_REPLY_SUBJECT: Final = re.compile(r"^\s*(?:re|回复|答复|回覆|答覆)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)


def inline_forwards(text: str, subject: str) -> list[tuple[str, str]]:
    """(text after 发件人, text after 主题) of each quoted mail; the subject may be empty."""
    lines = text.split("\n")[:_MAX_LINES]
    is_reply = bool(_REPLY_SUBJECT.match(subject))
    found = []
    for number, line in enumerate(lines):
        sender = _SENDER.match(line)
        if not sender or (is_reply and not _is_marked(lines, number)):
            continue
        block = _block(lines, number)
        if block:
            found.append((sender[1].strip() or _value_below(lines, number), _subject(block)))
        if len(found) >= MAX_FORWARDS:
            break
    return found


def _block(lines: list[str], number: int) -> list[str]:
    """The other header lines around the sender's; empty when there are none, and it is just a word in a text."""
    near = lines[max(0, number - 2) : number] + lines[number + 1 : number + 1 + _BLOCK_LINES]
    return [line for line in near if _SUBJECT.match(line) or _OTHER.match(line)]


def _subject(block: list[str]) -> str:
    return next((match[1].strip() for line in block if (match := _SUBJECT.match(line))), "")


def _value_below(lines: list[str], number: int) -> str:
    """Some programs set the value on the line below its label."""
    below = lines[number + 1].strip() if number + 1 < len(lines) else ""
    return "" if _OTHER.match(below) or _SUBJECT.match(below) else below


def _is_marked(lines: list[str], number: int) -> bool:
    return any(_FORWARD_MARK.search(line) for line in lines[max(0, number - _MARK_LINES) : number])
