"""`remind`: what the reminder policy sends now, to whom, and why each other unit gets nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ingest.application import Application
from ingest.commands.common import now, opened, parse_moment, print_json, stdout
from ingest.correspondence import Correspondence
from report.phone_list import phone_list_workbook
from report.reminder_view import plan_as_json, print_plan
from rules.errors import InputError, UserError

app = typer.Typer()


@app.command()
def remind(
    context: typer.Context,
    *,
    at: Annotated[str | None, typer.Option(help="As of that moment, e.g. 2023-10-31T09:30.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Show it only; put nothing into the outbox.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    phone_list: Annotated[
        Path | None, typer.Option(help="Write the list of those to telephone (.xlsx), and nothing else.")
    ] = None,
) -> None:
    """What the reminder policy would send now; without --dry-run it is put into the outbox."""
    with opened(context.obj) as application:
        post = Correspondence(application)
        zone = application.config.zone
        moment = parse_moment(at, zone) if at else now()
        if phone_list:
            _write_phone_list(application, post, moment, phone_list)
            return
        if not dry_run and post.mode == "off":
            raise UserError('reminders are off; set mode = "approve" under [reminders], or look with --dry-run')
        if dry_run:
            with application.store.reading() as session:
                planned = post.reminders(session, at=moment)
        else:
            planned, _ = post.put_reminders(at=moment)
    if as_json:
        print_json(plan_as_json(planned.plan, planned.letters, mode=post.mode, zone=zone))
    else:
        print_plan(planned.plan, planned.letters, mode=post.mode, zone=zone, is_kept=not dry_run, console=stdout())


def _write_phone_list(application: Application, post: Correspondence, moment: datetime, output: Path) -> None:
    with application.store.reading() as session:
        report, calls = post.calls(session, at=moment)
    try:
        output.write_bytes(phone_list_workbook(report, calls))
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from None
    stdout().print(f"{output}: {len(calls)} units to telephone", markup=False)
