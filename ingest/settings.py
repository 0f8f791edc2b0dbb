"""What the running service is told: frozen settings, made by `ingest.config` from config.toml, validated there."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal


def account_name(username: str, host: str) -> str:
    """How the store calls an account."""
    return f"{username}@{host}"


def is_loopback(host: str) -> bool:
    """Is this name or address the machine itself? Names are not looked up: a name server is no proof."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


@dataclass(frozen=True, kw_only=True, slots=True)
class MailboxSettings:
    """One account to be read. `name` is its identity in the store: `user@host`. The password never shows in a repr."""

    host: str
    username: str
    password: str = field(repr=False)
    port: int = 993
    is_tls: bool = True
    ca_file: Path | None = None
    folders: tuple[str, ...] = ("INBOX",)
    finds_junk_folders: bool = True
    poll_every: timedelta = timedelta(minutes=10)
    connect_timeout_seconds: float = 30.0
    read_timeout_seconds: float = 120.0
    fetch_bytes: int = 8 * 1024 * 1024
    fetch_messages: int = 10

    @property
    def name(self) -> str:
        return account_name(self.username, self.host)


@dataclass(frozen=True, kw_only=True, slots=True)
class SmtpSettings:
    """The account that sends. `address` stands in From and is the log-in itself; `name` before it, if there is one."""

    host: str
    address: str
    name: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    port: int = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: Path | None = None
    timeout_seconds: float = 60.0
    pace: timedelta = timedelta(seconds=25)
    per_recipient_limit: int = 6

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]
