"""Which of our mails lie in the Sent folder: the proof that one went which a crash cut off from its confirmation.

The folder is found by its special use or its name. The newest messages' Message-IDs are read and compared here:
Coremail finds nothing by SEARCH HEADER. Not to be found there proves nothing, since saving sent mail is an option of
the account.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from imapclient import IMAPClient
from imapclient.imap_utf7 import decode as decode_utf7

from ingest.imap.errors import Step, speaking
from ingest.imap.folders import view_folder
from ingest.imap.line import Line
from ingest.imap.session import time_limit
from ingest.settings import MailboxSettings

SENT_NAMES: Final = frozenset(
    {"已发送", "已发送邮件", "发件箱", "sent", "sent messages", "sent items", "sent mail", "sent-mail"}
)
LOOKED_AT: Final = 500
_AT_ONCE: Final = 50
_MESSAGE_ID: Final = re.compile(rb"^message-id:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
_HEADER: Final = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"


def find_sent(line: Line, settings: MailboxSettings, message_ids: Collection[str]) -> frozenset[str]:
    """Those of the Message-IDs that are among the newest messages of the Sent folders. Raises MailboxError."""
    client = line.client()
    wanted = set(message_ids)
    found: set[str] = set()
    for folder in _sent_folders(client, settings):
        uids = sorted(view_folder(client, settings, folder).uids, reverse=True)[:LOOKED_AT]
        for start in range(0, len(uids), _AT_ONCE):
            found |= wanted & _message_ids(client, settings, folder, uids[start : start + _AT_ONCE])
            if found == wanted:
                return frozenset(found)
    return frozenset(found)


def _sent_folders(client: IMAPClient, settings: MailboxSettings) -> list[str]:
    with speaking(settings, Step.LIST), time_limit(client, 2 * settings.read_timeout_seconds):
        listed = client.list_folders()
    names = [(flags, decode_utf7(name) if isinstance(name, bytes) else name) for flags, _, name in listed]
    return [
        name
        for flags, name in names
        if b"\\sent" in {flag.lower() for flag in flags} or name.rpartition("/")[2].casefold() in SENT_NAMES
    ]


def _message_ids(client: IMAPClient, settings: MailboxSettings, folder: str, uids: Collection[int]) -> set[str]:
    with speaking(settings, Step.FETCH, folder), time_limit(client, settings.read_timeout_seconds):
        answers = client.fetch(list(uids), ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
        headers = [answer.get(_HEADER) for answer in answers.values()]
    matches = (_MESSAGE_ID.search(header) for header in headers if isinstance(header, bytes))
    return {match[1].decode("ascii", "replace") for match in matches if match}
