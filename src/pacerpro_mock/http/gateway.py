"""What stands in front of the service: a limit on log-ins, and what lets the pages of other origins in."""

import math
import threading
from collections.abc import Sequence

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.service.clock import Clock

WINDOW = 60


class LoginLimit:
    """At most `limit` log-ins in any minute of the mock's clock; None for no limit: the real one is not known."""

    def __init__(self, limit: int | None, clock: Clock) -> None:
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


class Cors:
    """Cross-origin requests (Fetch, section 3.2): lets pages of these origins in; `*` stands for all."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._origins = frozenset(origins)

    def preflight(self, head: Head) -> Answer | None:
        """The answer to a browser that asks before it sends a request; None to any other request."""
        methods = head.values(b"access-control-request-method")
        if head.method != "OPTIONS" or not methods or self._allowed(head) is None:
            return None
        headers = b", ".join(head.values(b"access-control-request-headers")).decode("latin-1")
        allowed = {"Access-Control-Allow-Methods": methods[0].decode("latin-1"), "Access-Control-Max-Age": "600"}
        allowed |= {"Access-Control-Allow-Headers": headers} if headers else {}
        return answers.without_body(204).with_headers(allowed)

    def mark(self, head: Head, answer: Answer, request_id_header: str | None) -> Answer:
        """The answer, which a page of an allowed origin may read."""
        if not self._origins or (origin := self._allowed(head)) is None:
            return answer
        # What a script may read beside the headers that it always may.
        exposed = ", ".join(filter(None, ("Retry-After", "WWW-Authenticate", request_id_header)))
        readable = {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": exposed, "Vary": "Origin"}
        return answer.with_headers(readable)

    def _allowed(self, head: Head) -> str | None:
        """The request's origin if it is allowed, or None."""
        sent = [value.decode("latin-1") for value in head.values(b"origin")]
        return sent[0] if len(sent) == 1 and not self._origins.isdisjoint({"*", *sent}) else None
