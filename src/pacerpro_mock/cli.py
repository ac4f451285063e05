"""The command `pacerpro-mock`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

HOST = "127.0.0.1"
PORT = 8080
DEMO = "ada@example.com with the password 'correct horse battery staple'"


class Parser(argparse.ArgumentParser):
    """One line and status 2 for what cannot be."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, without the usage."""
        fail(message)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the mock until SIGINT or SIGTERM. Exit status 0 then, and 2 where it cannot start."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal anew when it has stopped. For a mock, being stopped is success.
        signal.signal(number, stop)
    run(parser().parse_args(argv))
    sys.exit(0)


def stop(_number: int, _frame: object) -> NoReturn:
    """End with success."""
    sys.exit(0)


def parser() -> Parser:
    """The command line."""
    made = Parser(prog="pacerpro-mock", description="A stand-in for the PacerPro authentication service.")
    made.add_argument("--host", default=HOST, help="the address to listen on (default: %(default)s, this machine only)")
    made.add_argument("--port", type=int, default=PORT, help="the port, 0 for a free one (default: %(default)s)")
    made.add_argument(
        "--user",
        action="append",
        metavar="EMAIL:PASSWORD",
        help=f"a user who can log in; may be given more than once (default: {DEMO})",
    )
    made.add_argument("--secret", metavar="KEY", help="the key that signs tokens, at least 32 bytes (default: random)")
    return made


def run(options: argparse.Namespace) -> None:
    """Run the mock that the options describe, until it is stopped."""
    # Here, so that `--help` and a mistake in the arguments are answered at once.
    from pacerpro_mock.mock import Mock  # noqa: PLC0415
    from pacerpro_mock.server import Uvicorn, listen, url_of  # noqa: PLC0415

    try:
        mock = Mock(users_of(options.user), secret=options.secret)
    except ValueError as error:
        fail(str(error))
    try:
        listener = listen(options.host, options.port)
    except (OSError, OverflowError) as error:
        fail(f"cannot listen on {options.host} port {options.port}: {reason_of(error)}")
    Uvicorn(mock, lambda: say(f"pacerpro-mock is ready: {url_of(listener)}")).run([listener])


def users_of(given: Sequence[str] | None) -> dict[str, str] | None:
    """The users of `--user`; None where there is none. Raises `ValueError`, which does not repeat the password."""
    if given is None:
        return None
    users: dict[str, str] = {}
    for number, user in enumerate(given, start=1):
        email, colon, password = user.partition(":")
        if "@" not in email or not colon or not password:
            raise ValueError(f"--user takes EMAIL:PASSWORD, and number {number} is something else")
        if email in users:
            raise ValueError(f"--user names {email} twice")
        users[email] = password
    return users


def reason_of(error: Exception) -> str:
    """The system's words for it, without the number."""
    if isinstance(error, OSError) and (error.errno or 0) > 0:
        return os.strerror(error.errno or 0)
    return str(error)


def say(line: str) -> None:
    """Write a line that a script may wait for."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def fail(message: str) -> NoReturn:
    """End with one line and status 2."""
    sys.stderr.write(f"pacerpro-mock: {message}\n")
    sys.exit(2)
