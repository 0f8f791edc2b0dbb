"""The connection of one pass or probe: made when it is needed, dropped when it breaks."""

from __future__ import annotations

from imapclient import IMAPClient

from ingest.imap.session import connect, drop, log_out
from ingest.settings import MailboxSettings


class Line:
    """The logged-in connection; dropped when it breaks, opened anew when it is next needed."""

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._client: IMAPClient | None = None

    def client(self) -> IMAPClient:
        self._client = self._client or connect(self._settings)
        return self._client

    def drop(self) -> None:
        if self._client is not None:
            drop(self._client)
            self._client = None

    def close(self) -> None:
        if self._client is not None:
            log_out(self._client, self._settings)
            self._client = None
