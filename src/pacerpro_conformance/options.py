"""The command line of `pacerpro-conformance`, and the environment variables beside it."""

import argparse
import os
import random
import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .errors import CannotRunError
from .server import preflight, users
from .server.target import Target

_SHIPPED = Path(__file__).resolve().parents[1] / "pacerpro_mock" / "openapi.yaml"
# The wheel has the contract once, among the mock's data; a checkout has it at the root.
CONTRACT = _SHIPPED if _SHIPPED.is_file() else Path(__file__).resolve().parents[2] / "openapi.yaml"
TIMEOUT = 5.0
USERS, SECRET = "PACERPRO_CONFORMANCE_USERS", "PACERPRO_CONFORMANCE_SECRET"
EPILOG = f"""\
Other users of the machine can read a command line in the process list. For passwords and a secret that matter, use
--users-file, or the environment variables {USERS}, which contains EMAIL:PASSWORD,EMAIL:PASSWORD (a comma always starts
the next user), and {SECRET}. A flag wins over its variable."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and status 2, without the usage."""
        sys.stderr.write(f"conformance: {message}\n")
        sys.exit(2)


def read_options(argv: Sequence[str] | None) -> Namespace:
    """The command line. Exits with status 2 if it is wrong."""
    parser = _Parser(
        prog="pacerpro-conformance", description="Check a server against openapi.yaml, over HTTP.", epilog=EPILOG
    )
    add = parser.add_argument
    add(
        "--url",
        help="the server's base URL, with its prefix; without it, the project's own mock is started and checked",
    )
    add("--user", action="append", default=[], metavar="EMAIL:PASSWORD", help="a user of the server; two are needed")
    add("--users-file", type=Path, metavar="FILE", help="a TOML file with a table [users] of passwords by address")
    add("--secret", metavar="KEY", help="the key that signs the server's tokens, for the checks that forge them")
    add(
        "--header", action="append", default=[], type=_header, metavar="'NAME: VALUE'", help="send it with each request"
    )
    add("--ca", type=Path, metavar="FILE", help="PEM certificates that the server's certificate is signed with")
    add("--strict", action="store_true", help="fail on advice, too; the project's own mock is always checked so")
    add("--known", type=Path, metavar="FILE", help="accepted deviations: TOML, [[known]] with check, reason and date")
    pattern = "checks of this name, as 'logout.*' or schemathesis; may be repeated"
    add("--only", action="append", default=[], metavar="PATTERN", help=f"only {pattern}")
    add("--skip", action="append", default=[], metavar="PATTERN", help=f"no {pattern}")
    add("--quick", action="store_true", help="fewer generated requests")
    seed = "vary the generated requests: with N, or at random without it"
    add("--seed", nargs="?", type=int, const=-1, metavar="N", help=seed)
    add("--timeout", type=_positive, default=TIMEOUT, metavar="SECONDS", help="for one answer (default: %(default)g)")
    for name, words in (("junit", "JUnit XML"), ("json", "JSON"), ("markdown", "Markdown")):
        add(f"--{name}", type=Path, metavar="FILE", help=f"write a report with all findings as {words}")
    add("--contract", type=Path, default=CONTRACT, metavar="FILE", help="the contract (default: the project's)")
    options = parser.parse_args(argv)
    options.header = dict(options.header)
    if options.seed == -1:
        options.seed = random.SystemRandom().randrange(2**32)
    return options


def _positive(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("a number of seconds between 0 and 3600 is needed")
    return seconds


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII) or not value.strip().isprintable():
        raise argparse.ArgumentTypeError("'NAME: VALUE' is needed")
    if name.lower() in {"authorization", "content-type", "content-length", "host"}:
        raise argparse.ArgumentTypeError(f"the checks set {name} themselves")
    return name, value.strip()


def read_target(options: Namespace) -> Target | None:
    """The server at --url with its two users; None to start the project's own mock. Raises CannotRunError."""
    secret = options.secret or os.environ.get(SECRET)
    known = users.read_users(options.user, "--user")
    if options.users_file is not None:
        known += users.read_users_file(options.users_file)
    named = os.environ.get(USERS)
    known = known or users.read_users(named.split(",") if named else [], USERS)
    if options.url is None:
        if known or secret or options.ca:
            raise CannotRunError("users, a secret and --ca belong to the server at --url, and there is no --url")
        return None
    preflight.check_url(options.url)
    return Target(options.url, users.two_of(known), secret or None)
