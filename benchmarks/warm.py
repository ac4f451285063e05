"""Synchronous calls on an open connection."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import httpx2
import requests
from pairs import Ratio, compare, timed

from pacerpro_client import Client, SessionAuth
from pacerpro_client.api.authentication import session_refresh

CALLS = 300
TOKEN = "a.session.token"  # noqa: S105  # The server does not look at it.
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def refresh(url: str, pairs: int) -> Ratio:
    """An operation, with its token, checked and decoded, against the bare request and its JSON."""
    return _refresh(url, pairs, Client(url, auth=TOKEN))


def over_pyreqwest(url: str, pairs: int) -> Ratio:
    """The same over the faster transport, against httpx as before."""
    return _refresh(url, pairs, Client(url, auth=TOKEN, transport="pyreqwest"))


def _refresh(url: str, pairs: int, ours: Client) -> Ratio:
    with ours, httpx.Client(headers=HEADERS) as theirs:
        return compare(
            timed(lambda: session_refresh.sync(client=ours), CALLS),
            timed(lambda: theirs.get(f"{url}/session").json(), CALLS),
            pairs,
        )


def over_httpx2(url: str, pairs: int) -> Ratio:
    """The same in a process in which ``import httpx`` means httpx2, against httpx in this one."""
    program = [sys.executable, str(Path(__file__).with_name("aliased.py")), url, str(CALLS)]
    with (
        subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as ours,
        httpx.Client(headers=HEADERS) as theirs,
    ):
        assert ours.stdin is not None  # noqa: S101  # Both are pipes.
        assert ours.stdout is not None  # noqa: S101
        ask, answer = ours.stdin, ours.stdout

        def seconds() -> float:
            ask.write("go\n")
            return float(answer.readline())

        return compare(seconds, timed(lambda: theirs.get(f"{url}/session").json(), CALLS), pairs)


def auth(url: str, pairs: int) -> Ratio:
    """A call that asks the auth for its token each time, against one whose header is fixed.

    Not of the session's own path, from whose answers the auth learns.
    """
    with httpx.Client(auth=_session(url)) as ours, httpx.Client(headers=HEADERS) as theirs:
        return _get(url, pairs, ours.get, theirs.get)


def httpx2_auth(url: str, pairs: int) -> Ratio:
    """The same over httpx2."""
    with httpx2.Client(auth=_session(url).for_httpx2()) as ours, httpx2.Client(headers=HEADERS) as theirs:
        return _get(url, pairs, ours.get, theirs.get)


def requests_auth(url: str, pairs: int) -> Ratio:
    """The same over requests."""
    with requests.Session() as ours, requests.Session() as theirs:
        ours.auth = _session(url).for_requests()
        theirs.headers.update(HEADERS)
        return _get(url, pairs, ours.get, theirs.get)


def aiohttp_auth(url: str, pairs: int) -> Ratio:
    """The same over aiohttp."""

    async def calls(session: aiohttp.ClientSession) -> None:
        for _ in range(CALLS):
            async with session.get(f"{url}/matters") as response:
                await response.read()

    async def opened(**settings: Any) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(**settings)

    with asyncio.Runner() as runner:
        ours = runner.run(opened(middlewares=[_session(url).for_aiohttp()]))
        theirs = runner.run(opened(headers=HEADERS))
        try:
            return compare(timed(lambda: runner.run(calls(ours))), timed(lambda: runner.run(calls(theirs))), pairs)
        finally:
            runner.run(ours.close())
            runner.run(theirs.close())


def _session(url: str) -> SessionAuth:
    return SessionAuth(email="ada@example.com", password="example", base_url=url)  # noqa: S106  # No one checks it.


def _get(url: str, pairs: int, ours: Callable[[str], object], theirs: Callable[[str], object]) -> Ratio:
    return compare(timed(lambda: ours(f"{url}/matters"), CALLS), timed(lambda: theirs(f"{url}/matters"), CALLS), pairs)
