"""`review correct|verify|remember`: a person's word about what was read, and about whose a mail address is."""

from __future__ import annotations

from typing import Annotated

import typer

from ingest.commands.review import AuthorOption, MessageArgument, ReasonOption, UnitArgument, record
from rules.overruling import Action

app = typer.Typer()

FileArgument = Annotated[str, typer.Argument(help="The file of the message, as `show` names it.")]
FormOption = Annotated[int, typer.Option(help="Which of the file's forms, from 1.", min=1)]


@app.command()
def correct(
    context: typer.Context,
    message: MessageArgument,
    path: FileArgument,
    field: Annotated[str, typer.Argument(help="leader_phone; or row.column from 1, such as 3.attendance.")],
    value: Annotated[str, typer.Argument(help="What really stands there.")],
    *,
    form: FormOption = 1,
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """更正: a value of a form reads otherwise than it was read."""
    record(
        context,
        Action.CORRECT,
        message=message,
        path=path,
        form_index=form - 1,
        field=field,
        value=value,
        reason=reason,
        author=author,
    )


@app.command()
def verify(
    context: typer.Context,
    message: MessageArgument,
    path: FileArgument,
    *,
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """核对无误: all values of a file's forms are as they were read."""
    record(context, Action.VERIFY, message=message, path=path, reason=reason, author=author)


@app.command()
def remember(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The sender's mail address.")],
    unit: UnitArgument,
    *,
    reason: ReasonOption = "",
    author: AuthorOption = "",
) -> None:
    """记住发件人: from now on mail from this address is evidence for the unit."""
    record(context, Action.REMEMBER_SENDER, unit=unit, value=address.lower(), reason=reason, author=author)
