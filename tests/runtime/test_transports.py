"""Transports that are chosen by name."""

import asyncio
import base64
import os
import ssl
import subprocess
import sys

import anyio
import httpx
import pytest

from pacerpro_client import Client, errors
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import User
from pacerpro_mock import MockServer

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


@pytest.fixture(scope="module")
def url():
    with MockServer(users={EMAIL: PASSWORD}) as server:
        yield server.url


def test_an_unknown_name_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="no transport called 'curl'; there is 'pyreqwest'"):
        Client(transport="curl")  # type: ignore[arg-type]


def test_an_asynchronous_transport_in_the_place_of_the_other_is_told_its_own():
    with pytest.raises(TypeError, match="an asynchronous one is async_transport"):
        Client(transport=httpx.AsyncHTTPTransport(verify=False))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="or 'pyreqwest'"):
        Client(transport=5)  # type: ignore[arg-type]


def test_a_missing_extra_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreqwest", None)
    with pytest.raises(ImportError, match=r'pip install "pacerpro-client\[pyreqwest\]"'):
        Client(transport="pyreqwest")


def test_calls_go_over_pyreqwest(url):
    async def later(client):
        async with client:
            return await session_refresh.asyncio(client=client), client.get_async_httpx_client()._transport

    with Client(url, transport="pyreqwest") as client:
        session = session_create.sync(client=client, body=User(email=EMAIL, password=PASSWORD))
        transports = [client.get_httpx_client()._transport]
    refreshed, transport = asyncio.run(later(Client(url, transport="pyreqwest", auth=session.jwt_token)))

    assert refreshed.expires_at >= session.expires_at
    assert [type(each).__module__ for each in [*transports, transport]] == ["pacerpro_runtime.transports.pyreqwest"] * 2


def test_an_answer_over_pyreqwest_can_be_streamed(url):
    async def streamed(client):
        async with client, client.get_async_httpx_client().stream("GET", "/nowhere") as response:
            return b"".join([chunk async for chunk in response.aiter_bytes()])

    with Client(url, transport="pyreqwest") as client, client.get_httpx_client().stream("GET", "/nowhere") as response:
        chunks = b"".join(response.iter_bytes())

    assert chunks == asyncio.run(streamed(Client(url, transport="pyreqwest")))
    assert b"message" in chunks


def test_pyreqwest_follows_no_redirect_and_keeps_no_cookie(raw_server):
    server = raw_server(
        b"HTTP/1.1 302 Found\r\nSet-Cookie: user=ada\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    )
    with Client(server.url, transport="pyreqwest") as client:
        for _ in range(2):
            with pytest.raises(errors.ApiError, match="a redirect, which is not followed"):
                session_refresh.sync(client=client)

    assert len(server.requests) == 2
    assert not any(b"cookie:" in request.lower() for request in server.requests)


def test_pyreqwest_says_that_it_needs_asyncio(url):
    async def call():
        async with Client(url, transport="pyreqwest") as client:
            await session_refresh.asyncio(client=client)

    with pytest.raises(RuntimeError, match="pyreqwest needs asyncio"):
        anyio.run(call, backend="trio")


def test_pyreqwest_refuses_what_it_cannot_verify_with(tmp_path):
    for verify in (ssl.create_default_context(), tmp_path):
        with pytest.raises(ValueError, match="over pyreqwest, verify is True, False or the path of a file"):
            Client(transport="pyreqwest", verify=verify)


def test_a_proxy_over_pyreqwest_takes_every_call_with_its_password(raw_server):
    proxy = raw_server(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    url = proxy.url.replace("//", "//ada:hunter2@")

    with Client("http://localhost:9", transport="pyreqwest", proxy=url) as client, pytest.raises(errors.Unauthorized):
        session_refresh.sync(client=client)

    head = proxy.requests[0].lower()
    assert head.startswith(b"get http://localhost:9/session http/1.1\r\n")
    assert b"proxy-authorization: basic " + base64.b64encode(b"ada:hunter2").lower() in head


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_after_a_fork_pyreqwest_says_what_to_do_and_the_parent_goes_on(url):
    script = """
import os, sys
from pacerpro_client import Client, errors
from pacerpro_client.api.authentication import session_refresh
client = Client(sys.argv[1], transport="pyreqwest", auth="a.b.c")
def call():
    try:
        session_refresh.sync(client=client)
    except (errors.Unauthorized, RuntimeError) as error:
        print(type(error).__name__, "fork" in str(error), flush=True)
call()
if os.fork() == 0:
    call()
    os._exit(0)
os.wait()
call()
"""
    run = subprocess.run([sys.executable, "-c", script, url], capture_output=True, text=True, timeout=30, check=True)

    assert run.stdout.split() == ["Unauthorized", "False", "RuntimeError", "True", "Unauthorized", "False"]


def test_a_given_asynchronous_transport_goes_before_the_name():
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={})

    async def call() -> object:
        transport = httpx.MockTransport(answer)
        async with Client(transport="pyreqwest", async_transport=transport, auth="a.b.c") as client:
            return await session_delete.asyncio(client=client)

    assert asyncio.run(call()) is not None
