"""The commands, with their options and the texts of `--help`."""

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from pacerpro_cli.api_call import call
from pacerpro_cli.failures import WRONG_USAGE, Failure, explained
from pacerpro_cli.saved_session import SavedSession
from pacerpro_client.stores import SeveralUsersError, StoreError

app = typer.Typer(
    name="pacerpro",
    help="Log in to PacerPro, and call its API from a shell.",
    epilog="PACERPRO_BASE_URL names another service than production. Exit status: 0 success, 1 the service refuses or "
    "cannot be reached, 2 wrong usage, 4 not logged in.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Email = Annotated[
    str | None,
    typer.Option("--email", metavar="EMAIL", help="Whose session, if several users are logged in.", show_default=False),
]


@app.command()
def login(
    email: Annotated[str | None, typer.Option("--email", metavar="EMAIL", help="The user's e-mail address.")] = None,
    *,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = (
        False
    ),
) -> None:
    """Log in, and keep the session.

    The session is kept in the system's keyring, or in a file that only you can read if there is no keyring. The
    password is not kept. Without --password-stdin it is asked for, and not shown.
    """
    session = SavedSession()
    session.open()  # A store that cannot be used is reported before the password is asked for.
    address = email or _asked("E-mail")
    if password_stdin and sys.stdin is None:
        raise Failure("standard input is closed, and --password-stdin reads the password from it", WRONG_USAGE)
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked("Password", hide=True)
    if not (address and password):
        raise Failure("the e-mail address and the password must not be empty", WRONG_USAGE)
    session.log_in(address, password)
    typer.echo(f"Logged in to {session.service} as {address}")


@app.command()
def status(
    email: Email = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show who is logged in, and until when.

    It makes no call. Exit status 4 says that nobody is logged in.
    """
    session = SavedSession(email)
    try:
        _, stored, path = session.found()
    except (Failure, StoreError) as error:
        if as_json:
            found = {"logged_in": isinstance(error, SeveralUsersError), "service": session.service}
            typer.echo(json.dumps({**found, "error": explained(error)[0]}))
        raise
    expires = None
    if stored.life is not None:
        with suppress(OverflowError, ValueError):  # A year that the system's calendar does not have.
            expires = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + stored.life))
    if as_json:
        found = {"logged_in": True, "service": session.service, "email": stored.email, "expires_at": expires}
        place = {"store": "file", "path": str(path)} if path else {"store": "keyring"}
        typer.echo(json.dumps({**found, **place}))
        return
    typer.echo(f"Logged in to {session.service} as {stored.email}")
    typer.echo(
        f"The token expires at {expires or 'an unknown time'}; calls refresh it before. Kept in {path or 'the keyring'}"
    )


@app.command()
def token(email: Email = None) -> None:
    """Print a token that is good to send, for curl and the like.

    curl -H "Authorization: Bearer $(pacerpro token)" https://...
    """
    auth, *_ = SavedSession(email).found()
    typer.echo(auth.token())


@app.command(no_args_is_help=True)
def api(
    arguments: Annotated[
        list[str], typer.Argument(metavar="[METHOD] PATH", help="GET, or POST if there is a body; and /matters.")
    ],
    email: Email = None,
    field: Annotated[
        list[str] | None,
        typer.Option("-f", "--field", metavar="KEY=VALUE", help="A text for the JSON body; with GET, for the query."),
    ] = None,
    body: Annotated[
        Path | None, typer.Option("--input", metavar="FILE", help="A file to send as JSON; - is standard input.")
    ] = None,
    *,
    include: Annotated[
        bool, typer.Option("-i", "--include", help="Print the status line and the headers too.")
    ] = False,
) -> None:
    """Call a path of the service, and print the answer as it comes.

    \b
    pacerpro api /matters -f state=open --email ada@example.com
    pacerpro api PUT /matters/7 --input matter.json
    """  # noqa: D301  # The character is click's mark for lines that it must not join.
    if len(arguments) > 2:
        raise Failure("api takes [METHOD] PATH: quote a path with spaces", WRONG_USAGE)
    *method, path = arguments
    auth, *_ = SavedSession(email).found()
    call(auth, path, method=method[0] if method else None, fields=field or [], body=body, include=include)


@app.command()
def logout(
    email: Email = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Log out EVERYWHERE.

    All of the user's tokens end at once, on every machine and in every program, not only in this one.
    """
    session = SavedSession(email)
    auth, *_ = session.found()
    if not yes:
        if not _terminal():
            raise Failure("this logs out everywhere: confirm with --yes", WRONG_USAGE)
        typer.confirm(f"Log out {auth.email} everywhere, on every machine and in every program?", abort=True)
    session.log_out(auth)
    typer.echo(f"Logged out {auth.email} from {session.service}, everywhere")


def _asked(what: str, *, hide: bool = False) -> str:
    if not _terminal():
        instead = "--password-stdin" if hide else "--email"
        raise Failure(f"there is no terminal to ask on: use {instead}", WRONG_USAGE)
    return str(typer.prompt(what, hide_input=hide, err=True))


def _terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()
