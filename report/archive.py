"""Everything that units sent, as one zip: a folder a unit, in it a folder a material, with a list of what is where.

    plan_archive(units, claims, parts, …) → what lies where       pure
    stream_zip(entries, …) → bytes, piece by piece                nothing is in memory but a piece of one file

A file that lay in an archive is given within that archive, as it came.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from report.filenames import DistinctNames, sane_name
from report.plain import inert, plain_line
from report.words import short_titles
from rules.campaign import AFTER_CLOSE, Campaign
from rules.claims import Claim
from rules.roster import Unit
from store.messages import StoredPart

UNTOLD: Final = "未能识别"
SEVERAL: Final = "多项材料"
LIST_NAME: Final = "清单.csv"

_CHUNK: Final = 256 * 1024
_EARLIEST_YEAR: Final = 1980  # before it a zip knows no date
_HEADINGS: Final = ("单位", "材料", "压缩包内位置", "原文件名", "收到时间", "邮件编号", "SHA-256")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One file and where it lies in the zip."""

    unit: str
    material: str
    path: str
    filename: str
    sha256: str
    size_bytes: int
    received_at: datetime
    message_id: str


def plan_archive(
    campaign: Campaign,
    units: Sequence[Unit],
    claims: Iterable[Claim],
    parts: Mapping[str, Sequence[StoredPart]],
    *,
    at: datetime,
) -> tuple[Entry, ...]:
    """`parts` by message. Units in their order; what came after `at`, or outside the campaign, is not there."""
    by_unit: dict[str, list[Claim]] = {}
    for claim in claims:
        if _is_of(campaign, claim, at):
            by_unit.setdefault(claim.unit, []).append(claim)
    plan, width = _Plan(labels=_labels(campaign), parts=parts, names=DistinctNames()), len(str(len(units)))
    return tuple(
        entry
        for number, unit in enumerate(units, start=1)
        for entry in _of_unit(plan, unit, f"{number:0{width}} {unit.name}", by_unit.get(unit.name, ()))
    )


def list_csv(entries: Iterable[Entry], zone: ZoneInfo) -> bytes:
    """The list beside the folders, for Excel: with a byte order mark, and nothing in it runs as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADINGS)
    for entry in entries:
        received = f"{entry.received_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        facts = (entry.unit, entry.material, entry.path, entry.filename, received, entry.message_id, entry.sha256)
        writer.writerow(inert(plain_line(fact)) for fact in facts)
    return text.getvalue().encode("utf-8-sig", "replace")


def stream_zip(
    files: Iterable[tuple[Entry, Path]], lists: Mapping[str, bytes], zone: ZoneInfo, *, at: datetime
) -> Iterator[bytes]:
    """The zip in pieces. Nothing is compressed: photos, videos and office files are already."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as archive:
        for name, content in lists.items():
            archive.writestr(_info(name, at, zone, len(content)), content)
        for entry, path in files:
            info = _info(entry.path, entry.received_at, zone, path.stat().st_size)
            with path.open("rb") as source, archive.open(info, "w") as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
                    yield sink.taken()
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Where the zip is written to; what has been written is taken away at once."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        content = bytes(piece)  # type: ignore[call-overload]  # zipfile writes bytes or a memoryview
        self._pieces.append(content)
        return len(content)

    def taken(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content


def _info(name: str, moment: datetime, zone: ZoneInfo, size_bytes: int) -> ZipInfo:
    local = moment.astimezone(zone)
    info = ZipInfo(name, (max(local.year, _EARLIEST_YEAR), *local.timetuple()[1:6]))
    info.file_size = size_bytes  # tells beforehand whether the large format is needed
    info.external_attr = 0o644 << 16
    return info


def _is_of(campaign: Campaign, claim: Claim, at: datetime) -> bool:
    day = claim.received_at.astimezone(campaign.zone).date()
    return claim.received_at <= at and campaign.opens <= day <= campaign.closes + AFTER_CLOSE


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    labels: Mapping[str, str]
    parts: Mapping[str, Sequence[StoredPart]]
    names: DistinctNames


def _of_unit(plan: _Plan, unit: Unit, folder: str, claims: Iterable[Claim]) -> Iterator[Entry]:
    """One file once a material, however often it was sent; a file of several materials lies in a folder of its own."""
    sent_before: set[tuple[str, str]] = set()
    for part, found in _claims_of_parts(plan, claims):
        told = list(dict.fromkeys(plan.labels.get(claim.kind or "", UNTOLD) for claim in found))
        material = told[0] if len(told) == 1 else SEVERAL
        if (material, part.sha256) in sent_before:
            continue
        sent_before.add((material, part.sha256))
        filename = part.filename or ("邮件正文.txt" if part.is_body else "")
        yield Entry(
            unit=unit.name,
            material="、".join(told),
            path=plan.names.take(f"{sane_name(folder)}/{sane_name(material)}", sane_name(filename)),
            filename=filename,
            sha256=part.sha256,
            size_bytes=part.size_bytes,
            received_at=found[0].received_at,
            message_id=found[0].message_id,
        )


def _claims_of_parts(plan: _Plan, claims: Iterable[Claim]) -> Iterable[tuple[StoredPart, list[Claim]]]:
    """In the order in which the mail came."""
    found: dict[tuple[str, str], tuple[StoredPart, list[Claim]]] = {}
    for claim in sorted(claims, key=lambda one: (one.received_at, one.message_sha256, one.path)):
        part = _part_of(claim, plan.parts.get(claim.message_sha256, ()))
        if part is not None:
            found.setdefault((claim.message_sha256, part.path), (part, []))[1].append(claim)
    return found.values()


def _labels(campaign: Campaign) -> dict[str, str]:
    """The folder of each kind; several deliverables of one kind share it, for a file may serve any of them."""
    titles = short_titles(campaign)
    labels: dict[str, list[str]] = {}
    for asked in campaign.deliverables:
        labels.setdefault(asked.kind.value, []).append(titles[asked.key])
    return {kind: "、".join(some) for kind, some in labels.items()}


def _part_of(claim: Claim, parts: Sequence[StoredPart]) -> StoredPart | None:
    """The stored file: the claim's own, or the archive that it lay in."""
    holding = (part for part in parts if claim.path == part.path or claim.path.startswith(f"{part.path}/"))
    return max(holding, key=lambda part: len(part.path), default=None)
