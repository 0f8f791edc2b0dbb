"""`report`, `merge`, `calendar`, `parse`, `show`: what is known, for people and for programs."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ingest.commands.common import now, opened, parse_moment, say, stdout, unconfigured_engine
from report.extraction_view import print_extraction
from report.ics import calendar_bytes
from report.merging.workbook import merged_workbook
from report.message_view import message_as_json, print_message
from report.rendering import Format, render
from rules.codec import extraction_as_json
from rules.errors import InputError, UserError
from rules.extraction import Kind
from rules.merging import OTHER_FORM, activity_counts
from rules.messages import Envelope, ReceivedMessage
from store import messages, rereadings
from store.claims import placement_of
from store.engine import Session
from store.kept import KeptMessage, find_messages

app = typer.Typer()

CampaignOption = Annotated[str | None, typer.Option(help="Key of the campaign; default: the one open then.")]
AtOption = Annotated[
    str | None, typer.Option(help="As of that moment: 2023-11-20 (its end) or 2023-11-21T08:00; default: now.")
]


@app.command()
def report(
    context: typer.Context,
    *,
    campaign: CampaignOption = None,
    at: AtOption = None,
    format_: Annotated[Format, typer.Option("--format", help="Shape of the report.")] = Format.TABLE,
    late_only: Annotated[
        bool, typer.Option("--late-only", help="Only units that are late, missing or overdue.")
    ] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to a file.")] = None,
) -> None:
    """The late-unit report."""
    with opened(context.obj) as application:
        moment = parse_moment(at, application.config.zone) if at is not None else now()
        judged = application.judged(at=moment, campaign_key=campaign)
    is_terminal = output is None and sys.stdout.isatty()
    rendered = render(
        format_,
        judged.report,
        judged.unattributed,
        late_only=late_only,
        width=stdout().width if is_terminal else None,
        in_colour=is_terminal,
    )
    if output:
        _write(output, rendered)
    elif format_ is Format.XLSX and sys.stdout.isatty():
        raise UserError("an .xlsx workbook is not for the terminal; add -o FILE.xlsx")
    else:
        sys.stdout.buffer.write(rendered)


class MergeableForm(StrEnum):
    """What `merge --form` takes (contract, 3)."""

    SCHEDULE = "schedule"
    STATISTICS = "statistics"


@app.command()
def merge(
    context: typer.Context,
    *,
    form: Annotated[MergeableForm, typer.Option(help="Which of the units' tables.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.xlsx", help="Where the workbook goes.")],
    campaign: CampaignOption = None,
    at: AtOption = None,
) -> None:
    """All units' tables in one workbook: every activity with its source, sums as formulas, what to look at again."""
    kind = Kind(form.value)
    with opened(context.obj) as application:
        moment = parse_moment(at, application.config.zone) if at is not None else now()
        merged, other = application.merged(kind, OTHER_FORM[kind], at=moment, campaign_key=campaign)
    _write(output, merged_workbook(merged, others=activity_counts(other)))
    inside = sum(bool(one.taken) for one in merged.units)
    say(f"{output}: {inside} of {len(merged.units)} units, {merged.row_count} activities")


@app.command()
def calendar(
    context: typer.Context,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.ics", help="Where the calendar goes.")],
    campaign: CampaignOption = None,
    at: AtOption = None,
) -> None:
    """All planned activities (附件1) as a calendar; what names no day for certain is left out and counted."""
    with opened(context.obj) as application:
        moment = parse_moment(at, application.config.zone) if at is not None else now()
        (merged,) = application.merged(Kind.SCHEDULE, at=moment, campaign_key=campaign)
    _write(output, calendar_bytes(merged))
    dated = [one.row.starts_on is not None for unit in merged.units for one in unit.rows]
    say(f"{output}: {sum(dated)} activities, {len(dated) - sum(dated)} without a day")


@app.command()
def parse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, one line a file.")] = False,
) -> None:
    """What the parsers see in a file; needs no configuration."""
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise InputError(f"no such file: {', '.join(missing)}")
    if shut := [str(file) for file in files if not os.access(file, os.R_OK)]:
        raise InputError(f"no right to read: {', '.join(shut)}")
    with unconfigured_engine() as engine:
        for file in files:
            extraction = engine.read(file.absolute(), file.name)
            if as_json:
                sys.stdout.write(json.dumps(extraction_as_json(extraction), ensure_ascii=False) + "\n")
            else:
                print_extraction(extraction, stdout())


@app.command()
def show(
    context: typer.Context,
    message_id: Annotated[str, typer.Argument(help="Message-ID, or the first digits of the message's SHA-256.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """One message: where it came from, what was found in it, to whom it was put and why."""
    with opened(context.obj) as application, application.store.reading() as session:
        found = find_messages(session, message_id)
        if not found:
            raise InputError(f"no message {message_id} is kept here")
        for kept in found:
            _show_one(session, kept, application.config.zone, as_json=as_json)


def _show_one(session: Session, kept: KeptMessage, zone: ZoneInfo, *, as_json: bool) -> None:
    message = messages.received_message(session, kept.sha256) if kept.envelope else _undecoded(kept)
    placement = placement_of(session, kept.sha256)
    anew = rereadings.of_message(session, kept.sha256)
    if as_json:
        value = message_as_json(message, placement, kept.locations, zone, failure=kept.error, read_anew=anew)
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    else:
        print_message(message, placement, kept.locations, zone, stdout(), failure=kept.error, read_anew=anew)


def _undecoded(kept: KeptMessage) -> ReceivedMessage:
    return ReceivedMessage(
        sha256=kept.sha256,
        received_at=kept.received_at,
        envelope=Envelope(message_id=kept.message_id, header_from=None, subject=""),
    )


def _write(output: Path, rendered: bytes) -> None:
    try:
        output.write_bytes(rendered)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from None
