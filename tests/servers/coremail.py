"""A fake of the IMAP server behind 163.com, 126.com and yeah.net, on a real socket, with what only it does.

- every SELECT and EXAMINE before the ID command: `NO … Unsafe Login. Please contact kefu@188.com for help`
- ID with strict syntax; SASL-IR advertised, and refused
- no UIDNEXT; sparse UIDs of ten digits; `n:*` with n above the highest UID finds the highest
- SEARCH by text finds nothing
- log-out after a short silence; the connection is reset on a FETCH of more than a few messages
- folder names in modified UTF-7; an optional window that hides older mail (收取选项)

Beyond that, single messages can be told to misbehave (`Misdeeds`).
"""

from __future__ import annotations

import contextlib
import re
import socketserver
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from socket import SO_LINGER, SOL_SOCKET

from imapclient.imap_utf7 import encode as encode_utf7

from ingest.settings import MailboxSettings

USERNAME = "jiaoyuban@126.example"
PASSWORD = "QWERTYUIOPASDFGH"
CAPABILITIES = (
    "IMAP4rev1 XLIST SPECIAL-USE ID LITERAL+ STARTTLS XAPPLEPUSHSERVICE UIDPLUS X-CM-EXT-1 SASL-IR AUTH=XOAUTH2"
)
FOLDERS = {
    "INBOX": "",
    "草稿箱": "\\Drafts",
    "已发送": "\\Sent",
    "垃圾邮件": "\\Junk",
    "广告邮件": "",
    "病毒文件夹": "",
}
STRICT_ID = re.compile(r'ID \("[^"]*" "[^"]*"(?: "[^"]*" "[^"]*")*\)$')
FIRST_UID = 1_320_000_017


@dataclass(frozen=True, kw_only=True, slots=True)
class Mail:
    uid: int
    raw: bytes
    received_at: datetime


@dataclass(kw_only=True, slots=True)
class Misdeeds:
    """UIDs by what goes wrong with them."""

    reset_on: set[int] = field(default_factory=set)  # the connection is reset whenever the body is asked for
    cut_once: set[int] = field(default_factory=set)  # closed in the middle of the literal, the first time
    bye_once: set[int] = field(default_factory=set)  # BYE instead of the answer, the first time
    nil: set[int] = field(default_factory=set)  # BODY[] NIL
    quoted: set[int] = field(default_factory=set)  # the body comes as a quoted string
    withheld: set[int] = field(default_factory=set)  # listed, never sent
    wrong_size: set[int] = field(default_factory=set)  # RFC822.SIZE is not that of the body
    unsteady: set[int] = field(default_factory=set)  # RFC822.SIZE wrong, and other bytes each time
    undated: set[int] = field(default_factory=set)  # INTERNALDATE NIL


class Coremail:
    """The state of one account, shared by its connections. Tests set the fields before they connect."""

    def __init__(self) -> None:
        self.mail: dict[str, list[Mail]] = {name: [] for name in FOLDERS}
        self.uidvalidity = 1
        self.most_fetched = 10
        self.idle_seconds = 30.0
        self.window: tuple[datetime, timedelta] | None = None
        self.trusts_client = True
        self.throttles = False
        self.has_uidvalidity = True
        self.misdeeds = Misdeeds()
        self.commands: list[str] = []
        self.connections = 0
        self.port = 0

    def deliver(self, raw: bytes, received_at: datetime, folder: str = "INBOX") -> int:
        uid = FIRST_UID + 7919 * sum(len(mail) for mail in self.mail.values())
        self.mail[folder].append(Mail(uid=uid, raw=raw, received_at=received_at))
        return uid

    def visible(self, folder: str) -> list[Mail]:
        if self.window is None:
            return self.mail[folder]
        now, length = self.window
        return [mail for mail in self.mail[folder] if mail.received_at >= now - length]

    def settings(self, **changes: object) -> MailboxSettings:
        plain = {"host": "127.0.0.1", "port": self.port, "is_tls": False, "username": USERNAME, "password": PASSWORD}
        short = {"connect_timeout_seconds": 5.0, "read_timeout_seconds": 5.0}
        return MailboxSettings(**{**plain, **short, **changes})  # type: ignore[arg-type]  # fields of MailboxSettings

    def count(self, command: str) -> int:
        return sum(command in line for line in self.commands)


class ClosedError(Exception):
    """The server ends this connection."""


