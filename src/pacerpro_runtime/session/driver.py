"""What a coroutine that serves threads and tasks needs of both."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from pacerpro_runtime.driver import run as run  # noqa: PLC0414  # Passed on.

T = TypeVar("T")


async def call(function: Callable[..., T], *arguments: Any, blocking: bool) -> T:
    """Call a function that blocks for a short time, in a worker thread if this thread must not block."""
    if blocking:
        return function(*arguments)
    from anyio import CapacityLimiter, to_thread  # noqa: PLC0415  # Programs that are not asynchronous do without it.

    # A limiter of its own: all threads of the usual one may be waiting for this very call.
    return await to_thread.run_sync(function, *arguments, limiter=CapacityLimiter(1))


def is_abandoned(error: BaseException | None = None) -> bool:
    """Tell whether an error, by default the current one, ends a task whose event loop is gone: it cannot await."""
    error = error or sys.exception()
    while error is not None and not isinstance(error, GeneratorExit):
        error = error.__context__
    return error is not None
