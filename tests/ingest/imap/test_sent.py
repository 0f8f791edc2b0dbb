"""Our mail is found again in the Sent folder, whatever it is called; the server's text search is not needed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.mailbox import find_sent_mail
from tests.servers.dovecot import Dovecot

AT = datetime(2023, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("folder", ["已发送", "Sent Messages"])
def test_a_copy_in_the_sent_folder_is_found_and_nothing_else(dovecot: Dovecot, folder: str) -> None:
    user = f"sent-{folder.encode().hex()[:12]}"
    for number in range(60):
        raw = f"Subject: x\r\nMESSAGE-ID:\r\n <receipt.{number}@126.example>\r\n\r\nx".encode()
        dovecot.deliver(user, raw, AT, folder)
    dovecot.deliver(user, b"Message-ID: <inbox@126.example>\r\n\r\nx", AT)

    wanted = {"<receipt.3@126.example>", "<inbox@126.example>", "<nowhere@126.example>"}

    assert find_sent_mail(dovecot.settings(user), wanted) == {"<receipt.3@126.example>"}


def test_an_account_without_a_sent_folder_proves_nothing(dovecot: Dovecot) -> None:
    assert find_sent_mail(dovecot.settings("sent-nothing"), {"<a@126.example>"}) == frozenset()
