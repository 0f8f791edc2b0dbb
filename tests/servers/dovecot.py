"""A real Dovecot for the tests: free loopback ports, a certificate of its own, accounts made on demand.

Runs as root (mail then belongs to `nobody`) or as anybody else (Dovecot's own users are then that user).
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from imapclient import IMAPClient

from ingest.settings import MailboxSettings
from tests.servers.ports import free_port

PASSWORD = "Qm7xAuthorisation"
START_SECONDS = 60

CONFIGURATION = """
protocols = imap lmtp
postmaster_address = postmaster@tests.example
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
listen = 127.0.0.1, 127.0.0.2
ssl = yes
ssl_cert = <{base}/certificate.pem
ssl_key = <{base}/key.pem
ssl_dh =
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login
mail_location = maildir:{base}/mail/%u:LAYOUT=fs
mail_fsync = never
first_valid_uid = 1
mail_max_userip_connections = 100
{users}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={base}/home/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Quarantine {{
    special_use = \\Junk
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service lmtp {{
  chroot =
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class Dovecot:
    """A running server; an account comes into being when it is first used."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self.port, self.tls_port, self.lmtp_port = free_port(), free_port(), free_port()
        self.ca_file = base / "certificate.pem"
        self._make_certificate()
        for folder in ("mail", "home"):
            (base / folder).mkdir()
        configuration = base / "dovecot.conf"
        configuration.write_text(self._configuration())
        self._give_away()
        self._process = subprocess.Popen(["dovecot", "-F", "-c", str(configuration)])
        self._wait()

    def settings(self, user: str, **changes: object) -> MailboxSettings:
        """Any user name has an account. Over TLS unless `is_tls=False` is asked for."""
        port = self.tls_port if changes.get("is_tls", True) else self.port
        settings = MailboxSettings(
            host="localhost", username=user, password=PASSWORD, port=port, ca_file=self.ca_file, read_timeout_seconds=20
        )
        return replace(settings, **changes)  # type: ignore[arg-type]  # the caller names fields of MailboxSettings

    def maildir(self, user: str) -> Path:
        """Where INBOX lies, for a test that fills it faster than by APPEND; Dovecot must be able to write it."""
        return self._base / "mail" / user

    def own(self, path: Path) -> None:
        """Gives what a test wrote to the user whom Dovecot reads mail as."""
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "nobody:nogroup", str(path)], check=True)

    @contextlib.contextmanager
    def client(self, user: str) -> Iterator[IMAPClient]:
        """A person's mail program."""
        settings = self.settings(user)
        with IMAPClient("127.0.0.1", self.port, ssl=False) as client:
            client._imap.debug = 0
            client.normalise_times = False
            client.login(user, settings.password)
            yield client

    def deliver(self, user: str, raw: bytes, received_at: datetime, folder: str = "INBOX") -> int:
        """Puts a message there; returns its UID."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            answer = client.append(folder, raw, msg_time=received_at)
        return int(answer.split(b"APPENDUID ")[1].split()[1].rstrip(b"]"))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(START_SECONDS)

    def _configuration(self) -> str:
        is_root, user = os.geteuid() == 0, getpass.getuser()
        own_users = (
            f"default_internal_user = {user}\ndefault_internal_group = {os.getegid()}\ndefault_login_user = {user}"
        )
        return CONFIGURATION.format(
            base=self._base,
            password=PASSWORD,
            users="" if is_root else own_users,
            mail_user="nobody" if is_root else user,
            mail_group="nogroup" if is_root else os.getegid(),
            port=self.port,
            tls_port=self.tls_port,
            lmtp_port=self.lmtp_port,
        )

    def _make_certificate(self) -> None:
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        key, certificate = str(self._base / "key.pem"), str(self._base / "certificate.pem")
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        subprocess.run(
            [*command, "-addext", names, "-keyout", key, "-out", certificate], check=True, capture_output=True
        )

    def _give_away(self) -> None:
        self._base.chmod(0o755)
        for folder in ("mail", "home"):
            self.own(self._base / folder)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.tls_port), 1):
                return
            time.sleep(0.05)
        log = self._base / "dovecot.log"
        raise RuntimeError(f"dovecot did not start: {log.read_text() if log.exists() else 'it wrote no log'}")


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True) as base:
        server = Dovecot(Path(base))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    missing = [program for program in ("dovecot", "openssl") if shutil.which(program) is None]
    if missing:
        pytest.fail(
            f"{' and '.join(missing)} not found: install Debian's dovecot-imapd and openssl, or run `make test`"
        )
    with running_dovecot() as server:
        yield server
