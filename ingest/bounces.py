"""What an arriving message says about mail of ours: that it came back, that it is answered, that its sender is there.

Called in the transaction that records the message, so that neither is lost and neither counts twice.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from rules.bouncing import BounceNotice
from rules.messages import ReceivedMessage
from rules.outgoing import OutgoingMail
from store import contacts, outbox, replies
from store.contacts import Bounce
from store.engine import Session

log = logging.getLogger(__name__)

_COMES_BACK_WITHIN: Final = timedelta(days=7)


def note_arrival(session: Session, message: ReceivedMessage, notice: BounceNotice | None) -> None:
    """Records the bounce, or that a person has written from the address, perhaps in answer to a letter of ours."""
    envelope = message.envelope
    if notice is not None:
        _note_bounce(session, message, notice)
    elif envelope.header_from and not envelope.is_automatic:
        contacts.hear_from(session, envelope.header_from.address, at=message.received_at)
        answered = dict.fromkeys((envelope.in_reply_to, *reversed(envelope.references)))
        replies.record_reply(session, message.sha256, answered, at=message.received_at)


def _note_bounce(session: Session, message: ReceivedMessage, notice: BounceNotice) -> None:
    mail = _returned_mail(session, message, notice)
    if mail is None:
        log.info("a bounce of mail that is not ours", extra={"action": "bounce_unknown", "sha256": message.sha256})
        return
    for failed in notice.failed_among((*mail.letter.to, *mail.letter.cc)):
        contacts.record_bounce(
            session,
            Bounce(
                message_sha256=message.sha256,
                outgoing_id=mail.id,
                address=failed.address,
                kind=failed.kind,
                at=message.received_at,
                reason=failed.reason,
            ),
        )
        log.info(
            "mail came back",
            extra={"action": "bounce_recorded", "outgoing_id": mail.id, "kind": failed.kind.value},
        )


def _returned_mail(session: Session, message: ReceivedMessage, notice: BounceNotice) -> OutgoingMail | None:
    """By Message-ID; some providers name none: then by recipient and subject, among what went within a week."""
    for message_id in notice.message_ids:
        mail = outbox.find_by_message_id(session, message_id)
        if mail is not None:
            return mail
    named = {*notice.mentioned, *(one.address for one in notice.recipients)}
    recent = outbox.gone_to(session, named, since=message.received_at - _COMES_BACK_WITHIN)
    text = "".join(notice.text.split())
    return next((mail for mail in recent if "".join(mail.letter.subject.split()) in text), None)
