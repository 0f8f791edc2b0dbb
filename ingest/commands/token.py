"""`token`: programs that may use the desk's API."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ingest.commands.common import author, now, opened, parse_moment, print_json, stdout
from report.desk.port import Role
from report.desk.tokens import add_token, revoke_token
from store import tokens

app = typer.Typer(help="Programs that may use the desk's API.")

NameArgument = Annotated[str, typer.Argument(help="What the token is for; stands beside its decisions.")]


@app.command()
def add(
    context: typer.Context,
    name: NameArgument,
    *,
    role: Annotated[Role, typer.Option(help="A viewer only reads; a coordinator also decides.")] = Role.VIEWER,
    expires: Annotated[str, typer.Option(help="The last day, or moment; default: until it is revoked.")] = "",
) -> None:
    """Make a token and print it, once: only its hash is kept."""
    with opened(context.obj) as application:
        until = parse_moment(expires, application.config.zone) if expires else None
        token = add_token(application.store, name=name, role=role, by=author(), now=now(), expires_at=until)
    sys.stdout.write(f"{token}\n")


@app.command("list")
def list_(context: typer.Context, *, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the tokens by name."""
    with opened(context.obj) as application, application.store.reading() as session:
        known = tokens.every(session)
    if as_json:
        rows = [
            {
                "name": token.name,
                "role": token.role,
                "created_at": token.created_at.isoformat(),
                "expires_at": token.expires_at.isoformat() if token.expires_at else None,
            }
            for token in known
        ]
        print_json({"tokens": rows})
        return
    for token in known:
        until = f"until {token.expires_at.isoformat()}" if token.expires_at else "until revoked"
        stdout().print(f"{token.name}  {token.role}  {until}", markup=False, highlight=False)


@app.command()
def revoke(context: typer.Context, name: NameArgument) -> None:
    """Take a token back."""
    with opened(context.obj) as application:
        revoke_token(application.store, name=name, by=author(), now=now())
    stdout().print(f"the token {name} works no more", markup=False, highlight=False)
