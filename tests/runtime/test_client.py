"""The client itself: how it is set, opened, closed and shared."""

from __future__ import annotations

import copy
import pickle
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import pytest
from httpx_retries import Retry

from pacerpro_runtime.client import DEFAULT_TIMEOUT
from pacerpro_runtime.operation import Operation, as_nothing, as_text

operation = Operation("GET", "/things", {200: as_text}, secured=False)


def app(request):
    return httpx.Response(200, text=str(request.url))


@pytest.mark.parametrize("world", ["sync", "async"])
def test_every_step_of_a_request_has_an_end(sample, world):
    client = sample()
    http = client.get_httpx_client() if world == "sync" else client.get_async_httpx_client()

    for timeout in (client.timeout, http.timeout, DEFAULT_TIMEOUT):
        assert timeout.as_dict() == {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}


@pytest.mark.parametrize(("given", "read"), [(2, 2), (0.5, 0.5), (httpx.Timeout(1, read=7), 7), (None, None)], ids=repr)
def test_another_timeout_reaches_the_request(sample, drive, given, read):
    seen = []

    def note(request):
        seen.append(request.extensions["timeout"]["read"])
        return app(request)

    drive(sample(note, timeout=given), operation)
    drive(sample(note).with_timeout(given), operation)

    assert seen == [read, read]


@pytest.mark.parametrize("world", ["sync", "async"])
def test_the_http_client_is_built_once_however_many_ask(sample, monkeypatch, world):
    name = {"sync": "Client", "async": "AsyncClient"}[world]
    built = []

    class Slow(getattr(httpx, name)):
        def __init__(self, **settings):
            built.append(self)
            time.sleep(0.02)
            super().__init__(**settings)

    monkeypatch.setattr(httpx, name, Slow)
    client = sample()
    barrier = threading.Barrier(16)

    def get(_):
        barrier.wait(5)
        return client.get_httpx_client() if world == "sync" else client.get_async_httpx_client()

    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(get, range(16)))

    assert len(built) == 1
    assert got == built * 16


def test_a_client_with_more_headers_leaves_the_first_as_it_was(sample):
    seen = []

    def note(request):
        seen.append((request.headers["X-Kind"], request.headers.get_list("User-Agent")))
        return app(request)

    first = sample(note, headers={"X-Kind": "first"})
    first.with_headers({"X-Kind": "other"})  # Before it has an HTTP client, and after.
    first.send(operation)
    second = first.with_headers({"x-kind": "second", "user-agent": "mine"})
    second.send(operation)
    first.send(operation)

    assert seen == [("first", ["sample-client/1.2.3"]), ("second", ["mine"]), ("first", ["sample-client/1.2.3"])]
    assert second.get_httpx_client() is not first.get_httpx_client()


def test_a_client_like_it_keeps_all_its_other_settings(sample):
    attempts = []

    def refuse(request):
        attempts.append((request.headers["Authorization"], request.headers["X-Kind"], request.url.host))
        raise httpx.ConnectError("no")

    client = sample(refuse, "https://other.test", auth="token", headers={"X-Kind": "a"}, retries=0, timeout=3)
    for like_it in (client.with_headers({}), client.with_timeout(3), copy.copy(client), copy.deepcopy(client)):
        with pytest.raises(httpx.ConnectError):
            like_it.send(Operation("GET", "/things", {200: as_nothing}))
        assert like_it.timeout == client.timeout
        assert type(like_it) is type(client)
        assert like_it.get_httpx_client() is not client.get_httpx_client()

    assert attempts == [("Bearer token", "a", "other.test")] * 4


def test_a_client_can_be_entered_after_its_first_call_and_is_closed_at_the_end(sample):
    client = sample(app)
    client.send(operation)
    with client as same:
        assert same is client
        client.send(operation)
    assert client.get_httpx_client().is_closed

    with pytest.raises(RuntimeError, match="has been closed"):
        client.send(operation)


def test_the_same_without_blocking(sample):
    async def main():
        client = sample(app)
        await client.asend(operation)
        async with client as same:
            assert same is client
            await client.asend(operation)
        assert client.get_async_httpx_client().is_closed
        with pytest.raises(RuntimeError, match="has been closed"):
            await client.asend(operation)

    anyio.run(main)


def test_closing_by_hand_closes_each_kind_and_what_was_never_opened_stays_so(sample):
    client = sample(app)
    client.close()
    anyio.run(client.aclose)
    client.send(operation)  # It was not closed, as it was not open.
    client.close()
    assert client.get_httpx_client().is_closed

    early = client.get_async_httpx_client()  # The first event loop gets what was made before it ran.

    async def close():
        assert client.get_async_httpx_client() is early
        await client.aclose()
        assert client.get_async_httpx_client().is_closed

    anyio.run(close)


@pytest.mark.parametrize(
    ("setting", "kind", "words"),
    [
        ({"auth": 5}, TypeError, "auth is an httpx.Auth or a token, and not of the type int"),
        ({"auth": ("ada", "hunter2")}, TypeError, "auth is an httpx.Auth or a token, and not of the type tuple"),
        ({"timeout": "5"}, ValueError, "timeout is a number of seconds"),
        ({"timeout": -1}, ValueError, "timeout is a number of seconds"),
        ({"timeout": float("nan")}, ValueError, "timeout is a number of seconds"),
        ({"timeout": httpx.Timeout(5, connect=-1)}, ValueError, "timeout is a number of seconds"),
        ({"retries": 1.5}, ValueError, "retries is a number of times"),
        ({"retries": "3"}, ValueError, "retries is a number of times"),
        ({"retries": -1}, ValueError, "retries is a number of times"),
        ({"retries": Retry(validate_response=print)}, ValueError, "validate_response cannot be used"),
        ({"retries": True}, ValueError, "retries is a number of times"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_when_the_client_is_made(sample, setting, kind, words):
    with pytest.raises(kind, match=words) as raised:
        sample(lambda request: httpx.Response(200), **setting)
    assert "hunter2" not in str(raised.value)


def test_a_client_refuses_to_be_pickled_and_says_what_to_do(sample):
    with pytest.raises(TypeError, match=r"^Sample cannot be pickled, .* make one in each process$"):
        pickle.dumps(sample(auth="token"))


def test_its_repr_says_where_it_calls_and_nothing_else(sample):
    client = sample(auth="hunter2", headers={"Authorization": "Bearer hunter2"})

    assert repr(client) == "Sample(base_url='https://api.test/v1')"
    assert "hunter2" not in repr(vars(client))


def test_a_proxy_of_the_environment_is_asked_for_https_and_sees_no_secret(sample, raw_server, monkeypatch):
    proxy = raw_server(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)

    with sample(auth="hunter2", retries=0) as client, pytest.raises(httpx.ProxyError):
        client.send(Operation("GET", "/things", {200: as_nothing}))

    assert proxy.requests[0].startswith(b"CONNECT api.test:443 HTTP/1.1\r\n")
    assert b"hunter2" not in proxy.requests[0]


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(sample, raw_server, monkeypatch, drive):
    proxy = raw_server(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    server = raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)

    response = drive(sample(base_url=server.url, auth="hunter2", retries=0), operation)

    assert response.parsed == "ok"
    assert proxy.requests == []


def test_the_certificates_of_a_stranger_are_refused(sample):
    with sample() as client:
        context = client.get_httpx_client()._transport._pool._ssl_context

    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
