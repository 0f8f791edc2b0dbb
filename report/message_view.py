"""One message with its whole story: `baosong show MESSAGE_ID`.

Where it came from (folder, uid, time of arrival), what was found in it part by part, and to whom each file was put on
what evidence, or why it was put to nobody. The same facts as JSON for scripts. Everything shown was written by
strangers: it goes through `plain_line` and into `Text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from report.as_json import findings_as_json, instant
from report.extraction_view import extraction_facts, facts_table, finding_line, kinds_text, link_text
from report.plain import plain_line
from report.rereading_words import KEPT_ZH, difference_text
from report.unit_view import recipients_text
from report.words import DELIVERABLE_KIND_ZH, EVIDENCE_ZH, NOTHING, full_moment_text, size_text
from rules.campaign import DeliverableKind
from rules.claims import Claim, Evidence, Placement, Unattributed
from rules.codec import extraction_as_json
from rules.messages import Address, Envelope, Item, ReceivedMessage
from rules.rereading import Rereading
from store.kept import Location

NOT_PLACED = "尚未处理"
NOTHING_TO_PLACE = "没有报送材料"


def message_as_json(
    message: ReceivedMessage,
    placement: Placement | None,
    locations: Sequence[Location],
    zone: ZoneInfo,
    *,
    failure: str = "",
    read_anew: Sequence[Rereading] = (),
) -> dict[str, Any]:
    """`failure` says why a message could not be decoded or read; it is kept and tried again with newer parsers.

    `read_anew`: what newer parsers read otherwise, the newest first.
    """
    return {
        "sha256": message.sha256,
        "received_at": instant(message.received_at, zone),
        **_envelope_as_json(message.envelope, zone),
        "locations": [_location_as_json(location, zone) for location in locations],
        "parts": [_item_as_json(item) for item in message.items],
        "links": [
            {
                "url": link.url,
                "provider": link.provider,
                "filename": link.filename,
                "access_code": link.access_code,
                "expires_at": link.expires_at,
            }
            for link in message.links
        ],
        **_placement_as_json(placement),
        "failure": failure,
        "read_anew": [_rereading_as_json(one, zone) for one in read_anew],
    }


def print_message(
    message: ReceivedMessage,
    placement: Placement | None,
    locations: Sequence[Location],
    zone: ZoneInfo,
    console: Console,
    *,
    failure: str = "",
    read_anew: Sequence[Rereading] = (),
) -> None:
    for renderable in (
        *describe_message(message, placement, locations, zone),
        *_rereading_lines(read_anew, zone),
    ):
        console.print(renderable, markup=False, highlight=False)
    if failure:
        console.print(Text(f"\n未能处理：{plain_line(failure)}", style="bold red"))


def describe_message(
    message: ReceivedMessage, placement: Placement | None, locations: Sequence[Location], zone: ZoneInfo
) -> Iterator[RenderableType]:
    yield Text(plain_line(message.envelope.subject) or "（无主题）", style="bold")
    yield facts_table(_header_lines(message, locations, zone))
    yield Text(f"\n内容（{len(message.items)} 个部分）", style="bold")
    for item in message.items:
        yield from _item_lines(item)
    for link in message.links:
        yield Text(f"  链接  {link_text(link)}")
    yield Text("\n归属", style="bold")
    for line in _placement_lines(placement, message.items):
        yield Padding(line, (0, 0, 0, 2), expand=False)


def _header_lines(message: ReceivedMessage, locations: Sequence[Location], zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    envelope = message.envelope
    yield "发件人", _address_text(envelope.header_from)
    if envelope.reply_to and envelope.reply_to != envelope.header_from:
        yield "回复至", _address_text(envelope.reply_to)
    if envelope.to:
        yield "收件人", recipients_text(envelope.to)
    yield "收到时间", full_moment_text(message.received_at, zone)
    yield "邮件日期", f"{full_moment_text(envelope.sent_at, zone)}（发件人所写，不作依据）"
    for location in locations:
        yield "存放位置", _location_text(location, zone)
    yield "邮件编号", plain_line(envelope.message_id) or NOTHING
    yield "原文摘要", f"SHA-256 {message.sha256}"
    if envelope.is_automatic:
        yield "自动邮件", plain_line(envelope.automatic_reason) or "是"
    for origin in envelope.origins:
        yield "转发自", f"{_address_text(origin.header_from)}，主题“{plain_line(origin.subject)}”"


def _location_text(location: Location, zone: ZoneInfo) -> str:
    moment = full_moment_text(location.internaldate, zone)
    if location.is_imported:
        return f"由文件导入（{plain_line(location.folder)}），按 {moment} 收到计"
    return f"{plain_line(location.account)} {plain_line(location.folder)}，UID {location.uid}，{moment} 到达"


def _item_lines(item: Item) -> Iterator[RenderableType]:
    extraction = item.extraction
    name = "/".join(plain_line(part) for part in (*item.folders, item.filename))
    size = f"  {size_text(extraction.size_bytes)}" if extraction.size_bytes else ""
    yield Text.assemble(("  " + plain_line(item.path), "dim"), "  ", name, "  ", (kinds_text(extraction), "cyan"), size)
    facts = [
        f"{label}：{words}" for label, words in extraction_facts(extraction) if label not in ("格式", "读取", "链接")
    ]
    if facts:
        yield Padding(Text("  ".join(facts), style="dim", overflow="fold"), (0, 0, 0, 6), expand=False)
    for finding in extraction.findings:
        yield Padding(finding_line(finding), (0, 0, 0, 6), expand=False)


def _placement_lines(placement: Placement | None, items: Sequence[Item]) -> Iterator[RenderableType]:
    if placement is None:
        yield Text(NOT_PLACED)
        return
    names = {item.path: plain_line(item.filename) for item in items}
    for claim in placement.claims:
        yield from _claim_lines(claim, names)
    if placement.unattributed:
        yield from _unattributed_lines(placement.unattributed, names)
    if placement.note or not (placement.claims or placement.unattributed):
        yield Text(plain_line(placement.note) or NOTHING_TO_PLACE)


def _claim_lines(claim: Claim, names: dict[str, str]) -> Iterator[RenderableType]:
    filename = names.get(claim.path) or plain_line(claim.extraction.file)
    yield Text.assemble((plain_line(claim.unit), "bold"), "  ", (_kind_text(claim.kind), "cyan"), f"  {filename}")
    for evidence in claim.evidence:
        yield Padding(Text(f"依据：{_evidence_text(evidence)}"), (0, 0, 0, 4), expand=False)
    of_link = claim.extraction.findings if claim.extraction.links and claim.path not in names else ()
    for finding in (*of_link, *claim.findings):
        yield Padding(finding_line(finding), (0, 0, 0, 4), expand=False)


def _unattributed_lines(mail: Unattributed, names: dict[str, str]) -> Iterator[RenderableType]:
    yield Text.assemble(("待认领  ", "bold yellow"), plain_line(mail.reason))
    if mail.candidates:
        yield Padding(
            Text(f"可能的单位：{'、'.join(plain_line(name) for name in mail.candidates)}"), (0, 0, 0, 4), expand=False
        )
    for path in mail.paths:
        yield Padding(Text(f"材料：{names.get(path) or plain_line(path)}"), (0, 0, 0, 4), expand=False)


def _rereading_lines(read_anew: Sequence[Rereading], zone: ZoneInfo) -> Iterator[RenderableType]:
    if read_anew:
        yield Text("\n重新识别", style="bold")
    for one in read_anew:
        change = one.change
        name = plain_line(change.filename) or "整封邮件"
        versions = f"识别程序 {one.old_version} → {one.new_version}，{full_moment_text(one.read_at, zone)}"
        line = Text.assemble(name, "  ", (KEPT_ZH[change.kept], "cyan"), "  ", (versions, "dim"))
        yield Padding(line, (0, 0, 0, 2), expand=False)
        for difference in change.differences:
            yield Padding(Text(difference_text(difference)), (0, 0, 0, 6), expand=False)


def _rereading_as_json(one: Rereading, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "path": one.change.path,
        "file": one.change.filename,
        "old_version": one.old_version,
        "new_version": one.new_version,
        "read_at": instant(one.read_at, zone),
        "kept": one.change.kept.value,
        "differences": [asdict(difference) for difference in one.change.differences],
    }


def _evidence_text(evidence: Evidence) -> str:
    how = "" if evidence.is_exact else "（近似）"
    quote = f"“{plain_line(evidence.quote)}”" if evidence.quote else ""
    return f"{EVIDENCE_ZH.get(evidence.source, evidence.source)}{quote} → {plain_line(evidence.unit)}{how}"


def _kind_text(kind: str | None) -> str:
    return "未能识别是哪一项材料" if kind is None else DELIVERABLE_KIND_ZH[DeliverableKind(kind)]


def _address_text(address: Address | None) -> str:
    if address is None:
        return NOTHING
    return plain_line(f"{address.name} <{address.address}>" if address.name else address.address)


def _envelope_as_json(envelope: Envelope, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "message_id": envelope.message_id,
        "from": _address_as_json(envelope.header_from),
        "reply_to": _address_as_json(envelope.reply_to),
        "to": [_address_as_json(address) for address in envelope.to],
        "subject": envelope.subject,
        "sent_at": instant(envelope.sent_at, zone),
        "automatic": envelope.is_automatic,
        "automatic_reason": envelope.automatic_reason,
        "origins": [_envelope_as_json(origin, zone) for origin in envelope.origins],
    }


def _location_as_json(location: Location, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "account": location.account,
        "folder": location.folder,
        "uidvalidity": location.uidvalidity,
        "uid": location.uid,
        "internaldate": instant(location.internaldate, zone),
        "imported": location.is_imported,
    }


def _item_as_json(item: Item) -> dict[str, Any]:
    return {
        "path": item.path,
        "folders": list(item.folders),
        "body": item.is_body,
        "origin": item.origin,
        **extraction_as_json(item.extraction),
    }


def _placement_as_json(placement: Placement | None) -> dict[str, Any]:
    if placement is None:
        return {"placed": False, "claims": [], "unattributed": None, "note": ""}
    mail = placement.unattributed
    return {
        "placed": True,
        "claims": [_claim_as_json(claim) for claim in placement.claims],
        "unattributed": mail
        and {"reason": mail.reason, "candidates": list(mail.candidates), "parts": list(mail.paths)},
        "note": placement.note,
    }


def _claim_as_json(claim: Claim) -> dict[str, Any]:
    return {
        "unit": claim.unit,
        "kind": claim.kind,
        "part": claim.path,
        "filename": claim.extraction.file,
        "sha256": claim.extraction.sha256,
        "evidence": [
            {"source": one.source, "quote": one.quote, "unit": one.unit, "exact": one.is_exact}
            for one in claim.evidence
        ],
        "findings": findings_as_json(claim.findings),
    }


def _address_as_json(address: Address | None) -> dict[str, str] | None:
    return {"address": address.address, "name": address.name} if address else None
