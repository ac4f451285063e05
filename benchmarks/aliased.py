"""Times calls in a process in which ``import httpx`` means httpx2: one measurement for each line of stdin."""

import sys

import httpx2

httpx2.alias_httpx()

from pairs import timed  # noqa: E402  # After the alias, as an application does it.

from pacerpro_client import Client  # noqa: E402
from pacerpro_client.api.authentication import session_refresh  # noqa: E402

url, calls = sys.argv[1:]
with Client(url, auth="a.session.token") as client:
    seconds = timed(lambda: session_refresh.sync(client=client), int(calls))
    for _ in sys.stdin:
        print(seconds(), flush=True)
