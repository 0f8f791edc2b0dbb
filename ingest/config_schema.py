"""The shape of config.toml (contract, 7): every key, its type and its default.

Only shapes and rules within one table stand here; what needs two tables (overlapping campaigns, equal names) and what
needs the file system (secrets, the roster) is `ingest.config`'s. `config.example.toml` documents each key for people; a
test keeps the two in step.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ingest.durations import parse_duration
from ingest.settings import is_loopback
from rules.campaign import DeliverableKind


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is not a time zone; write it like 'Asia/Shanghai'") from error
    return value


def _one_or_several(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _listen_address(value: str) -> str:
    if not value:
        return value
    host, separator, port = value.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{value!r} is not host:port, e.g. '127.0.0.1:8126'")
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        raise ValueError(f"{value!r} is not an address or a network; write '127.0.0.1' or '10.0.0.0/8'") from None
    return value


def _web_address(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^/?#\s]+/?", value):
        raise ValueError(f"{value!r} is not the address of a web site; write 'https://baosong.example.org'")
    return value


def _stage(value: str) -> str:
    if not re.fullmatch(r"[+-]\d{1,3}d", value):
        raise ValueError(f"{value!r} is not a stage; write '-3d' for three days before, '+1d' for one day after")
    return value


def _hours(value: str) -> str:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)", value)
    if not match or match.group(1, 2) >= match.group(3, 4):
        raise ValueError(f"{value!r} is not a span of hours; write it like '09:00-11:30'")
    return value


def _clock(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"{value!r} is not a time of day; write it like '08:30'")
    return value


def _address_or_nothing(value: str) -> str:
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError(f"{value!r} is not a mail address")
    return value.lower()


def _key(value: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,40}", value):
        raise ValueError(f"{value!r}: a key is 1 to 40 letters, digits, '-', '_' or '.'")
    return value


def _blob_folder(value: str) -> str:
    if "://" in value:
        raise ValueError(f"{value!r}: blobs are kept in a folder only; name one")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Key = Annotated[str, AfterValidator(_key)]


class Table(BaseModel):
    """A TOML table: unknown keys are errors, values are not bent into other types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SecretSource(Table):
    """Where a password comes from: never from config.toml itself."""

    password_env: str | None = None
    password_file: str | None = None

    @model_validator(mode="after")
    def _only_one_source(self) -> SecretSource:
        if self.password_env is not None and self.password_file is not None:
            raise ValueError("give password_env or password_file, not both")
        return self


class MailboxTable(SecretSource):
    host: str = Field(min_length=1)
    port: int = Field(default=993, ge=1, le=65535)
    tls: Literal["tls", "none"] = "tls"
    ca_file: str | None = None
    username: str = Field(min_length=1)
    folders: list[str] = Field(default=["INBOX"], min_length=1)
    junk_folders: bool = True
    poll_every: Duration = timedelta(minutes=10)
    connect_timeout: Duration = timedelta(seconds=30)
    read_timeout: Duration = timedelta(seconds=120)

    @model_validator(mode="after")
    def _plain_text_stays_here(self) -> MailboxTable:
        if self.tls == "none" and not is_loopback(self.host):
            raise ValueError('tls = "none" is only for a server on this machine (127.0.0.1, ::1, localhost)')
        if self.poll_every < timedelta(seconds=1):
            raise ValueError("poll_every is at least one second")
        return self


class SmtpTable(SecretSource):
    host: str = ""
    port: int = Field(default=465, ge=1, le=65535)
    tls: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str | None = None
    username: str = ""
    address: str = ""
    sender_name: str = ""
    timeout: Duration = timedelta(minutes=1)
    pace: Duration = timedelta(seconds=25)
    per_recipient_limit: int = Field(default=6, ge=1)

    @model_validator(mode="after")
    def _plain_text_stays_here(self) -> SmtpTable:
        if self.tls == "none" and self.host and not is_loopback(self.host):
            raise ValueError('tls = "none" is only for a server on this machine (127.0.0.1, ::1, localhost)')
        return self

    @model_validator(mode="after")
    def _sends_under_its_own_name(self) -> SmtpTable:
        if not self.host:
            return self
        if self.username and "@" not in self.sending_address:
            raise ValueError("username is no mail address: write the sending address into address")
        if self.address and "@" in self.username and self.address.lower() != self.username.lower():
            raise ValueError(f"address {self.address!r} is not the log-in {self.username!r}: providers refuse that")
        return self

    @property
    def sending_address(self) -> str:
        return self.address or self.username


