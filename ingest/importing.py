"""Finds the messages in .eml files, Maildirs, mboxes and folders of them, with the moment when each was received.

Default received time: the topmost `Received:` header, which the receiving server wrote; else the file's own time. The
`Date:` header is the sender's claim and is never used. Maildir's `tmp` holds unfinished deliveries and is left alone.
"""

from __future__ import annotations

import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from rules.errors import InputError

_HEADER_BYTES: Final = 256 * 1024
_FROM_LINE: Final = b"From "


class ReceivedFrom(StrEnum):
    """Where the received time of an imported message comes from (`import --received`)."""

    HEADER = "header"  # the topmost Received header; the file's time where there is none
    MTIME = "mtime"


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundMessage:
    """One message to be imported: a whole file, or a stretch of an mbox already cut out as `raw`."""

    path: Path
    received_at: datetime
    raw: bytes | None = None


def find_messages(path: Path, received: ReceivedFrom = ReceivedFrom.HEADER) -> Iterator[FoundMessage]:
    """Every message at `path`, in a stable order. Raises InputError when there is nothing of the kind."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder")
    if path.is_dir():
        yield from _in_folder(path, received)
    else:
        yield from _in_file(path, received)


def _in_folder(folder: Path, received: ReceivedFrom) -> Iterator[FoundMessage]:
    """A Maildir (with its Maildir++ sub-folders), or a folder that holds .eml files, mboxes and further folders."""
    files = sorted(_files_below(folder))
    if not files:
        raise InputError(f"{folder}: holds no messages (.eml files, a Maildir or an mbox)")
    for file in files:
        yield from _in_file(file, received)


def _files_below(folder: Path) -> Iterator[Path]:
    is_maildir = (folder / "cur").is_dir() or (folder / "new").is_dir()
    for entry in folder.iterdir():
        if entry.is_dir():
            if not (is_maildir and entry.name == "tmp"):
                yield from _files_below(entry)
        elif folder.name in ("cur", "new") or entry.suffix.lower() in (".eml", ".mbox", ".mbx"):
            yield entry


def _in_file(path: Path, received: ReceivedFrom) -> Iterator[FoundMessage]:
    """Raises InputError for a file that cannot be opened: an import that left some out would pass for complete."""
    try:
        if _is_mbox(path):
            yield from _in_mbox(path, received)
        else:
            yield _one_file(path, received)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_FROM_LINE)) == _FROM_LINE


def _one_file(path: Path, received: ReceivedFrom) -> FoundMessage:
    with path.open("rb") as file:
        head = file.read(_HEADER_BYTES)
    return FoundMessage(path=path, received_at=_received_at(head, _mtime(path), received))


def _in_mbox(path: Path, received: ReceivedFrom) -> Iterator[FoundMessage]:
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            raw = box.get_bytes(key)
            separator = box.get_bytes(key, from_=True).split(b"\n", 1)[0]
            fallback = _from_line_time(separator) or _mtime(path)
            received_at = _received_at(raw[:_HEADER_BYTES], fallback, received)
            yield FoundMessage(path=path, received_at=received_at, raw=raw)
    finally:
        box.close()


def _received_at(head: bytes, mtime: datetime, received: ReceivedFrom) -> datetime:
    stamped = received_header_time(head) if received is ReceivedFrom.HEADER else None
    return stamped or mtime


def received_header_time(head: bytes) -> datetime | None:
    """The time after the last `;` of the topmost Received header (RFC 5321, 4.4), in UTC; None when unreadable."""
    headers = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    match = re.search(rb"^Received:((?:.*)(?:\r?\n[ \t].*)*)", headers, re.IGNORECASE | re.MULTILINE)
    if not match or b";" not in match.group(1):
        return None
    text = match.group(1).rsplit(b";", 1)[1].decode("ascii", "replace")
    return _as_utc(" ".join(text.split()))


def _as_utc(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_line_time(line: bytes) -> datetime | None:
    """`From user@host Mon Oct 30 09:12:00 2023`: asctime of the delivery, in UTC by convention (RFC 4155)."""
    text = line.decode("ascii", "replace")
    match = re.search(r"(\w{3}) (\w{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})\s*$", text)
    if not match:
        return None
    _, month, day, clock, year = match.groups()
    return _as_utc(f"{day} {month} {year} {clock} +0000")


def _mtime(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