class _Connection(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.coremail = self.server.coremail
        self.coremail.connections += 1
        self.is_known = False
        self.folder = ""
        self.connection.settimeout(self.coremail.idle_seconds)
        with contextlib.suppress(OSError, ClosedError):
            if self.coremail.throttles:
                self.say("* BYE Too many connections from your address, please try again later")
                return
            self.say("* OK Coremail System IMap Server Ready(163com[10774b260cc7a37d26d71b52404dcf5c])")
            while True:
                self.serve_line(self.next_line())

    def next_line(self) -> str:
        try:
            line = self.rfile.readline()
        except TimeoutError:
            self.say("* BYE Autologout; idle for too long")
            raise ClosedError from None
        if not line:
            raise ClosedError
        return line.decode("ascii").rstrip("\r\n")

    def say(self, line: str | bytes) -> None:
        self.wfile.write((line if isinstance(line, bytes) else line.encode()) + b"\r\n")

    def serve_line(self, line: str) -> None:
        tag, command = line.split(" ", 1)
        self.coremail.commands.append(command)
        verb = command.split(" ", 1)[0].upper()
        if verb == "UID":
            verb = "UID " + command.split(" ", 2)[1].upper()
        handler = {
            "CAPABILITY": self.capability,
            "LOGIN": self.login,
            "ID": self.id,
            "LIST": self.list,
            "EXAMINE": self.examine,
            "SELECT": self.examine,
            "UID SEARCH": self.uid_search,
            "UID FETCH": self.uid_fetch,
            "LOGOUT": self.logout,
        }.get(verb)
        self.say(f"{tag} {handler(command) if handler else 'BAD command not support'}")
        if verb == "LOGOUT":
            raise ClosedError

    def capability(self, _: str) -> str:
        self.say(f"* CAPABILITY {CAPABILITIES}")
        return "OK CAPABILITY completed"

    def login(self, command: str) -> str:
        is_right = command == f'LOGIN {USERNAME} "{PASSWORD}"'
        return "OK LOGIN completed" if is_right else "NO LOGIN Login error or password error"

    def id(self, command: str) -> str:
        if not STRICT_ID.match(command):
            return "BAD Parse command error"
        self.is_known = self.coremail.trusts_client
        self.say('* ID ("name" "Coremail Imap" "vendor" "Mailtech" "TransID" "AAAAAA")')
        return "OK ID completed"

    def list(self, _: str) -> str:
        for name, use in FOLDERS.items():
            self.say(b'* LIST (%b) "/" "%b"' % (use.encode(), encode_utf7(name)))
        return "OK LIST Completed"

    def examine(self, command: str) -> str:
        verb, name = command.split(" ", 1)
        if not self.is_known:
            return f"NO {verb} Unsafe Login. Please contact kefu@188.com for help"
        folders = {encode_utf7(folder).decode(): folder for folder in FOLDERS}
        self.folder = folders[name.strip('"')]
        self.say(f"* {len(self.mail)} EXISTS")
        self.say("* 0 RECENT")
        if self.coremail.has_uidvalidity:
            self.say(f"* OK [UIDVALIDITY {self.coremail.uidvalidity}] UIDs valid")
        self.say("* FLAGS (\\Answered \\Seen \\Deleted \\Draft \\Flagged)")
        self.say("* OK [PERMANENTFLAGS (\\Answered \\Seen \\Deleted \\Draft \\Flagged)] Limited")
        return f"OK [READ-ONLY] {verb} completed"

    @property
    def mail(self) -> list[Mail]:
        return self.coremail.visible(self.folder)

    def uid_search(self, command: str) -> str:
        criteria = command.removeprefix("UID SEARCH ")
        self.say(" ".join(["* SEARCH", *(str(mail.uid) for mail in self.found(criteria))]))
        return "OK SEARCH completed"

    def found(self, criteria: str) -> list[Mail]:
        if criteria in ("ALL", "NEW"):
            return self.mail
        if match := re.fullmatch(r"UID (\d+):\*", criteria):
            return [mail for mail in self.mail if mail.uid >= int(match[1])] or self.mail[-1:]
        if match := re.fullmatch(r"(\d+):(\d+)", criteria):
            return self.mail[int(match[1]) - 1 : int(match[2])]
        return []

    def uid_fetch(self, command: str) -> str:
        _, _, uids, items = command.split(" ", 3)
        wanted = {int(uid) for uid in uids.split(",")}
        found = [(number, mail) for number, mail in enumerate(self.mail, start=1) if mail.uid in wanted]
        for number, mail in found:
            if "BODY.PEEK[]" not in items:
                self.say(self.description(number, mail))
            else:
                if len(wanted) > self.coremail.most_fetched:
                    self.reset()
                self.body(number, mail)
        return "OK FETCH Completed"

    def description(self, number: int, mail: Mail) -> str:
        misdeeds = self.coremail.misdeeds
        size = len(mail.raw) + (mail.uid in misdeeds.wrong_size | misdeeds.unsteady)
        date = f'"{mail.received_at:%d-%b-%Y %H:%M:%S %z}"' if mail.uid not in misdeeds.undated else "NIL"
        return f"* {number} FETCH (UID {mail.uid} RFC822.SIZE {size} INTERNALDATE {date})"

    def body(self, number: int, mail: Mail) -> None:
        misdeeds, head = self.coremail.misdeeds, f"* {number} FETCH (UID {mail.uid} BODY[] "
        raw = mail.raw
        if mail.uid in misdeeds.withheld:
            return
        if mail.uid in misdeeds.reset_on:
            self.reset()
        if mail.uid in misdeeds.bye_once:
            misdeeds.bye_once.remove(mail.uid)
            self.say("* BYE server is going down")
            raise ClosedError
        if mail.uid in misdeeds.nil:
            self.say(head + "NIL)")
            return
        if mail.uid in misdeeds.quoted:
            self.say(head.encode() + b'"' + raw + b'")')
            return
        if mail.uid in misdeeds.unsteady:
            raw += b"%06d" % len(self.coremail.commands)
        self.say(head + f"{{{len(raw)}}}")
        if mail.uid in misdeeds.cut_once:
            misdeeds.cut_once.remove(mail.uid)
            self.wfile.write(raw[: len(raw) // 2])
            raise ClosedError
        self.say(raw + b")")

    def reset(self) -> None:
        """An RST, not a FIN: what a firewall or an overloaded front end does."""
        self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        raise ClosedError

    def logout(self, _: str) -> str:
        self.say("* BYE IMAP4rev1 Server logging out")
        return "OK LOGOUT Completed"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, coremail: Coremail) -> None:
        self.coremail = coremail
        super().__init__(("127.0.0.1", 0), _Connection)


@contextlib.contextmanager
def running_coremail() -> Iterator[Coremail]:
    coremail = Coremail()
    with _Server(coremail) as server:
        coremail.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield coremail
        finally:
            server.shutdown()
            thread.join()
