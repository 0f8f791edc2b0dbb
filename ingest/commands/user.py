"""`user`: who may use the desk."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ingest.commands.common import author, now, opened, print_json, stdout
from ingest.serving import address_of, link_for
from report.desk import accounts
from report.desk.port import Role
from rules.errors import InputError, UserError
from store import users

app = typer.Typer(help="Who may use the desk.")

NameArgument = Annotated[str, typer.Argument(help="The name that stands beside the user's decisions.")]
RoleOption = Annotated[Role, typer.Option(help="A viewer only reads; a coordinator also decides.")]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.command()
def add(
    context: typer.Context,
    name: NameArgument,
    *,
    role: RoleOption = Role.COORDINATOR,
    password_stdin: StdinOption = False,
) -> None:
    """Add a user; asks for the password."""
    with opened(context.obj) as application:
        password = _password(from_stdin=password_stdin)
        accounts.add_user(application.store, name=name, role=role, password=password, by=author(), now=now())
    stdout().print(f"{name} may use the desk as {role.value}", markup=False, highlight=False)


@app.command("list")
def list_(context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the users."""
    with opened(context.obj) as application, application.store.reading() as session:
        known = users.all_users(session)
    if as_json:
        rows = [{"name": user.name, "role": user.role, "created_at": user.created_at.isoformat()} for user in known]
        print_json({"users": rows})
        return
    for user in known:
        stdout().print(f"{user.name}  {user.role}", markup=False, highlight=False)


@app.command()
def passwd(context: typer.Context, name: NameArgument, *, password_stdin: StdinOption = False) -> None:
    """Give a user a new password; ends the user's sessions."""
    with opened(context.obj) as application:
        password = _password(from_stdin=password_stdin)
        accounts.change_password(application.store, name=name, password=password, by=author(), now=now())
    stdout().print(f"the password of {name} is changed", markup=False, highlight=False)


@app.command()
def remove(context: typer.Context, name: NameArgument) -> None:
    """Remove a user; what the user decided stays."""
    with opened(context.obj) as application:
        accounts.remove_user(application.store, name=name, by=author(), now=now())
    stdout().print(f"{name} may no longer use the desk", markup=False, highlight=False)


@app.command()
def link(context: typer.Context, *, role: RoleOption = Role.COORDINATOR) -> None:
    """Print a one-time link by which somebody becomes a user without you knowing the password."""
    with opened(context.obj) as application:
        table = application.config.desk
        if not table.listen:
            raise UserError("[desk] listen is empty: there is no desk to log in to")
        url = table.public_url.rstrip("/") or f"http://{address_of(table)}"
        sys.stdout.write(link_for(application, url, role=role, clock=now) + "\n")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask for the password at; use --password-stdin")
    password: str = typer.prompt("password", hide_input=True, confirmation_prompt=True)
    return password
