"""Work in threads that threads and tasks wait for."""

from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from contextlib import suppress
from contextvars import ContextVar, copy_context
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

caller_loop: ContextVar[Any] = ContextVar("caller_loop", default=None)
"""The event loop that has started this thread by :func:`call`."""


async def call(function: Callable[..., T], *arguments: Any, blocking: bool) -> T:
    """Call a function, in a thread of its own if this one must not block; that goes on if the caller is cancelled."""
    if blocking:
        return function(*arguments)
    from anyio.lowlevel import current_token  # noqa: PLC0415  # Programs that are not asynchronous do without it.

    outcome, context = Future[T](), copy_context()
    context.run(caller_loop.set, current_token())

    def work() -> None:
        try:
            outcome.set_result(context.run(function, *arguments))
        except BaseException as error:  # noqa: BLE001  # Passed on.
            outcome.set_exception(error)

    # Not one of a pool: all of them may be waiting for this very call. The end of the program does not wait for it.
    Thread(target=work, daemon=True).start()
    return await settled(outcome, blocking=False)


async def settled(outcome: Future[T], *, blocking: bool) -> T:
    """Return the result of a future, or raise its exception. Threads and any number of event loops may wait."""
    if not blocking:
        from anyio import Event  # noqa: PLC0415  # As above.
        from anyio.lowlevel import current_token  # noqa: PLC0415  # As above.

        event = Event()
        loop: Any = current_token().native_token  # Of asyncio or trio.
        call_soon = loop.call_soon_threadsafe if hasattr(loop, "call_soon_threadsafe") else loop.run_sync_soon

        def wake(_: object) -> None:
            with suppress(RuntimeError):  # The event loop has ended meanwhile.
                call_soon(event.set)

        outcome.add_done_callback(wake)
        await event.wait()
    return outcome.result()


def run_in(loop: Any, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in the event loop of another thread. If that has ended, raise RuntimeError or CancelledError."""
    native = loop.native_token
    if not hasattr(native, "is_closed"):
        from anyio import from_thread  # noqa: PLC0415  # As above.

        return from_thread.run(function, token=loop)  # Trio raises an error at the end.
    from asyncio import run_coroutine_threadsafe  # noqa: PLC0415  # As above.

    outcome = None if native.is_closed() else run_coroutine_threadsafe(function(), native)
    while outcome is not None and not native.is_closed():
        if wait([outcome], timeout=1.0).done:
            return outcome.result()
    raise RuntimeError("the event loop has ended")
