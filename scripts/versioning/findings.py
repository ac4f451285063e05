"""How much a change matters to users."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import partial


class Rank(IntEnum):
    """How much a change matters to users."""

    WORDS = 1
    ADDITION = 2
    BREAK = 3


@dataclass(frozen=True)
class Finding:
    """A change that users notice: where it is, and what happened there."""

    rank: Rank
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.rank.name.lower()}: {self.where}: {self.what}"


breaks = partial(Finding, Rank.BREAK)
adds = partial(Finding, Rank.ADDITION)


def topmost(places: set[str]) -> list[str]:
    """Return the places that are not part of another one: a part says nothing that its whole does not."""
    found: list[str] = []
    for place in sorted(places):
        if not any(place.startswith(tuple(f"{whole}{mark}" for mark in " .[(")) for whole in found):
            found.append(place)
    return found
