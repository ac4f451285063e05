"""What a change asks of the version."""

from __future__ import annotations

from dataclasses import dataclass

from versioning.versions import Rank


@dataclass(frozen=True)
class Finding:
    """A change that users can feel: where it is, and what happened there."""

    rank: Rank
    where: str
    what: str


def breaks(where: str, what: str) -> Finding:
    """Return a finding that asks for the next major version."""
    return Finding(Rank.BREAK, where, what)


def adds(where: str, what: str) -> Finding:
    """Return a finding that asks for the next minor version."""
    return Finding(Rank.ADDITION, where, what)
