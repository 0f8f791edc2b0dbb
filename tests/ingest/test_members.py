"""Single files of mails from inside archives, on the real store and in the real sandbox."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.application import Application, open_application
from ingest.config import load_config
from ingest.engine import NotTakenOut
from ingest.importing import ReceivedFrom
from ingest.members import Members
from ingest.samples import media
from ingest.samples.documents import unrelated_docx
from ingest.samples.rar import rar5
from ingest.samples.rar import volumes as rar_volumes
from report.desk.port import MemberUnavailableError
from rules.messages import Item
from store import kept, messages
from store.blobs import Damage
from tests.ingest.test_previewing import CONFIG

VIDEO, DOCUMENT, PHOTO = media.video(3), unrelated_docx("直溪中心小学"), media.photo(1)
VOLUMES = rar_volumes(rar5, "活动/总结二.docx", DOCUMENT, 3)
MOVIE, SUMMARY = "材料.zip/活动/开幕.mp4", "材料.zip/活动/转发.eml/总结.docx"


def zipped(**members: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return archive.getvalue()


def mail(subject: str, **attached: bytes) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "直溪中心小学 <zxxx@example.com>"
    message["Subject"] = subject
    message["Message-ID"] = "<1@example.com>"
    message["Date"] = "Fri, 10 Nov 2023 09:00:00 +0800"
    message.set_content("请查收。")
    for name, data in attached.items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with one mail, read once for all tests."""
    folder = tmp_path_factory.mktemp("members") / "installation"
    folder.mkdir()
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "roster.csv").write_text("单位名称,类别\n直溪中心小学,学校\n", encoding="utf-8")
    inner = mail("转发", **{"总结.docx": DOCUMENT}).as_bytes()
    packed = zipped(**{"活动/开幕.mp4": VIDEO, "活动/转发.eml": inner, "合影.jpg": PHOTO})
    volumes = {f"总结.part{number}.rar": data for number, data in enumerate(VOLUMES, start=1)}
    outer = mail("直溪中心小学活动材料", **{"材料.zip": packed, "合影.jpg": PHOTO}, **volumes)
    (folder / "mail.eml").write_bytes(outer.as_bytes())
    with open_application(load_config(folder / "config.toml")) as application:
        application.import_paths([folder / "mail.eml"], received=ReceivedFrom.HEADER, clock=lambda: datetime.now(UTC))
    return folder


@pytest.fixture
def application(taken_in: Path, tmp_path: Path) -> Iterator[Application]:
    shutil.copytree(taken_in, tmp_path, dirs_exist_ok=True)
    with open_application(load_config(tmp_path / "config.toml")) as application:
        yield application


def items(application: Application) -> tuple[str, dict[str, Item]]:
    """The hash of the message, and its files by their names, from the attachment inwards."""
    with application.store.reading() as session:
        (message,) = messages.received_messages(session)
    return message.sha256, {"/".join((*item.folders, item.filename.split("/")[-1])): item for item in message.items}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_from_inside_is_given_byte_for_byte(application: Application) -> None:
    message, found = items(application)
    of_volumes = "总结（3个分卷）.zip/活动/总结二.docx"
    for name, data in ((MOVIE, VIDEO), (SUMMARY, DOCUMENT), ("合影.jpg", PHOTO), (of_volumes, DOCUMENT)):
        member = application.member(message, found[name].path)
        assert application.blobs.path(member.blob).read_bytes() == data
        assert member.filename.endswith(found[name].filename)
        assert member.media_type == found[name].extraction.media_type
    assert list(application.verify()) == []


def test_it_is_unpacked_once_even_for_many_who_ask_together(application: Application, caplog) -> None:  # type: ignore[no-untyped-def]
    message, found = items(application)
    with caplog.at_level("INFO"), ThreadPoolExecutor(4) as threads:
        given = set(threads.map(lambda _: application.member(message, found[MOVIE].path), range(8)))
    assert [member.blob for member in given] == [digest(VIDEO)]
    assert sum(getattr(record, "action", "") == "member_unpacked" for record in caplog.records) == 1


