"""The command `pacerpro-mock`: a mock in the foreground. Each option is also an environment variable."""

from __future__ import annotations

import argparse
import logging
import os
import re
import shlex
import signal
import sys
import tomllib
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from pacerpro_mock import INSTALL
from pacerpro_mock import settings as mock_settings
from pacerpro_mock.settings import DEFAULTS, VARIABLE, Option, checked_users, is_a, require, switch

if TYPE_CHECKING:
    from pacerpro_mock.http.server import MockServer

FAULT = """\
[status=N] [retry_after=N] [latency=SECONDS] [drop=before|body] [malform=truncated|html|empty]
     [content=TEXT] [header=NAME:VALUE] [operation=ID] [times=N|always]"""
FAULT_TYPES: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("retry_after", "drop", "malform", "content", "header", "operation"), str),
    "status": int,
    "latency": float,
    "times": lambda text: None if text == "always" else int(text),
}
DEMO = "ada@example.com with the password 'correct horse battery staple'"
EPILOG = f"""\
Each option can be given as an environment variable instead: --token-life as {VARIABLE}TOKEN_LIFE, --quiet as
{VARIABLE}QUIET=1, and so on. {VARIABLE}USERS holds EMAIL:PASSWORD,EMAIL:PASSWORD, where a comma always begins the next
user; {VARIABLE}FAIL holds faults, with a semicolon between them. An option on the command line wins over its variable.
The process list shows the command line: use variables or a file for passwords and secrets that matter."""

# What Kubernetes injects for each Service of the namespace, such as one called pacerpro-mock-tls.
_INJECTED = re.compile(
    r".*(_SERVICE_HOST|_SERVICE_PORT(_\w+)?|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)=.*|.*_PORT=(tcp|udp|sctp)://.*", re.DOTALL
)


def fault(text: str) -> dict[str, Any]:
    """The arguments for `Mock.fail_next`, read from NAME=VALUE pairs. Raises `ValueError`."""
    arguments: dict[str, Any] = {"headers": {}}
    for word in shlex.split(text):
        name, equals, value = word.partition("=")
        require(name in FAULT_TYPES and equals, f"a fault is NAME=VALUE with one of {', '.join(FAULT_TYPES)}")
        if name == "header":
            header, colon, value = value.partition(":")
            require(header and colon, "a fault's header is NAME:VALUE")
            arguments["headers"][header] = value.strip()
        else:
            require(name not in arguments, f"a fault has {name} twice")
            arguments[name] = FAULT_TYPES[name](value)
    return arguments


def user(text: str) -> tuple[str, str]:
    """An address and a password. The error does not repeat the text: it may be a password."""
    email, _, password = text.partition(":")
    require("@" in email and password, "takes EMAIL:PASSWORD; put a password with a comma into a file")
    return email, password


OPTIONS = (
    Option("--host", "the address to listen on (default: {}, this machine only)", "ADDRESS", str, "127.0.0.1"),
    Option("--port", "the port, 0 for a free one (default: {})", "NUMBER", int, 8080),
    Option("--user", f"a user; can be repeated (default: {DEMO})", "EMAIL:PASSWORD", user, None, ","),
    Option("--users-file", "a TOML file with a table [users] of passwords by e-mail address", "FILE", Path),
    *mock_settings.OPTIONS,
    Option("--tls", "speak https, with a certificate made for this machine", kind=switch, default=False),
    Option("--tls-name", "a further name in that certificate; can be repeated", "NAME", str, (), ","),
    Option("--tls-ca", "where to write the authority that clients have to trust", "FILE", Path),
    Option("--tls-cert", "speak https with this certificate, a PEM file", "FILE", Path),
    Option("--tls-key", "the key of that certificate", "FILE", Path),
    Option("--fail", f"let requests fail; can be repeated: WHAT is {FAULT}", "WHAT", fault, (), ";"),
    Option("--quiet", "write no access log", kind=switch, default=False),
)


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the mock until SIGINT or SIGTERM. Exit status 0 then, and 2 if it cannot start."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # The number of a closed stream would go to the next socket or file.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for as long as we run
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again when it has stopped. For a mock, being stopped is success.
        signal.signal(number, lambda _number, _frame: sys.exit(0))
    options = argparse.Namespace()
    try:
        options = parse(argv)
        server = server_of(options)
        # The access log goes to stderr, and what goes wrong in any case.
        logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
        logging.getLogger("pacerpro_mock").setLevel(logging.WARNING if options.quiet else logging.INFO)
        server.run(lambda: print(f"pacerpro-mock is ready: {server.url}", flush=True))  # noqa: T201  # The user waits for it.
        sys.exit(0)
    except ValueError as error:
        message = str(error)
    except OSError as error:
        message = f"cannot listen on {options.host} port {options.port}: {error.strerror or error}"
    except ModuleNotFoundError as missing:
        message = f"no module {missing.name!r}; {INSTALL}"
    Parser().exit(2, f"pacerpro-mock: {message}\n")


