"""The command line of `pacerpro-mock`, each option also as an environment variable."""

import argparse
import os
import re
import shlex
import tomllib
from collections.abc import Callable, Container, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, cast

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

# What Kubernetes injects for each Service of the namespace, such as one called pacerpro-mock-tls.
_INJECTED = re.compile(
    r".*(_SERVICE_HOST|_SERVICE_PORT(_\w+)?|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)=.*|.*_PORT=(tcp|udp|sctp)://.*", re.DOTALL
)
FAULT_TYPES: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("retry_after", "drop", "malform", "content", "header", "operation"), str),
    "status": int,
    "latency": float,
    "times": lambda text: None if text == "always" else int(text),
}


def fault(text: str) -> dict[str, Any]:
    """The arguments for `Mock.fail_next`, read from NAME=VALUE pairs. Raises `ValueError`."""
    arguments: dict[str, Any] = {}
    headers: dict[str, str] = {}
    for word in shlex.split(text):
        name, equals, value = word.partition("=")
        known = name in FAULT_TYPES and equals
        require(known, f"a fault is NAME=VALUE with one of {', '.join(FAULT_TYPES)}, not {name!r}")
        target = arguments
        if name == "header":
            name, colon, value = value.partition(":")
            require(name and colon, "a fault's header is NAME:VALUE")
            name, value, target = name.lower(), value.strip(), headers
        require(name not in target, f"a fault has {name} twice")
        target[name] = value if target is headers else FAULT_TYPES[name](value)
    return {**arguments, "headers": headers}


def port(text: str) -> int:
    """A port. Raises `ValueError`."""
    require(0 <= int(text) <= 65535, "out of range: a port is a number between 0 and 65535")
    return int(text)


def user(text: str) -> tuple[str, str]:
    """An address and a password. The error does not repeat the text: it may be a password."""
    email, _, password = text.partition(":")
    require("@" in email and password, "takes EMAIL:PASSWORD; put a password with a comma into a file")
    return email, password


