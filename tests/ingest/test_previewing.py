"""Previews of a mail's photos on the real store and in the real sandbox."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from PIL import Image

from ingest.application import Application, open_application
from ingest.config import load_config
from ingest.importing import ReceivedFrom
from ingest.previewing import Previewer
from ingest.samples import media
from parsers.answers import DecodedMessage
from parsers.version import PARSER_VERSION
from rules.extraction import Extraction
from rules.previews import PreviewKey, PreviewSize, previews_of
from store import extractions, kept, previews

CONFIG = """
[[campaign]]
key = "2023"
title = "全民终身学习活动"
opens = 2023-10-12
closes = 2023-12-31
roster = "roster.csv"
[[campaign.deliverable]]
key = "evidence"
title = "照片或视频"
kind = "evidence"
due = 2023-11-20
photos = 5
"""


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "roster.csv").write_text("单位名称,类别\n直溪中心小学,学校\n", encoding="utf-8")
    (tmp_path / "mail.eml").write_bytes(mail())
    with open_application(load_config(tmp_path / "config.toml")) as application:
        application.import_paths([tmp_path / "mail.eml"], received=ReceivedFrom.HEADER, clock=lambda: datetime.now(UTC))
        yield application


def mail() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for number in (1, 2):
            packed.writestr(f"{number}.jpg", media.photo(number))
    message = EmailMessage()
    message["From"] = "直溪中心小学 <zxxx@example.com>"
    message["Subject"] = "直溪中心小学活动照片"
    message["Message-ID"] = "<1@example.com>"
    message["Date"] = "Fri, 10 Nov 2023 09:00:00 +0800"
    message.set_content("请查收。")
    message.add_attachment(archive.getvalue(), maintype="application", subtype="zip", filename="照片.zip")
    return message.as_bytes()


def test_previews_are_made_after_reading_once_and_verified_like_all_else(application: Application) -> None:
    with application.store.reading() as session:
        (message,) = kept.find_messages(session, "1@example.com")
        (part,) = [part for part in message.parts if part.filename == "照片.zip"]
        seen = extractions.load(session, part.sha256, part.filename, PARSER_VERSION)
    assert seen is not None
    wanted = previews_of(seen)
    assert len(wanted) == 2

    assert application.make_previews() == len({part.sha256 for part in message.parts})
    assert application.make_previews() == 0

    with application.store.reading() as session:
        found = previews.load(session, wanted)
    for key in wanted:
        preview = found[key]
        assert preview is not None
        with Image.open(application.blobs.path(preview.blob)) as picture:
            assert picture.size == (preview.width, preview.height)
    assert [damage for damage in application.verify() if not damage.is_harmless] == []
    assert list(application.verify()) == []


def test_one_that_is_missing_is_made_when_somebody_looks(application: Application) -> None:
    with application.store.reading() as session:
        (message,) = kept.find_messages(session, "1@example.com")
        (part,) = [part for part in message.parts if part.filename == "照片.zip"]
        seen = extractions.load(session, part.sha256, part.filename, PARSER_VERSION)
    assert seen is not None
    key = PreviewKey(sha256=seen.members[0].sha256, size=PreviewSize.PAGE)

    preview = application.preview(key, inside=part.sha256, filename=part.filename)

    assert preview is not None
    assert application.blobs.path(preview.blob).is_file()
    assert application.preview(key, inside=part.sha256, filename=part.filename) == preview

    application.blobs.path(preview.blob).unlink()
    assert [damage.is_harmless for damage in application.verify()] == [True]
    assert application.preview(key, inside=part.sha256, filename=part.filename) == preview
    assert list(application.verify()) == []


def test_what_cannot_be_shown_is_answered_with_nothing(application: Application) -> None:
    with application.store.reading() as session:
        (message,) = kept.find_messages(session, "1@example.com")
        (part,) = [part for part in message.parts if part.filename == "照片.zip"]
    key = PreviewKey(sha256="0" * 64)
    assert application.preview(key, inside=part.sha256, filename=part.filename) is None


class GivenUp:
    """An engine on a machine that is too busy."""

    def __init__(self) -> None:
        self.asked = 0

    def decode(self, raw: Path, scratch: Path) -> DecodedMessage:
        raise NotImplementedError

    def read(self, path: Path, name: str) -> Extraction:
        raise NotImplementedError

    def previews(self, path: Path, name: str, wanted: Sequence[PreviewKey]) -> None:
        self.asked += 1


def test_a_job_that_did_not_come_back_is_tried_once_more_when_somebody_looks(application: Application) -> None:
    engine = GivenUp()
    busy = Previewer(store=application.store, blobs=application.blobs, engine=engine)
    for _ in range(2):
        busy.make_all(stop=lambda: False)
    assert engine.asked == 1

    with application.store.reading() as session:
        (message,) = kept.find_messages(session, "1@example.com")
        (part,) = [part for part in message.parts if part.filename == "照片.zip"]
        seen = extractions.load(session, part.sha256, part.filename, PARSER_VERSION)
    assert seen is not None
    first, second = previews_of(seen)
    assert application.preview(first, inside=part.sha256, filename=part.filename) is not None
    for _ in range(2):
        assert busy.make_one(second, inside=part.sha256, filename=part.filename) is None
    assert engine.asked == 2
