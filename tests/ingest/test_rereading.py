"""Kept mail read anew by newer parsers: real files, the real sandbox, the real store.

The predecessor is the same program under an older version number; what it saw otherwise is put into its cache by hand.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.application import Application, open_application
from ingest.config import load_config
from ingest.importing import ReceivedFrom
from ingest.rereading import GONE, RereadCounts
from ingest.samples import media
from ingest.samples.rar import rar5
from ingest.samples.rar import volumes as rar_volumes
from parsers.version import PARSER_VERSION
from rules.extraction import Extraction, Kind
from rules.findings import Code, Finding
from rules.rereading import Difference, Kept, Rereading
from store import claims, decisions, extractions, kept, messages, rereadings
from store.messages import StoredPart

OLDER = PARSER_VERSION - 1
SAMPLES = Path(__file__).parent.parent / "parsers/samples"
NOW = datetime(2023, 11, 21, tzinfo=UTC)
CONFIG = """
[[campaign]]
key = "2023"
title = "全民终身学习活动"
opens = 2023-10-12
closes = 2023-12-31
roster = "roster.csv"
[[campaign.deliverable]]
key = "statistics"
title = "统计表"
kind = "statistics"
due = 2023-11-20
"""


def clock() -> datetime:
    return NOW


@contextmanager
def opened(folder: Path, version: int) -> Iterator[Application]:
    with open_application(load_config(folder / "config.toml"), parser_version=version) as application:
        yield application


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An installation whose one mail was read by the predecessor."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "roster.csv").write_text("单位名称,类别\n金坛区青禾小学,学校\n", encoding="utf-8")
    (tmp_path / "mail.eml").write_bytes(mail())
    with opened(tmp_path, OLDER) as application:
        application.import_paths([tmp_path / "mail.eml"], received=ReceivedFrom.HEADER, clock=clock)
    return tmp_path


def mail() -> bytes:
    message = EmailMessage()
    message["From"] = "金坛区青禾小学 <zx@example.com>"
    message["Subject"] = "金坛区青禾小学统计表"
    message["Message-ID"] = "<1@example.com>"
    message["Received"] = "from a by b; Fri, 10 Nov 2023 09:00:00 +0800"
    message.set_content("请查收。")
    form = (SAMPLES / "附件2.docx").read_bytes()
    message.add_attachment(form, maintype="application", subtype="msword", filename="附件2.docx")
    message.add_attachment(media.photo(1), maintype="image", subtype="jpeg", filename="照片.jpg")
    return message.as_bytes()


def digest(application: Application) -> str:
    with application.store.reading() as session:
        (found,) = kept.find_messages(session, "1@example.com")
    return found.sha256


def part(application: Application, name: str) -> StoredPart:
    with application.store.reading() as session:
        (found,) = [one for one in messages.parts_of(session, digest(application)) if one.filename == name]
    return found


def reading(application: Application, name: str, version: int) -> Extraction:
    file = part(application, name)
    with application.store.reading() as session:
        found = extractions.load(session, file.sha256, name, version)
    assert found is not None
    return found


def put(application: Application, name: str, version: int, extraction: Extraction) -> None:
    """Puts a reading into the cache, and has the message placed by it where it is the one that counts."""
    file = part(application, name)
    with application.store.writing() as session:
        extractions.save(session, file.sha256, name, version, extraction, replaces=True)


def kinds_claimed(application: Application) -> list[tuple[str, str | None]]:
    with application.store.reading() as session:
        return [(claim.unit, claim.kind) for claim in claims.claims(session)]


def record(application: Application) -> tuple[Rereading, ...]:
    with application.store.reading() as session:
        return rereadings.newest(session, limit=99)


def served(application: Application) -> list[Kind]:
    with application.store.reading() as session:
        return [item.extraction.kind for item in messages.received_message(session, digest(application)).items]


def as_unread(extraction: Extraction) -> Extraction:
    """As parsers saw it that knew no such form."""
    return replace(extraction, kind=Kind.DOCUMENT, forms=(), unit_names=())


def test_what_newer_parsers_see_is_taken_over_placed_and_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(folder, OLDER) as application:
        put(application, "附件2.docx", OLDER, as_unread(reading(application, "附件2.docx", OLDER)))
    with opened(folder, PARSER_VERSION) as application:
        assert served(application)[1:] == [Kind.DOCUMENT, Kind.PHOTO]  # until the newer reading is there
        with caplog.at_level(logging.INFO):
            assert application.read_anew(clock=clock) == RereadCounts(messages=1, changed=1)
        assert served(application)[1:] == [Kind.STATISTICS, Kind.PHOTO]
        assert ("金坛区青禾小学", "statistics") in kinds_claimed(application)
        (told,) = record(application)
        assert (told.old_version, told.new_version, told.read_at) == (OLDER, PARSER_VERSION, NOW)
        assert told.change.kept is Kept.NOTHING
        assert Difference(aspect="kind", before="document", after="statistics") in told.change.differences
        with application.store.reading() as session:
            assert messages.received_at(session, digest(application)) == datetime(2023, 11, 10, 1, tzinfo=UTC)
        assert application.read_anew(clock=clock) == RereadCounts()
    (line,) = [one for one in caplog.records if getattr(one, "action", "") == "mail_read_anew"]
    assert (line.__dict__["messages"], line.__dict__["changed"], line.__dict__["left"]) == (1, 1, 0)


def test_show_tells_what_was_read_anew(folder: Path) -> None:
    with opened(folder, OLDER) as application:
        put(application, "附件2.docx", OLDER, as_unread(reading(application, "附件2.docx", OLDER)))
    with opened(folder, PARSER_VERSION) as application:
        application.read_anew(clock=clock)
    command = [sys.executable, "-m", "ingest", "--config", str(folder / "config.toml"), "show", "1@example.com"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "重新识别" in shown
    assert f"附件2.docx  已采用新结果  识别程序 {OLDER} → {PARSER_VERSION}" in shown
    assert "材料类型：文稿 → 活动情况统计表" in shown


def test_a_reading_that_is_worse_is_not_taken_over_and_that_is_told(folder: Path) -> None:
    with opened(folder, PARSER_VERSION) as application:
        shut = replace(
            reading(application, "照片.jpg", OLDER),
            kind=Kind.UNREADABLE,
            photo=None,
            findings=(Finding(code=Code.UNREADABLE, detail="文件损坏"),),
        )
        put(application, "照片.jpg", PARSER_VERSION, shut)
        assert application.read_anew(clock=clock) == RereadCounts(messages=1, changed=1, kept=1)
        assert served(application)[1:] == [Kind.STATISTICS, Kind.PHOTO]
        (told,) = record(application)
        assert (told.change.filename, told.change.kept) == ("照片.jpg", Kept.WORSE)
        assert Difference(aspect="kind", before="photo", after="unreadable") in told.change.differences


def verify(application: Application) -> None:
    with application.store.writing() as session:
        decisions.append(
            session,
            action="verify",
            author="协调员",
            reason="已核对",
            decided_at=NOW,
            message_sha256=digest(application),
            path=part(application, "附件2.docx").path,
        )


def test_what_a_person_verified_stays(folder: Path) -> None:
    with opened(folder, OLDER) as application:
        seen = reading(application, "附件2.docx", OLDER)
        form = replace(seen.forms[0], fields=seen.forms[0].fields | {"theme": "人工核对的主题"})
        put(application, "附件2.docx", OLDER, replace(seen, forms=(form,)))
        verify(application)
    with opened(folder, PARSER_VERSION) as application:
        assert application.read_anew(clock=clock).kept == 1
        assert reading(application, "附件2.docx", PARSER_VERSION).forms == (form,)
        (told,) = record(application)
        assert told.change.kept is Kept.SETTLED
        with application.store.reading() as session:
            assert [one.action for one in decisions.all_decisions(session)] == ["verify"]


def test_mail_in_quarantine_is_tried_again(folder: Path) -> None:
    with opened(folder, OLDER) as application, application.store.writing() as session:
        for _ in range(2):
            messages.mark_failed(session, digest(application), "decode", "ValueError: 坏了", OLDER)
    with opened(folder, PARSER_VERSION) as application:
        application.read_waiting()
        assert record(application) == ()  # not with the new mail
        application.read_anew(clock=clock)
        assert ("金坛区青禾小学", "statistics") in kinds_claimed(application)
        (told,) = record(application)
        assert told.change.differences == (Difference(aspect="failure", before="ValueError: 坏了", after=""),)


def test_a_defect_of_newer_parsers_is_not_told_in_the_words_of_the_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder, OLDER) as application, application.store.writing() as session:
        for _ in range(2):
            messages.mark_failed(session, digest(application), "decode", "坏了", OLDER)

    def fail(*_arguments: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("ingest.rereading.take_apart", fail)
    with opened(folder, PARSER_VERSION) as application:
        application.read_anew(clock=clock)
        with application.store.reading() as session:
            (message,) = messages.received_messages(session)
    assert [one.detail for one in message.items[0].extraction.findings] == [
        "系统读取这封邮件时出错，原件已保存，已转人工核对，请暂勿重发"
    ]


def test_a_run_is_bounded_stops_and_goes_on(folder: Path) -> None:
    for number in (2, 3):
        (folder / f"{number}.eml").write_bytes(mail().replace(b"<1@", f"<{number}@".encode()))
    with opened(folder, OLDER) as application:
        application.import_paths([folder / "2.eml", folder / "3.eml"], received=ReceivedFrom.HEADER, clock=clock)
    with opened(folder, PARSER_VERSION) as application:
        assert application.read_anew(clock=clock, give_way=lambda: True).messages == 0
        done = [application.read_anew(clock=clock, limit=2).messages for _ in range(3)]
    assert done == [2, 1, 0]


def test_volumes_that_older_parsers_took_for_single_files_become_one_and_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "roster.csv").write_text("单位名称,类别\n金坛区青禾小学,学校\n", encoding="utf-8")
    volumes = rar_volumes(rar5, "附件2.docx", (SAMPLES / "附件2.docx").read_bytes(), 2)
    message = EmailMessage()
    message["From"], message["Message-ID"] = "金坛区青禾小学 <zx@example.com>", "<1@example.com>"
    message["Subject"] = "金坛区青禾小学统计表"
    message["Received"] = "from a by b; Fri, 10 Nov 2023 09:00:00 +0800"
    message.set_content("请查收。")
    for number, data in enumerate(volumes, start=1):
        message.add_attachment(data, maintype="application", subtype="rar", filename=f"附件2.part{number}.rar")
    (tmp_path / "mail.eml").write_bytes(message.as_bytes())
    with opened(tmp_path, OLDER) as application:
        application.import_paths([tmp_path / "mail.eml"], received=ReceivedFrom.HEADER, clock=clock)
        take_apart_as_before(application, volumes)
        assert served(application)[1:] == [Kind.UNREADABLE, Kind.UNREADABLE]
    with opened(tmp_path, PARSER_VERSION) as application:
        application.read_anew(clock=clock)
        assert served(application)[1:] == [Kind.ARCHIVE, Kind.STATISTICS]
        assert ("金坛区青禾小学", "statistics") in kinds_claimed(application)
        (told,) = record(application)
    assert (told.change.path, told.change.filename) == ("2", "附件2（2个分卷）.zip")
    assert Difference(aspect="kind", before="unreadable", after="archive") in told.change.differences


def take_apart_as_before(application: Application, volumes: Sequence[bytes]) -> None:
    with application.store.writing() as session:
        message = messages.received_message(session, digest(application))
        body, joined = messages.parts_of(session, message.sha256)
        parts = [
            replace(
                joined,
                path=f"{number + 1}",
                filename=f"附件2.part{number}.rar",
                sha256=hashlib.sha256(data).hexdigest(),
            )
            for number, data in enumerate(volumes, start=1)
        ]
        messages.save_decoded(session, message.sha256, message.envelope, message.body_text, [body, *parts])
        for one in parts:
            unread = Extraction(file=one.filename, media_type="application/vnd.rar", kind=Kind.UNREADABLE)
            extractions.save(session, one.sha256, one.filename, OLDER, unread)
        messages.mark_read(session, message.sha256, parser_version=OLDER, received_at=message.received_at)


def received(application: Application) -> datetime:
    with application.store.reading() as session:
        return messages.received_at(session, digest(application))


def as_if_unread(folder: Path) -> None:
    """The predecessor saw no form; the newer parsers will tell of one file."""
    with opened(folder, OLDER) as application:
        put(application, "附件2.docx", OLDER, as_unread(reading(application, "附件2.docx", OLDER)))


def test_mail_whose_original_is_gone_stays_as_it_was_read_and_that_is_told(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(folder, PARSER_VERSION) as application:
        application.blobs.path(digest(application)).unlink()
        before, came = served(application), received(application)
        assert application.read_anew(clock=clock) == RereadCounts(messages=1, changed=1, kept=1)
        assert (served(application), received(application)) == (before, came)
        (told,) = record(application)
        assert told.change.differences == (Difference(aspect="failure", before="", after=GONE),)
        assert application.read_anew(clock=clock) == RereadCounts()  # it is in nobody's way
    assert not [one for one in caplog.records if one.exc_info]


def test_a_mail_of_many_files_is_read_though_every_run_is_broken_off(folder: Path) -> None:
    as_if_unread(folder)
    with opened(folder, PARSER_VERSION) as application:
        runs = 0
        while not application.read_anew(clock=clock, give_way=after(2)).messages:
            assert not record(application)  # nothing is half told
            runs += 1
            assert runs < 9
        assert runs == 2  # one file a run: the mail's text, the form, the photo
        assert served(application)[1:] == [Kind.STATISTICS, Kind.PHOTO]
        assert len(record(application)) == 1


def after(times: int) -> Callable[[], bool]:
    """False so many times, true from then on."""
    asked = itertools.count(1)
    return lambda: next(asked) > times


def test_what_a_person_verifies_while_it_is_read_anew_stays(folder: Path) -> None:
    with opened(folder, OLDER) as application:
        seen = reading(application, "附件2.docx", OLDER)
        form = replace(seen.forms[0], fields=seen.forms[0].fields | {"theme": "人工核对的主题"})
        put(application, "附件2.docx", OLDER, replace(seen, forms=(form,)))
    with opened(folder, PARSER_VERSION) as application:

        def verify_once() -> bool:
            verify(application)
            return False

        assert application.read_anew(clock=clock, give_way=verify_once).kept == 1
        assert reading(application, "附件2.docx", PARSER_VERSION).forms == (form,)


def test_two_programs_that_read_anew_at_once_tell_and_claim_once(folder: Path) -> None:
    as_if_unread(folder)
    with opened(folder, PARSER_VERSION) as one, opened(folder, PARSER_VERSION) as other:
        came = received(one)
        met = threading.Barrier(2, timeout=60)

        def wait_for_the_other() -> bool:
            with suppress(threading.BrokenBarrierError):
                met.wait()
            return False

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda each: each.read_anew(clock=clock, give_way=wait_for_the_other), (one, other)))
        assert len(record(one)) == 1
        assert kinds_claimed(one).count(("金坛区青禾小学", "statistics")) == 1
        assert received(one) == came


PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tests.ingest.test_rereading import clock, opened
from parsers.version import PARSER_VERSION
asked = 0
def give_way():
    global asked
    asked += 1
    print(asked, flush=True)
    return False
with opened(Path(sys.argv[1]), PARSER_VERSION) as application:
    application.read_anew(clock=clock, give_way=give_way)
"""


@pytest.mark.parametrize("lines", [2, 4])
def test_a_killed_run_leaves_each_mail_as_it_was_or_as_it_is(folder: Path, lines: int) -> None:
    as_if_unread(folder)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout is not None
        for _ in range(lines):
            program.stdout.readline()
        program.kill()
    with opened(folder, PARSER_VERSION) as application:
        assert served(application)[1:] in ([Kind.DOCUMENT, Kind.PHOTO], [Kind.STATISTICS, Kind.PHOTO])
        application.read_anew(clock=clock)
        assert served(application)[1:] == [Kind.STATISTICS, Kind.PHOTO]
        assert len(record(application)) == 1
        assert received(application) == datetime(2023, 11, 10, 1, tzinfo=UTC)
