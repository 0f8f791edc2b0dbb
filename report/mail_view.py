"""One mail as a page: who sent it when, what it says, what lies in it, to whom each file was put and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from report.cells import Problem, problem_of
from report.extraction_view import link_text
from report.file_view import FileView, files_of
from report.form_sheet import FormSheet
from report.plain import plain, plain_line
from report.unit_view import Mail, address_text, evidence_text, recipients_text, sheets_of
from report.words import DELIVERABLE_KIND_ZH, full_moment_text
from rules.campaign import Campaign, DeliverableKind
from rules.claims import Claim, Unattributed
from rules.findings import Finding
from store.kept import KeptMessage, Location


@dataclass(frozen=True, kw_only=True, slots=True)
class Put:
    """To whom a file was put, as what, and why."""

    unit: str
    material: str
    evidence: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeFile:
    """A file at its place in the tree. `waiting` says why nobody has it yet."""

    file: FileView
    depth: int
    title: str
    puts: tuple[Put, ...]
    problems: tuple[Problem, ...]
    sheets: tuple[FormSheet, ...]
    waiting: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class MailView:
    """`headers` are label and words; `html` numbers the part that holds the mail's own HTML, None without one."""

    sha256: str
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: int | None
    files: tuple[TreeFile, ...]
    links: tuple[str, ...]
    body_puts: tuple[Put, ...]
    unattributed: Unattributed | None
    note: str

    @property
    def units(self) -> dict[str, tuple[str, ...]]:
        """The materials that were put to each unit."""
        found: dict[str, list[str]] = {}
        for put in (*self.body_puts, *(put for one in self.files for put in one.puts)):
            found.setdefault(put.unit, []).append(put.material)
        return {unit: tuple(dict.fromkeys(materials)) for unit, materials in found.items()}


def mail_view(mail: Mail, kept: KeptMessage, unattributed: Unattributed | None, campaign: Campaign) -> MailView:
    message = mail.message
    files = files_of(message, mail.parts)
    bodies = {item.path for item in message.items if item.is_body}
    return MailView(
        sha256=message.sha256,
        subject=plain_line(message.envelope.subject) or "（无主题）",
        headers=tuple(_headers(mail, kept, campaign)),
        text=plain(message.body_text).strip(),
        html=_html_part(mail),
        files=tuple(_tree(mail, files, unattributed)),
        links=tuple(link_text(link) for link in message.links),
        body_puts=tuple(_put(claim) for claim in mail.claims if claim.path in bodies or claim.path not in files),
        unattributed=unattributed,
        note=plain_line(mail.note),
    )


def _headers(mail: Mail, kept: KeptMessage, campaign: Campaign) -> Iterator[tuple[str, str]]:
    envelope, zone = mail.message.envelope, campaign.zone
    yield "发件人", address_text(envelope.header_from)
    if envelope.reply_to and envelope.reply_to != envelope.header_from:
        yield "回复至", address_text(envelope.reply_to)
    if envelope.to:
        yield "收件人", recipients_text(envelope.to)
    yield "收到时间", full_moment_text(mail.message.received_at, zone)
    if envelope.sent_at:
        yield "发送时间", f"{full_moment_text(envelope.sent_at, zone)}（发件人自称，不作为依据）"
    for location in kept.locations:
        yield "存放位置", _location(location)
    for origin in envelope.origins:
        yield "转发自", f"{address_text(origin.header_from)}，主题“{plain_line(origin.subject)}”"
    if envelope.is_automatic:
        yield "自动邮件", plain_line(envelope.automatic_reason) or "是"
    yield "邮件编号", plain_line(envelope.message_id) or "（无）"
    yield "原文校验", f"SHA-256 {mail.message.sha256}"


def _location(location: Location) -> str:
    if location.is_imported:
        return f"由文件导入（{plain_line(location.folder)}）"
    return f"{plain_line(location.account)} 的“{plain_line(location.folder)}”"


def _html_part(mail: Mail) -> int | None:
    numbers = (n for n, part in enumerate(mail.parts) if part.is_body and part.declared_type == "text/html")
    return next(numbers, None)


def _tree(mail: Mail, files: dict[str, FileView], unattributed: Unattributed | None) -> Iterator[TreeFile]:
    open_paths = set(unattributed.paths) if unattributed else set()
    for item in mail.message.items:
        file = files.get(item.path)
        if file is None:
            continue
        claims: Sequence[Claim] = [claim for claim in mail.claims if claim.path == item.path]
        yield TreeFile(
            file=file,
            depth=min(item.path.count("/"), 4),
            title=plain_line(item.extraction.title),
            puts=tuple(_put(claim) for claim in claims),
            problems=tuple(
                problem_of(finding) for finding in (_findings(claims) if claims else item.extraction.findings)
            ),
            sheets=tuple(sheets_of(mail.message, file, claims)),
            waiting="待认领" if item.path in open_paths else "",
        )


def _findings(claims: Sequence[Claim]) -> tuple[Finding, ...]:
    """As they stand after what people corrected."""
    return tuple(dict.fromkeys(finding for claim in claims for finding in claim.extraction.findings))


def _put(claim: Claim) -> Put:
    return Put(
        unit=claim.unit,
        material="未能识别是哪项材料" if claim.kind is None else DELIVERABLE_KIND_ZH[DeliverableKind(claim.kind)],
        evidence=tuple(dict.fromkeys(evidence_text(one) for one in claim.evidence)),
        problems=tuple(problem_of(finding) for finding in claim.findings),
    )
