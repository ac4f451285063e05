"""The application in another server than the mock's own."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import trio

from pacerpro_mock import Mock, create_app
from pacerpro_mock.http.asgi import HANG_UP

LOG_IN = {"email": "ada@example.com", "password": "secret"}


async def post(mock: Mock, *, strict: bool = True) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(mock), raise_app_exceptions=strict)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock/v1") as client:
        return await client.post("/session", json=LOG_IN)


def test_it_serves_under_asyncio_and_under_trio(mock):
    assert asyncio.run(post(mock)).status_code == 200
    assert trio.run(post, mock).status_code == 200


def test_the_application_knows_its_mock(mock):
    assert create_app(mock).state.mock is mock
    assert isinstance(create_app().state.mock, Mock)


def test_an_exception_in_the_mock_is_a_500_with_an_error_body(mock, monkeypatch):
    monkeypatch.setattr(mock.api, "answer", None)
    with pytest.raises(TypeError):
        asyncio.run(post(mock))
    response = asyncio.run(post(mock, strict=False))
    assert (response.status_code, response.json()["status"]) == (500, 500)


def test_a_server_that_cannot_drop_a_connection_gets_an_exception(mock):
    mock.fail_next(drop="before")
    with pytest.raises(ConnectionAbortedError):
        asyncio.run(post(mock))


@pytest.mark.parametrize("fault", [{"drop": "before"}, {"drop": "body", "status": 503}], ids=["before", "body"])
def test_a_connection_is_dropped_when_the_request_has_been_taken_in(mock, fault):
    """To close a socket on what is still to be read resets it, and callers would see now one error, now another."""
    parts = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.request", "body": b"}"}]
    left_over: list[int] = []

    async def receive():
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(_message):
        assert left_over == []

    hang_up = lambda: left_over.append(len(parts))  # noqa: E731  # Shorter here.
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/session",
        "headers": [],
        "extensions": {HANG_UP: hang_up},
    }
    mock.fail_next(**fault)
    asyncio.run(create_app(mock)(scope, receive, send))
    assert left_over == [0]


def test_latency_and_malformed_bodies_need_nothing_special(mock):
    mock.fail_next(latency=0.01, malform="empty")
    response = asyncio.run(post(mock))
    assert (response.status_code, response.content) == (200, b"")
