from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from parsers.content import LimitExceeded
from parsers.limits import MIB
from rules.extraction import Kind
from rules.findings import Code

MEMBERS = {"直溪镇/照片/a.jpg": b"one" * 400, "方案.docx": b"two", ".DS_Store": b"x", "空.txt": b""}
KEPT = {name: data for name, data in MEMBERS.items() if name != ".DS_Store"}


def tarred(members, mode="w", encoding="utf-8", links=()):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, encoding=encoding, format=tarfile.GNU_FORMAT) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_members_are_read_with_their_folders(mode, read, contents):
    content = read(tarred(MEMBERS, mode), "a.tar")
    assert contents(content) == KEPT
    assert (content.kind, content.findings) == (Kind.ARCHIVE, ())


def test_names_in_gbk_are_read(read, contents):
    assert contents(read(tarred(MEMBERS, encoding="gbk"), "a.tar")) == KEPT


def test_links_are_no_files(read, contents):
    assert contents(read(tarred({"a.txt": b"1"}, links=["b"]), "a.tar")) == {"a.txt": b"1"}


def test_paths_that_climb_harm_nothing(read, tmp_path):
    (file,) = read(tarred({"../../etc/passwd": b"1"}), "a.tar").embedded
    assert (file.folders, file.name, file.path.parent) == (("etc",), "passwd", tmp_path / "scratch")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_single_compressed_file_is_read_under_its_own_name(pack, read, contents):
    assert contents(read(pack(b"plan"), "方案.docx.gz")) == {"方案.docx": b"plan"}


def test_an_archive_cut_short_gives_what_arrived(read, contents, codes):
    data = tarred({"a.txt": b"a", "b.bin": bytes(range(256)) * 40})
    content = read(data[: 512 * 8], "a.tar")
    assert contents(content) == {"a.txt": b"a"}
    assert Code.UNREADABLE in codes(content)


def test_a_compressed_file_cut_short_is_corrupt(read):
    with pytest.raises(EOFError):
        read(gzip.compress(b"content" * 100)[:-12], "a.gz")


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_what_goes_beyond_the_limits_is_refused(mode, read):
    with pytest.raises(LimitExceeded):
        read(tarred(MEMBERS, mode), "a.tar", members=2)
    with pytest.raises(LimitExceeded):
        read(tarred(MEMBERS, mode), "a.tar", unpacked_bytes=1000)


def test_a_bomb_is_refused_even_in_what_is_skipped(read):
    with pytest.raises(LimitExceeded):
        read(gzip.compress(bytes(30 * MIB)), "a.gz")
    with pytest.raises(LimitExceeded):
        read(tarred({".DS_Store": bytes(40 * MIB)}, "w:gz"), "a.tgz")
