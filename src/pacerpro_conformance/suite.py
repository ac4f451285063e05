"""Runs the checks one after another, and says how each of them went."""

import fnmatch
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from . import fuzzing
from .checks import forged, login, routing, sessions
from .errors import CannotRunError, StopCheckError
from .findings import CHECKS, Check, Result
from .probe import Probe

MODULES = (forged, fuzzing, login, routing, sessions)  # each registers its checks
# In the order in which they run.
GROUPS = ("login", "refresh", "logout", "tokens", "forged", "placement", "bodies", "routes", "soak", "schemathesis")
GONE = "the server leaves too many requests without an answer"
UNSIGNED = "it needs --secret, the key that signs the server's tokens"


def checks(only: Sequence[str] = (), skip: Sequence[str] = ()) -> list[Check]:
    """The checks whose names fit these patterns, in the order of their groups. Raises CannotRunError for a misfit."""
    # Its checks cannot be chosen one by one.
    only, skip = ([f"{each}.*" if each == fuzzing.GROUP else each for each in given] for given in (only, skip))
    names = [each.name for each in CHECKS]
    for pattern in (*only, *skip):
        if not fnmatch.filter(names, pattern):
            raise CannotRunError(f"no check has the name {pattern}; there are {', '.join(names)}")
    chosen = {name for pattern in only or ["*"] for name in fnmatch.filter(names, pattern)}
    chosen -= {name for pattern in skip for name in fnmatch.filter(names, pattern)}
    return sorted((each for each in CHECKS if each.name in chosen), key=lambda each: GROUPS.index(each.group))


def run(probe: Probe, chosen: Iterable[Check]) -> Iterator[tuple[str, list[Result]]]:
    """Run checks, and yield each group's name and results. Try no more when the server no longer answers.

    The last results are those of what all answers must keep to.
    """
    for group, members in groupby(chosen, key=lambda each: each.group):
        done: list[Result] = []
        for check in members:
            done.append(Result(check))
            _run_one(probe, done[-1])
            done += probe.further.values()
            probe.further = {}
        yield group, done
    if probe.judged:
        yield "answers", [*probe.aspects.values()]


def _run_one(probe: Probe, result: Result) -> None:
    probe.result, start = result, time.monotonic()
    if result.check.needs_secret and not probe.secret:
        result.not_tried = UNSIGNED
    elif not probe.gone:
        try:
            result.check.run(probe)
        except StopCheckError:
            result.not_tried = result.not_tried or "; ".join(result.gaps) or "it met a finding of answers.*"
    if probe.gone:
        result.not_tried = GONE
    result.seconds = time.monotonic() - start
