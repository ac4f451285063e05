"""Hold a server against openapi.yaml, over HTTP: the command `pacerpro-conformance`.

    pacerpro-conformance --url http://127.0.0.1:8080/v1 --user EMAIL:PASSWORD --user EMAIL:PASSWORD [--secret KEY]

Exit status 0: the server holds the contract. 1: it does not, and the report says where. 2: the checks could not run.
"""

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NoReturn

from . import report, suite
from .contract import Contract, UnusableContractError
from .findings import Result
from .http import network, preflight, target
from .http.preflight import CannotRunError
from .http.target import Target
from .probe import Probe, User

_SHIPPED = Path(__file__).resolve().parents[1] / "pacerpro_mock" / "openapi.yaml"
# The wheel holds the contract once, as the mock's data; in a checkout it lies at the root.
CONTRACT = _SHIPPED if _SHIPPED.is_file() else Path(__file__).resolve().parents[2] / "openapi.yaml"
TIMEOUT = 5.0
# What stands on the command line can be read in the process list.
USERS, SECRET = "PACERPRO_CONFORMANCE_USERS", "PACERPRO_CONFORMANCE_SECRET"
EPILOG = f"""\
What stands on the command line can be read in the process list. For passwords and a secret that matter, take
--users-file, or the environment variables {USERS}, which holds EMAIL:PASSWORD,EMAIL:PASSWORD, where a comma always
begins the next user, and {SECRET}. A flag wins over its variable."""
# It makes its own checks, which cannot be asked for one by one.
FUZZING = ("schemathesis", "schemathesis.*")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the checks that the command line asks for, and return the exit status."""
    options = _read_options(argv)
    try:
        _check_names(options.only)
        preflight.check_writable(options.junit)
        contract = Contract.read(options.contract)
        with _server_of(options) as server, network.settled(server.url):
            return _run(options, contract, server)
    except (CannotRunError, UnusableContractError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
        return 2


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line and status 2, without the usage."""
        sys.stderr.write(f"conformance: {message}\n")
        sys.exit(2)


def _read_options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="pacerpro-conformance", description="Hold a server against openapi.yaml, over HTTP.", epilog=EPILOG
    )
    add = parser.add_argument
    add(
        "--url", help="the server's base URL, with its prefix; without it the project's own mock is started and checked"
    )
    add("--user", action="append", default=[], metavar="EMAIL:PASSWORD", help="a user of the server; two are needed")
    add("--users-file", type=Path, metavar="FILE", help="a TOML file with a table [users] of passwords by address")
    add("--secret", metavar="KEY", help="the key that signs the server's tokens, for the checks that forge them")
    add("--ca", type=Path, metavar="FILE", help="PEM certificates of who signs the server's, if not everybody knows it")
    add("--quick", action="store_true", help="fewer generated cases, some 15 seconds in all")
    add(
        "--seed",
        nargs="?",
        type=int,
        const=-1,
        metavar="N",
        help="vary the generated cases: by N, or by chance without it",
    )
    add(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only checks of this name, as 'logout.*' or schemathesis; may be given more than once",
    )
    add("--junit", type=Path, metavar="FILE", help="write the results as JUnit XML, too")
    add("--timeout", type=_positive, default=TIMEOUT, metavar="SECONDS", help="for one answer (default: %(default)g)")
    add("--contract", type=Path, default=CONTRACT, metavar="FILE", help="the contract (default: the project's)")
    options = parser.parse_args(argv)
    if options.seed == -1:
        options.seed = random.SystemRandom().randrange(2**32)
    return options


