"""The application in another server than the mock's own."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import trio

from pacerpro_mock import Mock, create_app

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


def test_a_mistake_of_the_mock_is_a_500_as_an_error(mock, monkeypatch):
    monkeypatch.setattr(mock.api, "answer", None)
    with pytest.raises(TypeError):
        asyncio.run(post(mock))
    response = asyncio.run(post(mock, strict=False))
    assert (response.status_code, response.json()["status"]) == (500, 500)


def test_a_server_that_cannot_drop_a_connection_gets_an_exception(mock):
    mock.fail_next(drop="before")
    with pytest.raises(ConnectionAbortedError):
        asyncio.run(post(mock))


def test_latency_and_malformed_bodies_need_nothing_special(mock):
    mock.fail_next(latency=0.01, malform="empty")
    response = asyncio.run(post(mock))
    assert (response.status_code, response.content) == (200, b"")
