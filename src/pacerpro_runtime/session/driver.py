"""What the decisions of a session wait for: a server, a store, another caller, time.

The decisions are coroutines over one of these drivers. With :class:`Blocking` they never suspend, so that :func:`run`
can take a thread through them; with :class:`Asynchronous` they run in asyncio and trio.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pacerpro_runtime.client import ApiClient
from pacerpro_runtime.operation import Operation
from pacerpro_runtime.types import Response

from .flight import Flight
from .token import Token

T = TypeVar("T")


class Blocking:
    """Blocks the thread.

    Args:
        close: Whether a client is to be closed after its call.
    """

    blocking = True

    def __init__(self, *, close: bool) -> None:
        self._close = close

    async def send(self, client: ApiClient, operation: Operation[T], body: Any) -> Response[T]:
        """Call an operation, and close the client unless its transport is the user's."""
        try:
            return client.send(operation, body)
        finally:
            if self._close:
                client.close()

    async def wait(self, flight: Flight, seconds: float) -> Token | None:
        """Wait for the outcome of another caller; see :meth:`Flight.wait`."""
        return flight.wait(seconds)

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function that blocks for a short time."""
        return function(*arguments)

    async def finish(self, function: Callable[[], object]) -> None:
        """Call such a function whatever has happened, also when the task is cancelled."""
        function()

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)  # noqa: ASYNC251  # No event loop runs here.


class Asynchronous:
    """Suspends the task; see :class:`Blocking`."""

    blocking = False

    def __init__(self, *, close: bool) -> None:
        self._close = close

    async def send(self, client: ApiClient, operation: Operation[T], body: Any) -> Response[T]:
        """Call an operation, and close the client unless its transport is the user's."""
        try:
            return await client.asend(operation, body)
        finally:
            if self._close and not _is_abandoned():
                await client.aclose()

    async def wait(self, flight: Flight, seconds: float) -> Token | None:
        """Wait for the outcome of another caller; see :meth:`Flight.wait`."""
        return await flight.wait_async(seconds)

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function that blocks for a short time."""
        from anyio import CapacityLimiter, to_thread  # noqa: PLC0415  # Programs that are not asynchronous do without.

        # A limiter of its own: all threads of the usual one may be waiting for this very call.
        return await to_thread.run_sync(function, *arguments, limiter=CapacityLimiter(1))

    async def finish(self, function: Callable[[], object]) -> None:
        """Call such a function whatever has happened, also when the task is cancelled."""
        from anyio import CancelScope  # noqa: PLC0415  # As above.

        if _is_abandoned():
            function()
        else:
            with CancelScope(shield=True):
                await self.call(function)

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        from anyio import sleep  # noqa: PLC0415  # As above.

        await sleep(seconds)


Driver = Blocking | Asynchronous


def _is_abandoned() -> bool:
    """Tell whether the task's event loop is gone, so that nothing can be awaited any more."""
    return isinstance(sys.exception(), GeneratorExit)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine over :class:`Blocking`."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        coroutine.close()
    raise AssertionError("a coroutine over a blocking driver never suspends")
