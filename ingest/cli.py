"""The command line. Here and nowhere else errors become sentences and exit statuses (contract, 3).

0 done · 1 it could not be done, one line on stderr says why and what to do · 2 usage or configuration, every problem at
once. A traceback reaches a user only for a defect.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ingest.commands import campaign, installation, mail, outbox, remind, reports, review, review_reading, token, user
from rules.errors import BaosongError, ConfigError, UsageError

EXIT_FAILED = 1
EXIT_USAGE = 2

app = typer.Typer(
    name="baosong",
    help="Turns a mailbox full of submissions into a report of who is on time, late, incomplete or missing.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (installation.app, mail.app, reports.app, remind.app):
    app.registered_commands += group.registered_commands
    app.registered_groups += group.registered_groups
review.app.registered_commands += review_reading.app.registered_commands
app.add_typer(review.app, name="review")
app.add_typer(outbox.app, name="outbox")
app.add_typer(campaign.app, name="campaign")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")


@app.callback()
def options(
    context: typer.Context,
    *,
    config: Annotated[
        Path | None, typer.Option(help="The configuration; default: $BAOSONG_CONFIG, else ./config.toml.")
    ] = None,
) -> None:
    """Options before the command."""
    context.obj = config


def main() -> NoReturn:
    """Runs the command line and exits with its status."""
    sys.exit(_status())


def _status() -> int:
    try:
        app()
    except (ConfigError, UsageError) as error:
        return _fail(str(error), EXIT_USAGE)
    except BaosongError as error:
        return _fail(str(error), EXIT_FAILED)
    except KeyboardInterrupt:
        return _fail("interrupted", EXIT_FAILED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away; Python would complain about it at exit
        return EXIT_FAILED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_FAILED
    return 0


def _fail(message: str, status: int) -> int:
    sys.stderr.write(f"baosong: {message}\n" if status == EXIT_FAILED else f"{message}\n")
    return status
