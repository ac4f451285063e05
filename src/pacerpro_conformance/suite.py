"""Runs the checks one after another, and says how each of them went."""

import time
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import attrgetter

# Imported for the checks that they register, and run in this order.
from . import answers
from .checks import bodies, forged_tokens, login, logout, refresh, routes, soak, token_placement, tokens
from .findings import Result, StopCheckError
from .probe import Probe, ServerGoneError
from .registry import CHECKS, Check

GROUPS = {
    module.__name__.rpartition(".")[2]: module
    for module in (login, tokens, refresh, logout, forged_tokens, token_placement, bodies, routes, soak)
}
GONE = "the server leaves too much without an answer"
UNSIGNED = "no secret was given to sign tokens with"


def checks(wanted: Callable[[str], bool]) -> list[Check]:
    """The checks whose names are wanted, in the order of their groups."""
    order = list(GROUPS)
    return sorted((each for each in CHECKS if wanted(each.name)), key=lambda each: order.index(each.group))


def title_of(group: str) -> str:
    """What a group of checks looks at, in a line."""
    return (GROUPS[group].__doc__ or "").partition("\n")[0].rstrip(".")


def run(probe: Probe, chosen: Iterable[Check], on_group: Callable[[str, list[Result]], None]) -> list[Result]:
    """Run checks, telling of each group when it is done. Stops early when the server no longer answers."""
    results: list[Result] = []
    gone = ""
    for group, members in groupby(chosen, key=attrgetter("group")):
        done: list[Result] = []
        for each in members:
            result = Result(each.name, each.title, skipped=gone)
            if each.needs_secret and probe.secret is None:
                result.skipped = UNSIGNED
            if not result.skipped:
                gone = _run_one(probe, each, result)
            done.append(result)
        on_group(group, done)
        results += done
    return results + about_all_answers(probe)


def _run_one(probe: Probe, each: Check, result: Result) -> str:
    """Run one check; return why the rest cannot be run, if so."""
    probe.check, before, start = each.name, len(probe.findings), time.monotonic()
    gone = ""
    try:
        each.run(probe)
    except StopCheckError:
        pass  # it has said why
    except ServerGoneError:
        gone = GONE
    result.seconds = time.monotonic() - start
    result.findings = [finding for finding in probe.findings[before:] if finding.check == each.name]
    return gone


def about_all_answers(probe: Probe) -> list[Result]:
    """What was found in passing, in any answer to any check."""
    return [
        Result(name := f"answers.{aspect}", title, [each for each in probe.findings if each.check == name])
        for aspect, title in answers.ASPECTS.items()
    ]
