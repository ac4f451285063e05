"""Time as the mock sees it: it can be moved and frozen, so that no test has to sleep."""

import time
from datetime import UTC, datetime

from pacerpro_mock.settings import is_a, require

# Well inside what `datetime` can hold (year 9999), so that an expiry worked out from it can be shown.
LATEST = 220_000_000_000.0


class Clock:
    """Seconds since the epoch. It runs with the machine's clock until it is moved or frozen."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen_at: float | None = None

    def now(self) -> float:
        """The present, in seconds since the epoch."""
        frozen_at = self._frozen_at
        return time.time() + self._offset if frozen_at is None else frozen_at

    def today(self) -> datetime:
        """The present as an aware datetime, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    @property
    def frozen(self) -> bool:
        """Whether time stands still between two calls of `advance`."""
        return self._frozen_at is not None

    def advance(self, seconds: float) -> None:
        """Move time by `seconds`; a negative number sets it back.

        Raises `ValueError` if the result is before the epoch, after the year 8900, or not a number.
        """
        require(is_a(seconds, int, float), "a clock is moved by a number of seconds")
        moved = _checked(self.now() + seconds)
        if self.frozen:
            self._frozen_at = moved
        else:
            self._offset += seconds

    def freeze(self, at: float | None = None) -> None:
        """Let time stand still, now or at the given second since the epoch. Raises `ValueError` as `advance` does."""
        self._frozen_at = _checked(self.now() if at is None else at)

    def run(self) -> None:
        """Let time run on from where it stands."""
        self._offset, self._frozen_at = self.now() - time.time(), None

    def reset(self) -> None:
        """Go back to the machine's own time, running."""
        self._offset, self._frozen_at = 0.0, None


def _checked(moment: float) -> float:
    right = is_a(moment, int, float) and 0 <= moment <= LATEST
    require(right, f"a clock cannot show {moment!r} seconds since the epoch")
    return moment
