"""Mail that could not be taken apart: kept as the one file that it is, so that it is put to its unit and waits there.

Whoever sent it has sent something, so that nobody calls the unit missing; and a person can look at it, download it and
decide about it like about any other file. It is tried again when the parsers change.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from ingest.placement import PlacingRules
from rules.claims import Placement, Unattributed
from rules.extraction import Extraction, Kind
from rules.findings import Code, Finding
from rules.flatten import items_of
from rules.messages import Envelope, ReceivedMessage
from store import claims, extractions, messages
from store.engine import Session
from store.messages import StoredPart

log = logging.getLogger(__name__)

WHOLE: Final = "0"  # no part of a message has this number
FILENAME: Final = "原始邮件.eml"
_MESSAGE: Final = "message/rfc822"
_DEFECT: Final = "系统读取这封邮件时出错，原件已保存，已转人工核对，请暂勿重发"


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """At which stage it failed and why. `envelope`: what is known of the headers all the same.

    `error` is a reason in Chinese where the stage is `decode`; else it is the program's own, and no unit's business.
    """

    stage: str
    error: str
    envelope: Envelope | None = None

    @classmethod
    def of_defect(cls, error: Exception, envelope: Envelope | None = None) -> Failure:
        """Of what nobody foresaw."""
        return cls(stage="read", error=f"{type(error).__name__}: {error}", envelope=envelope)


def quarantine(session: Session, sha256: str, failure: Failure, *, rules: PlacingRules, parser_version: int) -> None:
    """Puts the message to its unit as a file that could not be read, or into the queue for a person."""
    known = messages.envelopes(session, [sha256]).get(sha256)
    envelope = (
        failure.envelope or known or Envelope(message_id=f"<{sha256[:32]}@quarantine>", header_from=None, subject="")
    )
    part = StoredPart(
        path=WHOLE,
        filename=FILENAME,
        declared_type=_MESSAGE,
        sha256=sha256,
        size_bytes=messages.size_bytes(session, sha256),
    )
    extraction = _unread(part, failure)
    messages.save_decoded(session, sha256, envelope, "", [part])
    extractions.save(session, sha256, FILENAME, parser_version, extraction, replaces=True)
    messages.mark_failed(session, sha256, failure.stage, failure.error, parser_version)
    message = ReceivedMessage(
        sha256=sha256,
        received_at=messages.received_at(session, sha256),
        envelope=envelope,
        items=items_of([(part, extraction)]),
    )
    claims.replace_placement(session, sha256, _placed(message, rules))


def _placed(message: ReceivedMessage, rules: PlacingRules) -> Placement:
    """What cannot even be put to a unit may be why it is here; it must not keep the next mail from being read."""
    try:
        return rules.place(message)
    except Exception:
        log.exception("not put to a unit", extra={"action": "placing_failed", "sha256": message.sha256})
        sender = message.envelope.header_from
        return Placement(
            unattributed=Unattributed(
                message_sha256=message.sha256,
                message_id=message.envelope.message_id,
                sender=sender.address if sender else "",
                subject=message.envelope.subject,
                received_at=message.received_at,
                reason="处理邮件时出错，无法判断所属单位，请人工查看",
                paths=(WHOLE,),
            )
        )


def _unread(part: StoredPart, failure: Failure) -> Extraction:
    detail = f"整封邮件无法拆开（{failure.error}），原件已保存，请重新发送" if failure.stage == "decode" else _DEFECT
    return Extraction(
        file=FILENAME,
        media_type=_MESSAGE,
        kind=Kind.UNREADABLE,
        sha256=part.sha256,
        size_bytes=part.size_bytes,
        findings=(Finding(code=Code.UNREADABLE, detail=detail),),
    )
