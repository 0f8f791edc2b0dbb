"""A bureau as its operator sees it: a folder with config.toml and a roster, and the program run as a subprocess."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.settings import MailboxSettings
from tests.servers.ports import free_port

ROSTER = """单位名称,类别,上级单位,别名,邮箱,联系人,电话,免报
直溪镇社区教育中心,镇街,,,zhixi@example.com,,,
直溪中心小学,学校,直溪镇社区教育中心,,zxxx@example.com,,,
直溪初级中学,学校,直溪镇社区教育中心,,zxcz@example.com,,,
实验幼儿园,幼儿园,,,syyey@example.com,,,*
"""
CAMPAIGN = """
[[campaign]]
key = "2023"
title = "金坛区2023-2024年度全民终身学习活动"
opens = 2023-10-12
closes = 2023-12-31
roster = "roster.csv"

[[campaign.deliverable]]
key = "plan"
kind = "plan"
due = 2023-10-30

[[campaign.deliverable]]
key = "evidence"
kind = "evidence"
due = 2023-11-20
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bureau:
    """One installation in `folder`."""

    folder: Path

    def configure(self, mailbox: str, *, campaign: str = CAMPAIGN, roster: str = ROSTER, desk: str = "") -> None:
        (self.folder / "roster.csv").write_text(roster, encoding="utf-8")
        if "listen" not in desk:
            desk += f'listen = "127.0.0.1:{free_port()}"\n'
        (self.folder / "config.toml").write_text(f"{mailbox}[desk]\n{desk}{campaign}", encoding="utf-8")

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "ingest", "--config", str(self.folder / "config.toml"), *arguments]

    def run(self, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs a command and checks its exit status; a traceback is never right."""
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, env=self.environment(), timeout=180, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *arguments: str) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.run(*arguments).stdout)
        return value

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(),
        )

    def statuses(self, *arguments: str) -> dict[tuple[str, str], str]:
        """(unit, deliverable) → status of the JSON report."""
        report = self.json("report", "--format", "json", *arguments)
        return {
            (unit["name"], key): cell["status"]
            for unit in report["units"]
            for key, cell in unit["deliverables"].items()
        }


def mailbox_table(settings: MailboxSettings, folders: Sequence[str] = ("INBOX",), **more: str) -> str:
    """The `[mailbox]` table for an account of a test server; its password lies in a file beside the configuration."""
    lines = [
        "[mailbox]",
        f'host = "{settings.host}"',
        f"port = {settings.port}",
        f'username = "{settings.username}"',
        'password_file = "mail-password"',
        f"folders = {json.dumps(list(folders), ensure_ascii=False)}",
        'connect_timeout = "3s"',
        'read_timeout = "5s"',
    ]
    if settings.ca_file:
        lines.append(f'ca_file = "{settings.ca_file}"')
    if not settings.is_tls:
        lines.append('tls = "none"')
    return "\n".join(lines + [f"{key} = {value}" for key, value in more.items()]) + "\n"
