"""Synchronous calls on an open connection."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
from pairs import Ratio, compare, timed

from pacerpro_client import Client, SessionAuth
from pacerpro_client.api.authentication import session_refresh

CALLS = 300
TOKEN = "a.session.token"  # noqa: S105  # The server does not look at it.


def refresh(url: str, pairs: int) -> Ratio:
    """An operation, with its token, checked and decoded, against the bare request and its JSON."""
    return _refresh(url, pairs, Client(url, auth=TOKEN))


def over_pyreqwest(url: str, pairs: int) -> Ratio:
    """The same over the faster transport, against httpx as before."""
    return _refresh(url, pairs, Client(url, auth=TOKEN, transport="pyreqwest"))


def _refresh(url: str, pairs: int, ours: Client) -> Ratio:
    with ours, httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as theirs:
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
        httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as theirs,
    ):
        assert ours.stdin is not None  # noqa: S101  # Both are pipes.
        assert ours.stdout is not None  # noqa: S101
        ask, answer = ours.stdin, ours.stdout

        def seconds() -> float:
            ask.write("go\n")
            return float(answer.readline())

        return compare(seconds, timed(lambda: theirs.get(f"{url}/session").json(), CALLS), pairs)


def auth(url: str, pairs: int) -> Ratio:
    """A call that asks the auth for its token each time, against one whose header is fixed."""
    session = SessionAuth(email="ada@example.com", password="example", base_url=url)  # noqa: S106  # As above.
    with httpx.Client(auth=session) as ours, httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as theirs:
        return compare(
            timed(lambda: ours.get(f"{url}/matters"), CALLS), timed(lambda: theirs.get(f"{url}/matters"), CALLS), pairs
        )
