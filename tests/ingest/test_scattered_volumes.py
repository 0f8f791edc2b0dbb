"""Volumes of one archive in several mails, on the real store and in the real sandbox."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import py7zr
import pytest

from ingest.application import Application, open_application
from ingest.config import load_config
from ingest.importing import ReceivedFrom
from ingest.samples import media
from ingest.samples.archives import SampleFile, cut_zip, zip_file
from ingest.samples.rar import SPLIT_AFTER, SPLIT_BEFORE, Entry, rar4, rar5, volumes
from rules.extraction import Kind
from store import claims, kept, messages
from tests.ingest.test_rereading import CONFIG, SAMPLES

FORM = (SAMPLES / "附件2.docx").read_bytes()
Files = Sequence[tuple[str, bytes]]


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("scattered")
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "roster.csv").write_text("单位名称,类别\n金坛区青禾小学,学校\n", encoding="utf-8")
    with open_application(load_config(folder / "config.toml")) as application:
        yield application


def taken_in(application: Application, folder: Path, *mails: tuple[str, int, Files]) -> None:
    """Mails of a sender, each on a day of November 2023, all in one import."""
    for sender, day, files in mails:
        message = EmailMessage()
        message["From"] = f"金坛区青禾小学 <{sender}@example.com>"
        message["Subject"] = "金坛区青禾小学统计表"
        message["Message-ID"] = f"<{sender}-{day}@example.com>"
        message["Received"] = f"from a by b; {day} Nov 2023 09:00:00 +0800"
        message.set_content("请查收。")
        for name, data in files:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        (folder / f"{sender}-{day}.eml").write_bytes(message.as_bytes())
    application.import_paths([folder], received=ReceivedFrom.HEADER, clock=lambda: datetime.now(UTC))


def seen(application: Application, mail: str) -> list[tuple[str, Kind]]:
    with application.store.reading() as session:
        (found,) = kept.find_messages(session, f"{mail}@example.com")
        items = messages.received_message(session, found.sha256).items
    return [(item.filename, item.extraction.kind) for item in items if not item.is_body]


def days_claimed(application: Application, sender: str) -> list[int]:
    with application.store.reading() as session:
        return [
            claim.received_at.day
            for claim in claims.claims(session)
            if claim.kind == "statistics" and claim.extraction.forms and sender in claim.message_id
        ]


def numbered(parts: Sequence[bytes], pattern: str = "表.part{}.rar") -> Files:
    return [(pattern.format(number), data) for number, data in enumerate(parts, start=1)]


WHOLE = [("附件2.docx", Kind.STATISTICS)]


def test_the_last_mail_gets_the_archive_and_the_others_stay(application: Application, tmp_path: Path) -> None:
    first, second, third = numbered(volumes(rar5, "附件2.docx", FORM, 3))
    taken_in(application, tmp_path, ("order", 1, [first, second]), ("order", 3, [third]))
    assert seen(application, "order-1") == [("表（已并入后来的邮件）（2个分卷）.zip", Kind.OTHER)]
    assert seen(application, "order-3") == [("表（3个分卷）.zip", Kind.ARCHIVE), *WHOLE]
    assert days_claimed(application, "order") == [3]


def test_an_earlier_mail_that_is_read_later_completes_a_later_one(application: Application, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w") as archive:
        archive.writestr(FORM, "附件2.docx")
    data = buffer.getvalue()
    first, second = numbered([data[:20_000], data[20_000:]], "表.7z.{:03d}")
    taken_in(application, tmp_path, ("late", 4, [second]))
    assert seen(application, "late-4") == [("表.7z.002", Kind.UNREADABLE)]
    (tmp_path / "late-4.eml").unlink()
    taken_in(application, tmp_path, ("late", 2, [first]))
    assert seen(application, "late-4") == [("表（2个分卷合并）.7z", Kind.ARCHIVE), *WHOLE]
    assert seen(application, "late-2") == [("表.7z（已并入后来的邮件）.001", Kind.OTHER)]
    assert days_claimed(application, "late") == [4]


def test_volumes_that_were_packed_anew_replace_those_of_the_same_number(
    application: Application, tmp_path: Path
) -> None:
    old, new = volumes(rar4, "附件2.docx", FORM, 3), volumes(rar5, "附件2.docx", FORM, 2)
    days = [("anew", 1, numbered(old)[:1]), ("anew", 2, numbered(new)[:1]), ("anew", 3, numbered(new)[1:])]
    taken_in(application, tmp_path, *days)
    assert seen(application, "anew-3") == [("表（2个分卷）.zip", Kind.ARCHIVE), *WHOLE]
    assert seen(application, "anew-1") == [("表（已并入后来的邮件）.part1.rar", Kind.OTHER)]


def test_of_volumes_that_are_still_missing_the_newest_mail_tells_alone(
    application: Application, tmp_path: Path
) -> None:
    """And the fourth, which comes first of all in the mailbox but is found last, completes the set."""
    first, *others = numbered(volumes(rar5, "附件2.docx", FORM, 4))
    mails = [("four", day, [volume]) for day, volume in enumerate(others, start=2)]
    taken_in(application, tmp_path, *mails)
    assert [seen(application, f"four-{day}")[0][1] for day in (2, 3, 4)] == [Kind.OTHER, Kind.OTHER, Kind.UNREADABLE]
    taken_in(application, tmp_path, ("four", 1, [first]))
    assert seen(application, "four-4") == [("表（4个分卷）.zip", Kind.ARCHIVE), *WHOLE]
    assert [seen(application, f"four-{day}")[0][1] for day in (1, 2, 3)] == [Kind.OTHER] * 3


def test_a_split_zip_whose_last_volume_has_a_plain_name_is_put_together(
    application: Application, tmp_path: Path
) -> None:
    first, second, last = cut_zip(zip_file([SampleFile(name="附件2.docx", data=FORM)]), 14_000)
    files = [("表.z01", first), ("表.z02", second), ("表.zip", last)]
    taken_in(application, tmp_path, *[("split", day, [file]) for day, file in enumerate(files, start=1)])
    assert seen(application, "split-3") == [("表（3个分卷合并）.zip", Kind.ARCHIVE), *WHOLE]
    assert [seen(application, f"split-{day}")[0][1] for day in (1, 2)] == [Kind.OTHER] * 2


def cut_with_plain_name(scheme: str) -> tuple[Files, Files]:
    """The one volume whose name does not tell that it is one, and the others."""
    if scheme == "zip":
        first, second, last = cut_zip(zip_file([SampleFile(name="附件2.docx", data=FORM)]), 14_000)
        return [("表.zip", last)], [("表.z01", first), ("表.z02", second)]
    first, second, last = volumes(rar4, "附件2.docx", FORM, 3)
    return [("表.rar", first)], [("表.r00", second), ("表.r01", last)]


@pytest.mark.parametrize("scheme", ["zip", "rar"])
def test_a_volume_with_a_plain_name_that_came_first_is_completed_and_says_nothing_any_more(
    scheme: str, application: Application, tmp_path: Path
) -> None:
    plain, others = cut_with_plain_name(scheme)
    taken_in(application, tmp_path, (f"plain{scheme}", 1, plain))
    with application.store.reading() as session:
        assert any(claim.extraction.findings for claim in claims.claims(session) if scheme in claim.message_id)
    taken_in(application, tmp_path, (f"plain{scheme}", 2, others))
    assert seen(application, f"plain{scheme}-1") == [(f"表（已并入后来的邮件）.{scheme}", Kind.OTHER)]
    assert days_claimed(application, f"plain{scheme}") == [2]
    with application.store.reading() as session:
        (of_second,) = [claim for claim in claims.claims(session) if f"plain{scheme}" in claim.message_id]
    assert not any(finding.is_blocking for finding in of_second.extraction.findings)


def test_a_whole_archive_of_the_same_name_is_not_taken_over(application: Application, tmp_path: Path) -> None:
    archive = zip_file([SampleFile(name="附件2.docx", data=FORM)])
    first, second, last = cut_zip(archive, 14_000)
    volumes_of_it = [("表.z01", first), ("表.z02", second), ("表.zip", last)]
    taken_in(application, tmp_path, ("whole", 1, [("表.zip", archive)]), ("whole", 2, volumes_of_it))
    assert seen(application, "whole-1") == [("表.zip", Kind.ARCHIVE), *WHOLE]
    assert days_claimed(application, "whole") == [1, 2]


def test_a_file_that_lay_whole_in_the_first_volume_counts_from_when_it_came(
    application: Application, tmp_path: Path
) -> None:
    photo = media.photo(1)
    head = Entry(name="照片.jpg", data=photo[:9000], size=len(photo), split=SPLIT_AFTER)
    tail = Entry(name="照片.jpg", data=photo[9000:], size=len(photo), split=SPLIT_BEFORE, checksum=zlib.crc32(photo))
    parts = [rar5(Entry(name="附件2.docx", data=FORM), head, volume=0, goes_on=True), rar5(tail, volume=1)]
    taken_in(application, tmp_path, *(("inside", day, [file]) for day, file in enumerate(numbered(parts), start=1)))
    assert seen(application, "inside-1") == [("表（已并入后来的邮件）.part1.rar", Kind.OTHER), *WHOLE]
    assert seen(application, "inside-2") == [("表（2个分卷）.zip", Kind.ARCHIVE), *WHOLE, ("照片.jpg", Kind.PHOTO)]
    assert days_claimed(application, "inside") == [1, 2]


def test_nothing_is_taken_from_another_sender_or_from_long_ago(application: Application, tmp_path: Path) -> None:
    first, second = numbered(volumes(rar5, "附件2.docx", FORM, 2))
    taken_in(application, tmp_path, ("one", 1, [first]), ("other", 2, [second]), ("one", 20, [second]))
    assert seen(application, "other-2") == [("表.part2.rar", Kind.UNREADABLE)]
    assert seen(application, "one-20") == [("表.part2.rar", Kind.UNREADABLE)]
