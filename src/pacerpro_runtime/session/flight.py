"""One log-in or refresh under way, and the threads and tasks that wait for it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Protocol

from pacerpro_runtime.errors import PacerProError

# The flight that is led here, or by whoever called this: tasks and threads inherit it.
_led: ContextVar[Flight | None] = ContextVar("pacerpro_led", default=None)


class _Event(Protocol):
    async def wait(self) -> object: ...


class Flight:
    """A log-in or refresh that one caller leads and others wait for.

    It may be waited for by threads, and by tasks of any number of event loops (asyncio and trio) at the same time. It
    has no lock: the garbage collector may land a flight whose leader is lost, in the middle of any line of this module.

    Attributes:
        thread: The identity of the leader's thread.
        landed: Whether it is over.
        error: What everyone who waits is to hear. An error of the network, or a cancellation, is the leader's own.
    """

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.landed = False
        self.error: PacerProError | None = None
        self._waiting: deque[Callable[[], object]] = deque()

    @contextmanager
    def led(self) -> Generator[None]:
        """Let what is called meanwhile know that it must not wait for this."""
        outer = _led.get()
        _led.set(self)
        try:
            yield
        finally:
            if _led.get() is self:  # The garbage collector may come by here from anywhere.
                _led.set(outer)

    def waits_for_me(self, *, blocking: bool) -> bool:
        """Tell whether the leader could not go on while its caller waits, so that both would wait for ever.

        So it is for an event hook of the leader's, and for who blocks the thread in which the leader is a task.
        """
        return _led.get() is self or (blocking and self.thread == threading.get_ident())

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
