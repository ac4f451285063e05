"""Faults of the mock, on purpose, one at a time: each is a small patch, named for what it breaks.

The conformance suite must find each of them, by the check that is meant to, and at the level that it has. `mutate.py`
applies each in a process of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

Patch = Callable[[], None]


@dataclass(frozen=True)
class Mutant:
    """A fault: its name, what it breaks, the check that must find it and at which level, and the patch."""

    name: str
    breaks: str
    found_by: str
    level: str
    apply: Patch


MUTANTS: dict[str, Mutant] = {}


def found_by(check: str) -> Callable[[Patch], Patch]:
    """Make a function that patches the mock a mutant, which is a violation; its docstring says what it breaks."""
    return _registering(check, "violation")


def advised_by(check: str) -> Callable[[Patch], Patch]:
    """Do the same for a mutant that is only advice."""
    return _registering(check, "advice")


def _registering(check: str, level: str) -> Callable[[Patch], Patch]:
    def register(patch: Patch) -> Patch:
        if patch.__name__ in MUTANTS:
            raise ValueError(f"there are two mutants called {patch.__name__}")
        MUTANTS[patch.__name__] = Mutant(patch.__name__, (patch.__doc__ or "").strip(), check, level, patch)
        return patch

    return register
