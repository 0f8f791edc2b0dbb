"""Archives that came in volumes: put together in one mail, in an archive, and what is said where some are missing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import py7zr
import pytest

from ingest.samples.archives import SampleFile, cut_zip, zip_file
from ingest.samples.rar import SPLIT_BEFORE, Entry, rar4, rar5, volumes
from parsers.inside import take_out
from parsers.limits import Limits
from parsers.message import decode_message
from parsers.read import read_file
from rules.extraction import Extraction, Kind
from rules.findings import Code

TEXT = "直溪镇社区教育中心活动周总结。".encode() * 400
Files = list[tuple[str, bytes]]


@pytest.fixture
def mailed(tmp_path: Path) -> Callable[[Files], list[Extraction]]:
    """What is seen in the attachments of one mail."""

    def read(files: Files) -> list[Extraction]:
        message = EmailMessage()
        message["From"], message["Subject"] = "a@example.com", "总结"
        message.set_content("见附件")
        for name, data in files:
            message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        raw, scratch = tmp_path / "raw", tmp_path / "scratch"
        raw.write_bytes(message.as_bytes())
        scratch.mkdir()
        parts = decode_message(raw, scratch).parts
        assert all(part.payload.stat().st_size == part.size_bytes for part in parts)
        return [read_file(part.payload, part.filename) for part in parts if not part.is_body]

    return read


def seven(password: str | None = None) -> bytes:
    buffer = io.BytesIO()
    filters = None if password else [{"id": py7zr.FILTER_COPY}]
    with py7zr.SevenZipFile(buffer, "w", password=password, filters=filters) as archive:
        archive.writestr(TEXT, "活动/总结.txt")
    return buffer.getvalue()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("活动/封面.txt", "封面")
        archive.writestr("活动/总结.txt", TEXT)
    return buffer.getvalue()


def pieces(data: bytes, count: int = 3) -> list[bytes]:
    step = -(-len(data) // count)
    return [data[start : start + step] for start in range(0, len(data), step)]


def numbered(pattern: str, parts: Iterable[bytes], start: int = 1) -> Files:
    return [(pattern.format(number), data) for number, data in enumerate(parts, start)]


def split_zip() -> Files:
    *first, last = cut_zip(zipped(), 8000)
    return [*numbered("总结.z{:02d}", first), ("总结.zip", last)]


def rar(form: Callable[..., bytes], pattern: str) -> Files:
    return numbered(pattern, volumes(form, "活动/总结.txt", TEXT, 3))


def old_rar() -> Files:
    """.rar, .r00, .r01: RAR 4 without the flag that says part1."""
    first, *others = volumes(partial(rar4, has_part_names=False), "活动/总结.txt", TEXT, 3)
    return [("总结.rar", first), *numbered("总结.r{:02d}", others, 0)]


WHOLE = {
    "7z": (lambda: numbered("总结.7z.{:03d}", pieces(seven())), "总结（3个分卷合并）.7z"),
    "7z of a browser": (lambda: numbered("总结.7z ({0}).{0:03d}", pieces(seven())), "总结（3个分卷合并）.7z"),
    "zip in pieces": (lambda: numbered("总结.ZIP.{:03d}", pieces(zipped())), "总结（3个分卷合并）.ZIP"),
    "pieces without a name": (lambda: numbered("总结.{:03d}", pieces(seven())), "总结（3个分卷合并）"),
    "split zip": (split_zip, "总结（3个分卷合并）.zip"),
    "rar 5": (lambda: rar(rar5, "总结.part{}.rar"), "总结（3个分卷）.zip"),
    "rar 4": (lambda: rar(rar4, "总结.part{:02d}.rar"), "总结（3个分卷）.zip"),
    "rar in upper case": (lambda: rar(rar5, "总结.PART{}.RAR"), "总结（3个分卷）.zip"),
    "rar of a browser": (lambda: rar(rar5, "总结.part{}（1）.rar"), "总结（3个分卷）.zip"),
    "rar named anew": (lambda: rar(rar5, "总结{}.rar"), "总结（3个分卷）.zip"),
    "old rar": (old_rar, "总结（3个分卷）.zip"),
    "sent twice": (lambda: rar(rar5, "总结.part{}.rar") * 2, "总结（3个分卷）.zip"),
    "in disorder": (lambda: rar(rar5, "总结.part{}.rar")[::-1], "总结（3个分卷）.zip"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_all_volumes_in_one_mail_are_read_as_the_archive_that_they_are(name: str, mailed) -> None:
    make, expected = WHOLE[name]
    (archive,) = mailed(make())
    assert (archive.file, archive.kind, archive.findings) == (expected, Kind.ARCHIVE, ())
    assert archive.members[-1].file == "活动/总结.txt"
    assert archive.members[-1].size_bytes == len(TEXT)


@pytest.mark.parametrize(
    ("files", "numbers", "missing"),
    [
        (numbered("总结.7z.{:03d}", pieces(seven()))[:2], "1、2", "3"),
        (numbered("总结.7z.{:03d}", pieces(seven()))[1:], "2、3", "1"),
        (numbered("总结.zip.{:03d}", pieces(zipped()))[:2], "1、2", "3"),
        (rar(rar5, "总结.part{}.rar")[::2], "1、3", "2"),
        (rar(rar4, "总结.part{}.rar")[:2], "1、2", "3"),
        (rar(rar5, "总结.part{}.rar")[1:], "2、3", "1"),
    ],
)
def test_what_is_missing_of_a_set_is_named(files: Files, numbers: str, missing: str, mailed) -> None:
    (archive,) = mailed(files)
    assert any(f"收到第{numbers}卷，缺第{missing}卷" in finding.detail for finding in archive.findings)
    assert {finding.code for finding in archive.findings} == {Code.UNREADABLE}


def test_what_lies_whole_in_the_volumes_that_came_is_read(mailed) -> None:
    first = rar5(
        Entry(name="方案.txt"), Entry(name="总结.txt", data=TEXT[:100], size=300, split=2), volume=0, goes_on=True
    )
    second = rar5(Entry(name="总结.txt", data=TEXT[100:200], size=300, split=3), volume=1, goes_on=True)
    (archive,) = mailed(numbered("总结.part{}.rar", [first, second]))
    assert [member.file for member in archive.members] == ["方案.txt"]


def test_two_sets_of_one_name_stay_two(mailed) -> None:
    found = mailed(rar(rar5, "总结.part{}.rar") + rar(rar4, "总结.part{}.rar"))
    assert [archive.file for archive in found] == ["总结（3个分卷）.zip", "总结（3个分卷）(2).zip"]
    assert not any(archive.findings for archive in found)


@pytest.mark.parametrize(
    "files",
    [
        [("照片part1.rar", rar5(Entry(name="a.txt"))), ("照片part2.rar", rar5(Entry(name="b.txt")))],
        [("扫描.001", b"text"), ("扫描.002", b"text")],
        [("总结.z01", b"text"), ("总结.zip", zipped())],
    ],
)
def test_whole_files_with_such_names_stay_apart(files: Files, mailed) -> None:
    assert [archive.file for archive in mailed(files)] == [name for name, _data in files]


def test_a_set_behind_a_password_is_encrypted(mailed) -> None:
    (archive,) = mailed(numbered("总结.7z.{:03d}", pieces(seven("secret"))))
    assert [finding.code for finding in archive.findings] == [Code.ENCRYPTED]


def test_a_set_goes_beyond_the_limits_like_any_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_file([SampleFile(name=name, data=data) for name, data in rar(rar5, "a.part{}.rar")]))
    assert read_file(path, path.name).findings == ()
    (finding,) = read_file(path, path.name, limits=Limits(unpacked_bytes=len(TEXT) - 1)).findings
    assert finding.code is Code.LIMIT_EXCEEDED


@pytest.mark.parametrize("name", ["7z", "split zip", "rar 5"])
def test_volumes_inside_an_archive_are_put_together_and_found_again(name: str, tmp_path: Path) -> None:
    files = [("说明.txt", b"a note"), *WHOLE[name][0]()]
    path = tmp_path / "材料.zip"
    path.write_bytes(zip_file([SampleFile(name=f"材料/{name}", data=data) for name, data in files]))
    _note, archive = read_file(path, path.name).members
    assert archive.file == f"材料/{WHOLE[name][1]}"
    for wanted in (archive, archive.members[-1]):
        assert take_out(path, path.name, wanted.sha256, tmp_path / "out")
        assert (tmp_path / "out").stat().st_size == wanted.size_bytes


def test_a_split_zip_whose_directory_is_broken_stays_in_volumes(mailed) -> None:
    *first, (name, last) = split_zip()
    found = mailed([*first, (name, last.replace(b"PK\x01\x02", b"PK\x01\x03"))])
    assert [found[0].kind, found[-1].kind] == [Kind.UNREADABLE, Kind.UNREADABLE]


def test_numbers_that_no_program_writes_cost_nothing(mailed) -> None:
    entry = Entry(name="a.txt", data=TEXT[:9], size=99, split=SPLIT_BEFORE)
    files = [(f"总结.part{number}.rar", rar5(entry, volume=volume)) for number, volume in ((1, 10**15), (9999, 1))]
    found = mailed(
        [*files, ("总结.z01", b"PK"), ("总结.zip", split_zip()[-1][1].replace(b"\2\0\2\0", b"\xfe\xff\0\0"))]
    )
    details = [finding.detail for archive in found for finding in archive.findings]
    assert len(details) >= 3
    assert max(map(len, details)) < 200


def test_a_split_zip_whose_places_are_out_of_reach_stays_in_volumes(mailed) -> None:
    *first, (name, last) = split_zip()
    end = last.rindex(b"PK\x05\x06") + 16
    found = mailed([*first, (name, last[:end] + b"\xf0\xff\xff\xff" + last[end + 4 :])])
    assert [archive.file for archive in found] == ["总结.z01", "总结.z02", "总结.zip"]
