"""A store as a large district's would be after a campaign: units × deliverables, and many messages behind them.

Every row is written by the store's own functions, as the pipeline does when it has read a message; only the bytes of
the mail are left out, which no page of the matrix looks at.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from ingest.samples.campaign import config_text, write_roster
from ingest.samples.scenario import demo_scenario
from rules.campaign import Campaign, DeliverableKind
from rules.claims import Claim, Evidence, Placement
from rules.extraction import Extraction, Form, FormRow, Kind, Photo
from rules.findings import Code, Finding
from rules.messages import Address, Envelope
from rules.roster import Unit
from store import claims, messages, passes
from store.engine import Session, Store

_TRANSACTION: Final = 500
_OF_OTHER_KINDS: Final = (Kind.PLAN, Kind.SCHEDULE, Kind.STATISTICS, Kind.SUMMARY)
_MATERIALS: Final = len(_OF_OTHER_KINDS) + 1
_PHOTOS: Final = 5


def write_installation(folder: Path, *, units: int) -> Campaign:
    """`config.toml` and a roster of so many units; the campaign is the demo's, with its five deliverables."""
    campaign = demo_scenario().campaign
    (folder / "config.toml").write_text(config_text(campaign), encoding="utf-8")
    write_roster(tuple(_units(units)), folder / "roster.xlsx")
    return campaign


def fill(store: Store, campaign: Campaign, *, units: int, numbers: range) -> None:
    """Messages of these numbers, each of one unit with one material: one of five brings five photos."""
    for start in range(numbers.start, numbers.stop, _TRANSACTION):
        with store.writing() as session:
            for number in range(start, min(start + _TRANSACTION, numbers.stop)):
                add_message(session, campaign, number, units=units)


def read_to_the_end(store: Store, at: datetime) -> None:
    """A complete pass, so that what has not come is known to be missing."""
    with store.writing() as session:
        number = passes.begin_pass(session, began_at=at, source=passes.IMPORT)
        passes.end_pass(session, number, ended_at=at, is_complete=True)


def add_message(session: Session, campaign: Campaign, number: int, *, units: int) -> None:
    """One message, kept, decoded, read and placed. The units write in turn, each time with another material."""
    chance = random.Random(number)
    unit, material = unit_name(number % units), (number + number // units) % _MATERIALS
    received_at = datetime.combine(campaign.opens, datetime.min.time(), tzinfo=campaign.zone) + timedelta(
        days=chance.uniform(1, 45)
    )
    sha256 = _digest(f"message {number}")
    messages.keep_message(
        session,
        account="bureau@benchmark.example",
        folder="INBOX",
        uidvalidity=1,
        uid=number + 1,
        internaldate=received_at,
        sha256=sha256,
        size_bytes=400_000,
    )
    envelope = Envelope(
        message_id=f"<{number}@benchmark.example>",
        header_from=Address(address=f"unit{number}@benchmark.example", name=unit),
        subject=f"{unit}报送材料",
    )
    messages.save_decoded(session, sha256, envelope, f"现将{unit}的材料报上，请查收。", ())
    messages.mark_read(session, sha256, parser_version=1, received_at=received_at)
    found = tuple(_claims(_files(number, material, unit, chance), unit, envelope, sha256, received_at))
    claims.replace_placement(session, sha256, Placement(claims=found))


def unit_name(number: int) -> str:
    return f"第{number + 1}镇社区教育中心"


def _units(count: int) -> Iterator[Unit]:
    for number in range(count):
        name = unit_name(number)
        yield Unit(name=name, category="镇街", parent=None, emails=(f"unit{number}@benchmark.example",), contact=name)


def _claims(
    files: Iterable[Extraction], unit: str, envelope: Envelope, sha256: str, received_at: datetime
) -> Iterator[Claim]:
    sender = envelope.header_from.address if envelope.header_from else ""
    for position, extraction in enumerate(files, start=1):
        kind = DeliverableKind.EVIDENCE if extraction.kind is Kind.PHOTO else DeliverableKind(extraction.kind)
        yield Claim(
            unit=unit,
            kind=kind.value,
            message_sha256=sha256,
            message_id=envelope.message_id,
            received_at=received_at,
            path=str(position + 1),
            extraction=extraction,
            form_index=0 if extraction.forms else None,
            evidence=(
                Evidence(source="filename", quote=unit, unit=unit, is_exact=True),
                Evidence(source="sender", quote=sender, unit=unit, is_exact=True),
            ),
        )


def _files(number: int, material: int, unit: str, chance: random.Random) -> Iterator[Extraction]:
    if material == len(_OF_OTHER_KINDS):
        for position in range(_PHOTOS):
            yield _photo(f"活动照片{position + 1}.jpg", chance)
        return
    kind = _OF_OTHER_KINDS[material]
    extraction = Extraction(
        file=f"{unit}材料{number}.docx",
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        kind=kind,
        sha256=_digest(f"file {number}"),
        size_bytes=40_000,
        title="全民终身学习活动周",
        unit_names=(unit,),
        stamped=True,
        signed=True,
    )
    if kind not in (Kind.SCHEDULE, Kind.STATISTICS):
        yield extraction
        return
    findings = () if chance.random() < 0.8 else (Finding(code=Code.FIELD_MISSING, detail="第 2 行没有填写地点"),)
    yield replace(extraction, forms=(_form(kind, unit, chance),), findings=findings)


def _form(kind: Kind, unit: str, chance: random.Random) -> Form:
    rows = tuple(
        FormRow(
            cells={"time": "10月28日上午", "theme": "开放课堂", "activity": "开放课堂", "place": "活动中心二楼"},
            attendance=chance.randrange(20, 300),
        )
        for _ in range(chance.randrange(3, 9))
    )
    return Form(form=kind, fields={"unit_name": unit, "theme": "学习改变生活"}, rows=rows)


def _photo(name: str, chance: random.Random) -> Extraction:
    return Extraction(
        file=name,
        media_type="image/jpeg",
        kind=Kind.PHOTO,
        sha256=_digest(f"photo {chance.random()}"),
        size_bytes=800_000,
        photo=Photo(width=4000, height=3000, perceptual_hash=f"{chance.getrandbits(64):016x}"),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
