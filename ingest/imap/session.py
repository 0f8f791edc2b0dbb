"""A logged-in connection: TLS, log-in, who we are, and hanging up.

The order is that which Coremail wants: LOGIN (it advertises SASL-IR and refuses it), then the ID command of RFC 2971,
without which it answers every SELECT by "Unsafe Login". imapclient switches imaplib's debugging on; we switch it off,
because it builds the repr of every literal, several times the memory and four times the processor time.
"""

from __future__ import annotations

import contextlib
import imaplib
import logging
import socket
import ssl
import threading
from collections.abc import Iterator

from imapclient import IMAPClient, SocketTimeout

from ingest.imap.errors import Step, quoted, speaking
from ingest.settings import MailboxSettings, is_loopback
from rules.errors import ConfigError, InputError, LoginError, Problem

log = logging.getLogger(__name__)

CLIENT_ID = {"name": "baosong", "version": "1.0", "vendor": "baosong"}
HANG_UP_SECONDS = 5.0
SLOWEST_BYTES_PER_SECOND = 4096


def connect(settings: MailboxSettings) -> IMAPClient:
    """A connection that is logged in and has said who it is."""
    context = _tls(settings)
    with speaking(settings, Step.CONNECT):
        client = IMAPClient(
            settings.host,
            settings.port,
            ssl=settings.is_tls,
            ssl_context=context,
            timeout=SocketTimeout(connect=settings.connect_timeout_seconds, read=settings.read_timeout_seconds),
        )
        # imapclient sends a SEARCH in pieces; each would wait 40 ms for the server's delayed acknowledgement.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client._imap.debug = 0
    client.normalise_times = False
    try:
        _log_in(client, settings)
        with speaking(settings, Step.LOG_IN), time_limit(client, settings.read_timeout_seconds):
            introduce(client)
    except BaseException:
        drop(client)
        raise
    return client


def _tls(settings: MailboxSettings) -> ssl.SSLContext | None:
    if settings.is_tls:
        try:
            return ssl.create_default_context(cafile=settings.ca_file)
        except OSError as error:
            raise InputError(f"{settings.ca_file}: the CA certificates cannot be used: {error.strerror}") from error
    if not is_loopback(settings.host):
        what = f'{settings.host} is another machine: the password would cross the network readably; use tls = "tls"'
        raise ConfigError([Problem(file="config.toml", key="mailbox.tls", what=what)])
    return None


def _log_in(client: IMAPClient, settings: MailboxSettings) -> None:
    for secret, name in ((settings.username, "user name"), (settings.password, "password")):
        if not (secret.isascii() and secret.isprintable() and secret):
            raise LoginError(
                f"{settings.host}: the {name} is empty or holds characters that IMAP cannot carry. "
                "An authorisation code (授权码) consists of plain letters and digits"
            )
    with speaking(settings, Step.LOG_IN), time_limit(client, settings.read_timeout_seconds):
        client.login(_quoted_if_needed(settings.username), settings.password)


def _quoted_if_needed(username: str) -> str:
    """imaplib quotes the password but sends the user name as it is."""
    if not any(character in username for character in ' ()"\\{%*]'):
        return username
    return '"' + username.replace("\\", "\\\\").replace('"', '\\"') + '"'


def introduce(client: IMAPClient, *, even_if_unasked: bool = False) -> None:
    """Says who we are. A server that dislikes the command still serves us; a lost connection is raised."""
    if not (even_if_unasked or client.has_capability("ID")):
        return
    fields = " ".join(f'"{word}"' for pair in CLIENT_ID.items() for word in pair)
    try:
        client._imap._simple_command("ID", f"({fields})")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        log.info("the server does not take the ID command: %s", error, extra={"action": "imap_id_refused"})


@contextlib.contextmanager
def time_limit(client: IMAPClient, seconds: float, size_bytes: int = 0) -> Iterator[None]:
    """Ends the connection when a step takes too long as a whole.

    The socket's own timeout starts anew with every byte: a server that drips would hold the pass for ever.
    """
    line = client.socket()
    timer = threading.Timer(seconds + size_bytes / SLOWEST_BYTES_PER_SECOND, _cut, args=(line,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(line: socket.socket) -> None:
    """The base class's shutdown: that of SSLSocket takes the TLS object away from under the reading thread."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def log_out(client: IMAPClient, settings: MailboxSettings) -> None:
    """Politely, but the mail is already here: nothing that goes wrong now matters."""
    try:
        client.socket().settimeout(min(HANG_UP_SECONDS, settings.read_timeout_seconds))
        client.logout()
    except (OSError, ValueError, imaplib.IMAP4.error) as error:
        log.debug("log-out failed: %s", quoted(error, settings), extra={"action": "imap_logout_failed"})
        drop(client)


def drop(client: IMAPClient) -> None:
    with contextlib.suppress(OSError, ValueError):
        client.shutdown()
