"""Asynchronous calls, one after another and many at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from pairs import Ratio, Seconds, compare

from pacerpro_client import Client, SessionAuth
from pacerpro_client.api.authentication import session_refresh

TOKEN = "a.session.token"  # noqa: S105  # The server does not look at it.
HEADERS = {"Authorization": f"Bearer {TOKEN}"}

Call = Callable[[], Awaitable[object]]


def one_by_one(url: str, pairs: int) -> Ratio:
    """Calls that wait for each other."""
    ours = Client(url, auth=TOKEN, transport="pyreqwest", timeout=60)
    return _against_httpx(url, pairs, ours, lambda: session_refresh.asyncio(client=ours), calls=200, at_once=1)


def at_once(url: str, pairs: int) -> Ratio:
    """Calls that do not."""
    ours = Client(url, auth=TOKEN, transport="pyreqwest", timeout=60)
    return _against_httpx(url, pairs, ours, lambda: session_refresh.asyncio(client=ours), calls=600, at_once=300)


def cold(url: str, pairs: int) -> Ratio:
    """A thousand tasks that all need a token of which there is none yet, against a thousand that hold it.

    Only the log-in goes over a socket: the pool of the HTTP library takes seconds for a thousand tasks that wait.

    Raises:
        RuntimeError: They did not make exactly one log-in each time.
    """
    runs = 0

    async def thousand(**auth: Any) -> float:
        transport = httpx.MockTransport(lambda _: httpx.Response(200))
        async with httpx.AsyncClient(transport=transport, timeout=60, **auth) as http:
            return await _seconds(lambda: http.get(f"{url}/matters"), 1000, 1000)

    def first() -> float:
        nonlocal runs
        runs += 1
        session = SessionAuth(email="ada@example.com", password="example", base_url=url)  # noqa: S106  # As above.
        return asyncio.run(thousand(auth=session))

    before: int = httpx.get(f"{url}/logins").json()
    ratio = compare(first, lambda: asyncio.run(thousand(headers=HEADERS)), pairs)
    logins = httpx.get(f"{url}/logins").json() - before
    if logins != runs:
        raise RuntimeError(f"{runs} runs of a thousand tasks made {logins} log-ins")
    return ratio


def _against_httpx(url: str, pairs: int, ours: Client, call: Call, *, calls: int, at_once: int) -> Ratio:
    with asyncio.Runner() as runner:
        theirs = httpx.AsyncClient(headers=HEADERS, timeout=60)

        def timed(call: Call) -> Seconds:
            return lambda: runner.run(_seconds(call, calls, at_once))

        try:
            return compare(timed(call), timed(lambda: theirs.get(f"{url}/session")), pairs)
        finally:
            runner.run(ours.aclose())
            runner.run(theirs.aclose())


async def _seconds(call: Call, calls: int, at_once: int) -> float:
    start = time.perf_counter()
    for _ in range(calls // at_once):
        await asyncio.gather(*(call() for _ in range(at_once)))
    return time.perf_counter() - start
