"""`baosong demo`: a sample campaign made from nothing, taken in by the real pipeline, and its matrix.

Nothing is faked but the mail itself: real .docx, .xlsx, .zip, photos and videos lie in a Maildir and go the way that
every mail goes. No account, no server and no network are needed.
"""

from __future__ import annotations

import shutil
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console

from ingest.application import Judged, open_application
from ingest.commands.common import progress_bar
from ingest.config import load_config
from ingest.importing import ReceivedFrom
from ingest.logs import set_up_logging
from ingest.polling import IntakeCounts
from ingest.samples.scenario import Scenario, demo_scenario, write_scenario
from ingest.serving import link_words, one_time_link, serving_desk
from report.rendering import Format, render
from rules.errors import InputError

_MARKER: Final = ".baosong-demo"


def run_demo(folder: Path, console: Console, *, is_served: bool) -> None:
    """Builds the sample in `folder`, reads it, prints the matrix, serves the desk until Ctrl-C or SIGTERM.

    Raises InputError for a folder with other things.
    """
    started = time.monotonic()
    _empty(folder)
    with progress_bar("writing sample mail") as progress:
        scenario = demo_scenario(progress=progress)
        write_scenario(scenario, folder)
    counts, judged = _take_in(folder, scenario)
    is_terminal = sys.stdout.isatty()
    width = console.width if is_terminal else None
    matrix = render(Format.TABLE, judged.report, judged.unattributed, width=width, in_colour=is_terminal)
    sys.stdout.buffer.write(matrix)
    sys.stdout.flush()
    seconds = time.monotonic() - started
    program, one = _program(), judged.unattributed[0].message_id.strip("<>")
    console.print(
        f"\n{counts.messages_new} messages, {counts.attachments} attachments, {seconds:.0f} s. The sample lies in "
        f"{folder}; look further with:\n"
        f"  {program} --config {folder}/config.toml report --at {judged.report.as_of:%Y-%m-%d} "
        "--format xlsx -o 台账.xlsx\n"
        f"  {program} --config {folder}/config.toml show {one}",
        highlight=False,
        soft_wrap=True,
    )
    if is_served:
        _serve(folder, scenario)


def _program() -> str:
    """As it can be typed here: the command of an environment that is not active is not on the path."""
    called = sys.argv[0]
    if Path(called).name != "baosong":
        return f"{sys.executable} -m ingest"
    return "baosong" if shutil.which("baosong") else called


def _serve(folder: Path, scenario: Scenario) -> None:
    """At the desk it is the evening of the sample's report, and time goes on from there."""
    set_up_logging(style="human", level="warning")
    started, ended = time.monotonic(), threading.Event()

    def clock() -> datetime:
        return scenario.report_at + timedelta(seconds=time.monotonic() - started)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    with (
        open_application(load_config(folder / "config.toml")) as application,
        serving_desk(application, clock=clock) as url,
    ):
        link = one_time_link(application, url, clock=clock)
        sys.stdout.write(f"\nThe desk is at {url}; Ctrl-C ends it. {link_words(link)}\n")
        sys.stdout.flush()
        while not ended.wait(timeout=3600):
            pass


def _empty(folder: Path) -> None:
    """A folder of an earlier demo is made anew; a folder with anything else in it is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARKER).exists():
            raise InputError(f"{folder} holds other files; name an empty or a new folder: baosong demo DIR")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARKER).touch()


def _take_in(folder: Path, scenario: Scenario) -> tuple[IntakeCounts, Judged]:
    config = load_config(folder / "config.toml")
    with open_application(config) as application, progress_bar("reading mail") as progress:
        counts = application.import_paths(
            [folder / "mailbox"], received=ReceivedFrom.HEADER, clock=lambda: scenario.read_at, progress=progress
        )
        return counts, application.judged(at=scenario.report_at)
