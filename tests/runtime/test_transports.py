"""Transports that are chosen by name."""

import asyncio
import builtins
import sys

import httpx
import pytest
from httpx_aiohttp import HttpxAiohttpClient

from pacerpro_client import Client, SessionAuth
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import User
from pacerpro_mock import MockServer

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


@pytest.fixture(scope="module")
def url():
    with MockServer(users={EMAIL: PASSWORD}) as server:
        yield server.url


def test_an_unknown_name_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match="no transport called 'curl'; there is 'aiohttp'"):
        Client(transport="curl")  # type: ignore[arg-type]


def test_an_asynchronous_transport_in_the_place_of_the_other_is_told_its_own():
    with pytest.raises(TypeError, match="transport is for synchronous calls: give it as async_transport"):
        Client(transport=httpx.AsyncHTTPTransport(verify=False))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="or 'aiohttp'"):
        Client(transport=5)  # type: ignore[arg-type]


def test_a_missing_extra_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "httpx_aiohttp", None)
    with pytest.raises(ImportError, match=r'pip install "pacerpro-client\[aiohttp\]"'):
        Client(transport="aiohttp")


def test_asynchronous_calls_go_over_aiohttp(url):
    async def calls() -> type:
        async with Client(url, transport="aiohttp") as client:
            session = await session_create.asyncio(client=client, body=User(EMAIL, PASSWORD))
        async with Client(url, transport="aiohttp", auth=session.jwt_token) as client:
            assert (await session_refresh.asyncio(client=client)).expires_at >= session.expires_at
            return type(client.get_async_httpx_client())

    assert issubclass(asyncio.run(calls()), HttpxAiohttpClient)


def test_synchronous_calls_of_the_same_client_do_not(url):
    with Client(url, transport="aiohttp") as client:
        assert session_create.sync(client=client, body=User(EMAIL, PASSWORD)).jwt_token
        assert type(client.get_httpx_client()) is httpx.Client


def test_a_given_asynchronous_transport_goes_before_the_name():
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={})

    async def call() -> object:
        transport = httpx.MockTransport(answer)
        async with Client(transport="aiohttp", async_transport=transport, auth="a.b.c") as client:
            return await session_delete.asyncio(client=client)

    assert asyncio.run(call()) is not None


def test_a_session_logs_in_over_aiohttp(url):
    async def call() -> int:
        auth = SessionAuth(email=EMAIL, password=PASSWORD, base_url=url)
        async with Client(url, transport="aiohttp", auth=auth) as client:
            return (await session_refresh.asyncio_detailed(client=client)).status_code

    assert asyncio.run(call()) == httpx.codes.OK


def test_aiohttp_is_imported_only_where_it_is_asked_for(monkeypatch):
    imported = []
    real = builtins.__import__

    def record(name, *arguments, **keywords):
        imported.append(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", record)
    with Client("https://api.example.com/v1") as client:
        assert client.get_httpx_client()
    assert "httpx_aiohttp" not in imported
