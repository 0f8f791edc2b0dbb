"""Reads a bounce: which of our mails came back, from which addresses, and how final it is.

    RFC 3464   a part message/delivery-status: blocks of fields, the first about the mail, one more for each recipient
    providers  an HTML page (NetEase 系统退信, QQ 退信通知): addresses and reasons stand in its text

The mail that came back is named by the Message-ID of the returned message or of its headers, where they are enclosed;
else by In-Reply-To or References, or by an ID of ours in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from parsers.charsets import decode_text
from parsers.headers import Headers, split_headers
from rules.bouncing import OUR_MESSAGE_ID, BounceNotice, FailedRecipient, kind_by_words, kind_of
from rules.messages import Envelope

BOUNCE: Final = "退信"
"""The reason by which `parsers.automatic` marks one."""

STATUS_TYPES: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
HEADER_TYPES: Final = frozenset({"text/rfc822-headers", "message/global-headers"})

_MAX_BYTES: Final = 64 * 1024
_MAX_RECIPIENTS: Final = 100
_MAX_REASON_CHARS: Final = 200
_QUOTE: Final = re.compile(
    r"-{3,} ?(?:原始邮件|original message)|^(?:原邮件|原文|message-id:)", re.IGNORECASE | re.MULTILINE
)
_ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_REASON: Final = re.compile(
    r"(?:退信原因|原因|错误信息|服务器返回|said|error)[^\S\n]*[：:]?\s*([^\n]{4,200})|(\b[45]\d\d[ -][^\n]{4,200})",
    re.IGNORECASE,
)


def read_bounce(
    headers: Headers, envelope: Envelope, body_text: str, files: Iterable[tuple[str, Path]]
) -> BounceNotice | None:
    """What the message says, None for one that is no bounce. `envelope` with its origins; `files`: declared type and
    decoded bytes of each part.
    """
    if envelope.automatic_reason != BOUNCE:
        return None
    by_type = [(declared, _head(path)) for declared, path in files if declared in STATUS_TYPES | HEADER_TYPES]
    statuses = [text for declared, text in by_type if declared in STATUS_TYPES]
    returned = [split_headers(text)[0] for declared, text in by_type if declared in HEADER_TYPES]
    recipients = tuple(_recipients(statuses))[:_MAX_RECIPIENTS]
    failed = headers.text("x-failed-recipients").text
    return BounceNotice(
        message_ids=_message_ids(envelope, returned, body_text),
        recipients=recipients,
        mentioned=tuple(dict.fromkeys(address.lower() for address in _ADDRESS.findall(f"{failed}\n{body_text}")))[
            :_MAX_RECIPIENTS
        ],
        text=body_text[:_MAX_BYTES],
        kind=kind_by_words(f"{envelope.subject}\n{_own_words(body_text)}"),
        reason=_reason(body_text),
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES)


def _recipients(statuses: Sequence[bytes]) -> Iterator[FailedRecipient]:
    """The first block of a report is about the mail as a whole and names nobody."""
    for status in statuses:
        for block in re.split(rb"\r?\n[ \t]*\r?\n", status):
            fields = split_headers(block.lstrip() + b"\r\n\r\n")[0]
            address = _address(fields, "original-recipient") or _address(fields, "final-recipient")
            said = fields.text("diagnostic-code").text.partition(";")[2].strip() or fields.text("status").text
            kind = kind_of(fields.text("action").text, fields.text("status").text, said)
            if address and kind:
                yield FailedRecipient(address=address, kind=kind, reason=said[:_MAX_REASON_CHARS])


def _address(fields: Headers, name: str) -> str:
    """`rfc822; someone@example.org`."""
    found = _ADDRESS.search(fields.text(name).text.rpartition(";")[2])
    return found[0].lower() if found else ""


def _message_ids(envelope: Envelope, returned: Sequence[Headers], body_text: str) -> tuple[str, ...]:
    """The likeliest first."""
    enclosed = [origin.message_id for origin in envelope.origins]
    enclosed += [decode_text(headers.raw("message-id")).text.strip() for headers in returned]
    quoted = [envelope.in_reply_to, *reversed(envelope.references)]
    written = [f"<{found}>" for found in OUR_MESSAGE_ID.findall(body_text)]
    return tuple(dict.fromkeys(one for one in (*enclosed, *quoted, *written) if one))


def _own_words(body_text: str) -> str:
    """Without what it quotes of the mail that came back, whose words say nothing about the reason."""
    return _QUOTE.split(body_text, maxsplit=1)[0]


def _reason(body_text: str) -> str:
    found = _REASON.search(_own_words(body_text))
    return " ".join((found[1] or found[2]).split())[:_MAX_REASON_CHARS] if found else ""
