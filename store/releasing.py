"""What people say to outgoing mail, each with its entry in the audit log, in one transaction.

`seen` holds the version by id of what was shown; each function gives the ids that it changed. What was changed by
another since it was shown is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from store import audit, outbox, sending


def approve(session: Session, seen: Mapping[int, int], *, at: datetime, by: str) -> frozenset[int]:
    """The drafts may go."""
    return _recorded(session, outbox.approve, seen, at=at, by=by, action="mail_approved", after="待发")


def discard(session: Session, seen: Mapping[int, int], *, at: datetime, by: str) -> frozenset[int]:
    """What waits, has failed or is unknown is set aside for good."""
    return _recorded(session, outbox.discard, seen, at=at, by=by, action="mail_discarded", after="已作废")


def send_again(session: Session, seen: Mapping[int, int], *, at: datetime, by: str) -> frozenset[int]:
    """What failed, or may not have gone, goes once more."""
    return _recorded(session, outbox.release_again, seen, at=at, by=by, action="mail_sent_again", after="待发")


def set_switch(session: Session, *, is_on: bool, at: datetime, by: str) -> None:
    """Whether mail goes out at all."""
    before = sending.switch(session)
    halted = sending.halted_because(session)
    sending.set_switch(session, is_on=is_on, at=at, by=by)
    if is_on != before.is_on or halted:
        audit.record(
            session,
            at=at,
            author=by,
            action="mail_switched",
            subject="自动发信",
            before=halted or _word(before.is_on),
            after=_word(is_on),
        )


def _word(is_on: bool) -> str:  # noqa: FBT001 - the one thing that it words
    return "已开启" if is_on else "已关闭"


def _recorded(
    session: Session,
    do: Callable[..., frozenset[int]],
    seen: Mapping[int, int],
    *,
    at: datetime,
    by: str,
    action: str,
    after: str,
) -> frozenset[int]:
    changed = do(session, seen, at=at, by=by)
    for mail_id in sorted(changed):
        mail = outbox.find(session, mail_id)
        subject = f"{mail_id} {mail.letter.subject}" if mail else str(mail_id)
        audit.record(session, at=at, author=by, action=action, subject=subject, after=after)
    return changed
