"""`review`: a person's decisions, each with author and reason, append-only, undoable (design, invariant 6)."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from ingest.application import Application
from ingest.commands.common import now, opened, parse_moment, print_json, stdout
from ingest.deciding import decide
from report.desk.port import NewDecision
from report.review_json import decision_as_json, waiting_as_json
from rules.errors import InputError
from rules.overruling import Action
from store import decisions
from store.kept import find_messages

app = typer.Typer(help="What waits for a person, and a person's decisions.")

MessageArgument = Annotated[str, typer.Argument(help="Message-ID, or the first digits of its SHA-256.")]
UnitArgument = Annotated[str, typer.Argument(help="The unit's name as in the roster.")]
DeliverableArgument = Annotated[str, typer.Argument(help="Key of the deliverable; default: all of the unit's.")]
PathOption = Annotated[str, typer.Option(help="One file of the message, as `show` names it; default: all.")]
ReasonOption = Annotated[str, typer.Option(help="Why; kept with the decision.")]
AuthorOption = Annotated[str, typer.Option(help="Who decides; default: the log-in name.")]
AtOption = Annotated[str | None, typer.Option(help="As of that moment.")]


@app.command("list")
def list_(
    context: typer.Context, *, at: AtOption = None, as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Everything that waits for a person, and the decisions made so far."""
    with opened(context.obj) as application:
        judged = application.judged(at=parse_moment(at, application.config.zone) if at else now())
        with application.store.reading() as session:
            made = decisions.all_decisions(session)
    waiting = waiting_as_json(judged.report, judged.unattributed)
    if as_json:
        zone = application.config.zone
        print_json({**waiting, "decisions": [decision_as_json(decision, zone) for decision in made]})
        return
    _print_rows(
        "待认领邮件",
        ("邮件", "原因", "可能的单位"),
        [(mail.message_sha256[:12], mail.reason, "、".join(mail.candidates)) for mail in judged.unattributed],
    )
    _print_rows(
        "待核对",
        ("单位", "材料", "原因"),
        [(one["unit"], one["deliverable"], one["why"]) for one in waiting["doubtful"]],
    )
    _print_rows(
        "已作决定",
        ("编号", "决定", "理由"),
        [
            (str(decision.id), f"{decision.action} {decision.unit} {decision.deliverable}".strip(), decision.reason)
            for decision in made
        ],
    )


@app.command()
def assign(
    context: typer.Context,
    message: MessageArgument,
    unit: UnitArgument,
    *,
    path: PathOption = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """Put a message, or one file of it, to a unit."""
    record(context, Action.ASSIGN, message=message, unit=unit, path=path, reason=reason, author=author)


@app.command()
def accept(
    context: typer.Context,
    message: MessageArgument,
    *,
    path: PathOption = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """Let a file count although something is wrong with it."""
    record(context, Action.ACCEPT, message=message, path=path, reason=reason, author=author)


@app.command()
def reject(
    context: typer.Context,
    message: MessageArgument,
    *,
    path: PathOption = "",
    reason: ReasonOption,
    author: AuthorOption = "",
) -> None:
    """Do not let a file count; the reason is shown."""
    record(context, Action.REJECT, message=message, path=path, reason=reason, author=author)


@app.command()
def exempt(
    context: typer.Context,
    unit: UnitArgument,
    deliverable: DeliverableArgument = "",
    *,
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """免报: the unit leaves the denominator."""
    record(context, Action.EXEMPT, unit=unit, deliverable=deliverable, reason=reason, author=author)


@app.command()
def extend(
    context: typer.Context,
    unit: UnitArgument,
    deliverable: DeliverableArgument = "",
    *,
    until: Annotated[str, typer.Option(help="The new last day, or moment.")],
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """延期: a later due moment."""
    record(context, Action.EXTEND, unit=unit, deliverable=deliverable, until=until, reason=reason, author=author)


@app.command()
def mute(
    context: typer.Context,
    unit: UnitArgument,
    *,
    until: Annotated[str, typer.Option(help="The last day of the pause; default: until it is undone.")] = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """暂停催报: no reminders to the unit; its status stays what it is."""
    record(context, Action.MUTE, unit=unit, until=until, reason=reason, author=author)


@app.command("received-offline")
def received_offline(
    context: typer.Context,
    unit: UnitArgument,
    deliverable: DeliverableArgument = "",
    *,
    on: Annotated[str, typer.Option(help="When it was handed over; default: now.")] = "",
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """线下已收: it was handed over on paper or otherwise; it counts from then."""
    handed_over = Action.RECEIVED_OFFLINE
    record(context, handed_over, unit=unit, deliverable=deliverable, until=on, reason=reason, author=author)


@app.command("on-time")
def on_time(
    context: typer.Context,
    unit: UnitArgument,
    deliverable: DeliverableArgument = "",
    *,
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """认定按时: what came counts as in time, whatever the clock says."""
    record(context, Action.ON_TIME, unit=unit, deliverable=deliverable, reason=reason, author=author)


@app.command()
def undo(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Number of the decision.")],
    *,
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """Take a decision back."""
    record(context, Action.UNDO, undoes=number, reason=reason, author=author)


def record(
    context: typer.Context,
    action: Action,
    *,
    reason: str,
    author: str,
    message: str = "",
    unit: str = "",
    deliverable: str = "",
    path: str = "",
    until: str = "",
    undoes: int | None = None,
    form_index: int | None = None,
    field: str = "",
    value: str = "",
) -> None:
    """Records the decision and lets the report follow at once."""
    with opened(context.obj) as application:
        decision = decide(
            application,
            NewDecision(
                action=action,
                author=author or getpass.getuser(),
                reason=reason,
                unit=unit,
                deliverable=deliverable,
                message_sha256=_message_sha256(application, message) if message else "",
                path=path,
                until=parse_moment(until, application.config.zone) if until else None,
                undoes=undoes,
                form_index=form_index,
                field=field,
                value=value,
            ),
            now=now(),
        )
        application.read_waiting()
    stdout().print(f"decision {decision.id} recorded; `baosong review undo {decision.id}` takes it back")


def _message_sha256(application: Application, message: str) -> str:
    with application.store.reading() as session:
        found = find_messages(session, message)
    if not found:
        raise InputError(f"no message {message} is kept here")
    if len(found) > 1:
        names = ", ".join(one.sha256[:12] for one in found)
        raise InputError(f"{message} names {len(found)} messages: {names}; name one by its SHA-256")
    return found[0].sha256


def _print_rows(title: str, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(title=f"{title}（{len(rows)}）", title_justify="left")
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    stdout().print(table, markup=False)
