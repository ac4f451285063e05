"""What the session's tests share: a service to call, time that can be moved, and worlds to call from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import httpx
import pytest

from pacerpro_client import SessionAuth
from pacerpro_mock import Mock, MockServer
from pacerpro_runtime import client as client_module
from pacerpro_runtime.session.core import SessionCore

from .services import EMAIL, PASSWORD, AsyncOnce, Once, Scripted, Through, Time, with_matters, without_a_socket
from .worlds import World


@pytest.fixture(scope="session")
def _running() -> Iterator[MockServer]:
    with MockServer({EMAIL: PASSWORD}) as server:
        yield server


@pytest.fixture
def server(_running) -> MockServer:
    """The service on a socket, as new. Its clock stands still until `time` moves it."""
    _running.reset()
    _running.clock.freeze(at=1_900_000_000)
    return with_matters(_running)


@pytest.fixture
def time(server, monkeypatch) -> Time:
    clock = Time(server)
    monkeypatch.setattr(SessionCore, "_monotonic", staticmethod(lambda: clock.now))
    return clock


@pytest.fixture
def offline(time) -> Mock:
    """The service without a socket. Its clock is the one of `server`, which `time` moves."""
    return without_a_socket(PASSWORD, time)


@pytest.fixture
def through(offline) -> Callable[..., Through]:
    return functools.partial(Through, offline)


@pytest.fixture
def offline_auth(offline) -> SessionAuth:
    return SessionAuth(email=offline.email, password=offline.password, base_url=offline.url)


@pytest.fixture
def auth(server, time) -> SessionAuth:
    return SessionAuth(email=EMAIL, password=PASSWORD, base_url=server.url)


@pytest.fixture
def once(world) -> Callable[[], Once | AsyncOnce]:
    return Once if world.synchronous else AsyncOnce


@pytest.fixture(params=["sync", "asyncio", "trio"])
def world(request) -> World:
    return World(request.param)


@pytest.fixture
def call(world, server) -> Callable[..., httpx.Response]:
    """Make a call with an auth, by default of the API that is not the session's own."""

    def one(auth, method="GET", url="", *, options=None, **request):
        return world.call(auth, method, url or server.url + "/matters", options=options or {}, **request)

    return one


@pytest.fixture
def scripted() -> Iterator[Callable[[str], Scripted]]:
    """Start a server of another origin that gives this answer."""
    running: list[Scripted] = []

    def start(answer: str) -> Scripted:
        running.append(Scripted(answer))
        return running[-1]

    yield start
    for each in running:
        each.stop()


@pytest.fixture
def call_offline(world, offline) -> Callable[..., httpx.Response]:
    """Make a call of the service without a socket, through a transport."""

    def one(auth, transport, method="GET", *, options=None, **request):
        options = {"transport": transport, **(options or {})}
        return world.call(auth, method, offline.url + "/matters", options=options, **request)

    return one


@pytest.fixture
def pauses(monkeypatch):
    """The waits that the client would have made, in seconds."""
    made = []

    class Time:
        sleep = staticmethod(made.append)

    async def asleep(seconds):
        made.append(seconds)

    monkeypatch.setattr(client_module, "time", Time)
    monkeypatch.setattr(client_module, "_asleep", asleep)
    return made


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("PACERPRO_BASE_URL", "PACERPRO_EMAIL", "PACERPRO_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
