"""A person's decisions: which of them stand, and what they say about one unit's deliverable or one file of it.

Decisions are append-only and ordered by their ids. One that was taken after the moment of the report does not count. An
`undo` takes back an earlier decision, an `undo` of an `undo` restores it. Of several words about the same thing the
newest stands; a word about one deliverable outranks a word about all of the unit's.

`accept` and `reject` name a file (message and path), all files of a message (no path; the path of an archive names what
is inside it too), or, without a message, the unit's deliverable as it stood when the decision was taken.
`assign`, `remember_sender`, `correct` and `verify` have been obeyed by placing before anything is judged; so has a
`reject` of mail that was put to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.claims import Claim, Decision


class Action(StrEnum):
    """What a decision does."""

    ASSIGN = "assign"  # placing obeys it
    ACCEPT = "accept"
    REJECT = "reject"
    EXEMPT = "exempt"
    EXTEND = "extend"
    RECEIVED_OFFLINE = "received_offline"
    ON_TIME = "on_time"
    MUTE = "mute"  # no reminders to the unit, until a moment or until taken back; changes no status
    CORRECT = "correct"  # a value of a form reads otherwise; placing obeys it
    VERIFY = "verify"  # the values of a file's forms are as they were read; placing obeys it
    REMEMBER_SENDER = "remember_sender"  # mail from an address is evidence for a unit; placing obeys it
    UNDO = "undo"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rulings:
    """What stands about one unit's deliverable. `files` holds what was accepted and rejected, oldest first."""

    exempt: Decision | None = None
    extend: Decision | None = None
    received_offline: Decision | None = None
    on_time: Decision | None = None
    files: tuple[Decision, ...] = ()

    def on_file(self, claim: Claim) -> Decision | None:
        """The newest word about this file: an accept, a reject, or nothing."""
        return next((decision for decision in reversed(self.files) if _names(decision, claim)), None)

    def newest(self, claims: Iterable[Claim]) -> Decision | None:
        """The decision to show beside the status: the exemption, else the newest that bears on it."""
        if self.exempt:
            return self.exempt
        about_files = (self.on_file(claim) for claim in claims)
        bearing = [
            found for found in (self.extend, self.received_offline, self.on_time, *about_files) if found is not None
        ]
        return max(bearing, key=lambda decision: decision.id, default=None)


def is_of_whole_deliverable(decision: Decision) -> bool:
    """True for an accept or a reject of everything that was there, not of a file or a message."""
    return not decision.message_sha256


def standing(decisions: Iterable[Decision], *, campaign_key: str | None, at: datetime) -> tuple[Decision, ...]:
    """The decisions about this campaign (None: any) that were taken by `at` and not taken back, oldest first."""
    undone: set[int] = set()
    kept: list[Decision] = []
    for decision in sorted(decisions, key=lambda one: one.id, reverse=True):
        if decision.decided_at > at or decision.id in undone:
            continue
        if decision.action != Action.UNDO:
            kept.append(decision)
        elif decision.undoes is not None:
            undone.add(decision.undoes)
    return tuple(one for one in reversed(kept) if campaign_key is None or one.campaign in ("", campaign_key))


def remembered_senders(decisions: Iterable[Decision]) -> dict[str, str]:
    """Unit by address in lower case, of standing decisions, oldest first: the newest word about an address counts."""
    return {
        decision.value.lower(): decision.unit for decision in decisions if decision.action == Action.REMEMBER_SENDER
    }


def rulings_on(decisions: Sequence[Decision], unit: str, deliverable_key: str) -> Rulings:
    """What the standing decisions (oldest first) say about one unit's deliverable."""
    about = [decision for decision in decisions if _is_about(decision, unit, deliverable_key)]

    def newest(action: Action, is_usable: Callable[[Decision], bool] = lambda _: True) -> Decision | None:
        fitting = [decision for decision in about if decision.action == action and is_usable(decision)]
        return max(fitting, key=lambda decision: (decision.deliverable != "", decision.id), default=None)

    return Rulings(
        exempt=newest(Action.EXEMPT),
        extend=newest(Action.EXTEND, lambda decision: decision.until is not None),
        received_offline=newest(Action.RECEIVED_OFFLINE),
        on_time=newest(Action.ON_TIME),
        files=tuple(decision for decision in about if decision.action in (Action.ACCEPT, Action.REJECT)),
    )


def muted_units(decisions: Iterable[Decision], at: datetime) -> frozenset[str]:
    """The units that are not to be reminded at `at`, by the newest of the standing decisions (oldest first)."""
    newest = {decision.unit: decision for decision in decisions if decision.action == Action.MUTE}
    return frozenset(unit for unit, decision in newest.items() if decision.until is None or at <= decision.until)


def _is_about(decision: Decision, unit: str, deliverable_key: str) -> bool:
    if decision.deliverable not in ("", deliverable_key):
        return False
    if decision.action in (Action.ACCEPT, Action.REJECT) and decision.message_sha256:
        return decision.unit in ("", unit)
    return decision.unit == unit


def _names(decision: Decision, claim: Claim) -> bool:
    if is_of_whole_deliverable(decision):
        return claim.received_at <= decision.decided_at
    if decision.message_sha256 != claim.message_sha256:
        return False
    return not decision.path or claim.path == decision.path or claim.path.startswith(f"{decision.path}/")
