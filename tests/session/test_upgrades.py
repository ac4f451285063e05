"""The one redirect to another origin on which httpx takes the header along: from http to https, on their own ports.

The ports are those of the system, so there is no socket here, but everything else of the client is httpx's own.
"""

from __future__ import annotations

import asyncio
import json

import httpcore
import httpx
import pytest

from pacerpro_client import SessionAuth

from .worlds import settled

URL = "http://127.0.0.1/v1"
SESSION = json.dumps({"jwtToken": "a.session.token", "expiresAt": "2099-01-01T00:00:00Z"})
LOGGED_IN = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(SESSION)}\r\n\r\n{SESSION}"
EMPTY = "HTTP/1.1 {}\r\nContent-Length: 0\r\n\r\n"


class Network(httpcore.NetworkBackend):
    """A service that redirects one path, and what it has received on each of its ports."""

    def __init__(self, location):
        self.location = location
        self.received = {80: [], 443: []}

    def connect_tcp(self, host, port, *_, **__):
        return Connection(self, port)

    def answer(self, port, request):
        self.received[port].append(request)
        if request.startswith("POST /v1/session "):
            return LOGGED_IN
        if request.startswith("GET /v1/matters ") and port == 80:
            return EMPTY.format(f"307 Temporary Redirect\r\nLocation: {self.location}")
        return EMPTY.format("200 OK")


class Connection(httpcore.NetworkStream):
    def __init__(self, network, port):
        self._network, self._port, self._sent = network, port, ""

    def write(self, buffer, timeout=None):
        self._sent += buffer.decode()

    def read(self, max_bytes, timeout=None):
        request, self._sent = self._sent, ""
        return self._network.answer(self._port, request).encode()

    def start_tls(self, *_, **__):
        return self

    def get_extra_info(self, info):
        return None

    def close(self):
        pass


class AsyncNetwork(httpcore.AsyncNetworkBackend):
    def __init__(self, network):
        self._network = network

    async def connect_tcp(self, host, port, *_, **__):
        return AsyncConnection(self._network.connect_tcp(host, port))


class AsyncConnection(httpcore.AsyncNetworkStream):
    def __init__(self, connection):
        self._connection = connection

    async def write(self, buffer, **_):
        self._connection.write(buffer)

    async def read(self, max_bytes, **_):
        return self._connection.read(max_bytes)

    async def start_tls(self, *_, **__):
        return self

    def get_extra_info(self, info):
        return None

    async def aclose(self):
        pass


@pytest.fixture
def get(world, time):
    """Get what is redirected. Where the client does not follow, send its next request after the token has changed."""

    def over(network, *, follow, extensions=None):
        auth = SessionAuth(email="ada@example.com", password="x", base_url=URL)
        if world.synchronous:
            transport = httpx.HTTPTransport(verify=False)
            transport._pool = httpcore.ConnectionPool(network_backend=network)
        else:
            transport = httpx.AsyncHTTPTransport(verify=False)
            transport._pool = httpcore.AsyncConnectionPool(network_backend=AsyncNetwork(network))

        async def main():
            async with world.client(auth, transport=transport, follow_redirects=follow) as client:
                response = await settled(client.get(URL + "/matters", extensions=extensions))
                if not follow:
                    auth._core.state.token = None
                    response = await settled(client.send(response.next_request))
                assert response.status_code == 200

        world.run(main)

    return over


@pytest.mark.parametrize("follow", [True, False])
def test_the_token_does_not_go_along_to_https(get, follow):
    network = Network("https://127.0.0.1/v1/matters")
    get(network, follow=follow)
    assert "Authorization: Bearer" in network.received[80][1]
    (request,) = network.received[443]
    assert request.startswith("GET /v1/matters ")
    assert "authorization" not in request.lower()


@pytest.mark.parametrize("follow", [True, False])
def test_it_goes_along_to_the_same_origin(get, follow):
    network = Network("/v1/elsewhere")
    get(network, follow=follow)
    request = network.received[80][-1]
    assert request.startswith("GET /v1/elsewhere ")
    assert "Authorization: Bearer" in request
    assert network.received[443] == []


def test_a_request_may_be_sent_often_and_by_clients_of_both_kinds():
    auth = SessionAuth(email="ada@example.com", password="x", base_url=URL)
    request = httpx.Request("GET", URL + "/matters")
    for _ in range(2):
        flow, aflow = auth.sync_auth_flow(request), auth.async_auth_flow(request)
        next(flow)
        trace = request.extensions["trace"]
        asyncio.run(started(aflow))
        assert (trace.before, request.extensions["trace"].before) == (None, None)
        asyncio.run(request.extensions["trace"]("http11.request.started", {}))  # It can be waited for.
        flow.close()


async def started(flow):
    await flow.__anext__()
    await flow.aclose()


def test_a_callback_of_the_callers_own_is_still_called(get, world):
    events = []

    def trace(event, info):
        events.append(event)

    async def atrace(event, info):
        events.append(event)

    get(
        Network("https://127.0.0.1/v1/matters"),
        follow=True,
        extensions={"trace": trace if world.synchronous else atrace},
    )
    # Two of the caller's requests: the log-in is the auth's own.
    assert events.count("http11.send_request_headers.started") == 2
