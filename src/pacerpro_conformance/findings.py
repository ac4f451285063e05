"""Checks, and findings: how a server departs from what a check expects, and how serious that is."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

CheckFunction = Callable[[Any], Any]


class Level(StrEnum):
    """How serious a finding is."""

    VIOLATION = "violation"  # of the contract, of a MUST that a caller without the key can test, or a security hole
    ADVICE = "advice"  # stricter than what is written: worth knowing, and a failure under `--strict` only


@dataclass(frozen=True)
class Check:
    """What a check expects, how serious a departure is, and where the rule is written."""

    name: str
    title: str
    level: Level
    source: str
    run: Callable[[Any], None] = field(default=lambda _probe: None, repr=False)
    needs_secret: bool = False

    @property
    def group(self) -> str:
        """The part of the suite that the check belongs to."""
        return self.name.partition(".")[0]


CHECKS: list[Check] = []


def check(
    group: str, *, source: str, level: Level = Level.VIOLATION, needs_secret: bool = False,
    runner: Callable[[CheckFunction, Any], None] = lambda function, probe: function(probe),
) -> Callable[[CheckFunction], CheckFunction]:  # fmt: skip
    """Register a function of a probe as a check of a group; the first line of its docstring is the rule.

    `source` says where the rule is written, and `level` is that of every finding for which the check names no `Leeway`.
    A check that `needs_secret` signs tokens with the server's key. A `runner` runs functions of another kind.
    """

    def register(function: CheckFunction) -> CheckFunction:
        name, title = f"{group}.{function.__name__}", (function.__doc__ or "").partition("\n")[0].rstrip(".")
        CHECKS.append(Check(name, title, level, source, functools.partial(runner, function), needs_secret))
        return function

    return register


ANY, REFUSED, NOT_5XX = range(100, 600), range(400, 600), range(100, 500)


@dataclass(frozen=True)
class Leeway:
    """Answers that a document allows although a check expects another: they are advice, and others a violation."""

    source: str
    statuses: range = NOT_5XX
    hang_up: bool = False  # whether the server may also close the connection without an answer


CONTENT = Leeway("RFC 9110, sections 9.3.1 and 9.3.5: a server may refuse content without meaning", range(400, 500))


@dataclass(frozen=True)
class Deviation:
    """Findings of a check that the user accepts: all of them, or those whose `expected` fits the pattern."""

    check: str
    reason: str
    date: date
    expected: str = "*"


@dataclass(frozen=True)
class Finding:
    """One departure from a rule. No field contains a secret."""

    check: str
    level: Level
    source: str
    expected: str
    came: str
    note: str = ""
    repeat: str = ""


@dataclass
class Result:
    """How one check went."""

    check: Check
    findings: list[Finding] = field(default_factory=list[Finding])
    seconds: float = 0.0
    not_tried: str = ""  # why the whole check did not run, or proves nothing
    gaps: list[str] = field(default_factory=list[str])  # the parts that did not run, and why
    accepted: list[tuple[Finding, Deviation]] = field(default_factory=list[tuple[Finding, Deviation]])

    def outcome(self, *, strict: bool) -> str:
        """The outcome in a word: failed, advice, accepted, not tried or passed."""
        if self.findings:
            return "failed" if strict or any(each.level is Level.VIOLATION for each in self.findings) else "advice"
        return "accepted" if self.accepted else "not tried" if self.not_tried else "passed"

    def left_out(self) -> list[str]:
        """Why the check, or a part of it, was not tried."""
        return [self.not_tried] if self.outcome(strict=True) == "not tried" else self.gaps
