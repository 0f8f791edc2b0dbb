"""Whatever a disk or a database says becomes one `StoreError`, with a sentence that says what to do.

A defect of ours (a constraint broken, a statement refused) stays what it is: hiding it would help nobody.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import exc

from rules.errors import StoreError

_FULL: Final = "the disk is full; free some space, then run again"
_LOCKED: Final = "another program has held the database for too long; end it, then run again"
_READ_ONLY: Final = "cannot be written; check that its folder exists and belongs to the account that runs baosong"
_DAMAGED: Final = "the database is damaged; bring back the newest copy of it"
_IO: Final = "the disk failed while reading or writing; check its space and its health"

_OF_SQLITE: Final = {
    "SQLITE_NOTADB": "is not a database; name another file in [store] url, or move this one away",
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_CANTOPEN": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_IOERR": _IO,
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
}
"""By the start of SQLite's error name; the rest of the name (`SQLITE_IOERR_WRITE`) is detail."""

_OF_POSTGRESQL: Final = {
    "28": "the database server refused the user name or password in [store] url",
    "3D": "there is no such database on the server; create it, or mend [store] url",
    "25006": "the database server takes no writes; name its primary in [store] url",
    "42501": "the database user lacks a privilege; let it own the database",
    "40": "two programs changed the same rows at once; run again",
    "53100": "the disk of the database server is full; free some space, then run again",
    "53": "the database server is out of resources or connections; try again later",
    "55P03": _LOCKED,
    "57": "the database server is shutting down or starting; try again later",
    "58": "the disk of the database server failed; check its space and its health",
}
"""By the start of the SQLSTATE, longest first where two fit."""

_OF_ERRNO: Final = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: "the disk quota is used up; free some space, then run again",
    errno.EFBIG: "a file grew beyond what this account may write; raise the limit, then run again",
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.EROFS: _READ_ONLY,
    errno.EIO: _IO,
}


@contextmanager
def database_troubles(where: str) -> Iterator[None]:
    """Turns what the database says into StoreError. `where` names the store without its password."""
    try:
        yield
    except exc.DBAPIError as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        raise StoreError(f"{where}: {sentence}") from error
    except exc.TimeoutError as error:
        raise StoreError(f"{where}: all connections stayed busy; run fewer workers") from error


def _sentence(error: exc.DBAPIError) -> str | None:
    if isinstance(error.orig, sqlite3.Error):
        return _by_start(_OF_SQLITE, getattr(error.orig, "sqlite_errorname", ""))
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return _by_start(_OF_POSTGRESQL, state)
    if isinstance(error, exc.OperationalError):  # no SQLSTATE: the server never answered, or went away
        reason = " ".join(str(error.orig).split())
        return f"the database server cannot be reached ({reason}); check that it runs and that [store] url is right"
    return None


def _by_start(sentences: dict[str, str], code: str) -> str | None:
    fitting = [start for start in sentences if code.startswith(start)]
    return sentences[max(fitting, key=len)] if fitting else None


@contextmanager
def disk_troubles(where: Path) -> Iterator[None]:
    """Turns what the disk says about our own files into StoreError."""
    try:
        yield
    except OSError as error:
        raise disk_trouble(error, where) from error


def disk_trouble(error: OSError, where: Path) -> StoreError:
    """The sentence for an error of the disk that holds `where`."""
    return StoreError(f"{where}: {_OF_ERRNO.get(error.errno or 0, error.strerror or str(error))}")