def test_one_that_was_lost_does_no_harm_and_is_made_again(application: Application) -> None:
    message, found = items(application)
    path = application.blobs.path(application.member(message, found[MOVIE].path).blob)
    path.unlink()
    (missing,) = application.verify()
    assert (missing.damage, missing.name, missing.is_harmless) == (Damage.MISSING, digest(VIDEO), True)
    application.member(message, found[MOVIE].path)
    path.write_bytes(b"damaged")
    (damaged,) = application.verify()
    assert (damaged.damage, damaged.is_harmless) == (Damage.DAMAGED, True)


def test_what_came_by_itself_too_is_no_derived_file(application: Application) -> None:
    message, found = items(application)
    assert application.member(message, found["材料.zip/合影.jpg"].path).blob == digest(PHOTO)
    with application.store.reading() as session:
        assert digest(PHOTO) in kept.blob_digests(session) - kept.derived_digests(session)


@pytest.mark.parametrize("path", ["", "2/没有.jpg", "\udcff", "2/../../etc/passwd"])
def test_what_is_not_in_the_mail_is_told(application: Application, path: str) -> None:
    message, _found = items(application)
    with pytest.raises(MemberUnavailableError, match="没有这个文件"):
        application.member(message, path)
    with pytest.raises(MemberUnavailableError, match="没有这封邮件"):
        application.member("0" * 64, path)


def test_an_archive_that_is_damaged_or_gone_is_told(application: Application) -> None:
    message, found = items(application)
    archive = application.blobs.path(found["材料.zip"].extraction.sha256)
    archive.write_bytes(archive.read_bytes()[:200])
    with pytest.raises(MemberUnavailableError, match=r"“开幕\.mp4”没能从“材料\.zip”中取出：文件已损坏"):
        application.member(message, found[MOVIE].path)
    archive.unlink()
    with pytest.raises(MemberUnavailableError, match="从备份恢复"):
        application.member(message, found[MOVIE].path)


class Conquered:
    """An engine whose parser a stranger's file has taken over: `leave` puts something where the file should be."""

    def __init__(self, folder: Path, leave: Callable[[Path], object]) -> None:
        self._target = folder / "member"
        leave(self._target)

    @contextmanager
    def taken_out(self, _path: Path, _name: str, _sha256: str) -> Iterator[Path]:
        yield self._target


@pytest.mark.parametrize(
    "leave",
    [
        lambda target: target.write_bytes(b"<script>"),
        lambda target: target.symlink_to(target.with_name("config.toml")),
        lambda target: target.mkdir(),
        lambda _target: None,
    ],
)
def test_what_a_parser_says_is_not_believed(
    application: Application, tmp_path: Path, leave: Callable[[Path], object]
) -> None:
    message, found = items(application)
    engine = Conquered(tmp_path, leave)
    members = Members(store=application.store, blobs=application.blobs, engine=engine)
    with pytest.raises(MemberUnavailableError, match="没能从"):
        members.member(message, found[MOVIE].path)
    assert not application.blobs.exists(digest(VIDEO))


class Beyond:
    """An engine on which the archive takes too long."""

    @contextmanager
    def taken_out(self, _path: Path, _name: str, _sha256: str) -> Iterator[Path]:
        raise NotTakenOut("文件过于复杂，读取超时")
        yield Path()


def test_a_job_that_did_not_come_back_is_told_and_tried_again(application: Application) -> None:
    message, found = items(application)
    members = Members(store=application.store, blobs=application.blobs, engine=Beyond())
    with pytest.raises(MemberUnavailableError, match=r"读取超时。请下载“材料\.zip”"):
        members.member(message, found[MOVIE].path)
    assert application.member(message, found[MOVIE].path).blob == digest(VIDEO)
