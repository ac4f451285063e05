"""The checks that there are: each module of `checks` registers its own."""

from collections.abc import Callable
from dataclasses import dataclass

from .probe import Probe


@dataclass(frozen=True)
class Check:
    """One question to the server. `name` is its group and its function, `title` the rule that it looks for."""

    name: str
    title: str
    run: Callable[[Probe], None]
    needs_secret: bool = False

    @property
    def group(self) -> str:
        """The module that the check stands in."""
        return self.name.partition(".")[0]


CHECKS: list[Check] = []


def check(function: Callable[[Probe], None]) -> Callable[[Probe], None]:
    """Make a function a check of its module's group; the first line of its docstring is the rule."""
    return _register(function, needs_secret=False)


def check_with_secret(function: Callable[[Probe], None]) -> Callable[[Probe], None]:
    """As `check`, for one that has to sign tokens with the server's own key."""
    return _register(function, needs_secret=True)


def _register(function: Callable[[Probe], None], *, needs_secret: bool) -> Callable[[Probe], None]:
    group = function.__module__.rpartition(".")[2]
    title = (function.__doc__ or "").partition("\n")[0].rstrip(".")
    CHECKS.append(Check(f"{group}.{function.__name__}", title, function, needs_secret))
    return function
