"""How much a change matters to users, and which version must follow it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from generator.contract_version import VERSION


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


def numbers(version: str) -> tuple[int, ...]:
    """Return the three numbers of a contract's version.

    Raises:
        ValueError: It is not of the form 1.2.3.
    """
    if not VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is not a version: write three numbers, such as 1.2.3")
    return tuple(map(int, version.split(".")))


def asked_for(rank: Rank, version: str) -> str:
    """Return the lowest version that may follow a version after a change; while 0.x, a break asks for a minor one."""
    major, minor, patch = numbers(version)
    if rank is Rank.BREAK and major > 0:
        return f"{major + 1}.0.0"
    return f"{major}.{minor}.{patch + 1}" if rank is Rank.WORDS else f"{major}.{minor + 1}.0"
