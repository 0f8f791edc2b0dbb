"""Messages, files and claims made by hand."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from rules.claims import Claim, Evidence, Placement, Unattributed
from rules.extraction import Extraction, Form, FormRow, Kind
from rules.findings import Code, Finding
from rules.messages import Address, Envelope
from store import extractions, messages
from store.messages import StoredPart

NOON = datetime(2023, 10, 30, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def keep(
    session: Session,
    name: str,
    *,
    account: str = "a@example.org",
    folder: str = "INBOX",
    uidvalidity: int = 7,
    uid: int = 1,
    at: datetime = NOON,
    is_imported: bool = False,
) -> bool:
    return messages.keep_message(
        session,
        account=account,
        folder=folder,
        uidvalidity=uidvalidity,
        uid=uid,
        internaldate=at,
        sha256=digest(name),
        size_bytes=len(name),
        is_imported=is_imported,
    )


def envelope(message_id: str = "<one@example.org>", subject: str = "活动周方案") -> Envelope:
    return Envelope(
        message_id=message_id,
        header_from=Address(address="unit@example.org", name="某某镇"),
        subject=subject,
        sent_at=NOON - HOUR,
        origins=(Envelope(message_id="<inner@example.org>", header_from=None, subject="转发"),),
    )


def part(path: str, filename: str, content: str = "内容") -> StoredPart:
    return StoredPart(
        path=path,
        filename=filename,
        declared_type="application/octet-stream",
        sha256=digest(content),
        size_bytes=len(content.encode()),
        folders=("材料.zip", "照片"),
        origin=0,
        is_inline=True,
        is_guessed=True,
    )


def extraction(filename: str = "附件1.docx", *, text: str = "某某镇活动安排") -> Extraction:
    member = Extraction(file="照片/1.jpg", media_type="image/jpeg", kind=Kind.PHOTO, text="横幅")
    form = Form(
        form=Kind.SCHEDULE,
        fields={"unit_name": "某某镇"},
        rows=(FormRow(cells={"theme": "启动仪式", "time": "11月1日"}, attendance=120, starts_on=NOON.date()),),
    )
    return Extraction(
        file=filename, media_type="application/zip", kind=Kind.SCHEDULE, forms=(form,), members=(member,), text=text
    )


def claim(name: str, *, unit: str = "某某镇", kind: str | None = "schedule", at: datetime = NOON) -> Claim:
    return Claim(
        unit=unit,
        kind=kind,
        message_sha256=digest(name),
        message_id="<one@example.org>",
        received_at=at,
        path="2.1/材料.docx",
        extraction=extraction(),
        form_index=0,
        evidence=(Evidence(source="form", quote="某某镇", unit=unit, is_exact=True),),
        findings=(Finding(code=Code.UNIT_CONFLICT, detail="文件写的是别的单位"),),
    )


def waiting(name: str, *, at: datetime = NOON) -> Unattributed:
    return Unattributed(
        message_sha256=digest(name),
        message_id="<two@example.org>",
        sender="某人 <someone@example.org>",
        subject="材料",
        received_at=at,
        reason="不能确定单位",
        candidates=("某某镇", "另一镇"),
        paths=("2", "3/照片.jpg"),
        kinds=("schedule", "evidence"),
    )


def read_message(session: Session, name: str, *, version: int = 1, at: datetime = NOON, uid: int = 1) -> None:
    """Keeps, decodes and reads a message with two files, as the pipeline would."""
    keep(session, name, at=at, uid=uid)
    parts = (part("1", "正文.txt", "正文"), part("2", "附件1.docx"))
    messages.save_decoded(session, digest(name), envelope(f"<{name}@example.org>"), "正文", parts)
    for one in parts:
        extractions.save(session, one.sha256, one.filename, version, extraction(one.filename))
    messages.mark_read(session, digest(name), parser_version=version, received_at=at)


def placed(*claims: Claim, unattributed: Unattributed | None = None, note: str = "") -> Placement:
    return Placement(claims=claims, unattributed=unattributed, note=note)
