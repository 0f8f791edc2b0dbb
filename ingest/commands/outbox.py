"""`outbox`: mail that waits, goes and went; what a person says to it; and whether mail goes out at all."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Annotated, Final

import typer
from rich.table import Table

from ingest.commands.common import now, opened, print_json, stdout
from ingest.config import smtp_settings
from ingest.correspondence import Correspondence
from ingest.mail_jobs import sender_of
from ingest.sender import Step
from report.outbox_json import mail_as_json
from rules.errors import ConfigError, InputError, Problem, UsageError, UserError
from rules.outgoing import MailKind, MailState, OutgoingMail
from store import outbox, releasing, sending
from store.engine import Session

app = typer.Typer(help="Drafts and sent mail; whether mail goes out.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]
AuthorOption = Annotated[str, typer.Option("--by", help="Who says so; default: the user of this machine.")]
IdsArgument = Annotated[list[int] | None, typer.Argument(metavar="[ID]…", help="Numbers as `outbox list` shows them.")]

_CLOSED: Final = frozenset({MailState.SKIPPED, MailState.DISCARDED})


@app.command("list")
def list_(
    context: typer.Context,
    *,
    state: Annotated[list[MailState] | None, typer.Option(help="Only mail in this state; may be repeated.")] = None,
    kind: Annotated[list[MailKind] | None, typer.Option(help="Only mail of this kind; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 500,
    as_json: JsonOption = False,
) -> None:
    """Every mail that is not settled, or that went: to whom, about what, how far it has come."""
    wanted = frozenset(state or set(MailState) - _CLOSED)
    with opened(context.obj) as application, application.store.reading() as session:
        mails = outbox.mails(session, states=wanted, kinds=kind or ())[-limit:]
        counts, switch = outbox.counts(session), sending.switch(session)
        halted = sending.halted_because(session)
    if as_json:
        print_json(
            {
                "is_on": switch.is_on,
                "halted_because": halted,
                "counts": {state.value: count for state, count in counts.items()},
                "mails": [mail_as_json(mail, application.config.zone) for mail in mails],
            }
        )
        return
    table = Table("id", "state", "kind", "to", "subject", "why")
    for mail in mails:
        why = mail.last_error or mail.skipped_because or (f"bounced ({mail.bounce})" if mail.bounce else "")
        table.add_row(
            str(mail.id), mail.state.value, mail.letter.kind.value, ", ".join(mail.letter.to), mail.letter.subject, why
        )
    stdout().print(table)
    stdout().print("mail goes out" if switch.is_on else "mail does not go out; `baosong outbox on` switches it on")
    if halted:
        stdout().print(f"sending has stopped: {halted}")


@app.command()
def approve(
    context: typer.Context,
    ids: IdsArgument = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every draft that waits now.")] = False,
    by: AuthorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let drafts go."""
    _change(context, releasing.approve, ids, {MailState.DRAFT}, is_all=all_, by=by, as_json=as_json)


@app.command()
def discard(
    context: typer.Context,
    ids: IdsArgument = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every draft that waits now.")] = False,
    by: AuthorOption = "",
    as_json: JsonOption = False,
) -> None:
    """Take waiting mail back for good; set failed and unknown mail aside."""
    _change(context, releasing.discard, ids, {MailState.DRAFT}, is_all=all_, by=by, as_json=as_json)


@app.command()
def again(
    context: typer.Context, ids: IdsArgument = None, *, by: AuthorOption = "", as_json: JsonOption = False
) -> None:
    """Let failed mail, or mail of which nobody knows whether it went, go once more."""
    _change(context, releasing.send_again, ids, set(), is_all=False, by=by, as_json=as_json)


@app.command()
def on(context: typer.Context, *, by: AuthorOption = "") -> None:
    """Mail goes out from now on; also ends a halt. Mail that came before gets no receipt."""
    _switch(context, is_on=True, by=by)


@app.command()
def off(context: typer.Context, *, by: AuthorOption = "") -> None:
    """No mail goes out from now on; what is approved waits."""
    _switch(context, is_on=False, by=by)


@app.command()
def send(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Send approved mail now, each as the pace allows, as the daemon would."""
    steps: list[Step] = []
    with opened(context.obj) as application:
        settings = smtp_settings(application.config)
        if settings is None:
            what = "is missing; name the server that sends"
            raise ConfigError([Problem(file=str(application.config.path), key="smtp.host", what=what)])
        with application.store.reading() as session:
            if not sending.switch(session).is_on:
                raise UserError("mail does not go out of this installation; `baosong outbox on` switches it on")
        sender = sender_of(application, Correspondence(application), settings, clock=now)
        while len(steps) < limit and (step := sender.send_next()) is not Step.IDLE:
            steps.append(step)
    counts = {step.value: steps.count(step) for step in Step if step is not Step.IDLE}
    if as_json:
        print_json(counts)
    else:
        stdout().print(", ".join(f"{count} {step}" for step, count in counts.items()))


def _change(
    context: typer.Context,
    do: Callable[..., frozenset[int]],
    ids: list[int] | None,
    states: set[MailState],
    *,
    is_all: bool,
    by: str,
    as_json: bool,
) -> None:
    if bool(ids) == is_all:
        raise UsageError("name the mails by their numbers" + (", or --all" if states else ""))
    with opened(context.obj) as application, application.store.writing() as session:
        found = (
            outbox.mails(session, states=states) if is_all else tuple(_found(session, mail_id) for mail_id in ids or ())
        )
        done = do(session, {mail.id: mail.version for mail in found}, at=now(), by=by or getpass.getuser())
    left = sorted({mail.id for mail in found} - done)
    if as_json:
        print_json({"changed": sorted(done), "unchanged": left})
        return
    stdout().print(f"{len(done)} mails changed")
    if left:
        stdout().print(f"left as they are, since their state does not allow it: {', '.join(map(str, left))}")


def _found(session: Session, mail_id: int) -> OutgoingMail:
    mail = outbox.find(session, mail_id)
    if mail is None:
        raise InputError(f"there is no mail {mail_id}; `baosong outbox list` shows them")
    return mail


def _switch(context: typer.Context, *, is_on: bool, by: str) -> None:
    with opened(context.obj) as application, application.store.writing() as session:
        releasing.set_switch(session, is_on=is_on, at=now(), by=by or getpass.getuser())
    stdout().print("mail goes out from now on" if is_on else "no mail goes out")
