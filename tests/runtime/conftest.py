"""What the runtime's tests share: an API of their own, three ways to call it, and a server that sends any bytes."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Self

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, settings

from pacerpro_runtime import client as client_module
from pacerpro_runtime.client import Api, ApiClient

# A busy machine is no fault of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Sample(ApiClient):
    api = Api(server="https://api.test/v1", environment="SAMPLE", user_agent="sample-client/1.2.3")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("SAMPLE_BASE_URL", "SAMPLE_ALLOW_INSECURE_HOSTS", *PROXY_VARIABLES, *map(str.lower, PROXY_VARIABLES)):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sample() -> Callable[..., ApiClient]:
    """Make a client of the sample API; a function from request to response may stand in for the server."""

    def make(app=None, base_url=None, **settings) -> ApiClient:
        if app is not None:
            # One transport for both kinds of call.
            settings |= dict.fromkeys(("transport", "async_transport"), httpx.MockTransport(app))
        return Sample(base_url, **settings)

    return make


@pytest.fixture(params=["sync", "asyncio", "trio"])
def drive(request):
    """Call an operation: with threads, or without blocking in either of the two worlds."""

    def run(client, operation, **arguments):
        if request.param == "sync":
            with client:
                return client.send(operation, **arguments)

        async def main():
            async with client:
                return await client.asend(operation, **arguments)

        return anyio.run(main, backend=request.param)

    return run


@pytest.fixture
def sent(sample, drive):
    """Call an operation, and return the request that reached the server, with its body read."""

    def call(operation, **arguments):
        seen = []

        def app(request):
            seen.append(request)
            return httpx.Response(200)

        drive(sample(app), operation, **arguments)
        return seen[0]

    return call


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """The waits that the client would have made, in seconds. Nothing but its own two ways to sleep is replaced."""
    made: list[float] = []

    async def asleep(seconds):
        made.append(seconds)

    monkeypatch.setattr(client_module, "time", SimpleNamespace(sleep=made.append))
    monkeypatch.setattr(anyio, "sleep", asleep)
    return made


class Script:
    """Gives one outcome after another: a status, a response, or an error of the network. The last one stays."""

    def __init__(self, *outcomes):
        self._outcomes = outcomes
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        outcome = self._outcomes[min(len(self.requests), len(self._outcomes)) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, httpx.Response):
            return httpx.Response(outcome.status_code, headers=outcome.headers)
        return httpx.Response(outcome, content=b"{}")


@pytest.fixture
def script() -> type[Script]:
    """Make a stand-in for a server that gives these outcomes."""
    return Script


class RawServer:
    """Gives each connection the next of some answers, byte for byte, and hangs up. The last one is given ever after.

    Before it hangs up, it waits for `linger` seconds. With `reset` it does so as a machine that breaks down.
    """

    def __init__(self, answers: list[bytes], *, linger: float, reset: bool) -> None:
        self._answers = answers
        self._linger = linger
        self._reset = reset
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[bytes] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        # Closing a socket does not wake whoever waits for it in another thread.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                self.requests.append(read_request(connection))
                connection.sendall(self._answers[min(len(self.requests), len(self._answers)) - 1])
                self._stopped.wait(self._linger)
                if self._reset:
                    # To wait no time for what is still to be sent means to reset.
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def read_request(connection: socket.socket) -> bytes:
    """Read one request with the body that its head announces."""
    received = b""
    while b"\r\n\r\n" not in received and (chunk := connection.recv(65536)):
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length and (chunk := connection.recv(65536)):
        received += chunk
        body += chunk
    return received


@pytest.fixture
def raw_server() -> Iterator[Callable[..., RawServer]]:
    """Start a server that gives these answers."""
    running: list[RawServer] = []

    def start(*answers: bytes, linger: float = 0, reset: bool = False) -> RawServer:
        running.append(RawServer(list(answers), linger=linger, reset=reset).__enter__())
        return running[-1]

    yield start
    for server in running:
        server.__exit__()
