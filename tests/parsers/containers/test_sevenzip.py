from __future__ import annotations

import io
import zlib

import py7zr
import pytest

from parsers.content import EncryptedFile, LimitExceeded
from parsers.limits import MIB
from rules.extraction import Kind
from rules.findings import Code

COPY = [{"id": py7zr.FILTER_COPY}]


def seven(members, **options):
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return buffer.getvalue()


MEMBERS = {"直溪镇/照片/a.jpg": b"one" * 100, "方案.docx": b"two", "Thumbs.db": b"x", "空.txt": b""}


def test_members_are_read_with_their_folders(read, contents):
    content = read(seven(MEMBERS), "a.7z")
    assert contents(content) == {name: data for name, data in MEMBERS.items() if name != "Thumbs.db"}
    assert (content.kind, content.findings) == (Kind.ARCHIVE, ())


@pytest.mark.parametrize("header", [False, True])
def test_an_archive_behind_a_password_is_encrypted(header, read):
    with pytest.raises(EncryptedFile):
        read(seven(MEMBERS, password="secret", header_encryption=header), "a.7z")


def test_a_damaged_member_costs_it_and_those_after_it(read, contents, codes):
    data = seven({"a.txt": b"first" * 50, "b.txt": b"second" * 50, "c.txt": b"third" * 50}, filters=COPY)
    content = read(data.replace(b"secondsecond", b"secondSecond", 1), "a.7z")
    assert contents(content) == {"a.txt": b"first" * 50}
    assert codes(content) == [Code.UNREADABLE] * 2


def test_an_archive_cut_short_is_unreadable(read):
    with pytest.raises(Exception, match=r".+"):
        read(seven(MEMBERS)[:-20], "a.7z")


def climbing():
    """py7zr writes no such path, so it is patched in, with the two checksums over it."""
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", filters=COPY) as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr(b"1", "aa/bb/x")
    data = bytearray(buffer.getvalue().replace("aa/bb/x".encode("utf-16-le"), "../../x".encode("utf-16-le")))
    start, size = (int.from_bytes(data[at : at + 8], "little") for at in (12, 20))
    data[28:32] = zlib.crc32(data[32 + start : 32 + start + size]).to_bytes(4, "little")
    data[8:12] = zlib.crc32(data[12:32]).to_bytes(4, "little")
    return bytes(data)


def test_paths_that_climb_harm_nothing(read, tmp_path):
    data = climbing()
    (file,) = read(data, "a.7z").embedded
    assert (file.folders, file.name, file.path.parent) == ((), "x", tmp_path / "scratch")


def test_equal_names_are_kept_apart(read, contents):
    data = seven({"a.txt": b"1", "A.txt": b"2"})
    assert contents(read(data, "a.7z")) == {"a.txt": b"1", "A(2).txt": b"2"}


def test_what_goes_beyond_the_limits_is_refused(read):
    with pytest.raises(LimitExceeded):
        read(seven(MEMBERS), "a.7z", members=2)
    with pytest.raises(LimitExceeded):
        read(seven(MEMBERS), "a.7z", unpacked_bytes=100)
    with pytest.raises(LimitExceeded):
        read(seven({"a": bytes(30 * MIB)}), "a.7z")
