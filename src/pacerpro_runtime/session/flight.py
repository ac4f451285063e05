"""One log-in or refresh under way, and the threads and tasks that wait for its outcome."""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from typing import Protocol

from .token import Token


class _Event(Protocol):
    async def wait(self) -> object: ...


class Flight:
    """A log-in or refresh that one caller leads, and whose outcome all others share.

    The outcome is a token or an error. There is none if the leader was cancelled, interrupted or lost: then one of
    the others leads another flight. Threads and tasks of any number of event loops (asyncio and trio) may wait.
    """

    def __init__(self, token: Token | None, *, rejected: bool, login: bool, blocking: bool, log_outs: int) -> None:
        self.token = token  # The current one, if it lives.
        self.rejected = rejected  # By the server.
        self.login = login  # The user has asked for a new session.
        self.blocking = blocking
        self.log_outs = log_outs  # Its token is not wanted after another.
        self.thread = threading.get_ident()
        self._outcome: Future[Token] = Future()

    def land(self, outcome: Token | Exception | None) -> None:
        """Give the outcome to all that wait. The first outcome counts."""
        with suppress(InvalidStateError):
            if outcome is None:
                self._outcome.cancel()
            elif isinstance(outcome, Token):
                self._outcome.set_result(outcome)
            else:
                self._outcome.set_exception(_without_traceback(outcome))

    def wait(self, seconds: float) -> Token | None:
        """Return the token, or None if the leader is gone or too slow. Raise a copy of the leader's error."""
        try:
            error = self._outcome.exception(seconds)
        except (CancelledError, TimeoutError):
            return None
        if error is not None:
            raise _without_traceback(error)
        return self._outcome.result()

    async def wait_async(self, seconds: float) -> Token | None:
        """Suspend this task until there is an outcome; see :meth:`wait`."""
        import anyio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

        event, wake = _event()
        self._outcome.add_done_callback(lambda _: wake())
        with anyio.move_on_after(seconds):
            await event.wait()
        return self.wait(0)


def _without_traceback(error: BaseException) -> BaseException:
    """Return a copy: a traceback belongs to one thread and keeps the values of its frames alive."""
    try:
        return copy.copy(error)
    except Exception:  # noqa: BLE001  # An error of a transport of the user's own may have arguments that copy misses.
        return error


def _event() -> tuple[_Event, Callable[[], object]]:
    """Return an event of the running loop, and a function that sets it from any thread."""
    event: _Event
    if "trio" in sys.modules:
        import trio  # noqa: PLC0415  # Only if the program itself uses it.

        with suppress(RuntimeError):  # Not in trio's loop.
            token = trio.lowlevel.current_trio_token()
            event = trio_event = trio.Event()
            return event, lambda: _if_open(lambda: token.run_sync_soon(trio_event.set))
    import asyncio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

    loop = asyncio.get_running_loop()
    event = asyncio_event = asyncio.Event()
    return event, lambda: _if_open(lambda: loop.call_soon_threadsafe(asyncio_event.set))


def _if_open(wake: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # The event loop of a caller that waited has ended meanwhile.
        wake()
