"""What the session's tests share: a service to call, time that can be moved, and worlds to call from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import keyring
import keyring.backend
import keyring.errors
import pytest
import redis
from cryptography.fernet import Fernet

from pacerpro_client import SessionAuth
from pacerpro_client.stores import FileStore, KeyringStore, RedisStore
from pacerpro_mock import Mock, MockServer

from .redis_server import RedisServer, needs_redis
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


class Memory(keyring.backend.KeyringBackend):
    priority = 1

    def __init__(self):
        self.entries = {}

    def get_password(self, service, username):
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.entries[service, username] = password

    def delete_password(self, service, username):
        if self.entries.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@pytest.fixture
def ring(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = keyring.get_keyring()
    keyring.set_keyring(backend := Memory())
    yield backend
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def _redis(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(_redis):
    redis.Redis.from_url(_redis.url).flushall()
    return _redis.url


@pytest.fixture(
    params=["file", "keyring", pytest.param("redis", marks=needs_redis), pytest.param("encrypted", marks=needs_redis)]
)
def store(request, tmp_path):
    if request.param == "file":
        return FileStore(tmp_path / "new" / "sessions.json")
    if request.param == "keyring":
        request.getfixturevalue("ring")
        return KeyringStore()
    url = request.getfixturevalue("redis_url")
    return RedisStore(url, encryption_key=Fernet.generate_key() if request.param == "encrypted" else None)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("PACERPRO_BASE_URL", "PACERPRO_EMAIL", "PACERPRO_PASSWORD", "PACERPRO_ALLOW_INSECURE_HOSTS"):
        monkeypatch.delenv(name, raising=False)
