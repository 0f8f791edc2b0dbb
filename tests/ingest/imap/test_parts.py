"""The small pure parts of fetching."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from ingest.imap.folders import search_criteria
from ingest.mailbox import FetchFailure, FolderRead, MailboxPass, backoff
from ingest.settings import is_loopback


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"), [(0, 1, 2), (1, 1, 2), (2, 2, 4), (3, 4, 8), (5, 15, 30), (10_000, 15, 30)]
)
def test_waiting_grows_from_one_to_thirty_minutes(attempt: int, shortest: int, longest: int) -> None:
    waits = {backoff(attempt, Random(seed)) for seed in range(200)}
    assert all(timedelta(minutes=shortest) <= wait <= timedelta(minutes=longest) for wait in waits)
    assert len(waits) > 100, "two daemons must not return at the same second"


def test_a_folder_of_one_range_is_searched_whole() -> None:
    assert search_criteria(0) == ("ALL",)
    assert search_criteria(20_000) == ("ALL",)


def test_a_large_folder_is_searched_from_the_end() -> None:
    assert search_criteria(45_000) == ("40001:45000", "20001:40000", "1:20000")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_the_machine_itself_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["imap.126.com", "localhost.example", "10.0.0.1", "0.0.0.0", "", "127.0.0.1.example"])
def test_other_machines_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_a_pass_is_complete_when_only_deleted_mail_failed() -> None:
    read = FolderRead(folder="INBOX", uidvalidity=1, messages_seen=3, messages_new=2)

    def a_pass(*, is_gone: bool) -> MailboxPass:
        failure = FetchFailure(folder="INBOX", uidvalidity=1, uid=5, reason="…", is_gone=is_gone)
        return MailboxPass(account="a@b", folders=(read,), failed=(failure,))

    assert a_pass(is_gone=True).is_complete
    assert not a_pass(is_gone=False).is_complete
    assert not MailboxPass(account="a@b", folders=(read,), was_stopped=True).is_complete
