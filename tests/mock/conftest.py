"""What the mock's tests share: mocks with and without a socket, and plain httpx to speak to them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from pacerpro_mock import Mock, MockServer

from .matters import CONTRACT
from .wire import Client

USERS = {"ada@example.com": "secret", "bob@example.com": "another secret"}
SECRET = "a secret of at least thirty-two bytes"


@pytest.fixture
def mock() -> Mock:
    return Mock(USERS, secret=SECRET)


class Errors(logging.Handler):
    """Collects what servers log as errors, from any thread."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.getMessage().strip()}: {record.exc_info and record.exc_info[1]!r}")


@pytest.fixture(scope="module", autouse=True)
def _no_server_logs_an_error() -> Iterator[None]:
    """An error can be logged after the answer is sent, when the test is over already."""
    errors = Errors()
    logging.getLogger().addHandler(errors)
    yield
    logging.getLogger().removeHandler(errors)
    assert errors.messages == []


class Caller:
    """Sends requests to a mock, one after another."""

    def __init__(self, mock: Mock, client: httpx.Client) -> None:
        self.mock = mock
        self.client = client

    def __call__(self, method: str, path: str = "/v1/session", **options: object) -> httpx.Response:
        return self.client.request(method, httpx.URL(self.mock.url).join(path), **options)

    def log_in(self, email: str = "ada@example.com") -> str:
        response = self("POST", json={"email": email, "password": USERS[email]})
        assert response.status_code == 200, response.text
        return response.json()["jwtToken"]

    def with_token(self, method: str, token: str) -> httpx.Response:
        return self(method, headers={"Authorization": f"Bearer {token}"})


class AsyncCaller(Caller):
    """The same with an async client, a new one for each request."""

    def __init__(self, mock: Mock, transport: httpx.AsyncBaseTransport | None) -> None:
        self.mock = mock
        self.transport = transport

    def __call__(self, method: str, path: str = "/v1/session", **options: object) -> httpx.Response:
        async def chunks(content: Iterator[bytes]) -> AsyncIterator[bytes]:
            for chunk in content:
                yield chunk

        if isinstance(options.get("content"), Iterator):
            options["content"] = chunks(options["content"])

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, trust_env=False, verify=False) as client:  # noqa: S501
                return await client.request(method, httpx.URL(self.mock.url).join(path), **options)

        return asyncio.run(send())


@pytest.fixture
def call(mock: Mock) -> Iterator[Caller]:
    with httpx.Client(transport=mock.transport()) as client:
        yield Caller(mock, client)


@pytest.fixture(scope="session")
def contract(tmp_path_factory) -> Path:
    """A contract with operations beside the session."""
    path = tmp_path_factory.mktemp("contract") / "openapi.yaml"
    path.write_text(yaml.safe_dump(CONTRACT), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def mock_of_matters(contract) -> Mock:
    """A mock of that contract, which takes a while to read; to be reset by each test."""
    return Mock(USERS, contract=contract)


@pytest.fixture
def ada(call) -> httpx.Client:
    """A client that is logged in."""
    call.client.base_url = call.mock.url
    call.client.headers["Authorization"] = f"Bearer {call.log_in()}"
    return call.client


@pytest.fixture(scope="session")
def shared_server() -> Iterator[MockServer]:
    with MockServer(USERS, secret=SECRET) as running:
        yield running


@pytest.fixture
def server(shared_server: MockServer) -> MockServer:
    shared_server.reset()
    return shared_server


@pytest.fixture(params=["sync socket", "async socket", "sync offline", "async offline"])
def each_way(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """A caller for each way to the mock: what a test shows holds for all of them."""
    way, _, place = request.param.partition(" ")
    mock = request.getfixturevalue("server" if place == "socket" else "mock")
    transport = mock.transport() if place == "offline" else None
    if way == "async":
        yield AsyncCaller(mock, transport)
        return
    with Client(transport=transport, trust_env=False) as client:
        yield Caller(mock, client)
