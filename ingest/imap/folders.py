"""Which folders there are, and which messages a folder holds. EXAMINE only: reading changes nothing in the mailbox."""

from __future__ import annotations

import imaplib
from typing import Any

from imapclient import IMAPClient
from imapclient.imap_utf7 import decode as decode_utf7

from ingest.imap.errors import UNSAFE, Step, speaking
from ingest.imap.session import introduce, time_limit
from ingest.plan import FolderView, ListedFolder
from ingest.settings import MailboxSettings

# A reply line may have a million bytes (imaplib), ten-digit UIDs eleven each.
SEARCHED_AT_ONCE = 20_000
CLOSED = frozenset({b"\\noselect", b"\\nonexistent"})


def list_folders(client: IMAPClient, settings: MailboxSettings) -> tuple[ListedFolder, ...]:
    with speaking(settings, Step.LIST), time_limit(client, 2 * settings.read_timeout_seconds):
        return tuple(_listed(*entry) for entry in client.list_folders())


def _listed(flags: tuple[bytes, ...], delimiter: bytes | None, name: str | bytes) -> ListedFolder:
    small = {flag.lower() for flag in flags}
    return ListedFolder(
        name=decode_utf7(name) if isinstance(name, bytes) else name,
        delimiter=delimiter.decode("ascii") if delimiter else "",
        is_selectable=not small & CLOSED,
        is_junk=b"\\junk" in small,
    )


def view_folder(client: IMAPClient, settings: MailboxSettings, folder: str) -> FolderView:
    """Opens the folder read-only and lists every message in it."""
    with speaking(settings, Step.OPEN, folder), time_limit(client, settings.read_timeout_seconds):
        answer = _examine(client, folder)
        exists = int(answer.get(b"EXISTS", 0))
        uidvalidity = answer.get(b"UIDVALIDITY")
    uids = list_uids(client, settings, folder, exists)
    return FolderView(folder=folder, uidvalidity=uidvalidity, exists=exists, uids=uids)


def _examine(client: IMAPClient, folder: str) -> dict[bytes, Any]:
    try:
        return dict(client.select_folder(folder, readonly=True))
    except imaplib.IMAP4.error as error:
        if not UNSAFE.search(str(error)):
            raise
    introduce(client, even_if_unasked=True)
    return dict(client.select_folder(folder, readonly=True))


def list_uids(client: IMAPClient, settings: MailboxSettings, folder: str, exists: int) -> frozenset[int]:
    with speaking(settings, Step.SEARCH, folder), time_limit(client, 2 * settings.read_timeout_seconds):
        return frozenset(uid for criteria in search_criteria(exists) for uid in client.search(criteria))


def search_criteria(exists: int) -> tuple[str, ...]:
    """ALL, or ranges of sequence numbers for a large folder: they bound the reply whatever the UIDs look like.

    From the highest range down: a message deleted meanwhile moves those above it one down, into a range still to be
    asked for. Upwards it would move one into a range already passed, and that one would be overlooked.
    """
    if exists <= SEARCHED_AT_ONCE:
        return ("ALL",)
    starts = range(1, exists + 1, SEARCHED_AT_ONCE)
    return tuple(f"{start}:{min(start + SEARCHED_AT_ONCE - 1, exists)}" for start in reversed(starts))
