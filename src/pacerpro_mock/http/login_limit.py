"""How many log-ins the gateway lets through. The real limit is not known, so by default there is none."""

import math
import threading

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.settings import is_whole, require

WINDOW = 60


class LoginLimit:
    """At most `limit` log-ins in any minute of the mock's clock; None for no limit."""

    def __init__(self, limit: int | None, clock: Clock) -> None:
        valid = limit is None or is_whole(limit, 1)
        require(valid, "the log-in limit is a whole number, and at least 1 a minute")
        self._limit, self._clock = limit, clock
        self._lock = threading.Lock()
        self.passed: list[float] = []

    def refuse(self) -> Answer | None:
        """Let a log-in through and return None, or return 429 with the seconds after which to come again."""
        now = self._clock.now()
        with self._lock:
            # The clock may have been set back: what has not been yet does not count.
            self.passed = [moment for moment in self.passed if now - WINDOW < moment <= now]
            if self._limit is None or len(self.passed) < self._limit:
                self.passed += [now] if self._limit else []
                return None
            wait = max(1, math.ceil(self.passed[0] + WINDOW - now))
        return answers.gateway_error(429, "Too Many Requests").with_header("Retry-After", str(wait))
