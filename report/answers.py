"""An answer to a question that waits for a person: the decisions that pressing its button takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlencode

from rules.overruling import Action


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A decision for each of `paths` ("" is the whole mail). `reason` is recorded when the person gives none."""

    label: str
    action: Action
    unit: str = ""
    deliverable: str = ""
    paths: tuple[str, ...] = ("",)
    value: str = ""
    until: datetime | None = None
    reason: str = ""
    needs_reason: bool = False

    def encoded(self) -> str:
        """As the value of a button; `answer_from` reads it back."""
        facts = {
            "action": self.action.value,
            "unit": self.unit,
            "deliverable": self.deliverable,
            "path": list(self.paths),
            "value": self.value,
            "until": self.until.isoformat() if self.until else "",
            "reason": self.reason,
        }
        return urlencode(facts, doseq=True)


def answer_from(encoded: str) -> Answer:
    """Raises ValueError for what is no answer."""
    facts = parse_qs(encoded, keep_blank_values=True, strict_parsing=True, max_num_fields=2000)
    single = {name: values[0] for name, values in facts.items()}
    return Answer(
        label="",
        action=Action(single.get("action", "")),
        unit=single.get("unit", ""),
        deliverable=single.get("deliverable", ""),
        paths=tuple(facts.get("path", [""])),
        value=single.get("value", ""),
        until=datetime.fromisoformat(single["until"]) if single.get("until") else None,
        reason=single.get("reason", ""),
    )
