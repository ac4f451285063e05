"""Errors over pyreqwest are those over httpx's own transport: what decides is whether the request has left."""

from __future__ import annotations

import asyncio
import socket
import traceback
from functools import partial

import httpx
import pytest

from pacerpro_runtime.operation import Operation, as_json

from .test_retries import Nothing

WRITE = partial(Operation, path="/things", success={200: as_json(Nothing)}, secured=True, repeatable=False)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"


@pytest.fixture(params=[None, "pyreqwest"], ids=["httpx", "pyreqwest"])
def transport(request):
    return request.param


@pytest.fixture(params=["sync", "async"])
def error_of(request, sample, transport):
    """Make the error of one call that could have happened when it is sent, with the retries that a client has."""

    def call(url: str, method: str = "POST", **settings) -> httpx.RequestError:
        client = sample(None, base_url=url, auth="a.canary.c", transport=transport, **settings)

        async def main() -> None:
            async with client:
                await client.asend(WRITE(method=method))

        with client, pytest.raises(httpx.RequestError) as raised:
            client.send(WRITE(method=method)) if request.param == "sync" else asyncio.run(main())
        return raised.value

    return call


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
@pytest.mark.parametrize(
    ("answer", "reset", "error"),
    [
        (b"", False, httpx.RemoteProtocolError),
        (b"", True, httpx.ReadError),
        (b"no HTTP\r\n\r\n", False, httpx.RemoteProtocolError),
        (HEAD + b'{"a":', False, (httpx.RemoteProtocolError, httpx.ReadError)),
        (HEAD + b'{"a":', True, httpx.ReadError),
    ],
    ids=["closed", "reset", "no HTTP", "closed in the body", "reset in the body"],
)
def test_a_request_that_may_have_happened_is_not_sent_again(raw_server, error_of, method, answer, reset, error):
    server = raw_server(answer, reset=reset)
    raised = error_of(server.url, method)
    assert isinstance(raised, error)
    assert len(server.requests) == 1
    attached = [each for each in (raised, raised.__cause__, raised.__context__) if each is not None]
    shown = "".join(traceback.format_exception(raised)) + repr(attached)
    assert "canary" not in shown


def test_where_nobody_listens_there_is_no_connection(error_of):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert type(error_of(f"http://127.0.0.1:{port}", retries=0)) is httpx.ConnectError


def test_an_answer_that_does_not_come_is_a_time_out_of_reading(raw_server, error_of):
    server = raw_server(b"", linger=5)
    raised = error_of(server.url, timeout=httpx.Timeout(5, read=0.05))
    assert type(raised) is httpx.ReadTimeout
    assert len(server.requests) == 1


def test_a_connection_that_is_not_taken_is_a_time_out_of_connecting(error_of):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        assert type(error_of(url, timeout=httpx.Timeout(5, connect=0.1), retries=0)) is httpx.ConnectTimeout


def test_a_body_that_cannot_be_unpacked_is_an_error_of_decoding(raw_server, error_of):
    server = raw_server(HEAD.replace(b"Content-Type: application/json", b"Content-Encoding: gzip") + b"no gzip!!")
    assert type(error_of(server.url)) is httpx.DecodingError


def test_a_proxy_that_hangs_up_is_no_time_out(raw_server, error_of, monkeypatch):
    proxy = raw_server(b"")
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert isinstance(error_of("https://api.example.com/v1"), (httpx.RemoteProtocolError, httpx.ProxyError))
    assert [request.split()[:2] for request in proxy.requests] == [[b"CONNECT", b"api.example.com:443"]]
