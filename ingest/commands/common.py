"""What several commands share: the configuration in force, the clock, consoles, progress."""

from __future__ import annotations

import json
import os
import sys
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
from ingest.logs import set_up_logging
from ingest.pipeline import Progress as Report
from rules.errors import UserError

CONFIG_VARIABLE: Final = "BAOSONG_CONFIG"


def now() -> datetime:
    """The one real clock of the commands."""
    return datetime.now(tz=UTC)


def stdout() -> Console:
    return Console()


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


def parse_moment(text: str, zone: ZoneInfo) -> datetime:
    """`--at`: an ISO date (its end) or date and time, in the campaign's zone unless it says otherwise."""
    try:
        if len(text) == len("2023-10-30"):
            return datetime.combine(date.fromisoformat(text), time.max, tzinfo=zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"--at {text!r} is not a moment; write 2023-10-31 or 2023-10-31T08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
