"""Broken lines and broken servers over real sockets: each ends soon, and as the right error."""

from __future__ import annotations

import socket
import time

import pytest

from ingest.settings import MailboxSettings
from rules.errors import LoginError, MailboxError, NetworkError, ProtocolError, ThrottledError
from tests.ingest.imap.memory import Reader
from tests.patience import SOON
from tests.servers.rude import Script, rude_server, say_nothing

PASSWORD = "Zk3secretcode"
READY = b"* OK ready\r\n"
CAPABILITY = b"* CAPABILITY IMAP4rev1\r\n"


def settings(port: int, *, is_tls: bool = False, host: str = "127.0.0.1") -> MailboxSettings:
    return MailboxSettings(
        host=host,
        port=port,
        is_tls=is_tls,
        username="jiaoyuban",
        password=PASSWORD,
        connect_timeout_seconds=1,
        read_timeout_seconds=1,
    )


def greeting(line: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(line)
        say_nothing(connection)

    return script


ANSWERS = {
    b"CAPABILITY": CAPABILITY + b"%t OK done\r\n",
    b"LOGIN": b"%t OK done\r\n",
    b"LIST": b'* LIST () "/" INBOX\r\n%t OK done\r\n',
    b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n%t OK [READ-ONLY] done\r\n",
    b"UID SEARCH": b"* SEARCH 5\r\n%t OK done\r\n",
    b"UID FETCH 5 (RFC822.SIZE": b"* 1 FETCH (UID 5 RFC822.SIZE 1000 INTERNALDATE "
    b'"30-Oct-2023 23:59:58 +0800")\r\n%t OK done\r\n',
}


def answering(changes: dict[bytes, bytes]) -> Script:
    """A small sound server but for the changed answers; `%t` is the tag, `%c` the command. No answer: silence."""

    def script(connection: socket.socket) -> None:
        answers = {**ANSWERS, **changes}
        connection.sendall(READY)
        with connection.makefile("rb") as lines:
            for line in lines:
                tag, command = line.rstrip().split(b" ", 1)
                answer = next((answers[verb] for verb in answers if command.startswith(verb)), b"")
                connection.sendall(answer.replace(b"%t", tag).replace(b"%c", command))

    return script


def half_a_handshake(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76")
    say_nothing(connection)


def hang_up(connection: socket.socket) -> None:
    connection.recv(4096)


@pytest.mark.parametrize(
    ("script", "is_tls", "expected", "says"),
    [
        (say_nothing, False, NetworkError, "no answer in time"),
        (say_nothing, True, NetworkError, "no answer in time"),
        (half_a_handshake, True, NetworkError, "no answer in time"),
        (hang_up, True, NetworkError, "connecting"),
        (greeting(b"HTTP/1.1 400 Bad Request\r\n"), False, ProtocolError, "HTTP/1.1 400"),
        (greeting(b"HTTP/1.1 400 Bad Request\r\n"), True, ProtocolError, "no TLS on this port"),
        (greeting(b"\x00\xff\xfe" * 400_000 + b"\r\n"), False, ProtocolError, "outside the rules"),
        (greeting(b"* BYE too many connections\r\n"), False, ThrottledError, "slow down"),
        (greeting(b"* BYE shutting down\r\n"), False, NetworkError, "shutting down"),
        (greeting(b"* NO go away\r\n"), False, ProtocolError, "go away"),
        (answering({b"CAPABILITY": b"%t BAD what\r\n"}), False, ProtocolError, "what"),
        (answering({b"LOGIN": b"%t NO [AUTHENTICATIONFAILED] no\r\n"}), False, LoginError, "AUTHENTICATIONFAILED"),
        (answering({b"LOGIN": b"%t NO [UNAVAILABLE] later\r\n"}), False, ThrottledError, "later"),
        (answering({b"LOGIN": b"* BYE bye bye\r\n"}), False, NetworkError, "bye bye"),
        (answering({b"LOGIN": b""}), False, NetworkError, "logging in"),
        (answering({b"LIST": b""}), False, NetworkError, "listing the folders"),
        (answering({b"LIST": b"* LIST (((\r\n%t OK done\r\n"}), False, ProtocolError, "listing the folders"),
        (answering({b"EXAMINE": b""}), False, NetworkError, "opening a folder"),
        (answering({b"EXAMINE": b"nonsense\r\n"}), False, ProtocolError, "nonsense"),
        (answering({b"EXAMINE": b"%t NO no right\r\n"}), False, ProtocolError, "no right"),
        (answering({b"UID SEARCH": b"* SEARCH a b\r\n%t OK done\r\n"}), False, ProtocolError, "listing the messages"),
        (answering({b"UID SEARCH": b"* SEARCH\r\n%t OK done\r\n"}), False, ProtocolError, "holds 1 messages"),
    ],
)
def test_each_fault_is_its_own_error_and_soon(
    reader: Reader, script: Script, is_tls: bool, expected: type[MailboxError], says: str
) -> None:
    began = time.monotonic()
    with rude_server(script) as port, pytest.raises(expected, match=says) as caught:
        reader.read(settings(port, is_tls=is_tls))
    assert caught.type is expected
    assert time.monotonic() - began < SOON
    assert f"127.0.0.1:{port}" in str(caught.value) or says == "holds 1 messages"
    assert "\x00" not in str(caught.value)
    assert reader.keeper.rows == []


@pytest.mark.parametrize(
    "body",
    [
        b"* 1 FETCH (UID 5 BODY[] {1000}\r\nonly the beginning",
        b"* 1 FETCH (UID 5 BODY[] {99999999999}\r\nendless",
        b"* 1 FETCH (UID 5 BODY[] {-1}\r\n",
        b"* 1 FETCH (UID 5 BODY[\r\n%t OK done\r\n",
        b"%t NO cannot\r\n",
    ],
)
def test_a_body_that_never_comes_whole_is_a_failure_of_one_message(reader: Reader, body: bytes) -> None:
    with rude_server(answering({b"UID FETCH 5 (BODY": body})) as port:
        result = reader.read(settings(port))
    assert [failure.uid for failure in result.failed] == [5]
    assert not result.is_complete


def test_a_dead_host_is_a_network_error(reader: Reader) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(NetworkError, match="refused"):
            reader.read(settings(unused.getsockname()[1]))


def test_an_unknown_host_is_a_network_error(reader: Reader) -> None:
    with pytest.raises(NetworkError, match="Check the network"):
        reader.read(settings(993, is_tls=True, host="no-such-host.invalid"))


def test_a_server_that_drips_is_cut_off(reader: Reader) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(READY)
        tag = connection.recv(4096).split(b" ")[0]
        connection.sendall(CAPABILITY + tag + b" OK done\r\n")
        connection.recv(4096)
        for _ in range(900):
            connection.sendall(b"*")
            time.sleep(0.1)

    began = time.monotonic()
    with rude_server(drip) as port, pytest.raises(NetworkError):
        reader.read(settings(port))
    assert time.monotonic() - began < SOON


def test_a_server_that_repeats_the_log_in_gives_no_password_away(reader: Reader) -> None:
    with (
        rude_server(answering({b"LOGIN": b"%t BAD cannot parse: %c\r\n"})) as port,
        pytest.raises(LoginError, match=r"\*\*\*") as caught,
    ):
        reader.read(settings(port))
    assert PASSWORD not in str(caught.value)