class Option(NamedTuple):
    """A flag and its environment variable. Without a `metavar` it is a switch.

    An option with a `separator` can be repeated; its variable holds several values with the separator between them.
    """

    flag: str
    help: str
    metavar: str = ""
    kind: Callable[[str], Any] = str
    separator: str = ""

    @property
    def name(self) -> str:
        """The attribute that it becomes."""
        return "users" if self.flag == "--user" else self.flag.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable that stands for it."""
        return VARIABLE + self.name.upper()

    @property
    def default(self) -> Any:
        """The value if neither the flag nor the variable is given."""
        own = {"host": "127.0.0.1", "port": 8080, **dict.fromkeys(("tls", "console", "quiet"), False)}
        return {**DEFAULTS, **own}.get(self.name, () if self.separator and self.name != "users" else None)

    def convert(self, text: str) -> Any:
        """The value, with a `ValueError` as argparse shows it in full."""
        try:
            return self.kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None


OPTIONS = (
    Option("--host", "the address to listen on (default: {}, this machine only)", "ADDRESS"),
    Option("--port", "the port, 0 for a free one (default: {})", "NUMBER", port),
    Option("--user", f"a user; can be repeated (default: {DEMO})", "EMAIL:PASSWORD", user, separator=","),
    Option("--users-file", "a TOML file with a table [users] of passwords by e-mail address", "FILE", Path),
    Option("--contract", "an OpenAPI 3.1 file whose operations to answer (default: PacerPro's)", "FILE", Path),
    Option("--secret", "the key that signs tokens, at least 32 bytes (default: random)", "KEY"),
    Option("--token-life", "how long a token is valid (default: {})", "SECONDS", int),
    Option("--max-body", "the largest body that is read (default: {})", "BYTES", int),
    Option("--body-timeout", "how long a body may take to arrive (default: {})", "SECONDS", float),
    Option("--login-limit", "log-ins a minute, beyond which they get 429 (default: no limit)", "NUMBER", int),
    Option("--lockout-after", "wrong passwords in a row that lock an account (default: never)", "NUMBER", int),
    Option("--lockout-seconds", "how long it stays locked (default: {})", "SECONDS", int),
    Option("--request-id-header", "a header that gives each response an id (default: none)", "NAME"),
    Option("--strict-slashes", "answer 404 to a path with a slash too many"),
    Option("--gateway", "answer unknown paths and methods as an API gateway does"),
    Option("--cors", "an origin whose pages may call the mock, or * for all; can be repeated", "ORIGIN", separator=","),
    Option("--tls", "speak https, with a certificate made for this machine"),
    Option("--tls-name", "a further name in that certificate; can be repeated", "NAME", separator=","),
    Option("--tls-ca", "where to write the authority that clients have to trust", "FILE", Path),
    Option("--tls-cert", "speak https with this certificate, a PEM file", "FILE", Path),
    Option("--tls-key", "the key of that certificate", "FILE", Path),
    Option("--control-token", "obey requests under /_mock/ that carry this token (default: off)", "TOKEN"),
    Option("--fail", f"let requests fail; can be repeated: WHAT is {FAULT}", "WHAT", fault, separator=";"),
    Option("--console", "take commands from standard input, terminal or not"),
    Option("--quiet", "write no access log"),
)


class Parser(argparse.ArgumentParser):
    """Says what is wrong as a `ValueError`, and does not repeat what may be a secret."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong."""
        raise ValueError(message.removeprefix("argument "))


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options, with the users of the file among `users`. Raises `ValueError`."""
    flags = parser()
    given, unknown = flags.parse_known_args(argv)
    require(not unknown, f"no such option: {''.join(unknown[:1]).partition('=')[0]}")
    values = {option.name: option.default for option in OPTIONS} | from_environment(flags, vars(given)) | vars(given)
    # A socket would take it for every address of this machine.
    require(values["host"], "--host needs an address")
    users = from_file(values["users_file"]) if values["users_file"] else {}
    for email, password in values["users"] or ():
        require(email not in users, f"{email} is there twice")
        users[email] = password
    return argparse.Namespace(**{**values, "users": users or None})


def from_environment(flags: Parser, typed: Container[str]) -> dict[str, Any]:
    """The options that are not typed and that variables give. An empty variable says nothing."""
    values: dict[str, Any] = {}
    known = {option.variable: option for option in OPTIONS}
    for name, text in os.environ.items():
        if not text or not name.startswith(VARIABLE) or _INJECTED.fullmatch(f"{name}={text}"):
            continue
        if name not in known:
            raise ValueError(f"no such variable: {name}; the nearest is {get_close_matches(name, known, 1, 0)[0]}")
        if (option := known[name]).name in typed:
            continue
        words = [f"{option.flag}={each}" for each in (text.split(option.separator) if option.separator else [text])]
        if not option.metavar:
            require(text in {"0", "1"}, f"{name} takes 1 or 0, not {text!r}")
            words = [option.flag] * int(text)
        try:
            values |= vars(flags.parse_args(words))
        except ValueError as error:
            raise ValueError(f"{name}{str(error).removeprefix(option.flag)}") from None
    return values


def parser() -> Parser:
    """The command line. An option that is not given is absent from the result."""
    made = Parser(
        prog="pacerpro-mock",
        description="A stand-in for the PacerPro authentication service.",
        epilog=EPILOG,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    for option in OPTIONS:
        more: dict[str, Any] = {"action": "store_true"}
        if option.metavar:
            action = "append" if option.separator else "store"
            more = {"action": action, "metavar": option.metavar, "type": option.convert}
        made.add_argument(option.flag, dest=option.name, help=option.help.format(option.default), **more)
    return made


def from_file(path: Path) -> dict[str, str]:
    """The users of a TOML file. Raises `ValueError`, which repeats nothing of the file's content."""
    try:
        # Editors on Windows begin a file with a byte order mark.
        users = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("users")
        require(
            isinstance(users, dict) and len(cast("dict[str, str]", users)), "it has no table [users] with a user in it"
        )
        return checked_users(cast("dict[str, str]", users))
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
