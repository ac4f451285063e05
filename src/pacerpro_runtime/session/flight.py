"""One log-in or refresh under way, and the threads and tasks that wait for its outcome."""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from typing import Any

from .token import Token


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

    def land(self, outcome: Token | BaseException | None) -> None:
        """Give the outcome to all that wait. The first outcome counts."""
        with suppress(InvalidStateError):
            if outcome is None:
                self._outcome.cancel()
            elif isinstance(outcome, Token):
                self._outcome.set_result(outcome)
            else:
                self._outcome.set_exception(_without_traceback(outcome))

    async def wait(self, seconds: float, *, blocking: bool) -> Token | None:
        """Return the token, or None if the leader is gone or too slow. Raise a copy of the leader's error."""
        if not blocking:
            from anyio import Event, move_on_after  # noqa: PLC0415  # Programs that are not asynchronous do without it.

            event, call_soon = Event(), _call_soon()

            def wake(_: object) -> None:
                with suppress(RuntimeError):  # The event loop has ended meanwhile.
                    call_soon(event.set)

            self._outcome.add_done_callback(wake)
            with move_on_after(seconds):
                await event.wait()
        try:
            error = self._outcome.exception(seconds if blocking else 0)
        except (CancelledError, TimeoutError):
            return None
        if error is not None:
            raise _without_traceback(error)
        return self._outcome.result()


def _without_traceback(error: BaseException) -> BaseException:
    """Return a copy: a traceback belongs to one thread and keeps the values of its frames alive."""
    try:
        return copy.copy(error)
    except Exception:  # noqa: BLE001  # An error of a transport of the user's own may have arguments that copy misses.
        return error


def _call_soon() -> Callable[..., Any]:
    """Return the function that has something called in the running event loop, from any thread."""
    if "trio" in sys.modules:
        import trio  # noqa: PLC0415  # Only if the program itself uses it.

        with suppress(RuntimeError):  # Not in trio's loop.
            return trio.lowlevel.current_trio_token().run_sync_soon
    import asyncio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

    return asyncio.get_running_loop().call_soon_threadsafe
