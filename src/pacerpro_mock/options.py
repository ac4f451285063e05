"""The command line of `pacerpro-mock`, each option also as an environment variable."""

from __future__ import annotations

import argparse
import os
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

VARIABLE = "PACERPRO_MOCK_"
DEMO = "ada@example.com with the password 'correct horse battery staple'"
EPILOG = f"""\
Each option with a value can be given as an environment variable instead: --token-life as {VARIABLE}TOKEN_LIFE, and so
on; {VARIABLE}USERS holds EMAIL:PASSWORD,EMAIL:PASSWORD. What stands on the command line can be read in the process
list: take the variables or a file for passwords and the secret that matter. While it runs, the mock takes commands
from the terminal; type help."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong as a `ValueError`, and does not repeat what may be a secret."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong."""
        raise ValueError(message)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options, with `users` complete. Raises `ValueError`."""
    options, unknown = parser().parse_known_args(argv)
    if unknown:
        raise ValueError(f"no such option: {unknown[0].partition('=')[0]}")
    if not options.host:  # A socket would take it for every address of this machine.
        raise ValueError("--host needs an address")
    options.users = users_of(options)
    return options


def parser() -> Parser:
    """The command line."""
    made = Parser(
        prog="pacerpro-mock",
        description="A stand-in for the PacerPro authentication service.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    add(made, "--host", str, "127.0.0.1", "the address to listen on (default: %(default)s, this machine only)")
    add(made, "--port", int, 8080, "the port, 0 for a free one (default: %(default)s)")
    made.add_argument(
        "--user",
        action="append",
        metavar="EMAIL:PASSWORD",
        help=f"a user who can log in; may be given more than once (default: {DEMO})",
    )
    add(made, "--users-file", Path, None, "a TOML file with a table [users] of passwords by e-mail address")
    add(made, "--secret", str, None, "the key that signs tokens, at least 32 bytes (default: random)")
    add(made, "--token-life", int, 3600, "how long a token is valid, in seconds (default: %(default)s)")
    add(made, "--max-body", int, 65536, "the largest body that is read, in bytes (default: %(default)s)")
    add(made, "--login-limit", int, None, "log-ins a minute, beyond which 429 is the answer (default: no limit)")
    add(made, "--lockout-after", int, None, "wrong passwords in a row that lock an account (default: never)")
    add(made, "--lockout-seconds", int, 900, "how long it stays locked (default: %(default)s)")
    add(made, "--request-id-header", str, None, "a header that gives each response an id (default: none)")
    made.add_argument(
        "--fail",
        action="append",
        default=[],
        metavar="WHAT",
        help="let requests fail, as in --fail 'status=503 times=2 operation=sessionRefresh'; may be repeated",
    )
    made.add_argument("--console", action="store_true", help="take commands from standard input, terminal or not")
    made.add_argument("--quiet", action="store_true", help="write no access log")
    return made


def add(made: Parser, flag: str, kind: Callable[[str], Any], default: object, text: str) -> None:
    """An option with a value, whose default may come from the environment; argparse converts it the same."""
    variable = VARIABLE + flag.removeprefix("--").replace("-", "_").upper()
    made.add_argument(flag, type=kind, default=os.environ.get(variable) or default, help=text)


def users_of(options: argparse.Namespace) -> dict[str, str] | None:
    """All users of the options and the environment; None where there is none. Raises `ValueError`."""
    given = options.user
    if given is None:
        given = [user for user in os.environ.get(f"{VARIABLE}USERS", "").split(",") if user]
    users = from_file(options.users_file) if options.users_file else {}
    for number, user in enumerate(given, start=1):
        email, _, password = user.partition(":")
        if "@" not in email or not password:
            raise ValueError(f"--user takes EMAIL:PASSWORD, and number {number} is something else")
        if email in users:
            raise ValueError(f"{email} is there twice")
        users[email] = password
    return users or None


def from_file(path: Path) -> dict[str, str]:
    """The users of a TOML file. Raises `ValueError`, which repeats nothing of the file's content."""
    try:
        with path.open("rb") as file:
            users = tomllib.load(file).get("users")
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from None
    if not isinstance(users, dict) or not users:
        raise ValueError(f"{path} has no table [users] with a user in it")
    passwords = cast("dict[str, object]", users)
    for email, password in passwords.items():
        if "@" not in email or not isinstance(password, str) or not password:
            raise ValueError(f"{path} has a user without an e-mail address or without a password: {email!r}")
    return cast("dict[str, str]", users)
