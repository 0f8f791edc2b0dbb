"""Every error that baosong raises on purpose, one tree.

    BaosongError                     docstring = default message; data as keyword attributes
    ├── UserError                    the user can mend it; no traceback is shown
    │   ├── ConfigError              exit 2; `problems` holds every problem at once
    │   ├── UsageError               exit 2; an option or argument says nothing that the command understands
    │   └── InputError               exit 1; a file or folder named on the command line cannot be used
    ├── MailboxError                 reading the mailbox failed; exit 1
    │   ├── NetworkError             transient
    │   ├── ThrottledError           transient; the provider asks us to slow down
    │   ├── ProtocolError            transient; the server said something that IMAP does not allow
    │   ├── LoginError               permanent until a person acts
    │   ├── UnsafeLoginError         permanent until a person acts at the provider
    │   └── FolderError              a configured folder is not there
    └── StoreError                   the store cannot be used (version, disk, integrity)

Permanent or transient is a fact of the class (`is_transient`), because the daemon decides by it whether to back off or
to call for a person. Errors become advice for people in exactly one place: `ingest.cli`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class BaosongError(Exception):
    """Something went wrong."""

    is_transient: ClassVar[bool] = False

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class UserError(BaosongError):
    """The command cannot be carried out as it was given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong in a file that the user wrote. Shown as `file: key: what`."""

    file: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.what}" if self.key else f"{self.file}: {self.what}"


class ConfigError(UserError):
    """The configuration cannot be used."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(UserError):
    """An option or an argument cannot be understood."""


class InputError(UserError):
    """A file or folder that was named cannot be used."""


class MailboxError(BaosongError):
    """The mailbox could not be read."""


class NetworkError(MailboxError):
    """The mail server could not be reached."""

    is_transient = True


class ThrottledError(MailboxError):
    """The mail server asks us to come back later."""

    is_transient = True


class ProtocolError(MailboxError):
    """The mail server answered in a way that IMAP does not allow."""

    is_transient = True


class LoginError(MailboxError):
    """The mail server refused the user name or the authorisation code."""


class UnsafeLoginError(MailboxError):
    """The mail provider blocks this program as an unsafe log-in."""


class FolderError(MailboxError):
    """A configured folder does not exist on the mail server."""


class StoreError(BaosongError):
    """The store cannot be used."""
