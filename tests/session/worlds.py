"""Three worlds to call from: threads, asyncio and trio. A test is written once, for all of them."""

from __future__ import annotations

import functools
import inspect
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import anyio
import httpx

from pacerpro_client import SessionAuth


async def settled(value: Any) -> Any:
    """Return the result of a call, and await it in the asynchronous worlds."""
    return await value if inspect.isawaitable(value) else value


class World:
    """Threads, asyncio or trio. Tests are written once, as coroutines; with threads these never wait."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.blocking = name == "threads"

    def run(self, main: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Any:
        if not self.blocking:
            return anyio.run(main, *arguments, backend=self.name)
        coroutine = main(*arguments)
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value
        finally:
            coroutine.close()
        raise AssertionError("something waited in the world of threads")

    async def token(self, auth: SessionAuth, **arguments: Any) -> str:
        return auth.token(**arguments) if self.blocking else await auth.atoken(**arguments)

    def get(self, auth: SessionAuth, **arguments: Any) -> str:
        return self.run(functools.partial(self.token, auth, **arguments))

    def log_in(self, auth: SessionAuth) -> Any:
        return auth.login() if self.blocking else self.run(auth.alogin)

    def log_out(self, auth: SessionAuth) -> None:
        return auth.logout() if self.blocking else self.run(auth.alogout)

    async def sleep(self, seconds: float) -> None:
        if self.blocking:
            time.sleep(seconds)  # noqa: ASYNC251  # No event loop runs here.
        else:
            await anyio.sleep(seconds)

    async def together(self, *functions: Callable[[], Awaitable[Any]]) -> list[Any]:
        """Do all of these at the same time, in threads or tasks; return their results and errors in this order."""
        outcomes: list[Any] = [None] * len(functions)

        async def note(index: int, function: Callable[[], Awaitable[Any]]) -> None:
            try:
                outcomes[index] = await function()
            except Exception as error:  # noqa: BLE001  # The test says which it expects.
                outcomes[index] = error

        if self.blocking:
            in_threads([functools.partial(self.run, note, *each) for each in enumerate(functions)])
        else:
            async with anyio.create_task_group() as tasks:
                for each in enumerate(functions):
                    tasks.start_soon(note, *each)
        return outcomes

    def call(self, auth: httpx.Auth, url: str, method: str = "GET", **request: Any) -> httpx.Response:
        """Make one call with a client of its own."""
        # Making a context of TLS takes longer than most tests.
        settings = {"auth": auth, "verify": False}
        if self.blocking:
            with httpx.Client(**settings) as client:
                return client.request(method, url, **request)

        async def main() -> httpx.Response:
            async with httpx.AsyncClient(**settings) as client:
                return await client.request(method, url, **request)

        return self.run(main)


def in_threads(functions: list[Callable[[], Any]]) -> None:
    """Run each of these in a thread, all begun at the same moment."""
    barrier = threading.Barrier(len(functions))

    def run(function: Callable[[], Any]) -> None:
        barrier.wait(10)
        function()

    threads = [threading.Thread(target=run, args=[each], daemon=True) for each in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
