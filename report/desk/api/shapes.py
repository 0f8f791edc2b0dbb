"""The shapes of questions and answers, for the API's description and for checking what is sent.

Answers are made elsewhere (`report.as_json`, `report.message_view`, …); a test compares them with these.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from rules.assessment import Status
from rules.campaign import DeliverableKind
from rules.outgoing import MailKind, MailState
from rules.overruling import Action

Count = Annotated[int, Field(ge=0)]
Line = Annotated[str, StringConstraints(max_length=400)]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
Hash = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")]


class Problem(BaseModel):
    """An error (RFC 9457). `title` is a Chinese sentence for people; `type` and `status` are for programs."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:baosong:problem:404",
                "title": "没有这项内容。",
                "status": 404,
                "detail": "there is no message 0f3a",
            }
        }
    )
    type: str
    title: str
    status: int
    detail: str


class ApiDeliverable(BaseModel):
    key: str
    title: str
    due_at: datetime
    kind: DeliverableKind


class ApiCampaign(BaseModel):
    key: str
    title: str
    opens: date
    closes: date
    deliverables: list[ApiDeliverable]


class ApiCampaigns(BaseModel):
    campaigns: list[ApiCampaign]


class ApiFinding(BaseModel):
    code: str
    blocking: bool
    detail: str


class ApiSource(BaseModel):
    message_id: str
    filename: str
    sha256: str


class ApiPart(BaseModel):
    have: Count
    want: Count


class ApiAssessment(BaseModel):
    status: Status
    overdue: bool
    days_late: int | None
    received_at: datetime | None
    complete_at: datetime | None
    due_at: datetime
    needs_review: bool
    parts: dict[str, ApiPart]
    findings: list[ApiFinding]
    links: list[dict[str, Any]]
    sources: list[ApiSource]
    decision: dict[str, Any] | None


class ApiUnit(BaseModel):
    name: str
    category: str
    parent: str | None
    deliverables: dict[str, ApiAssessment]


class ApiContact(ApiUnit):
    aliases: list[str]
    emails: list[str]
    contact: str
    phone: str


class ApiUnits(BaseModel):
    units: list[ApiContact]


class ApiStray(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    message_id: str
    sender: str = Field(alias="from")
    subject: str
    received_at: datetime
    reason: str


class ApiTotals(BaseModel):
    expected: Count
    received: Count
    complete: Count
    on_time: Count
    late: Count
    incomplete: Count
    missing: Count
    exempt: Count


class ApiKey(BaseModel):
    key: str
    title: str


class ApiReport(BaseModel):
    """The contract's report."""

    model_config = ConfigDict(populate_by_name=True)
    schema_: int = Field(alias="schema", examples=[1])
    campaign: ApiKey
    as_of: datetime
    mail_read_until: datetime | None
    deliverables: list[ApiDeliverable]
    units: list[ApiUnit]
    unattributed: list[ApiStray]
    totals: dict[str, ApiTotals]


class ApiMessage(BaseModel):
    """As `baosong show --json`; `parts` are the contract's objects of `parse --json`, each with its `path`."""

    sha256: str
    received_at: datetime
    message_id: str
    subject: str
    locations: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    links: list[dict[str, Any]]
    placed: bool
    claims: list[dict[str, Any]]
    unattributed: dict[str, Any] | None
    note: str
    failure: str


class ApiUnplaced(BaseModel):
    message_id: str
    sha256: str
    reason: str
    candidates: list[str]
    paths: list[str]


class ApiDoubt(BaseModel):
    unit: str
    deliverable: str
    why: str


class ApiReview(BaseModel):
    """`newest_decision` goes back as `seen` with a decision: whoever was faster is not overwritten."""

    newest_decision: Count
    unattributed: list[ApiUnplaced]
    doubtful: list[ApiDoubt]


class ApiDecision(BaseModel):
    id: int
    action: Action
    campaign: str
    unit: str
    deliverable: str
    message_sha256: str
    path: str
    until: datetime | None
    undoes: int | None
    form_index: int | None
    field: str
    value: str
    author: str
    reason: str
    decided_at: datetime


class ApiDecisions(BaseModel):
    newest_decision: Count
    decisions: list[ApiDecision]


class Wanted(BaseModel):
    """A decision to take. Which fields an action needs is told as for `baosong review`; the author is the token's name.

    `seen`: the `newest_decision` of the answer that the person decided on. 409 where somebody has decided about the
    same unit or message since; without it nothing is compared.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "action": "extend",
                "unit": "某某镇社区教育中心",
                "deliverable": "summary",
                "until": "2023-11-25T23:59:59+08:00",
                "reason": "台风停课，已电话核实",
                "seen": 12,
            }
        },
    )
    action: Action
    reason: Line = ""
    unit: Line = ""
    deliverable: Line = ""
    message_sha256: Hash = ""
    path: Line = ""
    until: datetime | None = None
    undoes: Number | None = None
    form_index: Number | None = None
    field: Line = ""
    value: Annotated[str, StringConstraints(max_length=2000)] = ""
    seen: Number | None = None


class Reason(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Line = ""
    seen: Number | None = None


class ApiMail(BaseModel):
    """A mail that is to go out, or went. `version` goes back with an approval: 409 if the mail has changed since."""

    id: int
    version: int
    kind: MailKind
    state: MailState
    campaign: str
    stage: str
    to: list[str]
    cc: list[str]
    subject: str
    text: str
    items: list[dict[str, Any]]
    message_id: str
    created_at: datetime
    approved_by: str
    sent_at: datetime | None
    not_before: datetime | None
    attempts: Count
    bounce: str
    error: str
    skipped_because: str


class ApiOutbox(BaseModel):
    counts: dict[MailState, Count]
    mails: list[ApiMail]


class Seen(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"version": 0}})
    version: Number
