"""Time as the mock sees it: it can be moved and frozen, so that no test has to sleep."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from pacerpro_mock.settings import is_a, require

# Well inside what `datetime` can hold (year 9999), so that an expiry worked out from it can be shown.
LATEST = 220_000_000_000.0


class Clock:
    """Seconds since the epoch. It runs with the machine's clock until it is moved or frozen."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0
        self._frozen_at: float | None = None

    def now(self) -> float:
        """The present, in seconds since the epoch."""
        with self._lock:
            return self._now()

    def today(self) -> datetime:
        """The present as an aware datetime, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    @property
    def frozen(self) -> bool:
        """Whether time stands still between two calls of `advance`."""
        with self._lock:
            return self._frozen_at is not None

    def advance(self, seconds: float) -> None:
        """Move time by `seconds`; a negative number sets it back.

        Raises `ValueError` if the result is before the epoch, after the year 8900, or not a number.
        """
        require(is_a(seconds, int, float), "a clock is moved by a number of seconds")
        with self._lock:
            moved = _checked(self._now() + seconds)
            if self._frozen_at is not None:
                self._frozen_at = moved
            else:
                self._offset += seconds

    def freeze(self, at: float | None = None) -> None:
        """Let time stand still, now or at the given second since the epoch. Raises `ValueError` as `advance` does."""
        with self._lock:
            self._frozen_at = _checked(self._now() if at is None else at)

    def run(self) -> None:
        """Let time run on from where it stands."""
        with self._lock:
            if self._frozen_at is not None:
                self._offset = self._frozen_at - time.time()
                self._frozen_at = None

    def reset(self) -> None:
        """Go back to the machine's own time, running."""
        with self._lock:
            self._offset = 0.0
            self._frozen_at = None

    def _now(self) -> float:
        return time.time() + self._offset if self._frozen_at is None else self._frozen_at


def _checked(moment: float) -> float:
    right = is_a(moment, int, float) and 0 <= moment <= LATEST
    require(right, f"a clock cannot show {moment!r} seconds since the epoch")
    return moment
