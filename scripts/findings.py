"""What a change asks of the version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum


class Rank(IntEnum):
    """How much a change matters to users."""

    WORDS = 1
    ADDITION = 2
    BREAK = 3


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


def numbers(version: str) -> tuple[int, int, int]:
    """Return the three numbers of a version.

    Raises:
        ValueError: It is not of the form 1.2.3.
    """
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        raise ValueError(f"a version is three numbers, such as 1.2.3, and {version!r} is none")
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


def asked_for(rank: Rank, version: str) -> str:
    """Return the lowest version that may follow a version after a change of a rank; while 0.x, a break is a minor."""
    major, minor, patch = numbers(version)
    if rank is Rank.BREAK and major > 0:
        return f"{major + 1}.0.0"
    return f"{major}.{minor}.{patch + 1}" if rank is Rank.WORDS else f"{major}.{minor + 1}.0"
