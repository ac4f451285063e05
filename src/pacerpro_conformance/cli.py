"""Check a server against openapi.yaml, over HTTP: the command `pacerpro-conformance`.

    pacerpro-conformance --url http://127.0.0.1:8080/v1 --user EMAIL:PASSWORD --user EMAIL:PASSWORD [--secret KEY]

Exit status 0: the server holds the contract. 1: it does not. 2: the checks could not run.
"""

import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import closing, nullcontext

from . import answers, fuzzing, known, reports, suite
from .contract import Contract
from .errors import CannotRunError
from .findings import Check
from .http.masking import Mask
from .http.wire import Wire
from .options import read_options, read_target
from .probe import Probe
from .server import Target, log_in_once, own_mock


def main(argv: Sequence[str] | None = None) -> int:
    """Run the checks that the command line asks for, and return the exit status."""
    options = read_options(argv)
    try:
        checks = suite.checks(options.only, options.skip)
        contract = Contract.read(options.contract)
        names = {each.name for each in (*suite.checks(), *answers.ASPECTS.values())} | set(fuzzing.names())
        deviations = known.read(options.known, names) if options.known else []
        given = read_target(options)
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
        for title, results in suite.run(probe, checks):
            run.add(title, results)
    run.seconds = time.monotonic() - start
