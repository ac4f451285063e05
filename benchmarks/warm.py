"""Synchronous calls on an open connection."""

from __future__ import annotations

import httpx
from pairs import Ratio, compare, timed

from pacerpro_client import Client, SessionAuth
from pacerpro_client.api.authentication import session_refresh

CALLS = 300
TOKEN = "a.session.token"  # noqa: S105  # The server does not look at it.


def refresh(url: str, pairs: int) -> Ratio:
    """An operation, with its token, checked and decoded, against the bare request and its JSON."""
    with Client(url, auth=TOKEN) as ours, httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as theirs:
        return compare(
            timed(lambda: session_refresh.sync(client=ours), CALLS),
            timed(lambda: theirs.get(f"{url}/session").json(), CALLS),
            pairs,
        )


def auth(url: str, pairs: int) -> Ratio:
    """A call that asks the auth for its token each time, against one whose header is fixed."""
    session = SessionAuth(email="ada@example.com", password="example", base_url=url)  # noqa: S106  # As above.
    with httpx.Client(auth=session) as ours, httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as theirs:
        return compare(
            timed(lambda: ours.get(f"{url}/session"), CALLS), timed(lambda: theirs.get(f"{url}/session"), CALLS), pairs
        )
