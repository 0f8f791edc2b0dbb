"""Against a real Dovecot, over TLS."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import count
from pathlib import Path

import pytest

from ingest.mailbox import FetchedMessage, probe_mailbox
from rules.errors import FolderError, LoginError, NetworkError, ProtocolError
from tests.ingest.imap.memory import Reader
from tests.ingest.imap.samples import MONDAY, message
from tests.servers.dovecot import Dovecot


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """An account of its own for each test."""
    return f"u{hashlib.sha256(request.node.name.encode()).hexdigest()[:12]}"


def test_folders_with_chinese_names_are_read(dovecot: Dovecot, reader: Reader, user: str) -> None:
    folders = ("INBOX", "垃圾邮件", "公文/2023 年&通知", "归档")
    for number, folder in enumerate(folders):
        dovecot.deliver(user, message(number), MONDAY, folder)
    result = reader.read(dovecot.settings(user, folders=("inbox", "公文/2023 年&通知")))
    assert result.is_complete
    assert [folder.folder for folder in result.folders] == ["INBOX", "公文/2023 年&通知", "垃圾邮件"]
    assert {row.folder: reader.keeper.raw[row.sha256] for row in reader.keeper.rows} == {
        folder: message(number) for number, folder in enumerate(folders[:3])
    }


def test_a_junk_folder_of_any_name_is_found_by_its_special_use(dovecot: Dovecot, reader: Reader, user: str) -> None:
    dovecot.deliver(user, message(1), MONDAY, "Quarantine")
    assert [folder.folder for folder in reader.read(dovecot.settings(user)).folders] == ["INBOX", "Quarantine"]


def test_bytes_and_internaldate_come_exactly(dovecot: Dovecot, reader: Reader, user: str) -> None:
    raw = bytes(range(14, 256)) + b"\r\n" + message(1, 12_000_000)
    uid = dovecot.deliver(user, raw, MONDAY)
    reader.read(dovecot.settings(user))
    row = reader.keeper.rows[0]
    assert (row.uid, row.internaldate, row.size_bytes) == (uid, MONDAY.astimezone(UTC), len(raw))
    assert row.sha256 == hashlib.sha256(raw).hexdigest()
    assert reader.keeper.raw[row.sha256] == raw
    assert row.account == f"{user}@localhost"


def test_two_hundred_messages_come_once_each_and_none_is_marked_seen(
    dovecot: Dovecot, reader: Reader, user: str
) -> None:
    dovecot.deliver(user, message(0), MONDAY)
    with dovecot.client(user) as client:
        for number in range(1, 200):
            client.append("INBOX", message(number, number * 500), msg_time=MONDAY + timedelta(minutes=number))
    result = reader.read(dovecot.settings(user))
    assert (result.messages_seen, result.messages_new, result.is_complete) == (200, 200, True)
    assert len(set(reader.keeper.uids())) == 200
    assert len(reader.keeper.raw) == 200
    assert reader.read(dovecot.settings(user)).messages_new == 0
    with dovecot.client(user) as client:
        client.select_folder("INBOX", readonly=True)
        assert client.search("SEEN") == []


def test_a_pass_that_was_cut_off_is_resumed(dovecot: Dovecot, reader: Reader, user: str) -> None:
    for number in range(30):
        dovecot.deliver(user, message(number), MONDAY)
    settings = dovecot.settings(user, fetch_messages=5)
    questions = count()  # and not the rows: these are recorded beside the fetching, which may be done before the first
    first = reader.read(settings, stop=lambda: next(questions) >= 6)
    assert not first.is_complete
    before = len(reader.keeper.rows)
    assert 0 < before < 30
    second = reader.read(settings)
    assert second.messages_new == 30 - before
    assert second.is_complete
    assert len(set(reader.keeper.uids())) == len(reader.keeper.rows) == 30


def test_a_folder_made_anew_has_another_uidvalidity_and_is_read_again(
    dovecot: Dovecot, reader: Reader, user: str
) -> None:
    dovecot.deliver(user, message(1), MONDAY, "公文")
    settings = dovecot.settings(user, folders=("公文",))
    reader.read(settings)
    with dovecot.client(user) as client:
        client.delete_folder("公文")
    dovecot.deliver(user, message(1), MONDAY, "公文")
    dovecot.deliver(user, message(2), MONDAY, "公文")
    result = reader.read(settings)
    assert result.messages_new == 2
    assert [folder for folder, _, _ in reader.keeper.moves] == ["公文"]
    assert len(reader.keeper.raw) == 2


def test_messages_deleted_during_the_pass_stop_nothing(dovecot: Dovecot, reader: Reader, user: str) -> None:
    uids = [dovecot.deliver(user, message(number), MONDAY) for number in range(30)]

    class Deleting(type(reader.keeper)):  # type: ignore[misc]  # the base is chosen by the fixture
        def record(self, messages: list[FetchedMessage]) -> None:
            if not self.rows:
                with dovecot.client(user) as client:
                    client.select_folder("INBOX")
                    client.delete_messages(uids[25:])
                    client.expunge()
            super().record(messages)

    reader.keeper.__class__ = Deleting
    result = reader.read(dovecot.settings(user, fetch_messages=2))
    assert result.is_complete
    assert set(uids[:25]) <= set(reader.keeper.uids())
    assert all(failure.is_gone for failure in result.failed)


def test_the_bodies_are_stored_in_two_other_threads(dovecot: Dovecot, reader: Reader, user: str) -> None:
    for number in range(12):
        dovecot.deliver(user, message(number), MONDAY)
    reader.read(dovecot.settings(user))
    assert reader.keeper.threads <= {"keep_0", "keep_1"}


def test_a_missing_folder_is_told_with_those_that_exist(dovecot: Dovecot, reader: Reader, user: str) -> None:
    dovecot.deliver(user, message(1), MONDAY)
    with pytest.raises(FolderError, match="INBOX"):
        reader.read(dovecot.settings(user, folders=("INBOX", "不存在")))
    assert len(reader.keeper.rows) == 1


def test_an_empty_mailbox_is_a_complete_pass(dovecot: Dovecot, reader: Reader, user: str) -> None:
    assert reader.read(dovecot.settings(user)).is_complete


def test_a_wrong_password_is_told_apart(dovecot: Dovecot, reader: Reader, user: str) -> None:
    settings = replace(dovecot.settings(user), password="not-the-password")
    with pytest.raises(LoginError) as caught:
        reader.read(settings)
    assert "not-the-password" not in str(caught.value)
    assert not caught.value.is_transient


def test_a_user_name_with_a_space_is_quoted(dovecot: Dovecot, reader: Reader) -> None:
    with pytest.raises(LoginError, match=r"AUTHENTICATIONFAILED|failed"):
        reader.read(replace(dovecot.settings("somebody"), username='some "body'))


def test_an_unknown_certificate_is_not_accepted(dovecot: Dovecot, reader: Reader, user: str) -> None:
    with pytest.raises(NetworkError, match="ca_file"):
        reader.read(dovecot.settings(user, ca_file=None))


def test_a_certificate_of_another_host_is_not_accepted(dovecot: Dovecot, reader: Reader, user: str) -> None:
    with pytest.raises(NetworkError, match=r"not trusted: IP address mismatch, [^.]*'127\.0\.0\.2'\. If the server"):
        reader.read(dovecot.settings(user, host="127.0.0.2"))


def test_plain_text_on_the_tls_port_is_told_apart(dovecot: Dovecot, reader: Reader, user: str) -> None:
    with pytest.raises(ProtocolError, match="no TLS on this port"):
        reader.read(dovecot.settings(user, port=dovecot.port))


def test_plain_text_works_on_loopback(dovecot: Dovecot, reader: Reader, user: str) -> None:
    dovecot.deliver(user, message(1), MONDAY)
    assert reader.read(dovecot.settings(user, is_tls=False)).messages_new == 1


def test_large_folders_are_listed_in_ranges(
    dovecot: Dovecot, reader: Reader, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.imap.folders.SEARCHED_AT_ONCE", 7)
    uids = [dovecot.deliver(user, message(number), MONDAY) for number in range(20)]
    assert reader.read(dovecot.settings(user)).is_complete
    assert sorted(reader.keeper.uids()) == uids


def test_the_probe_reads_dates_without_marking_anything(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    for days in range(5):
        dovecot.deliver(user, message(days), MONDAY - timedelta(days=days))
    probe = probe_mailbox(dovecot.settings(user))
    assert probe.oldest_at == MONDAY - timedelta(days=4)
    assert "IMAP4REV1" in {capability.upper() for capability in probe.capabilities}
