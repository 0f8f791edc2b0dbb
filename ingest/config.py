"""Reads config.toml into a `Config`; finds all problems at once, each as `file: key: what is wrong`.

Relative paths are relative to the folder of config.toml, so that the program does the same from every working folder.
Secrets are read from the environment or a file at the moment when they are needed, and are never kept in a `Config`.
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from ingest.config_problems import problems_of
from ingest.config_schema import (
    CampaignTable,
    ConfigFile,
    DeliverableTable,
    DeskTable,
    LettersTable,
    LogTable,
    MailboxTable,
    ParsingTable,
    RemindersTable,
    SecretSource,
    SmtpTable,
)
from ingest.settings import MailboxSettings, SmtpSettings
from rules.campaign import Campaign, Deliverable
from rules.errors import ConfigError, Problem

DEFAULT_PASSWORD_ENV: Final = "BAOSONG_MAIL_PASSWORD"  # noqa: S105 - the name of a variable, not a secret
DEFAULT_TITLES: Final[dict[str, str]] = {
    "plan": "工作方案",
    "schedule": "活动安排表（附件1）",
    "statistics": "活动情况统计表（附件2）",
    "summary": "活动总结",
    "evidence": "活动照片或视频",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignConfig:
    """A campaign and the file of its roster."""

    campaign: Campaign
    roster_path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Everything that config.toml says, with paths made absolute."""

    path: Path
    zone: ZoneInfo
    store_url: str
    blobs: Path
    campaigns: tuple[CampaignConfig, ...]
    mailboxes: tuple[MailboxTable, ...]
    smtp: SmtpTable
    parsing: ParsingTable
    log: LogTable
    reminders: RemindersTable
    letters: LettersTable
    desk: DeskTable

    @property
    def folder(self) -> Path:
        return self.path.parent

    def mailbox_settings(self) -> tuple[MailboxSettings, ...]:
        """The accounts with their passwords. Raises ConfigError naming every secret that is not to be had."""
        settings, problems = [], []
        for number, table in enumerate(self.mailboxes, start=1):
            try:
                settings.append(_settings(self, table))
            except ValueError as error:
                problems.append(Problem(file=str(self.path), key=f"mailbox[{number}]", what=str(error)))
        if not self.mailboxes:
            problems.append(Problem(file=str(self.path), key="mailbox", what="is missing; name the account to be read"))
        if problems:
            raise ConfigError(problems)
        return tuple(settings)


def load_config(path: Path) -> Config:
    """Reads and checks `path`. Raises ConfigError with every problem found."""
    document = _document(path)
    try:
        file = ConfigFile.model_validate(document)
    except ValidationError as error:
        raise ConfigError(problems_of(error, document, str(path))) from None
    problems = [Problem(file=str(path), key=key, what=what) for key, what in _problems_between_tables(file)]
    if problems:
        raise ConfigError(problems)
    return _config(path.resolve(), file)


def smtp_settings(config: Config) -> SmtpSettings | None:
    """The account that sends, with its password; None where none is configured. Raises ConfigError when the password
    is not to be had.
    """
    table = config.smtp
    if not table.host:
        return None
    try:
        password = _secret(config.folder, table) if table.username else ""
    except ValueError as error:
        raise ConfigError([Problem(file=str(config.path), key="smtp", what=str(error))]) from None
    return SmtpSettings(
        host=table.host,
        port=table.port,
        security=table.tls,
        ca_file=_absolute(config.folder, table.ca_file) if table.ca_file else None,
        username=table.username,
        password=password,
        address=table.sending_address or _mailbox_address(config),
        name=table.sender_name,
        timeout_seconds=table.timeout / timedelta(seconds=1),
        pace=table.pace,
        per_recipient_limit=table.per_recipient_limit,
    )


def _mailbox_address(config: Config) -> str:
    """A server on this machine may need no log-in: then the mailbox that is read is the one that writes."""
    found = next((table.username for table in config.mailboxes if "@" in table.username), "")
    if not found:
        what = "is missing: no mail address is known to send from"
        raise ConfigError([Problem(file=str(config.path), key="smtp.address", what=what)])
    return found


