"""Check a server against openapi.yaml, over HTTP: the command `pacerpro-conformance`.

    pacerpro-conformance --url http://127.0.0.1:8080/v1 --user EMAIL:PASSWORD --user EMAIL:PASSWORD [--secret KEY]

Exit status 0: the server holds the contract. 1: it does not. 2: the checks could not run.
"""

import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from . import answers, suite
from .contract import Contract
from .errors import CannotRunError
from .findings import Result
from .http import network
from .http.masking import Mask
from .options import read_options, read_target
from .probe import Probe
from .reports import console, files, known
from .reports.run import Run, unseen
from .server import preflight, target
from .server.target import Target

# It makes its own checks, which cannot be chosen one by one.
FUZZING = ("schemathesis", "schemathesis.*", "schemathesis.run")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the checks that the command line asks for, and return the exit status."""
    options = read_options(argv)
    try:
        for patterns in (options.only, options.skip):
            _check_names(patterns)
        for name in files.WRITERS:
            preflight.check_writable(getattr(options, name))
        contract = Contract.read(options.contract)
        deviations = known.read(options.known, _names) if options.known else []
        given = read_target(options)
        with nullcontext(given) if given else target.own_mock() as server, network.settled(server.url):
            run = _run(options, contract, server)
            run.stale = known.accept(run.results, deviations)
        return _conclude(options, run)
    except CannotRunError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("conformance: interrupted", file=sys.stderr)
        return 2


def _check_names(patterns: Sequence[str]) -> None:
    """Raise CannotRunError for a pattern that fits no check, with the names that are near it."""
    names = [each.name for each in suite.checks()]
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in (*names, *FUZZING)):
            group = pattern.partition(".")[0]
            near = [name for name in names if name.startswith(f"{group}.")]
            near = near or [f"{group}.*" for group in suite.GROUPS] + [FUZZING[0]]
            raise CannotRunError(f"no check has the name {pattern}; there are {', '.join(near)}")


def _names() -> set[str]:
    """The names of all checks, for the file of known deviations."""
    from . import fuzzing  # noqa: PLC0415 - it takes its time to load, and is not always wanted

    return {each.name for each in (*suite.checks(), *answers.ASPECTS.values())} | set(fuzzing.names())


def _run(options: Namespace, contract: Contract, server: Target) -> Run:
    start = time.monotonic()
    info = contract.document["info"]
    # The project's own mock has no excuse.
    strict = options.strict or options.url is None
    run = Run(server.url, f"{options.contract.name} ({info['title']} {info['version']})", strict)
    console.say(f"Checking {server.url} against {run.contract}")
    if options.seed is not None:
        console.say(f"  seed  {options.seed}: repeat with --seed {options.seed}")
    secret = server.secret.encode("utf-8", "surrogateescape") if server.secret else None
    passwords = [user.password for user in server.users]
    mask = Mask(passwords, server.secret, contract.password, contract.token, options.header)
    report = next((path for name in files.WRITERS if (path := getattr(options, name))), None)
    folder = report.with_name(f"{report.name}.files") if report else None
    with closing(preflight.connect(server.url, options.timeout, options.ca, options.header)) as wire:
        for user in server.users:
            session = preflight.log_in_once(wire, contract, user, options.timeout)
            preflight.check_secret(session, contract, secret)
        probe = Probe(contract, wire, server.users, secret, options.seed or 0, mask, folder)
        chosen = suite.checks(lambda name: _is_wanted(options, name))
        run.results = suite.run(probe, chosen, lambda group, results: _say_group(run, group, results))
        if _is_wanted(options, *FUZZING):
            run.results += _fuzz(options, probe, run)
    run.unseen = [] if options.only or options.skip else unseen(contract, probe.seen)
    run.seconds = time.monotonic() - start
    return run


def _say_group(run: Run, group: str, results: Sequence[Result]) -> None:
    console.say_group(suite.title_of(group), results, strict=run.strict)


def _is_wanted(options: Namespace, *names: str) -> bool:
    """Whether a check that goes by these names is to run."""

    def fits(patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

    return (not options.only or fits(options.only)) and not fits(options.skip)


def _fuzz(options: Namespace, probe: Probe, run: Run) -> list[Result]:
    # Here, because schemathesis takes its time to load, and is not always wanted.
    from . import fuzzing  # noqa: PLC0415

    if any(each.not_tried == suite.GONE for each in run.results):
        return [Result(fuzzing.RUN, not_tried=suite.GONE)]
    console.say("  ...   Generated requests: schemathesis makes them from the contract, with a log-in for each")
    plan = replace(
        fuzzing.QUICK if options.quick else fuzzing.FULL,
        seed=options.seed,
        timeout=options.timeout,
        ca=network.authority(options.ca),
        headers=options.header,
    )
    start = time.monotonic()
    outcome = fuzzing.run(
        probe.contract, run.url, probe.ada, plan, probe.repeats,
        on_phase=lambda phase, cases: console.say(f"        phase {phase}: {cases} requests"),
    )  # fmt: skip
    probe.seen.update(outcome.seen)
    results = outcome.results(time.monotonic() - start, run.results)
    successes = ", ".join(f"{count} of {name}" for name, count in sorted(outcome.successes().items()) if count)
    word = "FAIL" if any(each.outcome(strict=run.strict) == "failed" for each in results) else "ok"
    console.say(f"  {word:4}  Generated requests ({len(outcome.cases)} requests, successes: {successes or 'none'})")
    return results


def _conclude(options: Namespace, run: Run) -> int:
    """Print and write the reports, and return the exit status."""
    console.conclude(run)
    for name, write in files.WRITERS.items():
        path: Path | None = getattr(options, name)
        try:
            if path is not None:
                write(path, run)
        except OSError as error:
            raise CannotRunError(f"{path} cannot be written: {error.strerror}") from error
    outcomes = run.outcomes()
    if outcomes["not tried"] == len(run.results):
        raise CannotRunError("nothing was checked: no check that was asked for could run")
    return 1 if outcomes["failed"] else 0
