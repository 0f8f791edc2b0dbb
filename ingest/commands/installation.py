"""`demo`, `init`, `check`, `roster`, `verify`, `backup`, `restore`: an installation, from nothing to a trusted one."""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ingest.backing_up import BackupCounts, back_up, restore
from ingest.check import Result, Verdict, check_installation
from ingest.commands.common import (
    author,
    config_path,
    configured,
    now,
    opened,
    print_json,
    progress_bar,
    say,
    stdout,
)
from ingest.config import load_config
from ingest.roster_file import read_roster, write_roster_template
from rules.errors import ConfigError, InputError, Problem, StoreError

app = typer.Typer()
roster_app = typer.Typer(help="Reads a roster and says what is doubtful in it; writes an empty one.")
app.add_typer(roster_app, name="roster")

_MARKS = {Verdict.OK: "[green]✓[/]", Verdict.WARNING: "[yellow]![/]", Verdict.FAILED: "[red]✗[/]"}


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Default: ./demo")] = None,
    *,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only print the matrix and exit.")] = False,
) -> None:
    """A sample campaign and mailbox from nothing, through the real pipeline; then serves its desk until Ctrl-C."""
    from ingest.demo import run_demo  # noqa: PLC0415 - the sample maker is heavy, and no other command needs it

    run_demo(folder or Path("demo"), stdout(), is_served=not no_serve)


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="[DIR]")] = Path()) -> None:
    """Write config.toml and roster.xlsx to start from."""
    folder.mkdir(parents=True, exist_ok=True)
    config, roster = folder / "config.toml", folder / "roster.xlsx"
    existing = [str(path) for path in (config, roster) if path.exists()]
    if existing:
        verb = "exist" if len(existing) > 1 else "exists"
        raise InputError(f"{' and '.join(existing)} {verb} already; nothing was written")
    config.write_text(resources.files("ingest").joinpath("config.example.toml").read_text("utf-8"), "utf-8")
    write_roster_template(roster)
    say(f"wrote {config} and {roster}; fill them in, then run: baosong --config {config} check")


@app.command()
def check(context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Try everything the daemon needs and say what to mend."""
    try:
        results = list(check_installation(load_config(config_path(context.obj)), now()))
    except ConfigError as error:
        if not as_json:
            raise
        results = [Result(name="config", verdict=Verdict.FAILED, detail=str(problem)) for problem in error.problems]
    failed = any(result.verdict is Verdict.FAILED for result in results)
    if as_json:
        print_json({"ok": not failed, "checks": [result.as_json() for result in results]})
    else:
        for result in results:
            stdout().print(
                f"{_MARKS[result.verdict]} {result.name:<8} {result.detail}", highlight=False, soft_wrap=True
            )
    raise typer.Exit(1 if failed else 0)


@roster_app.command("check")
def roster_check(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Say what is wrong or doubtful in a roster."""
    reading = read_roster(file)
    _print_lines(Console(stderr=True), reading.problems)
    _print_lines(stdout(), reading.doubts)
    if reading.problems:
        raise typer.Exit(2)
    say(f"{file}: {len(reading.roster.units)} units, {len(reading.doubts)} doubts")


@roster_app.command("template")
def roster_template(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Write an empty roster."""
    if file.exists():
        raise InputError(f"{file} exists already and is left as it is")
    try:
        write_roster_template(file)
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror}") from None
    say(f"wrote {file}")


@app.command()
def verify(context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Compare every stored byte with its hash."""
    with opened(context.obj) as application, progress_bar("verifying"):
        damages = list(application.verify())
    if as_json:
        print_json(
            {
                "ok": all(damage.is_harmless for damage in damages),
                "damages": [str(damage) for damage in damages if not damage.is_harmless],
                "harmless": [str(damage) for damage in damages if damage.is_harmless],
            }
        )
    for damage in damages:
        sys.stderr.write(f"{damage}{' (does no harm)' if damage.is_harmless else ''}\n")
    serious = sum(not damage.is_harmless for damage in damages)
    if serious:
        raise StoreError(f"{serious} stored files are damaged or missing; restore them from a backup")
    if not as_json:
        say("every stored byte is as it was kept")


@app.command()
def backup(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DEST", help="A new folder, or an earlier backup to bring up to date.")
    ],
) -> None:
    """A consistent copy of everything that is kept, while the daemon runs; again into the same folder it is quick."""
    with opened(context.obj) as application, progress_bar("copying") as progress:
        counts = back_up(application.config, application.store, application.blobs, folder, at=now(), progress=progress)
    _say_copied(counts, f"{folder}: a backup of {counts.messages} messages and {counts.files} files")


@app.command("restore")
def restore_(
    context: typer.Context, folder: Annotated[Path, typer.Argument(metavar="SRC", help="The folder of a backup.")]
) -> None:
    """Fill a new installation from a backup. It sends no mail until a person says so: `baosong outbox on`."""
    with progress_bar("copying") as progress:
        counts = restore(configured(context.obj), folder, at=now(), by=author(), progress=progress)
    _say_copied(counts, f"{counts.messages} messages and {counts.files} files are back from {folder}")
    say("no mail goes out until you say so (baosong outbox on): look first into the mailbox's Sent folder for what")
    say("went out after the backup was taken")


def _say_copied(counts: BackupCounts, sentence: str) -> None:
    for sha256 in counts.damaged:
        sys.stderr.write(f"could not be copied as it was kept: {sha256}\n")
    say(sentence)
    if counts.damaged:
        raise StoreError(f"{len(counts.damaged)} files are missing or damaged; `baosong verify` tells more")


def _print_lines(console: Console, problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        console.print(str(problem), soft_wrap=True, highlight=False)
