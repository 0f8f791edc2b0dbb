"""`poll`, `import`, `run`: how mail comes in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from ingest.commands.common import now, opened, print_json, progress_bar, say
from ingest.daemon import Daemon
from ingest.importing import ReceivedFrom
from ingest.mail_jobs import mail_jobs
from ingest.polling import IntakeCounts
from ingest.serving import link_words, one_time_link, serving_desk

app = typer.Typer()

_READ_ANEW_WITH_A_POLL: Final = 20  # where no daemon runs; a poll is to end soon

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a sentence.")]


@app.command()
def poll(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """One pass over the mailbox: fetch, parse, evaluate; then exit."""
    with opened(context.obj) as application, progress_bar("reading mail") as progress:
        accounts = application.config.mailbox_settings()
        counts = application.poll(accounts, clock=now, progress=progress)
        application.read_anew(clock=now, limit=_READ_ANEW_WITH_A_POLL)
    _print_counts(counts, as_json=as_json)


@app.command("import")
def import_(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help=".eml files, Maildirs, mboxes, folders.")],
    *,
    received: Annotated[
        ReceivedFrom, typer.Option(help="header: topmost Received, else the file's time; mtime: the file's time.")
    ] = ReceivedFrom.HEADER,
    as_json: JsonOption = False,
) -> None:
    """Take in .eml files, Maildirs and mboxes by the same pipeline."""
    with opened(context.obj) as application, progress_bar("reading mail") as progress:
        counts = application.import_paths(paths, received=received, clock=now, progress=progress)
    _print_counts(counts, as_json=as_json)


@app.command()
def run(context: typer.Context) -> None:
    """The daemon: polls and serves the desk until SIGTERM."""
    with opened(context.obj) as application:
        accounts = application.config.mailbox_settings()
        daemon = Daemon(application, accounts, clock=now, mail=mail_jobs(application, accounts, clock=now))
        with serving_desk(application, clock=now) as url:
            link = one_time_link(application, url, clock=now)
            if link:
                sys.stdout.write(link_words(link) + "\n")
                sys.stdout.flush()
            daemon.run()


def _print_counts(counts: IntakeCounts, *, as_json: bool) -> None:
    if as_json:
        print_json(counts.as_json())
        return
    say(
        f"{counts.messages_new} new messages, {counts.messages_known} known, {counts.attachments} attachments read, "
        f"{counts.failed} failed, {counts.seconds:.1f} s"
    )
