"""Messages are found in every shape that mail programs export, with the moment when the server received them."""

from __future__ import annotations

import mailbox
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.importing import ReceivedFrom, find_messages, received_header_time
from rules.errors import InputError

MTIME = datetime(2023, 11, 1, 12, 0, tzinfo=UTC)
RECEIVED = datetime(2023, 10, 30, 1, 12, 5, tzinfo=UTC)
MAIL = (
    b"Received: from a by mx.126.com with SMTP id x;\r\n\tMon, 30 Oct 2023 09:12:05 +0800 (CST)\r\n"
    b"Received: from b by a; Sun, 29 Oct 2023 09:12:05 +0800\r\nDate: Sat, 28 Oct 2023 00:00:00 +0800\r\n"
    b"Subject: x\r\n\r\nbody\r\n"
)
BARE = b"Subject: y\r\nDate: Sat, 28 Oct 2023 00:00:00 +0800\r\n\r\nbody\r\n"


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (MTIME.timestamp(), MTIME.timestamp()))
    return path


def test_an_eml_file_was_received_when_its_topmost_received_header_says(tmp_path: Path) -> None:
    (found,) = find_messages(put(tmp_path / "a.eml", MAIL))

    assert found.received_at == RECEIVED
    assert found.raw is None


def test_without_a_received_header_the_files_time_counts_and_never_the_date_header(tmp_path: Path) -> None:
    (found,) = find_messages(put(tmp_path / "a.eml", BARE))

    assert found.received_at == MTIME


def test_received_mtime_ignores_the_header(tmp_path: Path) -> None:
    (found,) = find_messages(put(tmp_path / "a.eml", MAIL), ReceivedFrom.MTIME)

    assert found.received_at == MTIME


def test_a_maildir_gives_new_and_cur_and_its_subfolders_but_not_tmp(tmp_path: Path) -> None:
    for name in ("cur/1:2,S", "new/2", "tmp/3", ".Junk/cur/4", ".Junk/new/5", ".Junk/tmp/6"):
        put(tmp_path / name, MAIL)

    names = [found.path.relative_to(tmp_path).as_posix() for found in find_messages(tmp_path)]

    assert names == [".Junk/cur/4", ".Junk/new/5", "cur/1:2,S", "new/2"]


def test_a_folder_of_eml_files_and_mboxes_is_searched_below(tmp_path: Path) -> None:
    put(tmp_path / "2023/a.eml", MAIL)
    put(tmp_path / "2023/deeper/b.EML", BARE)
    put(tmp_path / "2023/notes.txt", b"no mail")

    assert [found.path.name for found in find_messages(tmp_path)] == ["a.eml", "b.EML"]


def test_an_mbox_gives_each_message_whole(tmp_path: Path) -> None:
    path = tmp_path / "export.mbox"
    box = mailbox.mbox(path)
    box.add(MAIL.replace(b"\r\n", b"\n"))
    box.add(b"From sender@example.com Mon Oct 30 02:00:00 2023\n" + BARE.replace(b"\r\n", b"\n"))
    box.close()

    first, second = find_messages(path)

    assert first.received_at == RECEIVED
    assert second.received_at == datetime(2023, 10, 30, 2, 0, tzinfo=UTC)
    assert first.raw is not None
    assert first.raw.startswith(b"Received: from a")
    assert second.raw is not None
    assert second.raw.endswith(b"body\n")


def test_nothing_to_import_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file or folder"):
        list(find_messages(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="holds no messages"):
        list(find_messages(tmp_path))


@pytest.mark.parametrize(
    "header",
    [
        b"Received: nothing readable\r\n\r\n",
        b"Received: from a; not a date\r\n\r\n",
        b"Received: from a; Mon, 99 Foo 2023 99:99:99 +9999\r\n\r\n",
        b"Subject: Received: x; Mon, 30 Oct 2023 09:12:05 +0800\r\n\r\n",
        b"\r\n\r\nReceived: in the body; Mon, 30 Oct 2023 09:12:05 +0800\r\n",
        b"",
        b"\xff\xfe\x00",
    ],
)
def test_an_unreadable_received_header_is_no_time_and_no_crash(header: bytes) -> None:
    assert received_header_time(header) is None


@pytest.mark.parametrize("there", ["cur", "new"])
def test_a_maildir_of_which_a_folder_was_lost_is_still_a_maildir(tmp_path: Path, there: str) -> None:
    put(tmp_path / there / "1", MAIL)
    put(tmp_path / "tmp" / "2.eml", MAIL)

    assert [found.path for found in find_messages(tmp_path)] == [tmp_path / there / "1"]


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "cur").mkdir()
    (tmp_path / "cur" / "1").symlink_to(tmp_path / "nowhere")

    with pytest.raises(InputError, match="cannot be read"):
        list(find_messages(tmp_path))
