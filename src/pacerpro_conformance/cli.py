"""Check a server against openapi.yaml, over HTTP: the command `pacerpro-conformance`.

    pacerpro-conformance --url http://127.0.0.1:8080/v1 --user EMAIL:PASSWORD --user EMAIL:PASSWORD [--secret KEY]

Exit status 0: the server holds the contract. 1: it does not. 2: the checks could not run.
"""

import argparse
import os
import re
import sys
import time
from argparse import ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import NoReturn

import httpx

from . import answers, fuzzing, known, reports, suite
from .contract import Contract
from .errors import CannotRunError
from .findings import Check
from .http.masking import Mask
from .http.wire import Wire
from .probe import Probe
from .server import Target, User, log_in_once, own_mock

_SHIPPED = Path(__file__).resolve().parents[1] / "pacerpro_mock" / "openapi.yaml"
# The wheel has the contract once, among the mock's data; a checkout has it at the root.
CONTRACT = _SHIPPED if _SHIPPED.is_file() else Path(__file__).resolve().parents[2] / "openapi.yaml"
USERS, SECRET = "PACERPRO_CONFORMANCE_USERS", "PACERPRO_CONFORMANCE_SECRET"
EPILOG = f"""\
Other users of the machine can read a command line in the process list. For passwords and a secret that matter, use the
environment variables {USERS}, which contains EMAIL:PASSWORD,EMAIL:PASSWORD (a comma always starts the next user), and
{SECRET}. A flag wins over its variable."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the checks that the command line asks for, and return the exit status."""
    options = _options(argv)
    try:
        checks = suite.checks(options.only, options.skip)
        contract = Contract.read(options.contract)
        names = {each.name for each in (*suite.checks(), *answers.ASPECTS.values())} | set(fuzzing.names())
        deviations = known.read(options.known, names) if options.known else []
        given = _target(options)
        with nullcontext(given) if given else own_mock() as target:
            # The project's own mock has no excuse.
            strict = options.strict or given is None
            run = reports.Run(target.url, f"{options.contract.name} ({contract.title})", strict)
            _check(options, contract, target, run, checks)
        run.stale = known.accept(run.results, deviations)
        reports.conclude(run)
        for kind, write in reports.WRITERS.items():
            if path := getattr(options, kind):
                path.write_text(f"{write(run)}\n", "utf-8")
        return run.status()
    except (CannotRunError, OSError) as error:
        print(f"conformance: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
    return 2


def _check(options: Namespace, contract: Contract, target: Target, run: reports.Run, checks: Sequence[Check]) -> None:
    start = time.monotonic()
    reports.say(f"Checking {target.url} against {run.contract}")
    report = options.junit or options.json or options.markdown
    folder = report.with_name(f"{report.name}.files") if report else None
    mask = Mask(contract, (user.password for user in target.users), target.secret, options.header, folder)
    with closing(Wire(target.url, options.timeout, options.ca, options.header)) as wire:
        secret = target.secret.encode("utf-8", "surrogateescape")
        for user in target.users:
            log_in_once(wire, contract, user, secret)
        probe = Probe(contract, wire, target.users, secret, mask, options.seed, quick=options.quick)
        for group, results in suite.run(probe, checks):
            run.add(group, results)
    run.seconds = time.monotonic() - start


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and status 2, without the usage."""
        sys.stderr.write(f"conformance: {message}\n")
        sys.exit(2)


def _options(argv: Sequence[str] | None) -> Namespace:
    """The command line. Exits with status 2 if it is wrong."""
    parser = _Parser("pacerpro-conformance", description="Check a server against openapi.yaml.", epilog=EPILOG)
    add = parser.add_argument
    add("--url", type=_url, help="the server's base URL; without it, the project's own mock is checked")
    add("--user", action="append", default=[], metavar="EMAIL:PASSWORD", help="a user of the server; two are needed")
    add("--secret", metavar="KEY", help="the key that signs the server's tokens, for the checks that forge them")
    add("--header", action="append", default=[], type=_header, metavar="'NAME: VALUE'", help="sent with each request")
    add("--ca", type=Path, metavar="FILE", help="PEM certificates that the server's certificate is signed with")
    add("--strict", action="store_true", help="fail on advice, too; the project's own mock is always checked so")
    add("--known", type=Path, metavar="FILE", help="accepted deviations: TOML, [[known]] with check, reason and date")
    pattern = "checks of this name, as 'logout.*'; may be repeated"
    add("--only", action="append", default=[], metavar="PATTERN", help=f"only {pattern}")
    add("--skip", action="append", default=[], metavar="PATTERN", help=f"no {pattern}")
    add("--quick", action="store_true", help="fewer generated requests: a run of some seconds")
    add("--seed", type=int, metavar="N", help="vary the generated requests; without it, each run sends the same")
    add("--timeout", type=_seconds, default=5.0, metavar="SECONDS", help="for one answer (default: %(default)g)")
    for kind in reports.WRITERS:
        add(f"--{kind}", type=_report, metavar="FILE", help=f"write a report with all findings as {kind}")
    add("--contract", type=Path, default=CONTRACT, metavar="FILE", help="the contract (default: the project's)")
    options = parser.parse_args(argv)
    options.header = dict(options.header)
    return options


def _url(text: str) -> str:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    good = url.scheme in {"http", "https"} and url.host and not (url.userinfo or url.query or url.fragment)
    if not good or (url.port or 1) > 65535 or len(text.split()) != 1:
        # The text is not repeated here, because it may hold a password.
        raise ArgumentTypeError("a base URL looks like http://127.0.0.1:8080/v1, and has no user name in it")
    return text


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3600:
        raise ArgumentTypeError("a number of seconds between 0 and 3600 is needed")
    return seconds


def _report(text: str) -> Path:
    """A file that can be written. It is tried now, before anybody waits for the report."""
    path = Path(text)
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ArgumentTypeError(f"{path} cannot be written")
    return path


def _header(text: str) -> tuple[str, str]:
    name, _, value = (part.strip() for part in text.partition(":"))
    if not re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII) or not value or not value.isprintable():
        raise ArgumentTypeError("'NAME: VALUE' is needed")
    if name.lower() in {"authorization", "content-type", "content-length", "host"}:
        raise ArgumentTypeError(f"the checks set {name} themselves")
    return name, value


def _target(options: Namespace) -> Target | None:
    """The server at --url with its two users; None to start the project's own mock. Raises CannotRunError."""
    secret = options.secret or os.environ.get(SECRET, "")
    texts = options.user or [text for text in os.environ.get(USERS, "").split(",") if text]
    if options.url is None:
        if texts or secret or options.ca:
            raise CannotRunError("users, a secret and --ca belong to the server at --url, and there is no --url")
        return None
    users = [User(*text.split(":", 1)) for text in texts if re.fullmatch(r"(?s)[^:]+:.+", text)]
    if len(texts) != 2 or len({user.email for user in users}) != 2:
        raise CannotRunError(f"two different users are needed as EMAIL:PASSWORD, and {len(texts)} are given")
    return Target(options.url, (users[0], users[1]), secret)
