"""The command line of `pacerpro-mock`, each option also as an environment variable."""

from __future__ import annotations

import argparse
import os
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, cast

from pacerpro_mock.settings import DEFAULTS, checked_users, require

VARIABLE = "PACERPRO_MOCK_"
# As `--fail` takes it, and the command `fail`.
FAULT = """\
[status=N] [retry_after=N] [latency=SECONDS] [drop=before|body] [malform=truncated|html|empty]
     [content=TEXT] [header=NAME:VALUE] [operation=ID] [times=N|always]"""
DEMO = "ada@example.com with the password 'correct horse battery staple'"
EPILOG = f"""\
Each option can be given as an environment variable instead: --token-life as {VARIABLE}TOKEN_LIFE, --quiet as
{VARIABLE}QUIET=1, and so on. {VARIABLE}USERS holds EMAIL:PASSWORD,EMAIL:PASSWORD, where a comma always begins the next
user; {VARIABLE}FAIL holds faults, with a semicolon between them. An option on the command line wins over its variable.
The process list shows the command line: use variables or a file for passwords and secrets that matter. While it runs,
the mock takes commands from the terminal; type help."""

# What Kubernetes injects for each Service of the namespace, such as one that is called pacerpro-mock-tls.
_INJECTED = re.compile(r".*(_SERVICE_HOST|_SERVICE_PORT(_\w+)?|_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)")
_INJECTED_ADDRESS = re.compile(r"(tcp|udp|sctp)://.*")


def switch(text: str) -> bool:
    """What a variable says in place of a flag without a value. Raises `ValueError`."""
    return bool(("0", "1").index(text))


TAKES: dict[Callable[[str], Any], str] = {int: "a whole number", float: "a number", switch: "1 or 0"}


@dataclass(frozen=True)
class Option:
    """An option as a flag and as a variable.

    One with a `separator` may be given more than once, and its variable holds several with that between them.
    """

    flag: str
    help: str
    default: object = None
    kind: Callable[[str], Any] = str
    metavar: str | None = None
    separator: str = ""
    plural: str = ""

    @property
    def name(self) -> str:
        """The attribute that it becomes."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable that stands for it."""
        return VARIABLE + (self.name + self.plural).upper()

    def settle(self, typed: str | list[str] | None) -> tuple[Any, str]:
        """The value, from what was typed or else from the variable, and which of the two. Raises `ValueError`.

        An empty variable says nothing.
        """
        text, source = typed, self.flag
        if typed is None and (found := variables().get(self.variable)):
            text, source = found.split(self.separator) if self.separator else found, self.variable
        if not isinstance(text, str):
            return self.default if text is None else text, source
        try:
            return self.kind(text), source
        except ValueError:
            raise ValueError(f"{source} takes {TAKES[self.kind]}, not {text!r}") from None


def setting(flag: str, text: str, kind: Callable[[str], Any] = str, metavar: str | None = None, **more: Any) -> Option:
    """An option that is a setting of the mock, with its default."""
    return Option(flag, text, DEFAULTS[flag.removeprefix("--").replace("-", "_")], kind, metavar, **more)


