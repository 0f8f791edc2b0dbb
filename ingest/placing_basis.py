"""On what placing stood: rosters, assignments, remembered senders; and which messages another basis may move.

A person's word about one mail must show at once, so only that mail is placed anew, not the thirty thousand others. A
changed roster, campaign or rule may move any mail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Which messages may be placed elsewhere: all, those with these hashes, those that name these addresses."""

    is_everything: bool = False
    messages: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    @property
    def is_nothing(self) -> bool:
        return not (self.is_everything or self.messages or self.addresses)

    def plus(self, other: Change) -> Change:
        return Change(
            is_everything=self.is_everything or other.is_everything,
            messages=self.messages | other.messages,
            addresses=self.addresses | other.addresses,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacingBasis:
    """`rules`: fingerprint of campaigns, rosters and the rules' version. `assignments`: fingerprint by message hash.

    `remembered`: unit by sender's address.
    """

    rules: str
    assignments: Mapping[str, str]
    remembered: Mapping[str, str]

    def as_text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_text(cls, text: str | None) -> Self | None:
        """None for nothing, and for what an older program wrote: everything is then placed anew."""
        try:
            return cls(**json.loads(text)) if text else None
        except (ValueError, TypeError):
            return None

    def change_from(self, before: PlacingBasis | None) -> Change:
        if before is None or before.rules != self.rules:
            return Change(is_everything=True)
        return Change(
            messages=frozenset(_differing(before.assignments, self.assignments)),
            addresses=frozenset(_differing(before.remembered, self.remembered)),
        )


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> Iterable[str]:
    return (key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
