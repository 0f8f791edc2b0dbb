"""What several commands share: the configuration in force, the clock, consoles, progress."""

from __future__ import annotations

import getpass
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingest.application import Application, open_application
from ingest.config import Config, load_config
from ingest.config_schema import ParsingTable
from ingest.engine import LocalEngine, parsing_sandbox
from ingest.logs import set_up_logging
from ingest.pipeline import Progress as Report
from rules.errors import UsageError

CONFIG_VARIABLE: Final = "BAOSONG_CONFIG"
_PIPE_WIDTH: Final = 1000  # what a pipe gets is wrapped by whoever reads it
_YEARS: Final = range(1970, 9990)  # beyond them changing the zone or adding days overflows


def now() -> datetime:
    """The one real clock of the commands."""
    return datetime.now(tz=UTC)


def author() -> str:
    """Who stands in the audit log for what is done here."""
    return f"{getpass.getuser()}（命令行）"


def stdout() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)


def say(sentence: str) -> None:
    """A sentence for a person, left to the terminal to wrap so that paths and commands can be copied."""
    sys.stdout.write(sentence + "\n")


def stderr() -> Console:
    return Console(stderr=True)


def config_path(option: Path | None) -> Path:
    """`--config`, else `$BAOSONG_CONFIG`, else ./config.toml."""
    return option or Path(os.environ.get(CONFIG_VARIABLE) or "config.toml")


def configured(option: Path | None) -> Config:
    """The configuration in force, with logging set up by it."""
    config = load_config(config_path(option))
    set_up_logging(style=config.log.format, level=config.log.level)
    return config


@contextmanager
def opened(option: Path | None) -> Iterator[Application]:
    with open_application(configured(option)) as application:
        yield application


@contextmanager
def unconfigured_engine() -> Iterator[LocalEngine]:
    """Reads files in the sandbox where there is no installation."""
    with (
        tempfile.TemporaryDirectory(prefix="baosong-") as folder,
        parsing_sandbox(ParsingTable(), workers=1, scratch_root=Path(folder)) as sandbox,
    ):
        yield LocalEngine(sandbox)


@contextmanager
def progress_bar(label: str) -> Iterator[Report]:
    """A progress line on a terminal; silence where stderr is a file or a pipe."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr(), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(label, total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield report


def print_json(value: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def parse_moment(text: str, zone: ZoneInfo, *, option: str = "--at") -> datetime:
    """An ISO date (its end) or date and time, in the campaign's zone unless it says otherwise; 24:00 is the end too."""
    try:
        moment = _day_end(text.removesuffix("T24:00").removesuffix(" 24:00"), zone) or datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in _YEARS:
        raise UsageError(f"{option} {text!r} is not a moment; write 2023-10-31 or 2023-10-31T08:00")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _day_end(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time.max, tzinfo=zone)
    except ValueError:
        return None