def _positive(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("a number of seconds between 0 and 3600 is needed")
    return seconds


def _server_of(options: argparse.Namespace) -> AbstractContextManager[Target]:
    users, secret = _users_of(options), options.secret or os.environ.get(SECRET)
    if options.url is not None:
        return target.given(options.url, users, secret)
    if users or secret or options.ca:
        raise CannotRunError("users, a secret and --ca say something about the server at --url, and there is no --url")
    return target.own_mock()


def _users_of(options: argparse.Namespace) -> list[User]:
    """The users of the flags, or else those of the environment. Raises CannotRunError."""
    users = target.read_users(options.user, "--user")
    if options.users_file is not None:
        users += target.read_users_file(options.users_file)
    named = os.environ.get(USERS)
    return users or target.read_users(named.split(",") if named else [], USERS)


def _check_names(patterns: Sequence[str]) -> None:
    """Raise CannotRunError for a pattern that is the name of no check, with those that are near it."""
    names = [each.name for each in suite.checks(lambda _name: True)]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in (*names, *FUZZING)):
            group = pattern.partition(".")[0]
            near = [name for name in names if name.startswith(f"{group}.")]
            near = near or [f"{group}.*" for group in suite.GROUPS] + [FUZZING[0]]
            raise CannotRunError(f"no check has the name {pattern}; there are {', '.join(near)}")


def _run(options: argparse.Namespace, contract: Contract, server: Target) -> int:
    start = time.monotonic()
    info = contract.document["info"]
    report.say(f"Holding {server.url} against {options.contract.name} ({info['title']} {info['version']})")
    if options.seed is not None:
        report.say(f"  seed  {options.seed}: repeat with --seed {options.seed}")
    chosen = suite.checks(lambda name: _is_wanted(options, name))
    fuzz = any(_is_wanted(options, name) for name in FUZZING)
    secret = server.secret.encode("utf-8", "surrogateescape") if server.secret else None
    with closing(preflight.connect(server.url, options.timeout, options.ca)) as wire:
        for user in server.users:
            session = preflight.log_in_once(wire, contract, user, options.timeout)
            preflight.check_secret(session, contract, secret)
        probe = Probe(contract, wire, server.users, secret, options.seed or 0)
        results = suite.run(probe, chosen, report.say_group)
        if fuzz and not any(each.skipped == suite.GONE for each in results):
            results += _fuzz(options, contract, server, probe)
    for line in report.unseen(contract, probe.seen) if not options.only else ():
        report.say(f"  note  Documented and not seen, {line}")
    return _conclude(options, results, time.monotonic() - start)


def _is_wanted(options: argparse.Namespace, name: str) -> bool:
    return not options.only or any(fnmatchcase(name, pattern) for pattern in options.only)


def _fuzz(options: argparse.Namespace, contract: Contract, server: Target, probe: Probe) -> list[Result]:
    # Here, because schemathesis takes its time to load, and is not always wanted.
    from . import fuzzing  # noqa: PLC0415

    plan = fuzzing.QUICK if options.quick else fuzzing.FULL
    report.say("  ...   Generated requests: schemathesis makes them from the contract, with a log-in for each")
    start = time.monotonic()
    outcome = fuzzing.run(
        contract,
        server.url,
        server.users[0],
        replace(plan, seed=options.seed, timeout=options.timeout, ca=network.authority(options.ca)),
        probe.mask,
        on_phase=lambda phase, cases: report.say(f"        phase {phase}: {cases} requests"),
    )
    probe.seen.update(outcome.seen)
    successes = ", ".join(f"{count} to {method}" for method, count in sorted(outcome.successes(contract).items()))
    word = "FAIL" if outcome.findings else "ok"
    report.say(f"  {word:4}  Generated requests ({len(outcome.cases)} requests, answers 2xx: {successes or 'none'})")
    return outcome.results(time.monotonic() - start)


def _conclude(options: argparse.Namespace, results: Sequence[Result], seconds: float) -> int:
    """Say what was found, and return the exit status."""
    findings = [finding for each in results for finding in each.findings]
    for text in report.texts_of(findings):
        report.say(f"\n{text}")
    if options.junit is not None:
        try:
            report.write_junit(options.junit, results)
        except OSError as error:
            raise CannotRunError(f"{options.junit} cannot be written: {error.strerror}") from error
    failed, ran = sum(bool(each.findings) for each in results), sum(not each.skipped for each in results)
    report.say()
    if failed:
        report.say(f"The server does not hold the contract: {failed} of {ran} checks failed, {seconds:.1f} s.")
        return 1
    report.say(f"The server holds the contract: {ran} checks passed, {seconds:.1f} s.")
    return 0
