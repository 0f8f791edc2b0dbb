"""Loads mails with their files and claims, as the views want them."""

from __future__ import annotations

from collections.abc import Collection

from report.unit_view import Mail
from rules.claims import Claim
from store import claims, messages
from store.engine import Session


def load_mails(session: Session, digests: Collection[str]) -> list[Mail]:
    """Those of these messages that have been read, the oldest first."""
    of_message: dict[str, list[Claim]] = {}
    for claim in claims.claims_of(session, digests):
        of_message.setdefault(claim.message_sha256, []).append(claim)
    return [
        Mail(
            message=message,
            parts=messages.parts_of(session, message.sha256),
            claims=tuple(of_message.get(message.sha256, ())),
            note=_note(session, message.sha256) if message.sha256 not in of_message else "",
        )
        for message in messages.received_messages(session, only=set(digests))
    ]


def _note(session: Session, sha256: str) -> str:
    placement = claims.placement_of(session, sha256)
    if placement is None:
        return ""
    return placement.unattributed.reason if placement.unattributed else placement.note
