"""The mock without a socket: what only this way has."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest
import trio

from pacerpro_mock import Mock, MockServer

from .wire import get

LOG_IN = {"email": "ada@example.com", "password": "secret"}


def test_one_transport_serves_sync_and_async_clients_and_they_share_the_service(mock):
    transport = mock.transport()

    async def refresh(token: str) -> int:
        async with httpx.AsyncClient(transport=transport, base_url=mock.url) as client:
            return (await client.get("/session", headers={"Authorization": f"Bearer {token}"})).status_code

    with httpx.Client(transport=transport, base_url=mock.url) as client:
        token = client.post("/session", json=LOG_IN).json()["jwtToken"]
        assert trio.run(refresh, token) == 200
        client.delete("/session", headers={"Authorization": f"Bearer {token}"})
    assert trio.run(refresh, token) == 401


def test_it_answers_for_any_host(mock):
    with httpx.Client(transport=mock.transport()) as client:
        assert client.post("https://api.pacerpro.com/v1/session", json=LOG_IN).status_code == 200


def test_a_server_shares_its_service_with_its_transport(server):
    with httpx.Client(transport=server.transport()) as client:
        token = client.post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    assert get(f"{server.url}/session", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_an_async_body_in_a_sync_client_is_an_error(mock):
    async def chunks():
        yield b"{}"

    with httpx.Client(transport=mock.transport(), base_url=mock.url) as client:
        request = client.build_request(
            "POST", "/session", content=chunks(), headers={"Content-Type": "application/json"}
        )
        with pytest.raises((TypeError, RuntimeError)):
            client.send(request)


@pytest.mark.parametrize("each_way", ["sync offline", "async offline"], indirect=True)
def test_a_body_that_is_too_large_is_not_read_to_its_end(each_way):
    sent: list[int] = []

    def chunks():
        for number in range(1000):
            sent.append(number)
            yield b" " * 1000

    response = each_way("POST", content=chunks(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert len(sent) == 66


def test_a_stream_is_used_up_as_on_a_socket(mock):
    with httpx.Client(transport=mock.transport(), base_url=mock.url) as client:
        body = (part for part in (b"{", b"}"))
        request = client.build_request("POST", "/session", content=body, headers={"Content-Type": "application/json"})
        assert client.send(request).status_code == 401
        with pytest.raises(httpx.StreamConsumed):
            client.send(request)


def test_the_server_needs_no_httpx():
    code = """
import sys
from pacerpro_mock import MockServer, create_app
create_app()
with MockServer():
    print("httpx" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"


def test_the_url_without_a_socket_resolves_nowhere():
    assert Mock().url == "https://pacerpro.test/v1"
    assert MockServer().url == "https://pacerpro.test/v1"