def _document(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        what = "there is no such file; `baosong init` writes one to start from"
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        what = "is not UTF-8 text; save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        what = f"is not valid TOML: {error}"
    raise ConfigError([Problem(file=str(path), key="", what=what)])


def _problems_between_tables(file: ConfigFile) -> list[tuple[str, str]]:
    problems = [
        ("mailbox", f"{name} is configured twice") for name in _twice(f"{m.username} at {m.host}" for m in file.mailbox)
    ]
    problems += [("campaign", f"the key {key!r} is used twice") for key in _twice(c.key for c in file.campaign)]
    for campaign in file.campaign:
        problems += _problems_within(campaign)
    for one, other in combinations(file.campaign, 2):
        first, last = max(one.opens, other.opens), min(one.closes, other.closes)
        if first <= last:
            what = (
                f"campaigns {one.key!r} and {other.key!r} are both open from {first} to {last}: a mail of those days "
                "could belong to either; let one close before the other opens"
            )
            problems.append((f"campaign[{other.key}].opens", what))
    return problems


def _problems_within(campaign: CampaignTable) -> list[tuple[str, str]]:
    where = f"campaign[{campaign.key}]"
    keys = (deliverable.key for deliverable in campaign.deliverable)
    problems = [(f"{where}.deliverable", f"the key {key!r} is used twice") for key in _twice(keys)]
    for deliverable in campaign.deliverable:
        due = deliverable.due.date() if isinstance(deliverable.due, datetime) else deliverable.due
        if due < campaign.opens:
            what = f"{due} is before the campaign opens ({campaign.opens})"
            problems.append((f"{where}.deliverable[{deliverable.key}].due", what))
    return problems


def _twice(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _config(path: Path, file: ConfigFile) -> Config:
    zone = ZoneInfo(file.timezone)
    return Config(
        path=path,
        zone=zone,
        store_url=_absolute_store_url(file.store.url, path.parent),
        blobs=_absolute(path.parent, file.store.blobs),
        campaigns=tuple(_campaign(path.parent, table, zone) for table in file.campaign),
        mailboxes=tuple(file.mailbox),
        smtp=file.smtp,
        parsing=file.parsing,
        log=file.log,
        reminders=file.reminders,
        letters=file.letters,
        desk=file.desk,
    )


def _campaign(folder: Path, table: CampaignTable, zone: ZoneInfo) -> CampaignConfig:
    campaign = Campaign(
        key=table.key,
        title=table.title,
        opens=table.opens,
        closes=table.closes,
        zone=zone,
        deliverables=tuple(_deliverable(deliverable) for deliverable in table.deliverable),
    )
    return CampaignConfig(campaign=campaign, roster_path=_absolute(folder, table.roster))


def _deliverable(table: DeliverableTable) -> Deliverable:
    return Deliverable(
        key=table.key,
        title=table.title or DEFAULT_TITLES[table.kind],
        kind=table.kind,
        due=table.due,
        due_day_included=table.due_day == "included",
        grace=table.grace,
        required_of=tuple(table.required_of),
        is_stamp_required=table.stamped,
        photos=table.photos,
        video_max_seconds=table.video_max.total_seconds(),
        video_tolerance_seconds=table.video_tolerance.total_seconds(),
    )


def _settings(config: Config, table: MailboxTable) -> MailboxSettings:
    return MailboxSettings(
        host=table.host,
        port=table.port,
        is_tls=table.tls == "tls",
        ca_file=_absolute(config.folder, table.ca_file) if table.ca_file else None,
        username=table.username,
        password=_secret(config.folder, table),
        folders=tuple(table.folders),
        finds_junk_folders=table.junk_folders,
        poll_every=table.poll_every,
        connect_timeout_seconds=table.connect_timeout / timedelta(seconds=1),
        read_timeout_seconds=table.read_timeout / timedelta(seconds=1),
    )


def _secret(folder: Path, source: SecretSource) -> str:
    """The password, from the file or the environment. Raises ValueError with a sentence that never holds it."""
    if source.password_file is not None:
        path = _absolute(folder, source.password_file)
        try:
            secret = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"password_file {path} cannot be read: {type(error).__name__}") from None
        if not secret:
            raise ValueError(f"password_file {path} is empty")
        return secret
    variable = source.password_env or DEFAULT_PASSWORD_ENV
    secret = os.environ.get(variable, "")
    if not secret:
        raise ValueError(f"the environment variable {variable} is not set; it holds the authorisation code (授权码)")
    return secret


def _absolute(folder: Path, name: str) -> Path:
    return (folder / Path(name).expanduser()).resolve()


def _absolute_store_url(url: str, folder: Path) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url in (prefix, f"{prefix}:memory:"):
        return url
    return prefix + str(_absolute(folder, url.removeprefix(prefix)))
