"""Runs the checks one after another, and says how each of them went."""

import time
from collections.abc import Callable, Iterable
from itertools import groupby

# Imported for the checks that they register, and run in this order.
from . import answers
from .checks import bodies, forged, login, logout, placement, refresh, routes, soak, tokens
from .errors import ServerGoneError, StopCheckError
from .findings import CHECKS, Check, Result
from .probe import Probe

GROUPS = {
    module.__name__.rpartition(".")[2]: module
    for module in (login, refresh, logout, tokens, forged, placement, bodies, routes, soak)
}
GONE = "the server leaves too many requests without an answer"
UNSIGNED = "it needs --secret, the key that signs the server's tokens"


def checks(wanted: Callable[[str], bool] = lambda _name: True) -> list[Check]:
    """The checks whose names are wanted, in the order of their groups."""
    order = list(GROUPS)
    return sorted((each for each in CHECKS if wanted(each.name)), key=lambda each: order.index(each.group))


def title_of(group: str) -> str:
    """What a group of checks looks at, in a line."""
    return (GROUPS[group].__doc__ or "").partition("\n")[0].rstrip(".")


def run(probe: Probe, chosen: Iterable[Check], on_group: Callable[[str, list[Result]], None]) -> list[Result]:
    """Run checks, and report each group when it is done. Try no more when the server no longer answers."""
    results: list[Result] = []
    gone = ""
    for group, members in groupby(chosen, key=lambda each: each.group):
        done: list[Result] = []
        for each in members:
            unsigned = UNSIGNED if each.needs_secret and probe.secret is None else ""
            result = Result(each, not_tried=gone or unsigned)
            if not result.not_tried:
                gone = _run_one(probe, each, result)
            done.append(result)
        on_group(group, done)
        results += done
    # What was found in any answer to any check.
    found = ([finding for finding in probe.findings if finding.check == each.name] for each in answers.ASPECTS.values())
    return results + [Result(*pair) for pair in zip(answers.ASPECTS.values(), found, strict=True) if probe.seen]


def _run_one(probe: Probe, each: Check, result: Result) -> str:
    """Run one check; return why the rest cannot be tried, if so."""
    probe.check, probe.gaps, probe.consequence_of = each, result.gaps, ""
    before, start = len(probe.findings), time.monotonic()
    stopped = ""
    try:
        if each.run:
            each.run(probe)
    except StopCheckError:
        stopped = "it met a finding of answers.*"
    except ServerGoneError:
        stopped = GONE
    result.seconds = time.monotonic() - start
    result.findings = [finding for finding in probe.findings[before:] if finding.check == each.name]
    if probe.consequence_of:
        stopped = f"it met the finding of {probe.consequence_of} again" if stopped != GONE else GONE
    elif result.gaps and stopped:
        stopped = "; ".join(result.gaps)
    if not result.findings:
        result.not_tried = stopped
    return stopped if stopped == GONE else ""
