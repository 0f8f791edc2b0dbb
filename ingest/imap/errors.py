"""Whatever goes wrong on the line becomes one error of our tree, with a sentence that says who, what and what to do.

    socket or TLS                          NetworkError; no TLS at all: ProtocolError
    the provider's "unsafe login"          UnsafeLoginError, in whatever command it comes
    too many, too often, try again later   ThrottledError, in whatever command it comes
    connection closed, BYE                 NetworkError
    NO or BAD to the log-in                LoginError
    everything else                        ProtocolError

What the server says is quoted, shortened, without control characters and without the password: some servers repeat the
command that they refuse.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from ingest.settings import MailboxSettings
from rules.errors import LoginError, MailboxError, NetworkError, ProtocolError, ThrottledError, UnsafeLoginError

QUOTED_CHARACTERS = 160
UNSAFE = re.compile(r"unsafe login", re.IGNORECASE)
THROTTLED = re.compile(
    r"\[(?:limit|inuse|unavailable|throttled)\]|too (?:many|frequent|fast)|frequency|rate.?limit|throttl"
    r"|try again later|temporar|频繁|稍后",
    re.IGNORECASE,
)
# What imaplib and imapclient raise when the answer is not IMAP; none of them is a defect of ours inside `speaking`.
NOT_IMAP = (ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OverflowError)


class Step(StrEnum):
    CONNECT = "connecting"
    LOG_IN = "logging in"
    LIST = "listing the folders"
    OPEN = "opening a folder"
    SEARCH = "listing the messages"
    FETCH = "fetching"


@contextmanager
def speaking(settings: MailboxSettings, step: Step, folder: str = "") -> Iterator[None]:
    """Only calls of the IMAP libraries belong into this block."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error, *NOT_IMAP) as error:
        # `from None`: the chain would end in frames that hold the LOGIN line.
        raise translated(_original(error), settings, step, folder) from None


def _original(error: Exception) -> Exception:
    """imapclient turns whatever happens during a log-in into "the log-in failed", a lost connection as well."""
    return error.__context__ if isinstance(error.__context__, imaplib.IMAP4.error) else error


def translated(error: Exception, settings: MailboxSettings, step: Step, folder: str = "") -> MailboxError:
    where = f"{settings.host}:{settings.port}" + (f", folder {folder}" if folder else "")
    if isinstance(error, OSError):
        return _line_trouble(error, settings, f"{where}: {step}")
    return _server_trouble(error, settings, step, where)


def _server_trouble(error: Exception, settings: MailboxSettings, step: Step, where: str) -> MailboxError:
    said = quoted(error, settings)
    if UNSAFE.search(said):
        return unsafe_login(settings, said)
    if THROTTLED.search(said):
        return ThrottledError(f"{where}: the server is asking us to slow down while {step}: {said}")
    if "BYE" in said or (isinstance(error, imaplib.IMAP4.abort) and "unexpected" not in said):
        return NetworkError(f"{where}: the connection was lost while {step}: {said}")
    if step is Step.LOG_IN and isinstance(error, imaplib.IMAP4.error):
        return LoginError(
            f"{where}: the log-in of {settings.username} was refused: {said}. Check that IMAP is switched "
            "on in the web mail's settings and that the password is the authorisation code (授权码) made there, "
            "not the password of the web mail"
        )
    return ProtocolError(f"{where}: the server answered outside the rules of IMAP while {step}: {said}")


def _line_trouble(error: OSError, settings: MailboxSettings, where: str) -> MailboxError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return NetworkError(
            f"{where}: the certificate is not trusted: {error.verify_message.rstrip('.')}. "
            "If the server has a certificate of its own, name its CA in ca_file"
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return ProtocolError(f"{where}: no TLS on this port ({error.reason}). Check host, port and tls")
    if isinstance(error, TimeoutError):
        limits = f"{settings.connect_timeout_seconds:g} s to connect, {settings.read_timeout_seconds:g} s to answer"
        return NetworkError(f"{where}: no answer in time ({limits}). Check the network, host and port")
    return NetworkError(
        f"{where}: {error.strerror or str(error) or 'connection lost'}. Check the network, host and port"
    )


def unsafe_login(settings: MailboxSettings, said: str) -> UnsafeLoginError:
    return UnsafeLoginError(
        f"{settings.host}: the provider blocks this program as an unsafe log-in of {settings.username}: {said}. "
        "In the web mail switch IMAP on, make an authorisation code (授权码) and use it as the password; then open "
        "https://config.mail.163.com/settings/imap/login.jsp and trust this client (信任此客户端)"
    )


def quoted(error: BaseException, settings: MailboxSettings) -> str:
    """What the server said, fit to be shown."""
    text = _server_text(error)
    for secret in (settings.password, settings.password.replace("\\", "\\\\").replace('"', '\\"')):
        text = text.replace(secret, "***") if secret else text
    text = re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", text).strip()
    return text if len(text) <= QUOTED_CHARACTERS else text[:QUOTED_CHARACTERS] + "…"


def _server_text(error: BaseException) -> str:
    """imaplib raises the server's bytes, imapclient wraps their repr: the bytes say it better."""
    cause: BaseException | None = error
    while cause is not None:
        if cause.args and isinstance(cause.args[0], bytes):
            return cause.args[0].decode("utf-8", "replace")
        cause = cause.__context__
    return str(error) or type(error).__name__
