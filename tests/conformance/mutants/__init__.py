"""Single faults of the mock, on purpose: each is a small patch, named for what it breaks.

The conformance suite has to find every one of them, and by the check that is meant to. Each is applied in a process of
its own, which `run.py` starts.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A fault: its name, what it breaks, the check that is meant to find it, and the patch."""

    name: str
    breaks: str
    found_by: str
    apply: Callable[[], None]


MUTANTS: dict[str, Mutant] = {}


def found_by(check: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Make a function that patches the mock a mutant; its docstring says what it breaks."""

    def register(patch: Callable[[], None]) -> Callable[[], None]:
        if patch.__name__ in MUTANTS:
            raise ValueError(f"there are two mutants called {patch.__name__}")
        MUTANTS[patch.__name__] = Mutant(patch.__name__, (patch.__doc__ or "").strip(), check, patch)
        return patch

    return register
