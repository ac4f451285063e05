"""What a check has found, and the checks that there are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .probe import Probe


@dataclass(frozen=True)
class Finding:
    """One way in which the server does not hold the contract. No field holds a secret."""

    check: str
    expected: str
    came: str
    note: str = ""
    curl: str = ""


@dataclass(frozen=True)
class Check:
    """One question to the server. `name` is its group and its function, `title` the rule that it looks for."""

    name: str
    title: str
    run: "Callable[[Probe], None]"
    needs_secret: bool = False

    @property
    def group(self) -> str:
        """The module that the check stands in."""
        return self.name.partition(".")[0]


@dataclass
class Result:
    """How one check went."""

    name: str
    title: str
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0
    skipped: str = ""

    @property
    def group(self) -> str:
        """The part of the suite that the check belongs to."""
        return self.name.partition(".")[0]


class StopCheckError(Exception):
    """What a check still wanted to ask makes no sense after what it found."""


CHECKS: list[Check] = []


def check(function: "Callable[[Probe], None]") -> "Callable[[Probe], None]":
    """Make a function a check of its module's group; the first line of its docstring is the rule."""
    return _register(function, needs_secret=False)


def check_with_secret(function: "Callable[[Probe], None]") -> "Callable[[Probe], None]":
    """As `check`, for one that has to sign tokens with the server's own key."""
    return _register(function, needs_secret=True)


def _register(function: "Callable[[Probe], None]", *, needs_secret: bool) -> "Callable[[Probe], None]":
    group = function.__module__.rpartition(".")[2]
    title = (function.__doc__ or "").partition("\n")[0].rstrip(".")
    CHECKS.append(Check(f"{group}.{function.__name__}", title, function, needs_secret))
    return function
