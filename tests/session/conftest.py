"""What the session's tests share: a service to call, time that can be moved, and three worlds to call from."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest

from pacerpro_client import SessionAuth
from pacerpro_mock import Mock, MockServer, answers, requests
from pacerpro_mock.api import Api
from pacerpro_mock.messages import Answer
from pacerpro_mock.tokens import InvalidToken
from pacerpro_runtime import client as client_module
from pacerpro_runtime.session_core import SessionCore

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
MATTERS = "/v1/matters"


class Matters(Api):
    """The contract's operations, and one more that the rest of the API stands for: it wants a token."""

    def __init__(self, mock: Mock) -> None:
        super().__init__(mock.service, 64 * 1024)
        self.bodies: list[bytes] = []
        self.refuses_everyone = False

    def operation_of(self, head):
        return "matters" if head.path == MATTERS else super().operation_of(head)

    def refuse(self, head):
        return None if head.path == MATTERS else super().refuse(head)

    def needs_body(self, head):
        return head.method == "POST"

    def answer(self, head, body):
        if head.path != MATTERS:
            return super().answer(head, body)
        self.bodies.append(body)
        try:
            if self.refuses_everyone or not head.values(b"authorization"):
                return answers.invalid_token()
            self.service._authenticate(requests.bearer_token(head))
        except InvalidToken:
            return answers.invalid_token()
        return Answer(200, b"[]", (("Content-Type", "application/json"),))


def with_matters(mock):
    mock._site = dataclasses.replace(mock._site, api=Matters(mock))
    mock.api = mock._site.api
    return mock


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


class Time:
    """The monotonic clock of this process, and the service's clock."""

    def __init__(self, server: MockServer) -> None:
        self.now = 1000.0
        self._server = server

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self._server.clock.advance(seconds)


@pytest.fixture
def time(server, monkeypatch) -> Time:
    clock = Time(server)
    monkeypatch.setattr(SessionCore, "_monotonic", staticmethod(lambda: clock.now))
    return clock


@pytest.fixture
def offline(time) -> Mock:
    """The service without a socket. Its clock is the one of `server`, which `time` moves."""
    return without_a_socket(PASSWORD, time)


def without_a_socket(password: str, time: Time) -> Mock:
    mock = Mock({EMAIL: password})
    mock.clock = mock.service._clock = time._server.clock
    mock._site = dataclasses.replace(mock._site, clock=mock.clock)
    return with_matters(mock)


class Through(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Brings requests to a mock, and lets a test look at each of them before, and at each response after.

    Where the functions return something that can be awaited, it is.
    """

    def __init__(self, mock, before=lambda request: None, after=lambda request, response: None) -> None:
        self._transport = mock.transport()
        self._before, self._after = before, after
        self.requests: list[httpx.Request] = []

    def handle_request(self, request):
        self.requests.append(request)
        self._before(request)
        response = self._transport.handle_request(request)
        self._after(request, response)
        return response

    async def handle_async_request(self, request):
        self.requests.append(request)
        await settled(self._before(request))
        response = await self._transport.handle_async_request(request)
        await settled(self._after(request, response))
        return response

    @property
    def seen(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.requests]


@pytest.fixture
def through(offline) -> Callable[..., Through]:
    return functools.partial(Through, offline)


@pytest.fixture
def offline_auth(offline) -> SessionAuth:
    return SessionAuth(email=offline.email, password=offline.password, base_url=offline.url)


@pytest.fixture
def auth(server, time) -> SessionAuth:
    return SessionAuth(email=EMAIL, password=PASSWORD, base_url=server.url)


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


class Once:
    """A body that can be read once, and fails the second time."""

    def __init__(self) -> None:
        self.reads = 0

    def __iter__(self):
        self.reads += 1
        assert self.reads == 1
        yield b"read "
        yield b"once"


class AsyncOnce:
    """The same, for asynchronous clients."""

    def __init__(self) -> None:
        self._body = Once()

    @property
    def reads(self) -> int:
        return self._body.reads

    async def __aiter__(self):
        for chunk in self._body:
            yield chunk


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


class Scripted:
    """Gives every connection the same bytes, and hangs up."""

    def __init__(self, answer: str) -> None:
        self._answer = answer.encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.heads: list[bytes] = []

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self.heads.append(connection.recv(65536))
                connection.sendall(self._answer)

    def stop(self) -> None:
        # Closing a socket does not wake whoever waits for it in another thread.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()
        assert not self._thread.is_alive()


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