class StoreTable(Table):
    url: str = "sqlite:///data/baosong.db"
    blobs: Annotated[str, AfterValidator(_blob_folder)] = "data/blobs"


class ParsingTable(Table):
    workers: int = Field(default=2, ge=1, le=64)
    timeout: Duration = timedelta(seconds=120)
    memory_mib: int = Field(default=3072, ge=512)


class LogTable(Table):
    format: Literal["human", "json"] = "human"
    level: Literal["debug", "info", "warning", "error"] = "info"


class DeliverableTable(Table):
    key: Key
    title: str = ""
    kind: DeliverableKind = Field(strict=False)
    due: datetime | date
    due_day: Literal["included", "before"] = "included"
    grace: Duration = timedelta(0)
    required_of: list[str] = []
    stamped: bool = False
    photos: int = Field(default=5, ge=0, le=1000)
    video_max: Duration = timedelta(minutes=3)
    video_tolerance: Duration = timedelta(seconds=1)


class CampaignTable(Table):
    key: Key
    title: str = Field(min_length=1)
    opens: date
    closes: date
    roster: str = Field(min_length=1)
    deliverable: list[DeliverableTable] = Field(min_length=1)

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> CampaignTable:
        if self.opens > self.closes:
            raise ValueError(f"opens ({self.opens}) is after closes ({self.closes})")
        return self


class RemindersTable(Table):
    mode: Literal["off", "approve", "auto"] = "approve"
    receipts: bool = True
    stages: list[Annotated[str, AfterValidator(_stage)]] = ["-7d", "-3d", "-1d", "+1d", "+3d"]
    hours: list[Annotated[str, AfterValidator(_hours)]] = ["09:00-11:30", "14:00-17:00"]
    escalate_from: Literal[""] | Annotated[str, AfterValidator(_stage)] = "+3d"
    daily_limit: int = Field(default=200, ge=0)
    per_recipient_limit: int = Field(default=1, ge=1)
    coordinator: Annotated[str, AfterValidator(_address_or_nothing)] = ""
    digest_at: Annotated[str, AfterValidator(_clock)] = "08:30"


class LettersTable(Table):
    folder: str = ""
    signature: str = ""
    phone: str = ""
    own_addresses: list[str] = []


class DeskTable(Table):
    listen: Annotated[str, AfterValidator(_listen_address)] = "127.0.0.1:8126"
    beyond_this_machine: bool = False
    trusted_proxies: list[Annotated[str, AfterValidator(_network)]] = []
    public_url: Annotated[str, AfterValidator(_web_address)] = ""

    @model_validator(mode="after")
    def _only_whoever_was_meant(self) -> DeskTable:
        host = self.listen.rpartition(":")[0]
        if self.listen and not is_loopback(host) and not self.beyond_this_machine:
            raise ValueError(
                f"listen = {self.listen!r} lets other machines reach the desk, unencrypted; put a proxy with TLS "
                "before it and listen on 127.0.0.1, or say that it is meant: beyond_this_machine = true"
            )
        return self


class ConfigFile(Table):
    """The whole of config.toml."""

    timezone: Annotated[str, AfterValidator(_zone_name)] = "Asia/Shanghai"
    mailbox: Annotated[list[MailboxTable], BeforeValidator(_one_or_several)] = []
    smtp: SmtpTable = SmtpTable()
    store: StoreTable = StoreTable()
    parsing: ParsingTable = ParsingTable()
    log: LogTable = LogTable()
    campaign: Annotated[list[CampaignTable], BeforeValidator(_one_or_several)] = []
    reminders: RemindersTable = RemindersTable()
    letters: LettersTable = LettersTable()
    desk: DeskTable = DeskTable()
