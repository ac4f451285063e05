"""What the tests of the client against the mock share: a server, and the ways to call an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import anyio
import pytest

from pacerpro_client import Client
from pacerpro_client.api.authentication import session_create
from pacerpro_client.models import Session, User
from pacerpro_mock import MockServer

ADA, BOB = "ada@example.com", "bob@example.com"
PASSWORDS = {ADA: "correct horse battery staple", BOB: "another secret"}


@pytest.fixture(scope="session")
def running() -> Iterator[MockServer]:
    with MockServer(PASSWORDS) as server:
        yield server


@pytest.fixture
def server(running, monkeypatch) -> MockServer:
    """A mock on a socket, as new."""
    for name in ("PACERPRO_BASE_URL", "HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    running.reset()
    return running


@pytest.fixture
def client(server) -> Callable[..., Client]:
    """Make a client of the mock."""

    def make(auth=None, **settings) -> Client:
        return Client(settings.pop("base_url", server.url), auth=auth, **settings)

    return make


@pytest.fixture
def log_in(client) -> Callable[..., Session]:
    """Log a user in, Ada unless it is said who."""

    def run(email=ADA) -> Session:
        with client() as own:
            return session_create.sync(client=own, body=User(email=email, password=PASSWORDS[email]))

    return run


def caller(name, world):
    def run(operation, client, **arguments):
        function = getattr(operation, name)
        if world is None:
            with client:
                return function(client=client, **arguments)

        async def main():
            async with client:
                return await function(client=client, **arguments)

        return anyio.run(main, backend=world)

    return run


WORLDS = [("sync", None), ("asyncio", "asyncio"), ("asyncio", "trio")]
DETAILED = [("sync_detailed", None), ("asyncio_detailed", "asyncio"), ("asyncio_detailed", "trio")]


@pytest.fixture(params=WORLDS, ids=lambda param: param[1] or "sync")
def call(request):
    """Call an operation by threads, on asyncio and on trio, and return its success."""
    return caller(*request.param)


@pytest.fixture(params=[*WORLDS, *DETAILED], ids=lambda param: "-".join(filter(None, param)))
def call_each(request):
    """Call an operation by each of its four functions, and return its success."""
    call = caller(*request.param)

    def run(operation, client, **arguments):
        result = call(operation, client, **arguments)
        return result.parsed if request.param in DETAILED else result

    return run
