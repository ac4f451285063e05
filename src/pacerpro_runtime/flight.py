"""One log-in or refresh under way, and the threads and tasks that wait for it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from .errors import ApiError
from .token import Token


class _Event(Protocol):
    async def wait(self) -> object: ...


class Flight:
    """A log-in or refresh that one caller leads and others wait for.

    It may be waited for by threads, and by tasks of any number of event loops (asyncio and trio) at the same time.

    Attributes:
        thread: The identity of the leader's thread.
        token: What came of it; None while it is under way, and where it failed.
        error: The server's refusal, where there was one. A network error or a cancellation leaves none: the HTTP
            library ends an auth flow without saying why.
    """

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.token: Token | None = None
        self.error: ApiError | None = None
        self._lock = threading.Lock()
        self._landed = False
        self._waiting: list[Callable[[], object]] = []

    def land(self) -> None:
        """Wake everyone who waits."""
        with self._lock:
            self._landed = True
            waiting, self._waiting = self._waiting, []
        for wake in waiting:
            with suppress(RuntimeError):  # The event loop of somebody who waited has ended meanwhile.
                wake()

    def wait(self) -> None:
        """Block this thread until the flight has landed."""
        event = threading.Event()
        if self._wake_with(event.set):
            event.wait()

    async def wait_async(self) -> None:
        """Suspend this task until the flight has landed."""
        event, wake = _event()
        if self._wake_with(wake):
            await event.wait()

    def _wake_with(self, wake: Callable[[], object]) -> bool:
        with self._lock:
            if not self._landed:
                self._waiting.append(wake)
            return not self._landed


def _event() -> tuple[_Event, Callable[[], object]]:
    """Return an event of the running loop, and what sets it from any thread."""
    if "trio" in sys.modules:
        import trio  # noqa: PLC0415  # Only where the program itself uses it.

        with suppress(RuntimeError):  # Not in trio's loop.
            token = trio.lowlevel.current_trio_token()
            trio_event = trio.Event()
            return trio_event, lambda: token.run_sync_soon(trio_event.set)
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    return event, lambda: loop.call_soon_threadsafe(event.set)
