"""Who sends, reads and waits for the session: one driver for threads, and one for tasks.

They are what the HTTP library takes for the generators of an auth flow. Generators they are not, because those are not
told why they are closed: the library closes a flow while the error is on its way that ended the call, and what is
called meanwhile can see it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import suppress
from typing import NoReturn

from pacerpro_runtime._http import httpx
from pacerpro_runtime.errors import PacerProError

from .broken import Broken
from .core import Step
from .flight import Flight
from .session_request import forget_body

Steps = Generator[Step, httpx.Response | None, None]


class SyncFlow(Generator[httpx.Request, httpx.Response, None]):
    """Drives a session's steps in a thread.

    Args:
        steps: The decisions.
        patience: How many seconds to wait for somebody else's log-in; None to wait for ever.
    """

    def __init__(self, steps: Steps, patience: float | None) -> None:
        self._steps = steps
        self._patience = patience

    def send(self, response: httpx.Response | None) -> httpx.Request:
        """Hand in the response to the last request, and return the next one."""
        step = self._steps.send(response)
        while not isinstance(step, httpx.Request):
            if isinstance(step, Flight):
                step.wait(self._patience)
                step = self._steps.send(None)
                continue
            try:
                step.read()
            except (httpx.RequestError, httpx.StreamError) as error:
                step.close()
                forget_body(step)
                step = self._steps.throw(error)
            else:
                step = self._steps.send(None)
        return step

    def throw(self, *_: object) -> NoReturn:
        """Refuse: the HTTP library hands no error in."""
        raise NotImplementedError

    def close(self) -> None:
        """End the steps, where they have not come to their end."""
        _end(self._steps)


class AsyncFlow(AsyncGenerator[httpx.Request, httpx.Response]):
    """Drives a session's steps in a task; see :class:`SyncFlow`."""

    def __init__(self, steps: Steps, patience: float | None) -> None:
        self._steps = steps
        self._patience = patience

    async def asend(self, response: httpx.Response | None) -> httpx.Request:
        """Hand in the response to the last request, and return the next one."""
        try:
            step = self._steps.send(response)
            while not isinstance(step, httpx.Request):
                if isinstance(step, Flight):
                    await step.wait_async(self._patience)
                    step = self._steps.send(None)
                    continue
                try:
                    await step.aread()
                except (httpx.RequestError, httpx.StreamError) as error:
                    await step.aclose()
                    forget_body(step)
                    step = self._steps.throw(error)
                else:
                    step = self._steps.send(None)
        except StopIteration:
            raise StopAsyncIteration from None
        return step

    async def athrow(self, *_: object) -> NoReturn:
        """Refuse: the HTTP library hands no error in."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """End the steps, where they have not come to their end."""
        _end(self._steps)


def _end(steps: Steps) -> None:
    if inspect.getgeneratorstate(steps) == inspect.GEN_CLOSED:
        return  # As nearly always: they have come to their end.
    # The error that is on its way. It may be an older one of somebody who calls while handling it: the steps look
    # whether it is about their request.
    try:
        with suppress(Broken, PacerProError):  # The caller's error is the one that is on its way.
            steps.throw(Broken(sys.exc_info()[1]))
    finally:
        steps.close()  # They may have gone on, and want to send another request.
