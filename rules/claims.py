"""Which file serves which unit and deliverable, on what evidence; and what a person decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rules.extraction import Extraction, Form
from rules.findings import Finding


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Why a file was put to a unit.

    `source`: form, text, filename, folder, subject, body, sender, display_name, origin, sibling, remembered, decision.
    """

    source: str
    quote: str
    unit: str
    is_exact: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One file of one message serves one kind of deliverable for one unit.

    `kind` is the deliverable's kind (`plan`, `schedule`, `statistics`, `summary`, `evidence`), or None for a file that
    is the unit's but could not be told as any of the materials: it then stands against everything the unit still owes.
    """

    unit: str
    kind: str | None
    message_sha256: str
    message_id: str
    received_at: datetime
    path: str
    extraction: Extraction
    form_index: int | None = None
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def form(self) -> Form | None:
        return None if self.form_index is None else self.extraction.forms[self.form_index]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unattributed:
    """A message with submissions that could not be put to a unit for certain. `reason` is a Chinese sentence.

    `kinds` are those of the deliverables that may lie in it.
    """

    message_sha256: str
    message_id: str
    sender: str
    subject: str
    received_at: datetime
    reason: str
    candidates: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """What placing made of one message."""

    claims: tuple[Claim, ...] = ()
    unattributed: Unattributed | None = None
    note: str = ""  # why a message is in neither list, e.g. 自动回复


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A person's word, append-only. `action` is one of `rules.overruling.Action`.

    Which of the optional fields count depends on the action; `undoes` names the decision that an `undo` takes back.
    `correct` says that the value of a form is `value`: `form_index` counts the file's forms, `field` is a key as in
    `Form.places`. `remember_sender` has the sender's address as its `value`.
    """

    id: int
    action: str
    author: str
    reason: str
    decided_at: datetime
    campaign: str = ""
    unit: str = ""
    deliverable: str = ""
    message_sha256: str = ""
    path: str = ""
    until: datetime | None = None
    undoes: int | None = None
    form_index: int | None = None
    field: str = ""
    value: str = ""