def server_of(options: argparse.Namespace) -> MockServer:
    """The server that the options describe, its faults included. Raises `ValueError`."""
    from pacerpro_mock.http.server import MockServer  # noqa: PLC0415 - it needs the extra, and --help does not

    require(bool(options.tls_cert) == bool(options.tls_key), "--tls-cert and --tls-key go together")
    require(not (options.tls and options.tls_cert), "--tls makes a certificate: it does not go with --tls-cert")
    require(options.tls or not (options.tls_ca or options.tls_name), "--tls-ca and --tls-name need --tls")
    given = (options.tls_cert, options.tls_key) if options.tls_cert else False
    server = MockServer(
        options.users,
        host=options.host,
        port=options.port,
        tls=options.tls or given,
        tls_names=options.tls_name,
        **{name: getattr(options, name) for name in DEFAULTS},
    )
    try:
        for each in options.fail:
            server.fail_next(**each)
        if options.tls_ca:
            options.tls_ca.write_bytes(server.certificate_authority)
    except ValueError as error:
        raise ValueError(f"--fail: {error}") from None
    except OSError as error:
        raise ValueError(f"cannot write {options.tls_ca}: {error.strerror}") from None
    return server


class Parser(argparse.ArgumentParser):
    """Raises `ValueError` for wrong usage, and does not repeat what may be a secret."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong."""
        raise ValueError(message.removeprefix("argument "))


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options, with the users of the file among `users`. Raises `ValueError`."""
    typed, unknown = parser().parse_known_args(argv)
    require(not unknown, f"no such option: {''.join(unknown[:1]).partition('=')[0]}")
    values: dict[str, Any] = {}
    variables = read_environment()
    for option in OPTIONS:
        source, texts = option.flag, getattr(typed, option.name)
        if texts is None and (text := variables.get(option.variable)):
            source, texts = option.variable, text.split(option.separator) if option.separator else [text]
        try:
            read = [option.kind(text) for text in texts or ()]
        except ValueError as error:
            raise ValueError(f"{source}: {error}") from None
        values[option.name] = option.default if not read else read if option.separator else read[-1]
    # A socket would take it for every address of this machine.
    require(values["host"], "--host needs an address")
    users = from_file(values["users_file"]) if values["users_file"] else {}
    for email, password in values["users"] or ():
        require(email not in users, f"{email} is there twice")
        users[email] = password
    return argparse.Namespace(**{**values, "users": users or None})


def read_environment() -> dict[str, str]:
    """The mock's variables, apart from empty ones, which say nothing. Raises `ValueError` for an unknown one."""
    known = [option.variable for option in OPTIONS]
    found: dict[str, str] = {}
    for name, text in os.environ.items():
        if text and name.startswith(VARIABLE) and not _INJECTED.fullmatch(f"{name}={text}"):
            if name not in known:
                raise ValueError(f"no such variable: {name}; the nearest is {get_close_matches(name, known, 1, 0)[0]}")
            found[name] = text
    return found


def parser() -> Parser:
    """The command line. Each option is a list of texts, or None if it is not given."""
    made = Parser(
        prog="pacerpro-mock",
        description="A stand-in for the PacerPro authentication service.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    for option in OPTIONS:
        more: dict[str, Any] = {"action": "append", "metavar": option.metavar}
        if not option.metavar:
            more = {"action": "append_const", "const": "1"}
        made.add_argument(option.flag, dest=option.name, help=option.help.format(option.default), **more)
    return made


def from_file(path: Path) -> dict[str, str]:
    """The users of a TOML file. Raises `ValueError`, which repeats nothing of the file's content."""
    try:
        # Editors on Windows begin a file with a byte order mark.
        users = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("users")
        require(is_a(users, dict) and users, "it has no table [users] with a user in it")
        return checked_users(cast("dict[str, str]", users))
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
