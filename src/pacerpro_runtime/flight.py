"""One log-in or refresh under way, and the threads and tasks that wait for it."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from .errors import PacerProError

_by_hand = itertools.count(1)


class Caller(NamedTuple):
    """Somebody who needs a token.

    Attributes:
        thread: The identity of the thread.
        task: The identity of the task, or None for one whose waiting blocks the thread.
    """

    thread: int
    task: int | None

    @classmethod
    def current(cls, *, blocking: bool) -> Caller:
        """Return who is running."""
        if blocking:
            return cls(threading.get_ident(), None)
        import anyio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

        try:
            task = anyio.get_current_task().id
        except RuntimeError:  # No event loop: somebody drives the flow by hand, and may drive another.
            task = -next(_by_hand)
        return cls(threading.get_ident(), task)

    def stops(self, other: Caller) -> bool:
        """Tell whether another caller cannot go on while this one waits, so that it would wait for ever."""
        return self.thread == other.thread and (self.task is None or other.task in (None, self.task))


class _Event(Protocol):
    async def wait(self) -> object: ...


class Flight:
    """A log-in or refresh that one caller leads and others wait for.

    It may be waited for by threads, and by tasks of any number of event loops (asyncio and trio) at the same time. It
    has no lock: the garbage collector may land a flight whose leader is lost, in the middle of any line of this module.

    Args:
        leader: Who leads it.

    Attributes:
        leader: Who leads it.
        landed: Whether it is over.
        error: The error that the leader has met, where it could see one. A network error or a cancellation leaves none:
            the HTTP library ends an auth flow without saying why.
    """

    def __init__(self, leader: Caller) -> None:
        self.leader = leader
        self.landed = False
        self.error: PacerProError | None = None
        self._waiting: deque[Callable[[], object]] = deque()

    def land(self) -> None:
        """Wake everyone who waits."""
        self.landed = True
        with suppress(IndexError):  # Nobody is left. Who gives up waiting may leave at any time.
            while True:
                wake = self._waiting.popleft()
                with suppress(RuntimeError):  # The event loop of somebody who waited has ended meanwhile.
                    wake()

    def wait(self, seconds: float | None) -> None:
        """Block this thread until the flight has landed, or so many seconds have passed."""
        # Not an event, which has a lock inside: the collector must not find it held by the thread that it wakes.
        gate = threading.Lock()
        gate.acquire()
        timeout = -1 if seconds is None else min(seconds, threading.TIMEOUT_MAX)
        if self._joins(gate.release) and not gate.acquire(timeout=timeout):
            self._leave(gate.release)

    async def wait_async(self, seconds: float | None) -> None:
        """Suspend this task until the flight has landed, or so many seconds have passed."""
        import anyio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

        event, wake = _event()
        if self._joins(wake):
            try:
                with anyio.move_on_after(seconds):
                    await event.wait()
            finally:
                self._leave(wake)

    def _joins(self, wake: Callable[[], object]) -> bool:
        # In this order: whoever misses the waking sees that the flight has landed.
        self._waiting.append(wake)
        return not self.landed

    def _leave(self, wake: Callable[[], object]) -> None:
        with suppress(ValueError):
            self._waiting.remove(wake)


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
