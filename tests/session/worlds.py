"""Three worlds to call from: threads, asyncio and trio. A test is written once, for all of them."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx

from pacerpro_client import SessionAuth


async def settled(value: Any) -> Any:
    """The result of a call, which in the asynchronous worlds has to be waited for."""
    return await value if inspect.isawaitable(value) else value


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that is synchronous underneath, and so never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    coroutine.close()
    raise AssertionError("something waited in the synchronous world")


class World:
    """Threads, asyncio or trio. Tests are written once, as coroutines; with threads these never wait."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.synchronous = name == "sync"

    def run(self, main: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any) -> Any:
        if self.synchronous:
            return finished(main(*arguments))
        return anyio.run(main, *arguments, backend=self.name)

    @asynccontextmanager
    async def client(self, auth: httpx.Auth | None, **options: Any) -> AsyncIterator[Any]:
        """An HTTP client, whose calls are to be given to `settled`."""
        # Making a context of TLS takes longer than most tests.
        settings = {"auth": auth, "verify": False, "timeout": 10, **options}
        if self.synchronous:
            with httpx.Client(**settings) as client:
                yield client
        else:
            async with httpx.AsyncClient(**settings) as client:
                yield client

    def call(self, auth: httpx.Auth, method: str, url: str, *, options: dict[str, Any], **request: Any) -> Any:
        """Make one call from a client of its own, in an event loop of its own."""

        async def main() -> httpx.Response:
            async with self.client(auth, **options) as client:
                return await settled(client.request(method, url, **request))

        return self.run(main)

    def log_in(self, auth: SessionAuth) -> Any:
        return auth.login() if self.synchronous else self.run(auth.alogin)

    def log_out(self, auth: SessionAuth) -> None:
        return auth.logout() if self.synchronous else self.run(auth.alogout)

    async def together(self, *functions: Callable[[], Awaitable[Any]]) -> list[Any]:
        """Do all of these at the same time, in threads or tasks; return their results and errors in this order."""
        outcomes: list[Any] = [None] * len(functions)

        async def note(index: int, function: Callable[[], Awaitable[Any]]) -> None:
            try:
                outcomes[index] = await function()
            except Exception as error:  # noqa: BLE001  # The test says which it expects.
                outcomes[index] = error

        if self.synchronous:
            in_threads([functools.partial(finished, note(*each)) for each in enumerate(functions)])
        else:
            async with anyio.create_task_group() as tasks:
                for each in enumerate(functions):
                    tasks.start_soon(note, *each)
        return outcomes


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
