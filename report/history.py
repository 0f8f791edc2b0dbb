"""What people decided, as sentences, with what was taken back and what can be."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from report.form_words import key_words
from report.plain import plain_line
from report.words import ACTION_ZH, until_text
from rules.campaign import Campaign
from rules.claims import Decision
from rules.overruling import Action, standing

_ABOUT_A_FILE = frozenset({Action.ASSIGN, Action.ACCEPT, Action.REJECT, Action.CORRECT, Action.VERIFY})


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryEntry:
    """One decision. `what` names what was decided about what; `is_standing` is false once it was taken back."""

    id: int
    what: str
    author: str
    decided_at: datetime
    reason: str
    is_standing: bool
    action: str
    message_sha256: str
    path: str

    @property
    def is_undo(self) -> bool:
        return self.action == Action.UNDO


def history_of(
    decisions: Collection[Decision], campaign: Campaign, *, at: datetime, wanted: Iterable[Decision] | None = None
) -> tuple[HistoryEntry, ...]:
    """The newest first. `decisions` are all there are, `wanted` those to be told (None: all)."""
    by_id = {decision.id: decision for decision in decisions}
    standing_ids = {decision.id for decision in standing(decisions, campaign_key=None, at=at)}
    told = [decision for decision in (decisions if wanted is None else wanted) if decision.decided_at <= at]
    return tuple(
        HistoryEntry(
            id=decision.id,
            what=_what(decision, by_id, campaign),
            author=plain_line(decision.author),
            decided_at=decision.decided_at,
            reason=plain_line(decision.reason),
            is_standing=decision.id in standing_ids,
            action=decision.action,
            message_sha256=decision.message_sha256,
            path=decision.path,
        )
        for decision in sorted(told, key=lambda one: one.id, reverse=True)
    )


def about_unit(decisions: Collection[Decision], unit: str, messages: Collection[str]) -> tuple[Decision, ...]:
    """Those about the unit or one of its mails, and what takes one of them back."""
    own = {one.id for one in decisions if one.unit == unit or (one.message_sha256 and one.message_sha256 in messages)}
    for decision in sorted(decisions, key=lambda one: one.id):
        if decision.undoes in own:
            own.add(decision.id)
    return tuple(decision for decision in decisions if decision.id in own)


def _what(decision: Decision, by_id: dict[int, Decision], campaign: Campaign) -> str:
    word = ACTION_ZH.get(decision.action, decision.action)
    undone = by_id.get(decision.undoes) if decision.undoes is not None else None
    if undone is not None:
        return f"{word}：{_what(undone, by_id, campaign)}"
    return f"{word}：{'，'.join(_about(decision, campaign))}" if _about(decision, campaign) else word


def _about(decision: Decision, campaign: Campaign) -> list[str]:
    words = [plain_line(decision.unit)] if decision.unit else []
    if decision.deliverable:
        words.append(_title(decision.deliverable, campaign))
    if decision.action == Action.CORRECT:
        words.append(f"{key_words(decision.field)}改为“{plain_line(decision.value)}”")
    if decision.action == Action.REMEMBER_SENDER:
        words.append(plain_line(decision.value))
    if decision.until:
        words.append(until_text(decision, campaign.zone))
    if decision.action in _ABOUT_A_FILE and not decision.path and decision.message_sha256:
        words.append("整封邮件")
    return words


def _title(key: str, campaign: Campaign) -> str:
    titles = {deliverable.key: plain_line(deliverable.title) or key for deliverable in campaign.deliverables}
    return titles.get(key, key)
