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
GROUPS = {
    "login": "Log-in: correct credentials open a session, and anything else is refused and reveals nothing",
    "refresh": "Refresh: a valid token is exchanged for one that expires later, and both are valid",
    "logout": "Log-out: all tokens of the user end at once, and nobody else's",
    "tokens": "Tokens: the server issues JSON Web Tokens as the contract describes them",
    "forged": "Forged tokens: refresh and log-out refuse them, and a forged log-out ends nothing",
    "placement": "The token's place: it counts in the `Authorization` header, after the word Bearer, and nowhere else",
    "bodies": "Bodies: 400 if not a JSON object, 415 if not declared as JSON, 413 if too large",
    "routes": "Methods and paths: the server answers those of the contract, and no others",
    "soak": "Soak: what works once works a few hundred times, and for many callers at once",
    "schemathesis": "Generated requests: they get the contract's answers, with a log-in for each",
}
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
    return sorted((each for each in CHECKS if each.name in chosen), key=lambda each: [*GROUPS].index(each.group))


def run(probe: Probe, chosen: Iterable[Check]) -> Iterator[tuple[str, list[Result]]]:
    """Run checks, and yield each group's title and results. Try no more when the server no longer answers.

    The last results are those of what all answers must keep to.
    """
    for group, members in groupby(chosen, key=lambda each: each.group):
        done: list[Result] = []
        for check in members:
            done.append(Result(check))
            _run_one(probe, done[-1])
            done += probe.further.values()
            probe.further = {}
        yield GROUPS[group], done
    if probe.judged:
        yield "Answers: each of them keeps to the contract, and repeats no secret", [*probe.aspects.values()]


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
