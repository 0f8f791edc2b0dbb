"""`campaign draft`: from a notice to the configuration of its campaign."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ingest.campaign_draft import campaign_toml
from ingest.commands.common import now, unconfigured_engine
from parsers.notices import read_notice
from rules.errors import InputError

app = typer.Typer(help="Reads a notice and prints the campaign that it asks for.")


@app.callback()
def _group() -> None:
    """Keeps `draft` a command of its own: a group with one command would be that command."""


@app.command()
def draft(notice: Annotated[Path, typer.Argument(metavar="NOTICE", help=".docx, .doc, .wps, .pdf or .txt")]) -> None:
    """Print the [[campaign]] tables that a notice asks for; check them, then put them into config.toml."""
    if not notice.is_file() or not os.access(notice, os.R_OK):
        raise InputError(f"{notice}: is no file that can be read")
    with unconfigured_engine() as engine:
        extraction = engine.read(notice.absolute(), notice.name)
    found = read_notice(extraction.title, extraction.text, today=now().date())
    if not found.asked:
        raise InputError(f"{notice}: no sentence in it asks for material by a certain day; write the campaign by hand")
    sys.stdout.write(campaign_toml(found))