OPTIONS = (
    Option("--host", "the address to listen on (default: {}, this machine only)", "127.0.0.1", metavar="ADDRESS"),
    Option("--port", "the port, 0 for a free one (default: {})", 8080, int, "NUMBER"),
    Option(
        "--user",
        f"a user who can log in; may be given more than once (default: {DEMO})",
        metavar="EMAIL:PASSWORD",
        separator=",",
        plural="s",
    ),
    Option("--users-file", "a TOML file with a table [users] of passwords by e-mail address", None, Path, "FILE"),
    setting("--contract", "an OpenAPI 3.1 file whose operations to answer (default: PacerPro's)", Path, "FILE"),
    setting("--secret", "the key that signs tokens, at least 32 bytes (default: random)", metavar="KEY"),
    setting("--token-life", "how long a token is valid (default: {})", int, "SECONDS"),
    setting("--max-body", "the largest body that is read (default: {})", int, "BYTES"),
    setting("--body-timeout", "how long a body may take to arrive (default: {})", float, "SECONDS"),
    setting("--login-limit", "log-ins a minute, beyond which they get 429 (default: no limit)", int, "NUMBER"),
    setting("--lockout-after", "wrong passwords in a row that lock an account (default: never)", int, "NUMBER"),
    setting("--lockout-seconds", "how long it stays locked (default: {})", int, "SECONDS"),
    setting("--request-id-header", "a header that gives each response an id (default: none)", metavar="NAME"),
    setting("--strict-slashes", "answer 404 to a path with a slash too many", switch),
    setting("--gateway", "answer unknown paths and methods as an API gateway does", switch),
    setting(
        "--cors",
        "an origin whose pages may call the mock, or * for all; may be given more than once",
        metavar="ORIGIN",
        separator=",",
    ),
    Option("--tls", "speak https, with a certificate made for this machine", kind=switch),
    Option("--tls-name", "a further name in that certificate; may be repeated", (), metavar="NAME", separator=","),
    Option("--tls-ca", "where to write the authority that clients have to trust", None, Path, "FILE"),
    Option("--tls-cert", "speak https with this certificate, a PEM file", None, Path, "FILE"),
    Option("--tls-key", "the key of that certificate", None, Path, "FILE"),
    setting("--control-token", "obey requests under /_mock/ that carry this token (default: off)", metavar="TOKEN"),
    Option(
        "--fail",
        f"let the next request fail, or the next N: WHAT is {FAULT}; may be given more than once",
        (),
        metavar="WHAT",
        separator=";",
    ),
    Option("--console", "take commands from standard input, terminal or not", kind=switch),
    Option("--quiet", "write no access log", kind=switch),
)


class Parser(argparse.ArgumentParser):
    """Says what is wrong as a `ValueError`, and does not repeat what may be a secret."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong."""
        raise ValueError(message.removeprefix("argument "))


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options, with `users` complete, and `sources`: where each was found, by name. Raises `ValueError`."""
    options, unknown = parser().parse_known_args(argv)
    require(not unknown, f"no such option: {''.join(unknown[:1]).partition('=')[0]}")
    known = [option.variable for option in OPTIONS]
    for name in variables():
        if name not in known:
            raise ValueError(f"no such variable: {name}; the nearest is {get_close_matches(name, known, 1, 0)[0]}")
    sources: dict[str, str] = {}
    for option in OPTIONS:
        value, sources[option.name] = option.settle(getattr(options, option.name))
        setattr(options, option.name, value)
    options.sources = sources
    # A socket would take it for every address of this machine.
    require(options.host, "--host needs an address")
    options.users = users_of(options)
    return options


def variables() -> dict[str, str]:
    """The variables that are meant for the mock; an empty one is not, nor one that Kubernetes injects."""
    return {
        name: value
        for name, value in os.environ.items()
        if value
        and name.startswith(VARIABLE)
        and not _INJECTED.fullmatch(name)
        and not (name.endswith("_PORT") and _INJECTED_ADDRESS.fullmatch(value))
    }


def parser() -> Parser:
    """The command line; an option that is not there is None."""
    made = Parser(
        prog="pacerpro-mock",
        description="A stand-in for the PacerPro authentication service.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    for option in OPTIONS:
        text = option.help.format(option.default)
        if option.kind is switch:
            made.add_argument(option.flag, action="store_const", const="1", help=text)
        else:
            action = "append" if option.separator else "store"
            made.add_argument(option.flag, action=action, metavar=option.metavar, help=text)
    return made


def users_of(options: argparse.Namespace) -> dict[str, str] | None:
    """All users of the options and of the file; None if there is none. Raises `ValueError`."""
    users = from_file(options.users_file) if options.users_file else {}
    source = options.sources["user"]
    given: list[str] = options.user or []
    for number, user in enumerate(given, start=1):
        email, _, password = user.partition(":")
        if "@" not in email or not password:
            several = "; a password with a comma goes into a file" if source.startswith(VARIABLE) else ""
            raise ValueError(f"{source} takes EMAIL:PASSWORD, and number {number} is something else{several}")
        require(email not in users, f"{email} is there twice")
        users[email] = password
    return users or None


def from_file(path: Path) -> dict[str, str]:
    """The users of a TOML file. Raises `ValueError`, which repeats nothing of the file's content."""
    try:
        # Editors on Windows begin a file with a byte order mark.
        users = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("users")
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from None
    if not isinstance(users, dict) or not users:
        raise ValueError(f"{path} has no table [users] with a user in it")
    try:
        return checked_users(cast("dict[str, str]", users))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
