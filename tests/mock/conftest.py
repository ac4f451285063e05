"""What the mock's tests share: a mock without a socket, and plain httpx to speak to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from pacerpro_mock import Mock, MockServer, create_app

ADA, BOB = "ada@example.com", "bob@example.com"
USERS = {ADA: "secret", BOB: "another secret"}
SECRET = "a secret of at least thirty-two bytes"


@pytest.fixture
def mock() -> Mock:
    return Mock(USERS, secret=SECRET)


class Caller:
    """Sends requests to a mock's ASGI application, one after another."""

    def __init__(self, mock: Mock) -> None:
        # As given, so that a mistake in the mock is an error of the test.
        self._transport = httpx.ASGITransport(create_app(mock))

    def __call__(self, method: str, path: str = "/v1/session", **options: object) -> httpx.Response:
        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://mock") as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())

    def log_in(self, email: str = ADA) -> str:
        response = self("POST", json={"email": email, "password": USERS[email]})
        assert response.status_code == 200, response.text
        return response.json()["jwtToken"]

    def with_token(self, method: str, token: str) -> httpx.Response:
        return self(method, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def call(mock: Mock) -> Caller:
    return Caller(mock)


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(USERS, secret=SECRET) as running:
        yield running
