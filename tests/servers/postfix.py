"""Debian's real postfix for the tests: loopback only, a configuration and a queue of its own.

mail to any domain but those below    into the inbox of that address in the tests' Dovecot, by LMTP
nobody@…                              refused at once: 550 5.1.1
…@bouncing.example                    accepted, and bounced to its sender, as RFC 3464
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.settings import SmtpSettings
from tests.servers.dovecot import Dovecot
from tests.servers.ports import free_port

START_SECONDS = 60
DOMAINS = ("126.example", "example.org", "example.com", "bouncing.example")

MAIN = """
compatibility_level = 3.6
queue_directory = {base}/spool
data_directory = {base}/data
maillog_file = {base}/mail.log
maillog_file_prefixes = {base}
myhostname = mx.tests.example
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relay_domains =
smtpd_recipient_restrictions = check_recipient_access regexp:{base}/refused, permit_mynetworks, reject
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_tls_security_level = none
smtp_tls_security_level = none
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
virtual_alias_maps = regexp:{base}/forwards
transport_maps = regexp:{base}/transport
default_transport = error:5.4.4 no mail leaves the tests
in_flow_delay = 0
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """A running server that delivers into `dovecot`."""

    def __init__(self, base: Path, dovecot: Dovecot) -> None:
        self._base = base
        self.port = free_port()
        configuration = base / "etc"
        for folder in ("etc", "spool", "data"):
            (base / folder).mkdir()
        shutil.chown(base / "data", "postfix")
        main = MAIN.format(base=base, domains=", ".join(DOMAINS), lmtp_port=dovecot.lmtp_port)
        (configuration / "main.cf").write_text(main)
        (configuration / "master.cf").write_text(MASTER.format(port=self.port))
        (base / "refused").write_text("/^nobody@/ 550 5.1.1 User unknown\n")
        # Not the domain itself: what postfix knows to be an error it refuses at once.
        (base / "forwards").write_text("/^(.*)@bouncing\\.example$/ $1@dead.example\n")
        (base / "transport").write_text("/@dead\\.example$/ error:5.1.1 User unknown\n")
        base.chmod(0o755)
        self._command = ["postfix", "-c", str(configuration)]
        self._run("start")
        self._wait()

    def settings(self, address: str = "bureau@126.example") -> SmtpSettings:
        return SmtpSettings(
            host="127.0.0.1",
            port=self.port,
            security="none",
            address=address,
            timeout_seconds=20,
            pace=timedelta(0),
            per_recipient_limit=1000,
        )

    def stop(self) -> None:
        subprocess.run([*self._command, "stop"], check=False, capture_output=True, timeout=START_SECONDS)

    @property
    def log(self) -> str:
        path = self._base / "mail.log"
        return path.read_text() if path.exists() else "it wrote no log"

    def _run(self, action: str) -> None:
        done = subprocess.run(
            [*self._command, action],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would be inherited by the server and never end
            stderr=subprocess.DEVNULL,
            timeout=START_SECONDS,
        )
        if done.returncode:
            pytest.fail(f"postfix {action} failed ({done.returncode}): {self.log}")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        pytest.fail(f"postfix did not start: {self.log}")


@contextlib.contextmanager
def running_postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    with tempfile.TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True) as base:
        server = Postfix(Path(base), dovecot)
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    if shutil.which("postfix") is None:
        pytest.fail("postfix not found: install Debian's postfix, or run `make test` as root")
    if os.geteuid() != 0:
        pytest.skip("postfix can only be started by root")
    with running_postfix(dovecot) as server:
        yield server
