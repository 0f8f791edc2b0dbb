"""A look at the mailbox that fetches no mail: what `check` tells before the daemon runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from imapclient import IMAPClient

from ingest.imap.errors import Step, speaking
from ingest.imap.fetching import describe
from ingest.imap.folders import list_folders, view_folder
from ingest.imap.line import Line
from ingest.plan import choose_folders
from ingest.settings import MailboxSettings

# The lowest UIDs are the first to have been put there, as a rule the oldest; moved mail makes exceptions.
LOOKED_AT = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderProbe:
    folder: str
    messages: int
    oldest_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxProbe:
    account: str
    capabilities: tuple[str, ...]
    existing: tuple[str, ...]  # every folder that the server lists and can open
    folders: tuple[FolderProbe, ...]  # those that a pass would read
    missing: tuple[str, ...]  # configured, but not there

    @property
    def oldest_at(self) -> datetime | None:
        return min((folder.oldest_at for folder in self.folders if folder.oldest_at), default=None)


def probe(line: Line, settings: MailboxSettings) -> MailboxProbe:
    client = line.client()
    with speaking(settings, Step.LIST):
        capabilities = tuple(capability.decode("ascii", "replace") for capability in client.capabilities())
    listed = list_folders(client, settings)
    choice = choose_folders(listed, settings.folders, finds_junk=settings.finds_junk_folders)
    return MailboxProbe(
        account=settings.name,
        capabilities=capabilities,
        existing=tuple(folder.name for folder in listed if folder.is_selectable),
        folders=tuple(_probe_folder(client, settings, folder) for folder in choice.folders),
        missing=choice.missing,
    )


def _probe_folder(client: IMAPClient, settings: MailboxSettings, folder: str) -> FolderProbe:
    uids = sorted(view_folder(client, settings, folder).uids)
    described = describe(client, settings, folder, uids[:LOOKED_AT]).values() if uids else ()
    dates = [description.internaldate for description in described if description.internaldate]
    return FolderProbe(folder=folder, messages=len(uids), oldest_at=min(dates, default=None))
