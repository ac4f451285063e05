"""The clock that the session decides by. It also counts the time that the machine sleeps."""

import time

# Python's `time.monotonic` stops in a suspended machine, while a token grows old all the same.
_CLOCK: int | None = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)


def now() -> float:
    """Return seconds since an unknown instant."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
