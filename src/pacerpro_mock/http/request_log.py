"""What the mock has been asked. No secret is in it: no header, no query, no body."""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter, deque
from typing import NamedTuple
from urllib.parse import quote

logger = logging.getLogger("pacerpro_mock.access")

# So that a mock that runs for weeks does not grow; the counts go on.
KEPT = 10_000
LONGEST_PATH = 200
# A token in a path is a mistake that happens, and no reason to write it down.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*")


class RequestRecord(NamedTuple):
    """A request as it was answered: `status` is None where the connection was dropped without one.

    `user` is the e-mail address of the user, where the request proved who that is.
    """

    method: str
    path: str
    status: int | None
    user: str | None

    def __str__(self) -> str:
        """One line, as in the access log."""
        return f"{self.method} {self.path} {self.status or 'dropped'} {self.user or '-'}"


class Journal:
    """The last requests, and how many there were of each operation. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[RequestRecord] = deque(maxlen=KEPT)
        self._counts: Counter[str] = Counter()

    def add(self, operation: str | None, record: RequestRecord) -> None:
        """Keep a request, and log it."""
        with self._lock:
            self._requests.append(record)
            if operation is not None:
                self._counts[operation] += 1
        logger.info("%s", record)

    @property
    def requests(self) -> list[RequestRecord]:
        """The last requests, oldest first."""
        with self._lock:
            return list(self._requests)

    @property
    def counts(self) -> Counter[str]:
        """How many requests there were, by operationId."""
        with self._lock:
            return Counter(self._counts)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._requests.clear()
            self._counts.clear()


def shown(text: str) -> str:
    """A path or a method, which a caller may make of anything, on one line, in ASCII, without a token."""
    return quote(_TOKEN.sub("***", text), safe="/*:@!$&'()+,;=~")[:LONGEST_PATH]
