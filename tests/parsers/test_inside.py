"""Files found again inside others, without a sandbox around them."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from ingest.samples import media
from ingest.samples.archives import SampleFile, zip_file
from ingest.samples.documents import summary_docx
from ingest.samples.rar import Entry, rar5
from parsers.inside import files_inside, take_out
from parsers.limits import Limits
from tests.parsers.sample_parts import PdfPage, pdf

PHOTO = media.photo(7)


def zipped(*members: tuple[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members:
            packed.writestr(name, data)
    return archive.getvalue()


def mailed(data: bytes) -> bytes:
    message = EmailMessage()
    message["Subject"] = "转发"
    message.set_content("见附件")
    message.add_attachment(data, maintype="application", subtype="zip", filename="内层.zip")
    return message.as_bytes()


def with_picture() -> bytes:
    """A document with the photo pasted in."""
    return summary_docx(random.Random(1), "某校", (), photos=[PHOTO])


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("照片.zip", zip_file([SampleFile(name="合影.jpg", data=PHOTO)])),
        ("照片.rar", rar5(Entry(name="合影.jpg", data=PHOTO))),
        ("转发.eml", mailed(zipped(("照片/合影.jpg", PHOTO)))),
        ("三层.zip", zipped(("转发.eml", mailed(zipped(("合影.jpg", PHOTO)))))),
        ("总结.zip", zipped(("总结.docx", with_picture()))),
        ("合影.jpg", PHOTO),
    ],
)
def test_a_file_is_taken_out_byte_for_byte_however_deep_it_lies(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    target = tmp_path / "member"
    assert take_out(tmp_path / "file", name, digest(PHOTO), target)
    assert target.read_bytes() == PHOTO


@pytest.mark.parametrize(
    "data",
    [
        zipped(("另一张.jpg", media.photo(8))),
        zip_file([SampleFile(name="合影.jpg", data=PHOTO)], password="20231120"),
        zipped(("合影.jpg", PHOTO))[: len(PHOTO) // 2],
        pdf(PdfPage()),
        b"",
    ],
)
def test_what_is_not_there_locked_or_broken_is_not_taken_out(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(data)
    assert not take_out(tmp_path / "file", "照片.zip", digest(PHOTO), tmp_path / "member")
    assert not (tmp_path / "member").exists()


def test_the_limits_of_reading_hold_for_taking_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(zipped(("a.zip", zipped(("合影.jpg", PHOTO)))))
    wanted, target = digest(PHOTO), tmp_path / "member"
    for limits in (Limits(depth=1), Limits(unpacked_bytes=1000), Limits(members=0)):
        assert not take_out(tmp_path / "file", "照片.zip", wanted, target, limits=limits)
    assert take_out(tmp_path / "file", "照片.zip", wanted, target, limits=Limits(depth=2))


def test_nothing_is_unpacked_before_it_is_asked_for_and_nothing_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    (tmp_path / "file").write_bytes(zipped(("合影.jpg", PHOTO)))
    found = files_inside(tmp_path / "file", "照片.zip")
    next(found)
    assert list((tmp_path / "scratch").iterdir()) == []
    assert next(found).path.read_bytes() == PHOTO
    found.close()
    assert list((tmp_path / "scratch").iterdir()) == []
