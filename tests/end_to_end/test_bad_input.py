"""What an operator gets wrong, or a server does wrong: a sentence and the right exit status, never a traceback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.end_to_end.bureau import CAMPAIGN, ROSTER, Bureau, mailbox_table
from tests.servers.dovecot import Dovecot


@contextmanager
def server(answer: Callable[[socket.socket], object]) -> Iterator[int]:
    """Accepts connections on a loopback port and does `answer` with each."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                answer(connection)
                connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.close()


def test_a_wrong_password_names_the_account_and_never_the_secret(bureau: Bureau, dovecot: Dovecot) -> None:
    bureau.configure(mailbox_table(dovecot.settings("clerk")))
    (bureau.folder / "mail-password").write_text("wrong-hunter2", encoding="utf-8")

    done = bureau.run("poll", status=1)

    assert "clerk" in done.stderr
    assert "授权码" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_missing_secret_is_a_configuration_problem(bureau: Bureau, dovecot: Dovecot) -> None:
    bureau.configure(mailbox_table(dovecot.settings("clerk")))
    (bureau.folder / "mail-password").unlink()

    assert "password_file" in bureau.run("poll", status=2).stderr


def test_a_dead_host_is_a_network_error(bureau: Bureau, dovecot: Dovecot) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        settings = replace(dovecot.settings("clerk"), host="127.0.0.1", port=reserved.getsockname()[1])
        bureau.configure(mailbox_table(settings))

        assert f"127.0.0.1:{settings.port}" in bureau.run("poll", status=1).stderr


def test_half_a_tls_handshake_ends_in_a_sentence(bureau: Bureau, dovecot: Dovecot) -> None:
    with server(lambda connection: (connection.recv(100), connection.sendall(b"\x16\x03\x03\x00\x7a\x02"))) as port:
        bureau.configure(mailbox_table(replace(dovecot.settings("clerk"), port=port)))

        assert f"localhost:{port}" in bureau.run("poll", status=1).stderr


def test_a_certificate_of_nobody_we_trust_is_refused(bureau: Bureau, dovecot: Dovecot) -> None:
    bureau.configure(mailbox_table(replace(dovecot.settings("clerk"), ca_file=None)))

    assert "certificate" in bureau.run("poll", status=1).stderr


def test_a_folder_that_does_not_exist_is_named_with_those_that_do(bureau: Bureau, dovecot: Dovecot) -> None:
    bureau.configure(mailbox_table(dovecot.settings("folders"), folders=["INBOX", "报送专用"]))

    done = bureau.run("poll", status=1)

    assert "报送专用" in done.stderr
    assert "INBOX" in done.stderr


@pytest.mark.parametrize(
    ("roster", "words"),
    [
        (ROSTER.splitlines()[0] + "\n", "lists no units"),
        (ROSTER + "直溪 中心小学,学校,,,,,,\n", "直溪 中心小学 stands already in row 3"),
        ("学生,年级\n甲,一\n", "has no column 单位名称"),
        ("", "has no column 单位名称"),
    ],
)
def test_a_roster_that_cannot_be_the_denominator_stops_everything(bureau: Bureau, roster: str, words: str) -> None:
    bureau.configure("", roster=roster)

    for command in (["report"], ["import", str(bureau.folder)]):
        assert words in bureau.run(*command, status=2).stderr
    assert words in bureau.run("roster", "check", str(bureau.folder / "roster.csv"), status=2).stderr


def test_two_campaigns_open_at_once_are_refused(bureau: Bureau) -> None:
    bureau.configure("", campaign=CAMPAIGN + CAMPAIGN.replace('"2023"', '"2023b"'))

    assert "are both open from 2023-10-12 to 2023-12-31" in bureau.run("report", status=2).stderr


def test_an_unreadable_configuration_is_one_sentence(bureau: Bureau) -> None:
    assert "there is no such file" in bureau.run("report", status=2).stderr
    (bureau.folder / "config.toml").write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8 text" in bureau.run("report", status=2).stderr


def test_no_such_campaign_names_those_that_are(bureau: Bureau) -> None:
    bureau.configure("")

    assert "configured: 2023" in bureau.run("report", "--campaign", "1999", status=1).stderr


def test_a_database_that_is_none_is_a_sentence(bureau: Bureau) -> None:
    bureau.configure("")
    (bureau.folder / "data").mkdir()
    (bureau.folder / "data/baosong.db").write_bytes(b"this is no database, only text" * 100)

    assert "baosong.db" in bureau.run("report", status=1).stderr


def test_a_file_that_is_not_there_cannot_be_parsed(bureau: Bureau) -> None:
    assert "no such file" in bureau.run("parse", str(bureau.folder / "x.docx"), status=1).stderr


def test_values_that_cannot_be_understood_are_usage_errors(bureau: Bureau) -> None:
    bureau.configure("")

    assert "is not a moment" in bureau.run("report", "--at", "gestern", status=2).stderr
    assert "name the mails by their numbers" in bureau.run("outbox", "approve", status=2).stderr
    assert "smtp.host" in bureau.run("outbox", "send", status=2).stderr


def test_unknown_commands_and_options_are_usage_errors(bureau: Bureau) -> None:
    bureau.run("collect", status=2)
    bureau.run("report", "--fromat", "json", status=2)
