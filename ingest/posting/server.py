"""One conversation with the SMTP server about one mail; what came of it is a value, never an exception.

    ACCEPTED   the server took it (RFC 5321: from then on it is responsible)
    REFUSED    it said no, and the mail surely did not go
    NOT_GONE   the line broke before the mail was complete: it surely did not go
    DOUBTFUL   the last line of the mail was sent and no answer came: it may have gone

What lies between the last two is the terminating dot: a server that never saw it cannot have taken the mail. Hence the
dot is sent by itself, after everything else has been.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ingest.posting.replies import Reply
from ingest.settings import SmtpSettings, is_loopback

_QUOTED_CHARACTERS: Final = 200
_GO_AHEAD: Final = 354
_OK: Final = 250


class Fate(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_GONE = "not_gone"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a mail. `reply`: what the server said; `error`: what broke. `refused`: recipients that the server
    would not take, each with its answer; the mail may have gone to the others. `was_begun`: the server had asked for
    the mail itself, so what broke may be due to it.
    """

    fate: Fate
    reply: Reply | None = None
    error: str = ""
    refused: tuple[tuple[str, Reply], ...] = ()
    was_begun: bool = False


class _Refused(Exception):  # noqa: N818 - no error: the server's answer, on its way to becoming an `Outcome`
    def __init__(self, reply: Reply, refused: tuple[tuple[str, Reply], ...] = ()) -> None:
        super().__init__(str(reply))
        self.reply = reply
        self.refused = refused


def hand_over(settings: SmtpSettings, *, recipients: Sequence[str], data: bytes) -> Outcome:
    """Offers the mail to the server for all recipients at once."""
    was_begun = is_complete = False
    try:
        with _connected(settings) as server:
            refused = _announce(server, settings, recipients)
            was_begun = True
            server.send(_escaped(data))
            is_complete = True
            server.send(b".\r\n")
            reply = _reply(*server.getreply())
    except _Refused as refusal:
        return Outcome(fate=Fate.REFUSED, reply=refusal.reply, refused=refusal.refused)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        said = _quoted(str(error) or type(error).__name__, settings)
        return Outcome(fate=Fate.DOUBTFUL if is_complete else Fate.NOT_GONE, error=said, was_begun=was_begun)
    fate = Fate.ACCEPTED if reply.code == _OK else Fate.REFUSED
    return Outcome(fate=fate, reply=reply, refused=refused, was_begun=True)


def log_in(settings: SmtpSettings) -> Outcome:
    """Only connects and logs in, for `check`."""
    try:
        with _connected(settings):
            pass
    except _Refused as refusal:
        return Outcome(fate=Fate.REFUSED, reply=refusal.reply)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return Outcome(fate=Fate.NOT_GONE, error=_quoted(str(error) or type(error).__name__, settings))
    return Outcome(fate=Fate.ACCEPTED)


@contextlib.contextmanager
def _connected(settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
    if settings.security == "none" and not is_loopback(settings.host):
        raise ValueError(f"{settings.host} is another machine: the password would cross the network readably")
    server = _connect(settings)
    try:
        if settings.security == "starttls":
            server.starttls(context=_tls(settings))
            server.ehlo()
        if settings.username and settings.password:
            _log_in(server, settings)
        yield server
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
    finally:
        server.close()


def _connect(settings: SmtpSettings) -> smtplib.SMTP:
    try:
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, settings.port, timeout=settings.timeout_seconds, context=_tls(settings)
            )
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_seconds)
        server.ehlo_or_helo_if_needed()
    except smtplib.SMTPResponseException as error:
        raise _Refused(_reply(error.smtp_code, error.smtp_error)) from None
    return server


def _tls(settings: SmtpSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file)


def _log_in(server: smtplib.SMTP, settings: SmtpSettings) -> None:
    try:
        server.login(settings.username, settings.password)
    except smtplib.SMTPResponseException as error:
        reply = _reply(error.smtp_code, error.smtp_error)
        raise _Refused(Reply(code=reply.code, text=_quoted(reply.text, settings))) from None


def _announce(server: smtplib.SMTP, settings: SmtpSettings, recipients: Sequence[str]) -> tuple[tuple[str, Reply], ...]:
    """Up to the server's go-ahead for the data. The recipients that it would not take."""
    _expect_ok(_reply(*server.mail(settings.address)))
    answers = [(recipient, _reply(*server.rcpt(recipient))) for recipient in recipients]
    refused = tuple((recipient, reply) for recipient, reply in answers if reply.code // 100 != 2)
    if len(refused) == len(recipients):
        raise _Refused(min((reply for _, reply in refused), key=lambda reply: reply.code), refused)
    reply = _reply(*server.docmd("DATA"))
    if reply.code != _GO_AHEAD:
        raise _Refused(reply, refused)
    return refused


def _expect_ok(reply: Reply) -> None:
    if reply.code != _OK:
        raise _Refused(reply)


def _escaped(data: bytes) -> bytes:
    """RFC 5321, 4.5.2: a line that begins with a dot gets another one."""
    lines = re.sub(rb"(?:\r\n|\n|\r(?!\n))", b"\r\n", data)
    ended = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended)


def _reply(code: int, text: bytes | str) -> Reply:
    shown = text if isinstance(text, str) else _decoded(text)
    return Reply(code=code, text=re.sub(r"[\x00-\x1f\x7f]+", " ", shown).strip()[:_QUOTED_CHARACTERS])


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("gb18030", "replace")


def _quoted(text: str, settings: SmtpSettings) -> str:
    hidden = text.replace(settings.password, "***") if settings.password else text
    return re.sub(r"[\x00-\x1f\x7f]+", " ", hidden).strip()[:_QUOTED_CHARACTERS]
