"""What becomes of a message whose files fail, on the real store, with an engine that fails on purpose."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.engine import LocalEngine, is_of_failed_job
from ingest.jobs import decode_message, read_envelope
from ingest.pipeline import Pipeline, place_anew_what_changed
from ingest.placement import Collection, PlacingRules
from ingest.placing_basis import PlacingBasis
from ingest.sandbox import SandboxFailure
from parsers.version import PARSER_VERSION
from rules.campaign import Campaign, Deliverable, DeliverableKind
from rules.claims import Claim, Decision, Placement
from rules.messages import Item, ReceivedMessage
from rules.roster import Roster, Unit
from store import claims, extractions, kept, messages, meta
from store.blobs import BlobStore
from store.engine import Session, Store, open_store

RECEIVED_AT = datetime(2023, 10, 20, tzinfo=UTC)
CAMPAIGN = Campaign(
    key="2023",
    title="全民终身学习活动",
    opens=date(2023, 10, 12),
    closes=date(2023, 12, 31),
    zone=ZoneInfo("Asia/Shanghai"),
    deliverables=(Deliverable(key="plan", title="工作方案", kind=DeliverableKind.PLAN, due=date(2023, 10, 30)),),
)


@dataclass(kw_only=True, slots=True)
class HereSandbox:
    """Runs the parsers in this process; `troubles` are raised first, one a job that reads a file named 方案.txt."""

    troubles: list[BaseException] = field(default_factory=list)
    failing: tuple[Callable[..., object], ...] = ()
    jobs: int = 0

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)

    def run(self, function: Callable[..., object], *arguments: object, **_how: object) -> object:
        if function in self.failing:
            raise SandboxFailure("memory", "too much")
        if "方案.txt" in arguments[1:2]:
            self.jobs += 1
            if self.troubles:
                raise self.troubles.pop(0)
        return function(*arguments)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/baosong.db")) as store:
        yield store


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def rules(*units: str, decided: Sequence[Decision] = ()) -> PlacingRules:
    roster = Roster(tuple(Unit(name=name, category="学校") for name in units))
    return PlacingRules([Collection(campaign=CAMPAIGN, roster=roster)], decisions=decided)


def pipeline(store: Store, blobs: BlobStore, sandbox: HereSandbox, placing: PlacingRules | None = None) -> Pipeline:
    engine = LocalEngine(sandbox)  # type: ignore[arg-type]  # it needs no more than `run`
    return Pipeline(store=store, blobs=blobs, engine=engine, rules=placing or rules("直溪中心小学"), workers=1)


def keep(store: Store, blobs: BlobStore, number: int = 1) -> str:
    message = EmailMessage()
    message["From"] = "直溪中心小学 <zxxx@example.com>"
    message["Subject"] = f"直溪中心小学工作方案 {number}"
    message["Message-ID"] = f"<{number}@example.com>"
    message.set_content("请查收。")
    message.add_attachment(f"活动方案 {number}".encode(), maintype="text", subtype="plain", filename="方案.txt")
    return keep_raw(store, blobs, message.as_bytes(), number)


def keep_raw(store: Store, blobs: BlobStore, raw: bytes, number: int = 1) -> str:
    sha256 = blobs.put_bytes(raw)
    with store.writing() as session:
        messages.keep_message(
            session,
            account="a",
            folder="INBOX",
            uidvalidity=1,
            uid=number,
            internaldate=RECEIVED_AT,
            sha256=sha256,
            size_bytes=len(raw),
        )
    return sha256


def waiting(store: Store) -> list[str]:
    with store.reading() as session:
        return messages.waiting(session)


def plan_failed(store: Store, sha256: str) -> bool:
    with store.reading() as session:
        (part,) = [part for part in messages.parts_of(session, sha256) if part.filename == "方案.txt"]
        extraction = extractions.load(session, part.sha256, part.filename, PARSER_VERSION)
    assert extraction is not None
    return is_of_failed_job(extraction)


def test_a_file_that_ran_out_of_time_once_is_read_by_the_next_run(store: Store, blobs: BlobStore) -> None:
    sha256 = keep(store, blobs)
    sandbox = HereSandbox(troubles=[SandboxFailure("timeout", "busy")])
    first = pipeline(store, blobs, sandbox).read_waiting()
    assert (first.messages, first.attachments) == (1, 1)
    assert plan_failed(store, sha256)

    again = pipeline(store, blobs, sandbox).read_waiting()

    assert (again.messages, again.attachments) == (1, 0)
    assert not plan_failed(store, sha256)
    assert waiting(store) == []


def test_a_file_that_fails_twice_is_left_alone(store: Store, blobs: BlobStore) -> None:
    sha256 = keep(store, blobs)
    sandbox = HereSandbox(troubles=[SandboxFailure("timeout", "bomb")] * 9)
    for _ in range(4):
        pipeline(store, blobs, sandbox).read_waiting()

    assert sandbox.jobs == 2
    assert plan_failed(store, sha256)
    assert waiting(store) == []


def test_a_defect_costs_its_message_only_and_is_tried_once_more(store: Store, blobs: BlobStore) -> None:
    for number in (1, 2):
        keep(store, blobs, number)
    sandbox = HereSandbox(troubles=[RuntimeError("a defect")])

    counts = pipeline(store, blobs, sandbox).read_waiting()
    assert (counts.messages, counts.failed) == (2, 1)
    with store.reading() as session:
        (failed,) = kept.failed_messages(session)
        (unread,) = (claim for claim in claims.claims(session) if claim.path == "0")
    assert "a defect" in failed.error
    assert (unread.unit, unread.kind) == ("直溪中心小学", "plan")
    assert found_wrong(unread) == ["系统读取这封邮件时出错，原件已保存，已转人工核对，请暂勿重发"]

    assert pipeline(store, blobs, sandbox).read_waiting().failed == 0
    with store.reading() as session:
        assert kept.failed_messages(session) == ()


def found_wrong(item: Item | Claim) -> list[str]:
    return [finding.detail for finding in item.extraction.findings]


def test_mail_that_cannot_be_taken_apart_is_put_to_its_unit_as_the_file_that_it_is(
    store: Store, blobs: BlobStore
) -> None:
    sha256 = keep(store, blobs)
    assert pipeline(store, blobs, HereSandbox(failing=(decode_message,))).read_waiting().failed == 1
    with store.reading() as session:
        (claim,) = claims.claims(session)
        (message,) = messages.received_messages(session)
        (part,) = messages.parts_of(session, sha256)
    assert (claim.unit, claim.kind, claim.path) == ("直溪中心小学", "plan", part.path)
    assert found_wrong(claim) == ["整封邮件无法拆开（邮件过大，读取所需内存超出限制），原件已保存，请重新发送"]
    assert message.envelope.subject == "直溪中心小学工作方案 1"
    assert (part.sha256, part.size_bytes) == (sha256, blobs.path(sha256).stat().st_size)


def test_mail_of_which_nothing_at_all_can_be_read_waits_for_a_person(store: Store, blobs: BlobStore) -> None:
    sha256 = keep(store, blobs)
    assert pipeline(store, blobs, HereSandbox(failing=(decode_message, read_envelope))).read_waiting().failed == 1
    with store.reading() as session:
        (waiting,) = claims.unattributed(session)
        (shown,) = kept.find_messages(session, waiting.message_id)
    assert waiting.message_id == f"<{sha256[:32]}@quarantine>"
    assert shown.sha256 == sha256


def test_what_a_person_decides_about_such_mail_counts(store: Store, blobs: BlobStore) -> None:
    sha256 = keep(store, blobs)
    pipeline(store, blobs, HereSandbox(failing=(decode_message, read_envelope))).read_waiting()
    decided = [
        Decision(
            id=1,
            action="assign",
            author="协调员",
            reason="",
            decided_at=RECEIVED_AT,
            message_sha256=sha256,
            unit="薛埠中心小学",
        )
    ]
    used = rules("直溪中心小学", "薛埠中心小学")
    place_anew_what_changed(store, lambda _session: rules("直溪中心小学", "薛埠中心小学", decided=decided), used=used)
    with store.reading() as session:
        assert claims.unattributed(session) == []
        assert [claim.unit for claim in claims.claims(session)] == ["薛埠中心小学"]


class PlacingDefect(PlacingRules):
    """Cannot place one of the messages."""

    def place(self, message: ReceivedMessage) -> Placement:
        if message.envelope.subject.endswith("1"):
            raise RuntimeError("a defect")
        return super().place(message)


def test_mail_that_cannot_be_placed_waits_for_a_person_and_the_next_is_read(store: Store, blobs: BlobStore) -> None:
    odd, _other = keep(store, blobs, 1), keep(store, blobs, 2)
    roster = Roster((Unit(name="直溪中心小学", category="学校"),))
    defective = PlacingDefect([Collection(campaign=CAMPAIGN, roster=roster)])
    counts = pipeline(store, blobs, HereSandbox(), defective).read_waiting()
    assert (counts.messages, counts.failed) == (2, 1)
    with store.reading() as session:
        (left,) = claims.unattributed(session)
        assert len(claims.claims(session)) == 1
    assert (left.message_sha256, left.subject, left.paths) == (odd, "直溪中心小学工作方案 1", ("0",))


def test_mail_built_to_exhaust_its_reader_waits_for_a_person(store: Store, blobs: BlobStore) -> None:
    parts = b"".join(b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n" for _ in range(2001))
    keep_raw(store, blobs, b"Subject: many\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + parts)
    assert pipeline(store, blobs, HereSandbox()).read_waiting().failed == 1
    with store.reading() as session:
        (waiting,) = claims.unattributed(session)
        (message,) = messages.received_messages(session)
    assert waiting.subject == "many"
    assert found_wrong(message.items[0]) == ["整封邮件无法拆开（附件过多，超过2000个），原件已保存，请重新发送"]


def test_ctrl_c_does_not_wait_for_what_is_left(store: Store, blobs: BlobStore) -> None:
    for number in range(30):
        keep(store, blobs, number)
    given_up = threading.Event()

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    asked_at = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        pipeline(store, blobs, HereSandbox()).read_waiting(progress=interrupt, give_up=given_up.set)

    assert given_up.is_set()
    assert time.monotonic() - asked_at < 30
    assert len(waiting(store)) > 20


def test_a_changed_roster_places_everything_anew(store: Store, blobs: BlobStore) -> None:
    keep(store, blobs)
    pipeline(store, blobs, HereSandbox()).read_waiting()

    def others(_session: Session) -> PlacingRules:
        return rules("薛埠中心小学")

    place_anew_what_changed(store, others, used=rules("直溪中心小学"))

    with store.reading() as session:
        assert claims.claims(session) == []
        assert len(claims.unattributed(session)) == 1


@dataclass(kw_only=True, slots=True)
class Watched:
    """Placing rules that note which messages they are asked about."""

    rules: PlacingRules
    asked: list[str] = field(default_factory=list)

    @property
    def basis(self) -> PlacingBasis:
        return self.rules.basis

    def place(self, message: ReceivedMessage) -> Placement:
        self.asked.append(message.sha256)
        return self.rules.place(message)


def decided(*decisions: Decision) -> Watched:
    roster = Roster(tuple(Unit(name=name, category="学校") for name in ("直溪中心小学", "薛埠中心小学")))
    collection = Collection(campaign=CAMPAIGN, roster=roster)
    return Watched(rules=PlacingRules([collection], decisions=decisions))


def said(action: str, **about: object) -> Decision:
    return Decision(id=1, action=action, author="a", reason="", decided_at=RECEIVED_AT, **about)  # type: ignore[arg-type]  # fields by name


def place_anew(store: Store, rules: Watched) -> list[str]:
    place_anew_what_changed(store, lambda _session: rules, used=rules)  # type: ignore[arg-type,return-value]
    return rules.asked


def test_a_word_about_one_mail_places_that_mail_only(store: Store, blobs: BlobStore) -> None:
    first, second = keep(store, blobs, 1), keep(store, blobs, 2)
    pipeline(store, blobs, HereSandbox()).read_waiting()
    assert sorted(place_anew(store, decided())) == sorted([first, second])

    word = said("assign", unit="薛埠中心小学", message_sha256=second)
    assert place_anew(store, decided(word)) == [second]
    with store.reading() as session:
        units = {claim.message_sha256: claim.unit for claim in claims.claims(session)}
    assert units == {first: "直溪中心小学", second: "薛埠中心小学"}

    assert place_anew(store, decided(word)) == []
    assert place_anew(store, decided()) == [second], "a word taken back concerns its mail again"


def test_a_remembered_sender_places_his_mail_only(store: Store, blobs: BlobStore) -> None:
    sha256 = keep(store, blobs)
    pipeline(store, blobs, HereSandbox()).read_waiting()
    place_anew(store, decided())

    of_nobody = said("remember_sender", unit="薛埠中心小学", value="nobody@example.com")
    assert place_anew(store, decided(of_nobody)) == []
    assert place_anew(store, decided(said("remember_sender", unit="薛埠中心小学", value="ZXXX@example.com"))) == [
        sha256
    ]
    assert place_anew(store, decided()) == [sha256], "a sender forgotten again concerns his mail"


def test_mail_of_nobody_that_a_person_sent_away_no_longer_waits(store: Store, blobs: BlobStore) -> None:
    sha256 = keep(store, blobs)
    pipeline(store, blobs, HereSandbox()).read_waiting()
    roster = Roster((Unit(name="尧塘中学", category="学校"),))
    collection = Collection(campaign=CAMPAIGN, roster=roster)
    place_anew(store, Watched(rules=PlacingRules([collection])))
    with store.reading() as session:
        assert claims.unattributed(session) != []

    word = said("reject", message_sha256=sha256)
    place_anew(store, Watched(rules=PlacingRules([collection], decisions=[word])))

    with store.reading() as session:
        assert claims.unattributed(session) == []
        assert claims.placement_of(session, sha256) == Placement(note="a认定不是报送材料")


def test_a_basis_that_cannot_be_read_places_everything(store: Store, blobs: BlobStore) -> None:
    sha256 = keep(store, blobs)
    pipeline(store, blobs, HereSandbox()).read_waiting()
    place_anew(store, decided())
    with store.writing() as session:
        meta.put(session, "placed_under", "0123456789abcdef")  # a fingerprint, as it was kept once

    assert place_anew(store, decided()) == [sha256]
