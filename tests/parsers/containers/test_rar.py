from __future__ import annotations

import pytest
import rarfile

from ingest.samples.rar import RAR4, RAR5, SPLIT_AFTER, SPLIT_BEFORE, Entry, rar4, rar5
from parsers.content import EncryptedFile, LimitExceeded
from parsers.limits import MIB
from rules.extraction import Kind
from rules.findings import Code

BOTH = pytest.mark.parametrize("rar", [rar4, rar5])


@BOTH
def test_members_are_read_with_their_folders(rar, read, contents):
    entries = [
        Entry(name="直溪镇", is_dir=True, data=b""),
        Entry(name="直溪镇/方案.docx", data=b"plan"),
        Entry(name="空.txt", data=b""),
        Entry(name="a.jpg", data=bytes(3 * MIB)),
    ]
    content = read(rar(*entries), "a.rar")
    assert contents(content) == {"直溪镇/方案.docx": b"plan", "空.txt": b"", "a.jpg": bytes(3 * MIB)}
    assert (content.kind, content.findings) == (Kind.ARCHIVE, ())


def test_names_in_gbk_are_read(read, contents):
    content = read(rar4(Entry(name="直溪镇\\工作方案.docx".encode("gbk"))), "a.rar")
    assert list(contents(content)) == ["直溪镇/工作方案.docx"]


@BOTH
def test_leavings_of_systems_are_ignored(rar, read, contents):
    content = read(rar(Entry(name="Thumbs.db"), Entry(name="b.txt"), Entry(name="~$a.doc")), "a.rar")
    assert contents(content) == {"b.txt": b"content"}


@BOTH
def test_paths_that_climb_harm_nothing(rar, read, tmp_path):
    (file,) = read(rar(Entry(name="../../etc/passwd")), "a.rar").embedded
    assert (file.folders, file.name, file.path.parent) == (("etc",), "passwd", tmp_path / "scratch")


@BOTH
def test_a_directory_behind_a_password_is_encrypted(rar, read):
    with pytest.raises(EncryptedFile):
        read(rar(locked_directory=True), "a.rar")


@BOTH
def test_members_all_behind_a_password_make_it_encrypted(rar, read):
    with pytest.raises(EncryptedFile):
        read(rar(Entry(name="a.txt", is_encrypted=True)), "a.rar")


@BOTH
def test_one_member_behind_a_password_costs_that_member(rar, read, contents, codes):
    content = read(rar(Entry(name="a.txt", is_encrypted=True), Entry(name="b.txt")), "a.rar")
    assert contents(content) == {"b.txt": b"content"}
    assert codes(content) == [Code.ENCRYPTED]


@BOTH
def test_a_damaged_member_costs_that_member(rar, read, contents, codes):
    content = read(rar(Entry(name="a.txt", is_damaged=True), Entry(name="b.txt", data=b"b")), "a.rar")
    assert contents(content) == {"b.txt": b"b"}
    assert codes(content) == [Code.UNREADABLE]


def test_equal_files_that_are_kept_once_are_all_there(read, contents, codes):
    first, second = (
        Entry(name="照片/1.jpg", data=b"photo"),
        Entry(name="照片/2.jpg", data=b"photo", same_as="照片/1.jpg"),
    )
    assert contents(read(rar5(first, second), "a.rar")) == {"照片/1.jpg": b"photo", "照片/2.jpg": b"photo"}
    content = read(rar5(Entry(name="3.jpg", same_as="4.jpg"), first), "a.rar")
    assert (list(contents(content)), codes(content)) == (["照片/1.jpg"], [Code.UNREADABLE])


@BOTH
def test_a_first_part_gives_its_whole_files_and_names_the_missing_part(rar, read, contents):
    whole, torn = Entry(name="a.txt"), Entry(name="b.txt", data=b"half", size=8, split=SPLIT_AFTER)
    content = read(rar(whole, torn, volume=0, goes_on=True), "方案.part1.rar")
    assert contents(content) == {"a.txt": b"content"}
    assert any("收到第1卷，缺第2卷" in finding.detail for finding in content.findings)


@BOTH
def test_a_later_part_alone_is_unreadable(rar, read):
    torn = Entry(name="b.txt", data=b"half", size=8, split=SPLIT_BEFORE)
    content = read(rar(torn, volume=1), "方案.part2.rar")
    (finding,) = content.findings
    assert content.kind is Kind.UNREADABLE
    assert "缺第1卷" in finding.detail


@pytest.mark.parametrize("data", [RAR4, RAR5, rar4(), rar5(), RAR4 + b"\xa7" * 60, RAR5 + b"\xa7" * 60])
def test_an_archive_without_a_file_is_a_failure(data, read):
    with pytest.raises(rarfile.Error):
        read(data, "a.rar")


@BOTH
def test_an_archive_cut_short_gives_what_arrived(rar, read, contents, codes):
    data = rar(Entry(name="a.txt"), Entry(name="b.txt", data=b"b" * 1000))
    content = read(data[:-500], "a.rar")
    assert contents(content) == {"a.txt": b"content"}
    assert Code.UNREADABLE in codes(content)


@BOTH
def test_what_goes_beyond_the_limits_is_refused(rar, read):
    two = rar(Entry(name="a.txt", data=bytes(600)), Entry(name="b.txt", data=bytes(600)))
    with pytest.raises(LimitExceeded):
        read(two, "a.rar", members=1)
    with pytest.raises(LimitExceeded):
        read(two, "a.rar", unpacked_bytes=1000)
    with pytest.raises(LimitExceeded):
        read(rar(Entry(name="a.txt", size=30 * MIB)), "a.rar")


@BOTH
def test_a_size_that_lies_is_no_way_around_the_limits(rar, read):
    lying = rar(Entry(name="a.txt", data=bytes(2000), size=10))
    try:
        content = read(lying, "a.rar", unpacked_bytes=1000)
    except LimitExceeded:
        return
    assert sum(file.path.stat().st_size for file in content.embedded) <= 1000
