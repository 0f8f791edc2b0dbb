from __future__ import annotations

import io
import zipfile

import pytest

from parsers.containers.zip import PARSER
from parsers.content import EncryptedFile, LimitExceeded, SourceFile
from parsers.limits import MIB, Limits
from rules.extraction import Kind
from rules.findings import Code
from tests.parsers.mails import JPEG, gbk_zip


@pytest.fixture
def read(tmp_path):
    def read_bytes(data, **limits):
        path = tmp_path / "a.zip"
        path.write_bytes(data)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        return PARSER.read(
            SourceFile(path=path, name="a.zip", media_type="application/zip", scratch=scratch, limits=Limits(**limits))
        )

    return read_bytes


def zipped(*names, content=b"x", compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name in names:
            archive.writestr(name, content)
    return buffer.getvalue()


def places(content):
    return [(*file.folders, file.name) for file in content.embedded]


def test_names_in_gbk_are_read_with_their_folders(read):
    content = read(gbk_zip("直溪镇/照片/活动1.jpg", "朱镕基.docx"))
    assert places(content) == [("直溪镇", "照片", "活动1.jpg"), ("朱镕基.docx",)]
    assert content.embedded[0].path.read_bytes() == JPEG + b"\0"
    assert content.kind == Kind.ARCHIVE


def test_names_in_flagged_utf_8_are_read(read):
    assert places(read(zipped("直溪镇/方案.docx"))) == [("直溪镇", "方案.docx")]


def test_names_in_utf_8_without_the_flag_are_read(read):
    data = zipped("直溪镇方案.docx").replace(b"\x00\x08\x00\x00", b"\x00\x00\x00\x00")
    assert places(read(data)) == [("直溪镇方案.docx",)]


def test_leavings_of_systems_and_office_are_ignored(read):
    names = [
        "__MACOSX/._a.jpg",
        ".DS_Store",
        "照片/Thumbs.db",
        "~$方案.docx",
        ".~方案.docx",
        "~WRL0001.tmp",
        "照片/",
        "照片/a.jpg",
    ]
    assert places(read(zipped(*names))) == [("照片", "a.jpg")]


def test_paths_that_climb_harm_nothing(read, tmp_path):
    content = read(zipped("../../etc/passwd", "/abs/a.txt", "C:\\x\\b.txt"))
    assert places(content) == [("etc", "passwd"), ("abs", "a.txt"), ("x", "b.txt")]
    assert all(file.path.parent == tmp_path / "scratch" for file in content.embedded)


def test_equal_names_are_kept_apart(read):
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped("a.jpg", "a.jpg")
    assert places(read(data)) == [("a.jpg",), ("a(2).jpg",)]


def _encrypted(data, count):
    """Sets the encryption flag of the first `count` members, here and in the directory."""
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        for _ in range(count):
            start = data.index(signature, start)
            data = data[: start + at] + bytes([data[start + at] | 1]) + data[start + at + 1 :]
            start += 4
    return data


def test_an_archive_behind_a_password_is_encrypted(read):
    with pytest.raises(EncryptedFile):
        read(_encrypted(zipped("a.docx", "b.docx"), 2))


def test_one_member_behind_a_password_costs_that_member(read):
    content = read(_encrypted(zipped("a.docx", "b.docx"), 1))
    assert places(content) == [("b.docx",)]
    assert [finding.code for finding in content.findings] == [Code.ENCRYPTED]


def test_a_corrupt_member_costs_that_member(read):
    data = zipped("a.txt", "b.txt", content=b"content")
    broken = data.replace(b"content", b"c0ntent", 1)
    content = read(broken)
    assert places(content) == [("b.txt",)]
    assert [(finding.code, "a.txt" in finding.detail) for finding in content.findings] == [(Code.UNREADABLE, True)]


def test_a_bomb_is_refused_by_what_it_declares(read):
    with pytest.raises(LimitExceeded):
        read(zipped("a", content=b"\0" * 30 * MIB, compression=zipfile.ZIP_DEFLATED))


def test_a_bomb_that_lies_about_its_size_is_stopped_or_costs_itself(read):
    data = zipped("a", content=b"\0" * 30 * MIB, compression=zipfile.ZIP_DEFLATED)
    lying = data.replace((30 * MIB).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    content = read(lying)
    assert content.embedded == ()
    assert [finding.code for finding in content.findings] == [Code.UNREADABLE]


def test_an_honest_archive_of_much_text_is_read(read):
    content = read(zipped("a", content=b"\0" * 9 * MIB, compression=zipfile.ZIP_DEFLATED))
    assert content.embedded[0].path.stat().st_size == 9 * MIB


def test_too_many_members_are_refused(read):
    with pytest.raises(LimitExceeded):
        read(zipped(*(f"{number}.txt" for number in range(11))), members=10)


def test_too_many_bytes_are_refused(read):
    with pytest.raises(LimitExceeded):
        read(zipped("a", "b", content=b"12345678"), unpacked_bytes=10)


def test_what_is_no_archive_is_told_apart(read):
    with pytest.raises(zipfile.BadZipFile):
        read(b"PK\x03\x04 and no more")


class Unseekable(io.RawIOBase):
    """What a program writes to that packs while it sends: the sizes follow the data."""

    def __init__(self):
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.data += data
        return len(data)


def streamed(*names, content):
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return bytes(out.data)


@pytest.mark.parametrize("make", [zipped, streamed])
def test_an_archive_that_breaks_off_gives_the_members_that_are_whole(make, read):
    content = bytes(range(256)) * 8
    data = make("照片/1.jpg", "照片/2.jpg", "照片/3.jpg", content=content)
    read_part = read(data[: data.index("照片/3.jpg".encode()) + 30])
    assert places(read_part) == [("照片", "1.jpg"), ("照片", "2.jpg")]
    assert [file.path.read_bytes() for file in read_part.embedded] == [content, content]
    assert [(one.code, one.detail[:6]) for one in read_part.findings] == [(Code.UNREADABLE, "压缩包已损坏")]


def test_an_office_document_that_breaks_off_is_no_archive(read):
    data = zipped("[Content_Types].xml", "word/document.xml", "word/media/1.png", content=bytes(500))
    with pytest.raises(zipfile.BadZipFile):
        read(data[: data.index(b"word/media")])


def test_ends_of_members_are_not_looked_for_beyond_the_limits(read):
    data = streamed("1.txt", "2.txt", content=bytes(100_000))
    with pytest.raises(zipfile.BadZipFile):
        read(data[: len(data) // 2 + 20], unpacked_bytes=1000)
