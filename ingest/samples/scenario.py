"""The two sample campaigns with their truth, and how they are laid on disk for the program to read.

`demo_scenario()` shows every status; `realistic_scenario(seed)` is a district's mailbox with all that offices do.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ingest.samples.campaign import config_text, write_roster
from ingest.samples.demo_campaign import demo_scenario
from ingest.samples.letters import render
from ingest.samples.realistic import realistic_scenario
from ingest.samples.truth import Effect, Expected, Scenario, Sending

__all__ = [
    "Effect",
    "Expected",
    "Scenario",
    "Sending",
    "config_text",
    "demo_scenario",
    "realistic_scenario",
    "write_maildir",
    "write_roster",
    "write_scenario",
]

MAILDIR: Final = "mailbox"


def write_scenario(scenario: Scenario, folder: Path) -> None:
    """`config.toml`, `roster.xlsx` and the Maildir `mailbox` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(config_text(scenario.campaign), encoding="utf-8")
    write_roster(scenario.units, folder / "roster.xlsx")
    write_maildir(scenario, folder / MAILDIR)


def write_maildir(scenario: Scenario, folder: Path) -> None:
    """Every mail as a file of a Maildir; its time, like its topmost Received header, is when it was received."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, letter in enumerate(scenario.letters, start=1):
        seconds = int(letter.received_at.timestamp())
        path = folder / "cur" / f"{seconds}.{number:05d}.sample:2,S"
        path.write_bytes(render(letter))
        os.utime(path, (seconds, seconds))
