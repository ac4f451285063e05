"""What the session's tests share: a service to call, time that can be moved, and worlds to call from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pytest

from pacerpro_client import SessionAuth
from pacerpro_mock import Mock, MockServer

from .services import EMAIL, PASSWORD, Through, Time, with_matters
from .worlds import World


@pytest.fixture(scope="session")
def _running() -> Iterator[MockServer]:
    with MockServer({EMAIL: PASSWORD, "bob@example.com": PASSWORD}) as server:
        yield server


@pytest.fixture
def server(_running) -> MockServer:
    """The service on a socket, as new."""
    _running.reset()
    return with_matters(_running)


@pytest.fixture
def auth(server) -> SessionAuth:
    return SessionAuth(email=EMAIL, password=PASSWORD, base_url=server.url)


@pytest.fixture
def mock() -> Mock:
    """The service without a socket. Its clock stands still until `time` moves it."""
    mock = with_matters(Mock({EMAIL: PASSWORD}))
    mock.clock.freeze()
    return mock


@pytest.fixture
def time(mock, monkeypatch) -> Time:
    return Time(monkeypatch, mock)


@pytest.fixture
def through(mock) -> Through:
    return Through(mock)


@pytest.fixture
def settings(mock, through) -> dict[str, object]:
    """How a source reaches the service without a socket."""
    return {"base_url": mock.url, "transport": through, "async_transport": through}


@pytest.fixture
def source(time, settings) -> SessionAuth:
    """A source with a password, over the service without a socket."""
    return SessionAuth(email=EMAIL, password=PASSWORD, **settings)


@pytest.fixture
def guest(time, settings) -> SessionAuth:
    """A source without a password, over a session that begins now."""
    session = SessionAuth(email=EMAIL, password=PASSWORD, **settings).login()
    return SessionAuth.from_session(session, **settings)


@pytest.fixture(params=["threads", "asyncio", "trio"])
def world(request) -> World:
    return World(request.param)


@pytest.fixture
def get(world) -> Callable[..., str]:
    """Ask a source for a token."""
    return functools.partial(world.get)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("PACERPRO_BASE_URL", "PACERPRO_EMAIL", "PACERPRO_PASSWORD", "PACERPRO_ALLOW_INSECURE_HOSTS"):
        monkeypatch.delenv(name, raising=False)
