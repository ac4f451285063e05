"""Compare two ways of doing a thing: in turn, so that whatever else the machine does falls on both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Seconds = Callable[[], float]
"""Does a thing once, and returns how long it took."""


@dataclass(frozen=True)
class Ratio:
    """How long one way takes, as a multiple of the other: the median over the pairs, and the middle half of them."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def timed(function: Callable[[], object], calls: int = 1) -> Seconds:
    """Return what calls a function so many times, and says how long that took."""

    def seconds() -> float:
        start = time.perf_counter()
        for _ in range(calls):
            function()
        return time.perf_counter() - start

    return seconds


def compare(ours: Seconds, theirs: Seconds, pairs: int) -> Ratio:
    """Return the ratio of two ways. The first run of each opens connections and fills caches, and does not count."""
    ours(), theirs()
    ratios: list[float] = []
    for index in range(pairs):
        if index % 2:
            second = theirs()
            first = ours()
        else:
            first = ours()
            second = theirs()
        ratios.append(first / second)
    low, median, high = statistics.quantiles(ratios, n=4)
    return Ratio(median, low, high)
