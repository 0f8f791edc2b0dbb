"""An SMTP server that answers as it is told, step by step, and remembers what it took.

A step's answer is a line to be said, or one of `CLOSE` (hang up instead of answering) and `TAKE_AND_CLOSE` (after the
dot: the mail is taken, the confirmation never comes).
"""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes

from ingest.settings import SmtpSettings

CLOSE = "close"
TAKE_AND_CLOSE = "take and close"
ANSWERS = {
    "CONNECT": "220 rude.example ESMTP",
    "EHLO": "250-rude.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
    "AUTH": "235 2.7.0 Authentication successful",
    "MAIL": "250 Mail OK",
    "RCPT": "250 Mail OK",
    "DATA": "354 End data with <CR><LF>.<CR><LF>",
    "DOT": "250 Mail OK queued as",
    "RSET": "250 OK",
    "QUIT": "221 Bye",
}


@dataclass(slots=True)
class Taken:
    """A mail that the server answers for."""

    recipients: tuple[str, ...]
    data: bytes

    @property
    def message_id(self) -> str:
        return str(message_from_bytes(self.data)["Message-ID"])


@dataclass(slots=True)
class RudeSmtp:
    """`answers` by step, `for_recipient` instead of `RCPT`; `on_body` is called with the data that has come."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    for_recipient: dict[str, str] = field(default_factory=dict)
    on_body: Callable[[bytes], None] = lambda _: None
    taken: list[Taken] = field(default_factory=list)
    connections: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def settings(self, **changes: object) -> SmtpSettings:
        known: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "security": "none",
            "address": "bureau@126.example",
            "username": "bureau@126.example",
            "password": "Qm7xAuthorisation",
            "timeout_seconds": 5.0,
            "pace": timedelta(0),
        }
        return SmtpSettings(**(known | changes))  # type: ignore[arg-type]  # the caller names fields

    def answer(self, step: str) -> str:
        return self.answers.get(step, ANSWERS.get(step, "502 Error: command not implemented"))


class _Hangup(Exception):  # noqa: N818 - no error: what the server was told to do
    pass


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        rude: RudeSmtp = self.server.rude  # type: ignore[attr-defined]
        with rude.lock:
            rude.connections += 1
        with contextlib.suppress(_Hangup, OSError):
            self._say(rude.answer("CONNECT"))
            recipients: list[str] = []
            for line in self.rfile:
                words = line.decode("latin-1").strip().split(" ")
                step = words[0].upper()
                if step == "RCPT":
                    address = line.decode("latin-1").partition("<")[2].partition(">")[0]
                    said = rude.for_recipient.get(address, rude.answer("RCPT"))
                    self._say(said)
                    recipients += [address] if said.startswith("2") else []
                elif step == "AUTH" and words[1].upper() == "LOGIN" and rude.answer("AUTH").startswith("2"):
                    self._log_in(len(words))
                elif step == "DATA":
                    self._take(rude, tuple(recipients))
                    recipients = []
                else:
                    self._say(rude.answer(step))
                    if step == "QUIT":
                        return

    def _log_in(self, words: int) -> None:
        for prompt in ("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6")[words - 2 :]:
            self._say(prompt)
            self.rfile.readline()
        self._say(ANSWERS["AUTH"])

    def _take(self, rude: RudeSmtp, recipients: tuple[str, ...]) -> None:
        said = rude.answer("DATA")
        self._say(said)
        if not said.startswith("354"):
            return
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                self._end(rude, Taken(recipients=recipients, data=b"".join(lines)))
                return
            lines.append(line[1:] if line.startswith(b"..") else line)
            rude.on_body(b"".join(lines))
        raise _Hangup

    def _end(self, rude: RudeSmtp, mail: Taken) -> None:
        said = rude.answer("DOT")
        if said.startswith("250") or said == TAKE_AND_CLOSE:
            with rude.lock:
                rude.taken.append(mail)
        self._say(CLOSE if said == TAKE_AND_CLOSE else said)

    def _say(self, line: str) -> None:
        if line == CLOSE:
            raise _Hangup
        self.wfile.write(line.encode() + b"\r\n")
        self.wfile.flush()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50


@contextlib.contextmanager
def running_rude_smtp() -> Iterator[RudeSmtp]:
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        rude = RudeSmtp(port=server.server_address[1])
        server.rude = rude  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield rude
        finally:
            server.shutdown()
            thread.join(5)
